// Heat and density maps. Small ones are rectangles with tooltips, large ones a PNG of our own inside the SVG.
// Refuses more than 1,024 cells on a side in the picture: neighbours are averaged.

import { crc32, deflateSync } from 'node:zlib';
import type { HeatMap } from '../model.ts';
import { formatNumber, truncateMiddle } from '../text.ts';
import { leftTitle, mark, px, shortNumber, svgElement, svgText, textWidth } from './axis.ts';

// Sequential: a blue-to-yellow ramp of even lightness steps, readable with any colour vision (after cividis).
const sequential = [
  [0, 32, 81],
  [43, 68, 110],
  [87, 93, 109],
  [117, 117, 117],
  [149, 143, 120],
  [190, 175, 111],
  [253, 234, 69],
];
const diverging = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
];

/** Colour at t in [0, 1]. */
function rampColour(t: number, scale: HeatMap['scale']): [number, number, number] {
  const ramp = scale === 'diverging' ? diverging : sequential;
  const at = Math.min(1, Math.max(0, t)) * (ramp.length - 1);
  const i = Math.min(ramp.length - 2, Math.floor(at));
  const f = at - i;
  return [0, 1, 2].map(k => Math.round(ramp[i]![k]! * (1 - f) + ramp[i + 1]![k]! * f)) as [
    number,
    number,
    number,
  ];
}

/** @param width drawing width in pixels */
export function drawHeat(chart: HeatMap, width: number): string {
  const { rows, columns, values } = reduce(chart);
  const narrow = width < 500;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) low = high = 0;
  low = chart.min ?? low;
  high = chart.max ?? high;
  if (chart.scale === 'diverging') {
    high = Math.max(Math.abs(low), Math.abs(high));
    low = -high;
  }
  const tone = (value: number): number => {
    if (high <= low) return 0;
    if (chart.scale === 'log') return Math.log10(1 + Math.max(0, value - low)) / Math.log10(1 + (high - low));
    return (value - low) / (high - low);
  };
  const reduced = rows !== chart.rows || columns !== chart.columns;
  const rowLabels = reduced ? undefined : chart.rowLabels;
  const labelRoom =
    rowLabels === undefined
      ? textWidth(String(chart.rows)) + 8
      : Math.max(...rowLabels.map(label => textWidth(truncateMiddle(label, narrow ? 12 : 28))), 10) + 8;
  const left = 18 + labelRoom;
  const right = width - 10;
  const top = 4;
  const cellWidth = (right - left) / columns;
  const cellHeight = Math.max(
    2,
    Math.min(26, rows <= 40 ? Math.max(12, cellWidth) : (narrow ? 240 : 360) / rows),
  );
  const bottom = top + cellHeight * rows;
  const parts: string[] = [];
  if (rows * columns <= 2500) {
    parts.push('<g class="cells">');
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const value = values[r * columns + c]!;
        if (!Number.isFinite(value)) continue;
        const [red, green, blue] = rampColour(tone(value), chart.scale);
        const where = `${chart.yLabel} ${chart.rowLabels?.[r] ?? r}, ${chart.xLabel} ${chart.columnLabels?.[c] ?? c}`;
        const unit = chart.unit === undefined ? '' : ` ${chart.unit}`;
        parts.push(
          mark(
            'rect',
            `x="${px(left + c * cellWidth)}" y="${px(top + r * cellHeight)}" width="${px(cellWidth + 0.1)}" height="${px(cellHeight + 0.1)}" fill="rgb(${red} ${green} ${blue})"`,
            `${where}: ${formatNumber(value)}${unit}`,
          ),
        );
      }
    }
    parts.push('</g>');
  } else {
    const image = png(rows, columns, i =>
      Number.isFinite(values[i]!) ? rampColour(tone(values[i]!), chart.scale) : undefined,
    );
    parts.push(
      `<image x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${image}"/>`,
    );
  }
  parts.push(
    `<rect x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}" class="frame"/>`,
  );
  const everyRow = Math.max(1, Math.ceil(14 / cellHeight), rowLabels === undefined ? Math.ceil(rows / 8) : 1);
  for (let r = 0; r < rows; r += everyRow) {
    const label = rowLabels?.[r] ?? String(Math.round((r * chart.rows) / rows));
    parts.push(
      svgText(
        left - 6,
        top + (r + 0.5) * cellHeight + 4,
        truncateMiddle(label, narrow ? 12 : 28),
        'end',
        'tick',
      ),
    );
  }
  const columnText = (c: number): string =>
    reduced ? String(Math.round((c * chart.columns) / columns)) : (chart.columnLabels?.[c] ?? String(c));
  let last = Number.NEGATIVE_INFINITY;
  const everyColumn = Math.max(1, Math.ceil(columns / (narrow ? 8 : 24)));
  for (let c = 0; c < columns; c += everyColumn) {
    const label = truncateMiddle(columnText(c), 14);
    const at = left + (c + 0.5) * cellWidth;
    const half = textWidth(label) / 2;
    if (at - half < last + 4) continue;
    last = at + half;
    parts.push(svgText(at, bottom + 16, label, 'middle', 'tick'));
  }
  parts.push(
    svgText((left + right) / 2, bottom + 34, chart.xLabel, 'middle', 'axis'),
    leftTitle(chart.yLabel, (top + bottom) / 2),
    legend(chart, left, right, bottom + 46, low, high),
  );
  return svgElement(width, bottom + 84, parts.join(''));
}

