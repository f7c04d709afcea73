// Histograms with vertical marker lines: weights and where they are clipped.
// Refuses more bins than pixels: neighbours are summed.

import type { Histogram } from '../model.ts';
import { formatNumber } from '../text.ts';
import {
  axisTitle,
  bottomAxis,
  leftAxis,
  leftAxisRoom,
  leftTitle,
  makeScale,
  mark,
  px,
  svgElement,
  svgText,
  textWidth,
  toneColours,
} from './axis.ts';

/** @param width drawing width in pixels */
export function drawHistogram(chart: Histogram, width: number): string {
  const narrow = width < 500;
  const logCounts = chart.countScale === 'log';
  const group = Math.max(1, Math.ceil(chart.counts.length / (narrow ? 100 : 220)));
  const bins: number[] = [];
  for (let i = 0; i < chart.counts.length; i += group) {
    let sum = 0;
    for (let j = i; j < Math.min(i + group, chart.counts.length); j++) sum += chart.counts[j]!;
    bins.push(sum);
  }
  const binWidth = ((chart.max - chart.min) / Math.max(1, chart.counts.length)) * group;
  const markers = [...(chart.markers ?? [])].sort((a, b) => a.value - b.value);
  const top = 10 + 14 * Math.min(markers.length, 4);
  const height = top + (narrow ? 170 : 200) + 46;
  const bottom = height - 46;
  const y = makeScale(
    { label: 'count', scale: logCounts ? 'log' : 'linear', ...(logCounts ? { min: 0.7 } : {}) },
    bins,
    bottom,
    top,
    { zero: true, ticks: 4 },
  );
  const left = 18 + leftAxisRoom(y);
  const right = width - 14;
  const x = makeScale(
    { ...chart.axis, scale: 'linear', min: chart.axis.min ?? chart.min, max: chart.axis.max ?? chart.max },
    [...markers.map(m => m.value)],
    left,
    right,
    { ticks: narrow ? 4 : 8, tight: true },
  );
  const parts = [leftAxis(y, left, right)];
  const unit = chart.axis.unit === undefined ? '' : ` ${chart.axis.unit}`;
  bins.forEach((count, i) => {
    if (!(count > 0)) return;
    const from = chart.min + i * binWidth;
    const to = Math.min(chart.max, from + binWidth);
    const x0 = Math.max(left, x.at(from));
    const x1 = Math.min(right, x.at(to));
    if (x1 <= x0) return;
    const y0 = y.at(count);
    const tip = `${formatNumber(from)} to ${formatNumber(to)}${unit}: ${formatNumber(count)}`;
    const gap = x1 - x0 > 3 ? 0.5 : 0;
    parts.push(
      mark(
        'rect',
        `x="${px(x0)}" y="${px(y0)}" width="${px(x1 - x0 - gap)}" height="${px(bottom - y0)}" fill="var(--s0)"`,
        tip,
      ),
    );
  });
  parts.push(
    `<line class="base" x1="${px(left)}" x2="${px(right)}" y1="${px(bottom)}" y2="${px(bottom)}"/>`,
    bottomAxis(x, top, bottom, false),
  );
  markers.forEach((marker, i) => {
    const at = x.at(marker.value);
    if (!(at >= left - 1 && at <= right + 1)) return;
    const colour = toneColours[marker.tone ?? 'bad'];
    const row = 10 + 14 * (i % 4);
    const before = at + textWidth(marker.label, 11) + 6 > right;
    parts.push(
      `<line x1="${px(at)}" x2="${px(at)}" y1="${px(row - 8)}" y2="${px(bottom)}" stroke="${colour}" stroke-width="1.5" stroke-dasharray="4 3"/>`,
      svgText(before ? at - 4 : at + 4, row, marker.label, before ? 'end' : 'start', 'note halo'),
    );
  });
  parts.push(
    svgText((left + right) / 2, height - 8, axisTitle(chart.axis), 'middle', 'axis'),
    leftTitle(logCounts ? 'count (log)' : 'count', (top + bottom) / 2),
  );
  return svgElement(width, height, parts.join(''));
}
