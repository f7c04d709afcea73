// Scales and axes of the charts: data to pixels, readable ticks, grid lines.
// Refuses an axis without a positive extent: it widens one that has none.

import type { Axis } from '../model.ts';
import { escapeXml, formatNumber } from '../text.ts';

/** Colour of each tone. */
export const toneColours = {
  good: 'var(--good)',
  bad: 'var(--bad)',
  warn: 'var(--warn)',
  muted: 'var(--quiet)',
};

export interface Scale {
  /** Pixel of a data value; NaN outside a log scale's domain. */
  at(value: number): number;
  min: number;
  max: number;
  ticks: number[];
  log: boolean;
  label(tick: number): string;
}

/**
 * @param values the data, to find the extent where the axis does not fix it
 * @param from,to pixels of the low and high end
 * @param zero whether a linear axis must include 0
 */
export function makeScale(
  axis: Axis,
  values: Iterable<number>,
  from: number,
  to: number,
  options: { zero?: boolean; ticks?: number; tight?: boolean } = {},
): Scale {
  const log = axis.scale === 'log';
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) {
    low = log ? 1 : 0;
    high = log ? 10 : 1;
  }
  if (options.zero === true && !log) {
    low = Math.min(0, low);
    high = Math.max(0, high);
  }
  const fixedLow = axis.min !== undefined && (!log || axis.min > 0);
  const fixedHigh = axis.max !== undefined && (!log || axis.max > 0);
  if (fixedLow) low = axis.min!;
  if (fixedHigh) high = axis.max!;
  if (high <= low) {
    const pad = log ? 0 : Math.max(Math.abs(low) * 0.1, 1e-9, low === 0 ? 1 : 0);
    if (log) {
      low /= 2;
      high = Math.max(high, low) * 4;
    } else {
      high = low + pad;
      if (!fixedLow && low !== 0) low -= pad;
    }
  }
  const count = options.ticks ?? 5;
  let ticks: number[];
  if (log) {
    if (options.tight !== true) {
      const margin = (high / low) ** 0.04;
      if (!fixedLow) low /= margin;
      if (!fixedHigh) high *= margin;
    }
    ticks = logTicks(low, high, count);
  } else {
    const step = niceStep((high - low) / count);
    if (options.tight !== true) {
      if (!fixedLow && !(options.zero === true && low === 0)) low = Math.floor(low / step + 1e-9) * step;
      if (!fixedHigh && !(options.zero === true && high === 0)) high = Math.ceil(high / step - 1e-9) * step;
    }
    ticks = linearTicks(low, high, step);
  }
  const a = log ? Math.log10(low) : low;
  const b = log ? Math.log10(high) : high;
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
  const decimals = stepDecimals(step);
  return {
    at: value =>
      log && value <= 0
        ? Number.NaN
        : from + (((log ? Math.log10(value) : value) - a) / (b - a)) * (to - from),
    min: low,
    max: high,
    ticks,
    log,
    label: tick => {
      if (log) return shortNumber(tick);
      // 10k stands for 10,000, not for a tick near it
      const exact = Math.abs(Number(tick.toPrecision(4)) - tick) < 1e-6 * step;
      return exact && (tick === 0 || decimals === 0) ? shortNumber(tick) : formatNumber(tick, decimals);
    },
  };
}

/** Decimals that write a step, and so every tick, exactly: 0.25 needs two. */
function stepDecimals(step: number): number {
  for (let d = 0; d < 8; d++) {
    const scaled = Math.abs(step) * 10 ** d;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return d;
  }
  return 8;
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 2.5, 5, 10]) if (factor * power >= rough * 0.999) return factor * power;
  return 10 * power;
}

function linearTicks(low: number, high: number, step: number): number[] {
  const ticks: number[] = [];
  const first = Math.ceil(low / step - 1e-9);
  for (let i = first; i * step <= high + step * 1e-9 && ticks.length < 50; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(low: number, high: number, count: number): number[] {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const decades = to - from;
  const factors = decades <= 1 ? [1, 2, 3, 5] : decades <= 2 ? [1, 2, 5] : decades <= 3 ? [1, 3] : [1];
  const stride = Math.max(1, Math.ceil(decades / (count + 2)));
  const ticks: number[] = [];
  for (let e = from; e <= to; e += stride) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** e).toPrecision(6));
      if (tick >= low * 0.9999 && tick <= high * 1.0001) ticks.push(tick);
    }
  }
  return ticks;
}