function legend(chart: HeatMap, left: number, right: number, y: number, low: number, high: number): string {
  const length = Math.min(220, (right - left) * 0.6);
  const steps = 24;
  let body = '';
  for (let i = 0; i < steps; i++) {
    const [r, g, b] = rampColour((i + 0.5) / steps, chart.scale);
    body += `<rect x="${px(left + (i * length) / steps)}" y="${y}" width="${px(length / steps + 0.3)}" height="9" fill="rgb(${r} ${g} ${b})"/>`;
  }
  const unit = chart.unit === undefined ? '' : ` (${chart.unit})`;
  const scale = chart.scale === 'log' ? ', log colour' : '';
  return `${body}${svgText(left, y + 22, shortNumber(low), 'start', 'tick')}${svgText(left + length, y + 22, shortNumber(high), 'end', 'tick')}${svgText(left + length + 10, y + 9, `${chart.valueLabel}${unit}${scale}`, 'start', 'note')}`;
}

/** At most 1,024 cells on a side, by averaging the finite values of each block. */
function reduce(chart: HeatMap): { rows: number; columns: number; values: Float64Array } {
  const stepR = Math.ceil(chart.rows / 1024) || 1;
  const stepC = Math.ceil(chart.columns / 1024) || 1;
  const rows = Math.ceil(chart.rows / stepR);
  const columns = Math.ceil(chart.columns / stepC);
  const sums = new Float64Array(rows * columns);
  const counts = new Uint32Array(rows * columns);
  for (let r = 0; r < chart.rows; r++) {
    const row = Math.floor(r / stepR) * columns;
    for (let c = 0; c < chart.columns; c++) {
      const value = chart.values[r * chart.columns + c];
      if (value === undefined || !Number.isFinite(value)) continue;
      const at = row + Math.floor(c / stepC);
      sums[at]! += value;
      counts[at]!++;
    }
  }
  return { rows, columns, values: sums.map((sum, i) => (counts[i] === 0 ? Number.NaN : sum / counts[i]!)) };
}

/** A PNG (RGBA, 8 bits, no filter) as base64. `colour` gives undefined for a transparent cell. */
function png(
  rows: number,
  columns: number,
  colour: (i: number) => [number, number, number] | undefined,
): string {
  const raw = Buffer.alloc(rows * (columns * 4 + 1));
  let at = 0;
  for (let r = 0; r < rows; r++) {
    raw[at++] = 0;
    for (let c = 0; c < columns; c++) {
      const rgb = colour(r * columns + c);
      if (rgb !== undefined) {
        raw[at] = rgb[0];
        raw[at + 1] = rgb[1];
        raw[at + 2] = rgb[2];
        raw[at + 3] = 255;
      }
      at += 4;
    }
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(rows, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64');
}

let crcTable: Uint32Array | undefined;

/** CRC-32 of PNG; Node has one from 20.15 on (and 22.2). */
function crc(bytes: Buffer): number {
  if (typeof crc32 === 'function') return crc32(bytes);
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  let c = 0xffffffff;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
