// 2^t for t <= 0 by piecewise lines over the fraction of t, then a shift: 2^t = line(fraction) >> -floor(t).
// Coefficients are fitted here: the line through a segment's first and last grid point, lowered by half its largest gap
// (2^t is convex, so that is the minimax line of this slope). Refuses nothing.

import type { SoftermaxParameters } from './parameters.ts';

export interface PowerTable {
  /** Bits of the fraction that choose the segment, and bits of the place within it. */
  segmentBits: number;
  placeBits: number;
  /** Value at the start of each segment, units of the unnormed format, in [1, 2). */
  intercept: number[];
  /** Rise over a whole segment (2^placeBits steps); all 0 when the place has no bits. */
  rise: number[];
}

/** The fitted table. With no place bits the table is round(2^fraction) itself. */
export function powerTable(parameters: SoftermaxParameters): PowerTable {
  const { input, unnormed, powerSegments } = parameters;
  const segmentBits = Math.min(input.fractionBits, Math.log2(powerSegments));
  const placeBits = input.fractionBits - segmentBits;
  const one = 2 ** unnormed.fractionBits;
  const top = 2 * one - 1;
  const steps = 2 ** placeBits;
  const intercept: number[] = [];
  const rise: number[] = [];
  for (let segment = 0; segment < 2 ** segmentBits; segment++) {
    const exact = (step: number): number => one * 2 ** ((segment + step / steps) / 2 ** segmentBits);
    if (steps === 1) {
      intercept.push(Math.min(top, Math.round(exact(0))));
      rise.push(0);
      continue;
    }
    const slope = (exact(steps - 1) - exact(0)) / (steps - 1);
    let gap = 0;
    for (let i = 0; i < steps; i++) gap = Math.max(gap, exact(0) + slope * i - exact(i));
    intercept.push(Math.round(exact(0) - gap / 2));
    rise.push(Math.round(slope * steps));
  }
  return { segmentBits, placeBits, intercept, rise };
}

/** The line's value for a fraction code; floor of the product. */
export function powerFraction(table: PowerTable, fraction: number): number {
  const segment = fraction >> table.placeBits;
  const place = fraction - (segment << table.placeBits);
  return table.intercept[segment]! + ((table.rise[segment]! * place) >> table.placeBits);
}

/** Largest relative error of the line over all fractions, before the shift's truncation. */
export function powerError(parameters: SoftermaxParameters): number {
  const table = powerTable(parameters);
  const { fractionBits } = parameters.input;
  let worst = 0;
  for (let f = 0; f < 2 ** fractionBits; f++) {
    const exact = 2 ** (parameters.unnormed.fractionBits + f / 2 ** fractionBits);
    worst = Math.max(worst, Math.abs(powerFraction(table, f) / exact - 1));
  }
  return worst;
}
