// Horizontal bar charts with error bars and reference lines.
// Refuses more than 200 categories in the drawing (the data table below it holds them all).

import type { BarChart } from '../model.ts';
import { formatWithError, truncateMiddle } from '../text.ts';
import { axisTitle, bottomAxis, makeScale, mark, px, svgElement, svgText, textWidth } from './axis.ts';

const maxCategories = 200;

/** @param width drawing width in pixels; labels move above their bars when it is narrow */
export function drawBars(chart: BarChart, width: number): string {
  const categories = chart.categories.slice(0, maxCategories);
  const narrow = width < 500;
  const several = chart.series.length > 1;
  const labels = categories.map(name => truncateMiddle(name, narrow ? 44 : 34));
  const values: number[] = (chart.references ?? []).map(reference => reference.value);
  for (const series of chart.series) {
    series.values.forEach((value, i) => {
      if (value === null || !Number.isFinite(value)) return;
      const error = series.errors?.[i] ?? 0;
      values.push(value, value + error);
      if (value - error < 0 || chart.axis.scale === 'log') values.push(value - error);
    });
  }
  const left = narrow ? 4 : Math.max(40, ...labels.map(label => textWidth(label))) + 12;
  const valueRoom =
    8 +
    Math.max(
      20,
      ...chart.series.flatMap(s => s.values.map((v, i) => textWidth(valueText(chart, v, s.errors?.[i])))),
    );
  const right = width - Math.min(valueRoom, width * 0.25);
  const thickness = several ? Math.max(9, 18 - 3 * chart.series.length) : 18;
  const gap = several ? 2 : 0;
  const group = chart.series.length * (thickness + gap) + (narrow ? 26 : several ? 12 : 9);
  const references = chart.references ?? [];
  const top = references.length > 0 ? 10 + 14 * references.length : 6;
  const bottom = top + categories.length * group + 4;
  const scale = makeScale(chart.axis, values, left, right, { zero: true, ticks: narrow ? 4 : 6 });
  const origin = scale.log ? left : scale.at(Math.min(scale.max, Math.max(scale.min, 0)));
  const parts = [bottomAxis(scale, top, bottom)];
  categories.forEach((_, c) => {
    const y = top + c * group + (narrow ? 18 : several ? 6 : 5);
    const middle = y + (chart.series.length * (thickness + gap) - gap) / 2;
    if (narrow) parts.push(svgText(left, y - 4, labels[c]!, 'start', 'name'));
    else parts.push(svgText(left - 8, middle + 4, labels[c]!, 'end', 'name'));
    chart.series.forEach((series, s) => {
      const value = series.values[c];
      if (value === null || value === undefined || !Number.isFinite(value)) return;
      const end = scale.at(Math.min(scale.max, Math.max(scale.min, value)));
      if (!Number.isFinite(end)) return;
      const barY = y + s * (thickness + gap);
      const muted = !several && chart.emphasis !== undefined && !chart.emphasis.includes(c);
      const text = valueText(chart, value, series.errors?.[c]);
      const unit = chart.axis.unit === undefined ? '' : ` ${chart.axis.unit}`;
      const tip = `${chart.categories[c]}${several ? `, ${series.name}` : ''}: ${text}${unit}`;
      parts.push(
        mark(
          'rect',
          `x="${px(Math.min(origin, end))}" y="${px(barY)}" width="${px(Math.max(1, Math.abs(end - origin)))}" height="${thickness}" rx="1.5" fill="var(${muted ? '--quiet' : `--s${s % 8}`})"`,
          tip,
        ),
      );
      const error = series.errors?.[c] ?? 0;
      let reach = Math.max(origin, end);
      if (error > 0) {
        const e0 = scale.at(Math.max(scale.min, value - error));
        const e1 = scale.at(Math.min(scale.max, value + error));
        const my = barY + thickness / 2;
        parts.push(
          `<path class="whisker" d="M${px(e0)} ${px(my)}H${px(e1)}M${px(e0)} ${px(my - 4)}v8M${px(e1)} ${px(my - 4)}v8"/>`,
        );
        reach = Math.max(reach, e1);
      }
      parts.push(svgText(reach + 6, barY + thickness / 2 + 4, text, 'start', 'value halo'));
    });
  });
  references.forEach((reference, i) => {
    const x = scale.at(reference.value);
    if (!Number.isFinite(x)) return;
    const half = textWidth(reference.label, 11) / 2;
    const labelX = Math.min(width - half - 2, Math.max(half + 2, x));
    parts.push(
      `<line class="reference" x1="${px(x)}" x2="${px(x)}" y1="${px(12 + 14 * i)}" y2="${px(bottom)}"/>`,
      svgText(labelX, 9 + 14 * i, reference.label, 'middle', 'note'),
    );
  });
  parts.push(svgText((left + right) / 2, bottom + 34, axisTitle(chart.axis), 'middle', 'axis'));
  return svgElement(width, bottom + 42, parts.join(''));
}

function valueText(chart: BarChart, value: number | null | undefined, error?: number | null): string {
  if (value === null || value === undefined) return '';
  return formatWithError(value, error ?? undefined, chart.axis.digits);
}
