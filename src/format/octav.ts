// OCTAV: the clipping scalar that minimizes the modelled mean squared error, by Newton-Raphson (Sakr et al., ICML 2022).
// Refuses elements that are no integers: an all-zero set gets scalar 0, a set on which the iterates cycle falls back to its maximum.

import { UsageError } from '../core/errors.ts';
import { LaneSum } from './lanes.ts';
import { elementOf, type IntElement, printElement } from './notation.ts';

export interface OctavOptions {
  /** Newton updates after the start at the mean non-zero magnitude; default 10, as in the paper. */
  updates?: number | undefined;
  /**
   * Quantization noise of the grid in units of s^2. 'paper': 4^-B/3 signed, 4^-B/12 unsigned (2^B steps, eq 5).
   * 'grid' (default): 1/(12 q^2) with q the largest code, which matches the symmetric codes +-(2^(B-1)-1).
   */
  constant?: 'paper' | 'grid' | undefined;
  /** Ends the updates once an iterate moves by no more than this share of itself; default 0, when it repeats. */
  tolerance?: number | undefined;
}

/** Tolerance of the recursion when a search follows, whose candidates lie several percent apart. */
export const searchTolerance = 1 / 256;

/** The noise constant c of the recursion s = sum(a > s) / (c * count(0 < a <= s) + count(a > s)). */
export function octavConstant(element: IntElement, constant: 'paper' | 'grid' = 'grid'): number {
  if (constant === 'paper') return 4 ** -element.bits / (element.signed ? 3 : 12);
  const q = element.signed ? 2 ** (element.bits - 1) - 1 : 2 ** element.bits - 1;
  return 1 / (12 * q * q);
}

/** What an element of the given sign sees of `values`: |x|, or max(x, 0) when unsigned. */
export function magnitudesOf(values: Float32Array, signed: boolean): Float32Array {
  return values.map(signed ? Math.abs : x => Math.max(x, 0));
}

/**
 * The OCTAV clipping scalar of one set of values (eq 6; unsigned: appendix A, negative values count as zero).
 * Iterates mostly rise, so each sum runs over the magnitudes above the iterate before it, in their order (lanes.ts), and over
 * all of them only after a fall. Each iterate is rounded to float32; one that repeats itself ends the updates.
 * @returns s in (0, max|x|], or 0 when the set holds no non-zero value
 */
export function octav(
  values: Float32Array,
  notation: IntElement | string,
  options: OctavOptions = {},
): number {
  const element = elementOf(notation);
  if (element.kind !== 'int')
    throw new UsageError(`octav of ${printElement(element)}`, { expected: 'an integer element' });
  const { updates = 10, tolerance = 0 } = options;
  const c = octavConstant(element, options.constant);
  const all = magnitudesOf(values, element.signed);
  const start = new LaneSum();
  let nonZero = 0;
  let max = 0;
  for (const a of all) {
    start.add(a);
    if (a > 0) nonZero++;
    if (a > max) max = a;
  }
  if (nonZero === 0) return 0;
  let s = Math.fround(start.sum() / nonZero);
  let list = all;
  let floor = 0;
  for (let n = 0; n < updates; n++) {
    list = (s < floor ? all : list).filter(a => a > s);
    floor = s;
    const above = new LaneSum();
    for (const a of list) above.add(a);
    s = octavUpdate(above.sum(), list.length, nonZero, c);
    if (Math.abs(s - floor) <= tolerance * s) break;
  }
  return s > 0 && s <= max ? s : max;
}

/** One Newton update from the sum and count above the current scalar. */
export function octavUpdate(sum: number, count: number, nonZero: number, c: number): number {
  return Math.fround(sum / (c * (nonZero - count) + count));
}
