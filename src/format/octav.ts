// OCTAV: the clipping scalar that minimizes the modelled mean squared error, by Newton-Raphson (Sakr et al., ICML 2022).
// Refuses nothing: an all-zero set gets scalar 0, a set on which the iterates cycle falls back to its maximum.

import { LaneSum } from './lanes.ts';
import type { IntElement } from './notation.ts';

export interface OctavOptions {
  /** Newton updates after the start at the mean non-zero magnitude; default 10, as in the paper. */
  updates?: number | undefined;
  /**
   * Quantization noise of the grid in units of s^2. 'paper': 4^-B/3 signed, 4^-B/12 unsigned (2^B steps, eq 5).
   * 'grid' (default): 1/(12 q^2) with q the largest code, which matches the symmetric codes +-(2^(B-1)-1).
   */
  constant?: 'paper' | 'grid' | undefined;
}

/** The noise constant c of the recursion s = sum(a > s) / (c * count(0 < a <= s) + count(a > s)). */
export function octavConstant(element: IntElement, constant: 'paper' | 'grid' = 'grid'): number {
  if (constant === 'paper') return 4 ** -element.bits / (element.signed ? 3 : 12);
  const q = element.signed ? 2 ** (element.bits - 1) - 1 : 2 ** element.bits - 1;
  return 1 / (12 * q * q);
}

/**
 * The OCTAV clipping scalar of one set of values (eq 6; unsigned: appendix A, negative values count as zero).
 * Sums follow the order of lanes.ts; each iterate is rounded to float32.
 * @returns s in (0, max|x|], or 0 when the set holds no non-zero value
 */
export function octav(values: Float32Array, element: IntElement, options: OctavOptions = {}): number {
  const updates = options.updates ?? 10;
  const c = octavConstant(element, options.constant);
  const magnitude = element.signed ? Math.abs : (x: number): number => Math.max(x, 0);
  const start = new LaneSum();
  let nonZero = 0;
  let max = 0;
  for (const x of values) {
    const a = magnitude(x);
    start.add(a);
    if (a > 0) nonZero++;
    if (a > max) max = a;
  }
  if (nonZero === 0) return 0;
  let s = Math.fround(start.sum() / nonZero);
  for (let n = 0; n < updates; n++) {
    const above = new LaneSum();
    let count = 0;
    for (const x of values) {
      const a = magnitude(x);
      if (a > s) {
        above.add(a);
        count++;
      } else above.add(0);
    }
    s = octavUpdate(above.sum(), count, nonZero, c);
  }
  return s > 0 && s <= max ? s : max;
}

/** One Newton update from the sum and count above the current scalar. */
export function octavUpdate(sum: number, count: number, nonZero: number, c: number): number {
  return Math.fround(sum / (c * (nonZero - count) + count));
}
