// Line and scatter charts with error bars, labels that avoid each other, and the Pareto front.
// Refuses points off a log axis (they are left out) and more than 5,000 points a series (thinned evenly).

import type { ReferenceLine, XyChart, XyPoint } from '../model.ts';
import { formatWithError, truncateMiddle } from '../text.ts';
import {
  axisTitle,
  bottomAxis,
  leftAxis,
  leftAxisRoom,
  leftTitle,
  makeScale,
  mark,
  px,
  type Scale,
  svgElement,
  svgText,
  textWidth,
} from './axis.ts';
import { type Box, frontCorners, frontPath, paretoFront, placeLabel, segmentBoxes } from './pareto.ts';

const maxPoints = 5000;

/** @param width drawing width in pixels */
export function drawXy(chart: XyChart, width: number): string {
  const narrow = width < 500;
  const height = narrow ? 280 : 340;
  const series = chart.series.map(s => ({ ...s, points: thin(s.points) }));
  const all = series.flatMap(s => s.points);
  const top = 14;
  const bottom = height - 46;
  const yValues = all.flatMap(p => [p.y, p.y + (p.yError ?? 0), p.y - (p.yError ?? 0)]);
  yValues.push(...(chart.yReferences ?? []).map(r => r.value));
  const y = makeScale(chart.y, yValues, bottom, top, { ticks: 5 });
  const left = 18 + leftAxisRoom(y);
  const right = width - 14;
  const xValues = all.flatMap(p => [p.x, p.x + (p.xError ?? 0), p.x - (p.xError ?? 0)]);
  xValues.push(...(chart.xReferences ?? []).map(r => r.value));
  const x = makeScale(chart.x, xValues, left, right, { ticks: narrow ? 4 : 7 });
  const parts = [bottomAxis(x, top, bottom), leftAxis(y, left, right)];
  parts.push(`<line class="base" x1="${px(left)}" x2="${px(right)}" y1="${px(bottom)}" y2="${px(bottom)}"/>`);
  parts.push(...references(chart, x, y, left, right, top, bottom));
  const front = chart.pareto === undefined ? undefined : new Set(paretoFront(all, chart.pareto));
  const visible = (p: XyPoint): boolean => Number.isFinite(x.at(p.x)) && Number.isFinite(y.at(p.y));
  const boxes: Box[] = [];
  let lines: Box[] = [];
  if (front !== undefined) {
    const corners = frontCorners([...front].filter(visible), x, y, chart.pareto!);
    parts.push(frontPath(corners));
    lines = segmentBoxes(corners);
  }
  series.forEach((s, index) => {
    const shown = s.points.filter(visible);
    const colour = `var(--s${index % 8})`;
    if (s.mode === 'line' || s.mode === 'both') {
      const path = shown.map((p, i) => `${i === 0 ? 'M' : 'L'}${px(x.at(p.x))} ${px(y.at(p.y))}`).join('');
      parts.push(`<path class="line" d="${path}" stroke="${colour}"${dash(index)}/>`);
    }
    for (const p of shown) {
      const cx = x.at(p.x);
      const cy = y.at(p.y);
      if (p.yError !== undefined && p.yError > 0) {
        const y0 = clampTo(y, p.y - p.yError);
        const y1 = clampTo(y, p.y + p.yError);
        parts.push(
          `<path class="whisker" d="M${px(cx)} ${px(y0)}V${px(y1)}M${px(cx - 3)} ${px(y0)}h6M${px(cx - 3)} ${px(y1)}h6"/>`,
        );
      }
      if (p.xError !== undefined && p.xError > 0) {
        const x0 = clampTo(x, p.x - p.xError);
        const x1 = clampTo(x, p.x + p.xError);
        parts.push(
          `<path class="whisker" d="M${px(x0)} ${px(cy)}H${px(x1)}M${px(x0)} ${px(cy - 3)}v6M${px(x1)} ${px(cy - 3)}v6"/>`,
        );
      }
      const dominated = front !== undefined && !front.has(p);
      const many = shown.length > 60;
      const radius = s.mode === 'line' ? (many ? 1.5 : 2.5) : dominated ? 4 : many ? 3 : 5;
      const fill = dominated
        ? `fill="var(--page)" stroke="${colour}" stroke-width="1.5"`
        : `fill="${colour}"`;
      parts.push(mark(...symbol(index, cx, cy, radius, fill), pointTip(chart, s.name, p)));
      boxes.push({ x0: cx - radius - 1, x1: cx + radius + 1, y0: cy - radius - 1, y1: cy + radius + 1 });
    }
  });
  const labelled = series.flatMap(s => s.points).filter(p => p.label !== undefined && visible(p));
  if (front !== undefined) labelled.sort((a, b) => Number(front.has(b)) - Number(front.has(a)));
  for (const p of labelled.slice(0, 80)) {
    const text = truncateMiddle(p.label!, 26);
    const area = { x0: left, x1: right, y0: top - 8, y1: bottom };
    const room = textWidth(text, front?.has(p) === true ? 12.5 : 11.5);
    // beside the front if there is room, else across it
    const place =
      placeLabel(x.at(p.x), y.at(p.y), room, [...boxes, ...lines], area) ??
      placeLabel(x.at(p.x), y.at(p.y), room, boxes, area);
    if (place === undefined) continue;
    boxes.push(place.box);
    const strong = front?.has(p) === true ? 'name strong halo' : 'name halo';
    parts.push(svgText(place.x, place.y, text, place.anchor, strong));
  }
  parts.push(svgText((left + right) / 2, height - 8, axisTitle(chart.x), 'middle', 'axis'));
  parts.push(leftTitle(axisTitle(chart.y), (top + bottom) / 2));
  return svgElement(width, height, parts.join(''));
}