/** A tick label of few characters: 25k, 3M, 0.05, 1e-7. */
export function shortNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e4 && magnitude < 1e15) {
    for (const [size, suffix] of [
      [1e12, 'T'],
      [1e9, 'G'],
      [1e6, 'M'],
      [1e3, 'k'],
    ] as const) {
      if (magnitude >= size) return `${Number((value / size).toPrecision(4))}${suffix}`.replace('-', '−');
    }
  }
  return formatNumber(value).replace('-', '−');
}

/** Rough width in pixels of a text in the chart's font; the widest of the usual system fonts counts. */
export function textWidth(text: string, size = 12): number {
  let units = 0;
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (code >= 0x2e80) units += 1;
    else if ("ijl.,:;|!'()[] ".includes(c)) units += 0.34;
    else if ('mwMW@%±'.includes(c)) units += 0.93;
    else if (c >= 'A' && c <= 'Z') units += 0.7;
    else units += 0.62;
  }
  return units * size;
}

/** Axis title with its unit. */
export function axisTitle(axis: Axis): string {
  return axis.unit === undefined ? axis.label : `${axis.label} (${axis.unit})`;
}

export function svgText(
  x: number,
  y: number,
  text: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
  classes = '',
): string {
  return `<text x="${px(x)}" y="${px(y)}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${classes === '' ? '' : ` class="${classes}"`}>${escapeXml(text)}</text>`;
}

/** The title of a vertical axis, turned, at the left edge. */
export function leftTitle(text: string, middle: number): string {
  return `<text class="axis" text-anchor="middle" transform="translate(12 ${px(middle)}) rotate(-90)">${escapeXml(text)}</text>`;
}

/** A coordinate with at most two decimals. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Vertical grid lines with labels below, for a horizontal value axis. */
export function bottomAxis(scale: Scale, top: number, bottom: number, grid = true): string {
  let last = Number.NEGATIVE_INFINITY;
  return scale.ticks
    .map(tick => {
      const x = scale.at(tick);
      const label = scale.label(tick);
      const half = textWidth(label) / 2;
      const show = x - half > last + 4;
      if (show) last = x + half;
      return `<line class="${grid ? (tick === 0 && !scale.log ? 'base' : 'grid') : 'base'}" x1="${px(x)}" x2="${px(x)}" y1="${px(grid ? top : bottom)}" y2="${px(bottom + (grid ? 0 : 4))}"/>${show ? svgText(x, bottom + 16, label, 'middle', 'tick') : ''}`;
    })
    .join('');
}

/** Horizontal grid lines with labels at the left, for a vertical value axis. */
export function leftAxis(scale: Scale, left: number, right: number): string {
  return scale.ticks
    .map(tick => {
      const y = scale.at(tick);
      return `<line class="${tick === 0 && !scale.log ? 'base' : 'grid'}" x1="${px(left)}" x2="${px(right)}" y1="${px(y)}" y2="${px(y)}"/>${svgText(left - 6, y + 4, scale.label(tick), 'end', 'tick')}`;
    })
    .join('');
}

/** Room the labels of a vertical axis need. */
export function leftAxisRoom(scale: Scale): number {
  return Math.max(...scale.ticks.map(tick => textWidth(scale.label(tick))), 10) + 10;
}

/** An element that shows `tip` on hover and on keyboard focus; it is its accessible name too. */
export function mark(tag: string, attributes: string, tip: string): string {
  return `<${tag} ${attributes} class="mark" data-tip="${escapeXml(tip)}"><title>${escapeXml(tip)}</title></${tag}>`;
}

/** The svg element; `classes` name its width variant. */
export function svgElement(width: number, height: number, body: string): string {
  return `<svg viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" aria-hidden="true" focusable="false">${body}</svg>`;
}
