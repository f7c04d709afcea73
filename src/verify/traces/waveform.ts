// Draws a trace as a timing diagram in SVG: no script, no font, no file beside it.
// Don't cares are hatched, transfers have a dot, differences between two copies and the failing step are red.

import { escapeXml } from '../../report/index.ts';
import type { TraceTable } from '../trace.ts';
import { arrangeTrace, type TraceRow, valueText } from './values.ts';

const laneHeight = 24;
const wave = 16;
const headHeight = 26;
const charWidth = 6.7;

/** Colours of light and dark pages; the drawing carries both and follows the page it stands in. */
const palette = {
  page: ['#ffffff', '#14171b'],
  line: ['#1f3a5f', '#9cc3ee'],
  text: ['#1b1f24', '#e6e9ed'],
  muted: ['#5f6873', '#9aa4b0'],
  grid: ['#e3e7ec', '#2a3038'],
  bus: ['#eef3f9', '#1e2834'],
  any: ['#b6bdc6', '#4b545f'],
  bad: ['#b3261e', '#ff8a80'],
  badFill: ['#fde7e7', '#4a2222'],
  loop: ['#fff6dd', '#322c17'],
  fire: ['#2e7d32', '#5bc48f'],
} as const;
type Colour = keyof typeof palette;
const colours = Object.fromEntries(Object.keys(palette).map(name => [name, `var(--${name})`])) as Record<
  Colour,
  string
>;
const variables = (dark: 0 | 1): string =>
  Object.entries(palette)
    .map(([name, pair]) => `--${name}:${pair[dark]}`)
    .join(';');
const styleSheet = `:root{${variables(0)}}@media(prefers-color-scheme:dark){:root{${variables(1)}}}`;

export interface WaveformOptions {
  /** Registers shown at most; default 24. */
  registers?: number | undefined;
}

export interface Waveform {
  svg: string;
  /** Pixels at the left that the names take. */
  nameWidth: number;
}