function clampTo(scale: Scale, value: number): number {
  return scale.at(Math.min(scale.max, Math.max(scale.min, value)));
}

function thin(points: readonly XyPoint[]): XyPoint[] {
  if (points.length <= maxPoints) return [...points];
  return Array.from({ length: maxPoints }, (_, i) => points[Math.floor((i * points.length) / maxPoints)]!);
}

function dash(index: number): string {
  return ['', ' stroke-dasharray="6 3"', ' stroke-dasharray="2 3"', ' stroke-dasharray="8 3 2 3"'][
    index % 4
  ]!;
}

/** Shapes differ as well as colours, so that series can be told apart without colour. */
export function symbol(index: number, x: number, y: number, r: number, fill: string): [string, string] {
  if (index % 4 === 0) return ['circle', `cx="${px(x)}" cy="${px(y)}" r="${px(r)}" ${fill}`];
  const s = r * 1.15;
  const shapes = [
    `M${px(x - r * 0.9)} ${px(y - r * 0.9)}h${px(r * 1.8)}v${px(r * 1.8)}h${px(-r * 1.8)}z`,
    `M${px(x)} ${px(y - s)}L${px(x + s)} ${px(y + s * 0.8)}H${px(x - s)}z`,
    `M${px(x)} ${px(y - s)}L${px(x + s)} ${px(y)}L${px(x)} ${px(y + s)}L${px(x - s)} ${px(y)}z`,
  ];
  return ['path', `d="${shapes[(index % 4) - 1]!}" ${fill}`];
}

function pointTip(chart: XyChart, series: string, p: XyPoint): string {
  const name = p.label ?? series;
  const xUnit = chart.x.unit === undefined ? '' : ` ${chart.x.unit}`;
  const yUnit = chart.y.unit === undefined ? '' : ` ${chart.y.unit}`;
  return `${name}: ${chart.x.label} ${formatWithError(p.x, p.xError, chart.x.digits)}${xUnit}, ${chart.y.label} ${formatWithError(p.y, p.yError, chart.y.digits)}${yUnit}`;
}

function references(
  chart: XyChart,
  x: Scale,
  y: Scale,
  left: number,
  right: number,
  top: number,
  bottom: number,
): string[] {
  const parts: string[] = [];
  (chart.xReferences ?? []).forEach((r: ReferenceLine, i) => {
    const at = x.at(r.value);
    if (!(at >= left && at <= right)) return;
    const before = at + textWidth(r.label, 11) + 8 > right;
    parts.push(
      `<line class="reference" x1="${px(at)}" x2="${px(at)}" y1="${px(top)}" y2="${px(bottom)}"/>`,
      svgText(
        before ? at - 4 : at + 4,
        top + 9 + 13 * (i % 4),
        r.label,
        before ? 'end' : 'start',
        'note halo',
      ),
    );
  });
  for (const r of chart.yReferences ?? []) {
    const at = y.at(r.value);
    if (!(at >= top && at <= bottom)) continue;
    parts.push(
      `<line class="reference" x1="${px(left)}" x2="${px(right)}" y1="${px(at)}" y2="${px(at)}"/>`,
      svgText(right - 2, at - 4 < top + 6 ? at + 13 : at - 4, r.label, 'end', 'note halo'),
    );
  }
  return parts;
}