/** The diagram. Width grows with the trace: about 40 px a cycle. */
export function drawWaveform(table: TraceTable, options: WaveformOptions = {}): Waveform {
  const { groups, hidden } = arrangeTrace(table, options.registers);
  const { signals, steps } = table;
  const rows = groups.flatMap(group => group.rows);
  const nameWidth = Math.ceil(Math.max(90, ...rows.map(row => row.label.length * charWidth + 26)));
  const widest = Math.max(
    1,
    ...rows.map(row =>
      Math.max(...steps.map(step => valueText(signals[row.signal]!, step[row.signal]).length)),
    ),
  );
  const cell = Math.min(120, Math.max(34, widest * charWidth + 14));
  const at = (t: number): number => nameWidth + t * cell;
  const parts: string[] = [];
  let y = headHeight;
  for (const group of groups) {
    parts.push(text(8, y + 15, group.title, `font-weight="700" fill="${colours.text}"`));
    parts.push(`<path d="M8 ${y + 20}H${at(steps.length)}" stroke="${colours.grid}"/>`);
    y += laneHeight;
    for (const row of group.rows) {
      parts.push(drawRow(table, row, y, cell, at));
      y += laneHeight;
    }
    y += 4;
  }
  const notes: string[] = [];
  if (table.loopStart !== undefined) {
    const last = steps.length - 1;
    notes.push(
      table.loopStart === last
        ? `shaded: cycle ${last} repeats for ever`
        : `shaded: cycles ${table.loopStart} to ${last} repeat for ever`,
    );
  }
  if (hidden > 0) notes.push(`${hidden} registers that do not matter here are not shown`);
  const height = y + 8 + notes.length * 16;
  const width = Math.max(at(steps.length) + 12, nameWidth + 260);
  const back: string[] = [`<rect width="${round(width)}" height="${round(height)}" fill="${colours.page}"/>`];
  if (table.loopStart !== undefined) {
    const from = at(table.loopStart);
    back.push(
      `<rect x="${round(from)}" y="${headHeight - 4}" width="${round(at(steps.length) - from)}" height="${round(y - headHeight)}" fill="${colours.loop}"/>`,
    );
  }
  for (let t = 0; t <= steps.length; t++) {
    back.push(`<path d="M${round(at(t))} ${headHeight - 4}V${round(y - 4)}" stroke="${colours.grid}"/>`);
    if (t < steps.length) {
      const last = t === steps.length - 1 && table.loopStart === undefined;
      const colour = last ? colours.bad : colours.muted;
      back.push(text(at(t) + cell / 2, 15, String(t), `text-anchor="middle" fill="${colour}"`));
    }
  }
  back.push(text(8, 15, 'cycle', `fill="${colours.muted}"`));
  notes.forEach((note, i) => {
    parts.push(text(8, y + 12 + i * 16, note, `fill="${colours.muted}"`));
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="11"><style>${styleSheet}</style><defs><pattern id="any" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke="${colours.any}" stroke-width="1.4"/></pattern></defs>${back.join('')}${parts.join('')}</svg>`;
  return { svg, nameWidth };
}

function drawRow(
  table: TraceTable,
  row: TraceRow,
  y: number,
  cell: number,
  at: (t: number) => number,
): string {
  const { signals, steps } = table;
  const signal = signals[row.signal]!;
  const top = y + (laneHeight - wave) / 2;
  const bottom = top + wave;
  const parts = [text(20, y + 16, row.label, `fill="${row.failing ? colours.bad : colours.text}"`)];
  if (signal.kind === 'clock') {
    const pulses = steps.map(
      (_, t) => `M${round(at(t))} ${bottom}V${top}H${round(at(t) + cell / 2)}V${bottom}H${round(at(t + 1))}`,
    );
    return `${parts.join('')}<path d="${pulses.join('')}" fill="none" stroke="${colours.muted}"/>`;
  }
  let line = '';
  let previous: bigint | undefined;
  for (let t = 0; t < steps.length; ) {
    const value = steps[t]![row.signal];
    let end = t + 1;
    const bad = (step: number): boolean =>
      (row.failing && step === steps.length - 1) ||
      (row.twin !== undefined && differ(steps[step]![row.signal], steps[step]![row.twin]));
    while (end < steps.length && steps[end]![row.signal] === value) end++;
    const x0 = at(t);
    const x1 = at(end);
    for (let step = t; step < end; step++) {
      if (!bad(step)) continue;
      parts.push(
        `<rect x="${round(at(step))}" y="${y + 1}" width="${round(cell)}" height="${laneHeight - 2}" fill="${colours.badFill}"/>`,
      );
    }
    if (value === undefined) {
      parts.push(
        `<rect x="${round(x0 + 1)}" y="${top}" width="${round(x1 - x0 - 2)}" height="${wave}" fill="url(#any)"/>`,
      );
      line += `M${round(x1)} ${bottom}`;
    } else if (signal.width === 1) {
      const level = value === 0n ? bottom : top;
      const joined = t > 0 && previous !== undefined;
      line += `${joined ? `L${round(x0)} ${level}` : `M${round(x0)} ${level}`}H${round(x1)}`;
    } else {
      parts.push(
        `<path d="M${round(x0)} ${top + wave / 2}L${round(x0 + 4)} ${top}H${round(x1 - 4)}L${round(x1)} ${top + wave / 2}L${round(x1 - 4)} ${bottom}H${round(x0 + 4)}Z" fill="${colours.bus}" stroke="${colours.line}"/>`,
        text((x0 + x1) / 2, y + 16, valueText(signal, value), `text-anchor="middle" fill="${colours.text}"`),
      );
    }
    previous = value;
    t = end;
  }
  if (line !== '') {
    parts.push(`<path d="${line}" fill="none" stroke="${colours.line}" stroke-width="1.3"/>`);
  }
  if (signal.kind === 'ready') {
    const valid = signals.findIndex(
      other =>
        other.kind === 'valid' &&
        other.channel === signal.channel &&
        (other.scope === signal.scope || other.scope === '' || signal.scope === ''),
    );
    steps.forEach((step, t) => {
      if (valid < 0 || step[valid] !== 1n || step[row.signal] !== 1n) return;
      parts.push(`<circle cx="${round(at(t) + cell / 2)}" cy="${y + 12}" r="3.2" fill="${colours.fire}"/>`);
    });
  }
  return parts.join('');
}

function differ(a: bigint | undefined, b: bigint | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeXml(content)}</text>`;
}

function round(x: number): string {
  return String(Math.round(x * 100) / 100);
}
