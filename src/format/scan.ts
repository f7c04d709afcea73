// The search around OCTAV's scalar that costs little: magnitudes become 16-bit integers, and for each candidate clip two exact
// sums over its codes give the scale that fits them best (least squares) and the error that leaves.
// Refuses (undefined) what those integers cannot tell apart: elements above 8 bits, small sets, maxima far above the scalar, sets that
// one clip meets almost exactly.

import { elementMax, roundHalfEven } from './element.ts';
import type { IntElement } from './notation.ts';

/** Candidates as multiples of OCTAV's scalar s, ascending, an even number of them. */
export interface ScanPlan {
  count: number;
  first: number;
  step: number;
  /** When the first or the last is the best, the search goes on from it in this step as long as that helps; 0: never. */
  walk: number;
  /** When the maximum exceeds this multiple of s, clips that grow by the factor `growth` up to the maximum are tried. */
  far: number;
  growth: number;
}

/** Most steps of a walk. */
const walkSteps = 12;

/**
 * Small sets have an error so ragged in the clip that they need many candidates, as have grids of many levels; large sets of
 * few levels a smooth one, along which the search walks. `far` lies above what normal values reach.
 */
function scanPlan(length: number, levels: number): ScanPlan {
  const small = length <= 512;
  const far = small ? 1.3 : levels === 1 ? 3.6 : levels <= 3 ? 2.4 : levels <= 7 ? 1.9 : 1.6;
  const plan = (count: number, first: number, step: number, walks: boolean): ScanPlan => {
    return { count, first, step, walk: walks ? step : 0, far, growth: small ? 1.04 : 1.08 };
  };
  if (levels > 31) return length <= 1024 ? plan(44, 0.88, 0.0035, false) : plan(52, 0.88, 0.005, false);
  if (levels > 7) {
    if (length <= 1024) return plan(28, 0.8, 0.0125, true);
    return levels > 15 ? plan(24, 0.85, 0.0125, true) : plan(16, 0.85, 0.0125, true);
  }
  if (length <= 128) return plan(64, 0.6, 0.011, false);
  if (small) return plan(36, 0.6, 0.02, false);
  return length <= 1024 ? plan(10, 0.8, 0.04, true) : plan(2, 0.95, 0.05, true);
}

/** Longest set that is left to the sweep: ragged errors take as many candidates anyway, and so the best of them is never missed. */
function longestSwept(levels: number): number {
  return levels > 7 ? 512 : 32;
}

/** How integers and multipliers are cut for a set. */
export interface ScanScale {
  /** Units in a step of the scalar itself. */
  units: number;
  /** The code of the integer x under the multiplier m is round(m x / 2^shift), at most the largest level. */
  shift: number;
  /** What magnitudes are multiplied by. */
  unit: number;
}

/**
 * With few levels the product m x fits 16 bits once x is capped, so that its low half is enough; small sets need finer integers
 * and take the rounded high half of 31 bits.
 * @returns undefined where 16 bits do not resolve the clip
 */
function scanScale(length: number, levels: number, s: number, max: number): ScanScale | undefined {
  if (levels > 255 || length <= longestSwept(levels) || !(s > 1e-30)) return undefined;
  const narrow = levels <= 15 && length > 128;
  const shift = narrow ? (levels <= 3 ? 14 : levels <= 7 ? 13 : 12) : 15;
  const units = narrow ? 2 ** shift / 128 : Math.min(128, 4096 / (levels + 1));
  const unit = Math.fround((units * levels) / s);
  return max * unit <= 32767 ? { units, shift, unit } : undefined;
}

/**
 * A clip near OCTAV's `s` of nearly the least squared error; it may exceed the maximum by a few percent.
 * With cross the sum of x code and square that of code^2, the best step for the codes of a candidate is cross / square, and it
 * takes cross^2 / square off the sum of x^2.
 * @param magnitudes |x|, or max(x, 0) for unsigned elements
 * @returns undefined where the integers do not resolve the error
 */
export function scanClip(
  magnitudes: Float32Array,
  element: IntElement,
  s: number,
  max: number,
): number | undefined {
  const levels = elementMax(element);
  const scale = scanScale(magnitudes.length, levels, s, max);
  if (scale === undefined) return undefined;
  const { unit } = scale;
  const a = Int16Array.from(magnitudes, x => roundHalfEven(Math.fround(x * unit)));
  const plan = scanPlan(magnitudes.length, levels);
  const top = max / s;
  let gain = -1;
  let step = 0;
  let best = 0;
  const attempt = (ratio: number): void => {
    const fit = scanFit(a, Math.floor(2 ** scale.shift / (scale.units * ratio) + 0.5), scale.shift, levels);
    if (!(fit.gain > gain)) return;
    ({ gain, step } = fit);
    best = ratio;
  };
  const pair = (ratio: number, next: number): void => {
    attempt(ratio);
    attempt(next);
  };
  let last = 0;
  for (let i = 0; i < plan.count; i += 2) {
    const ratio = plan.first + i * plan.step;
    if (ratio > 1.05 * top) break;
    last = plan.first + (i + 1) * plan.step;
    pair(ratio, last);
  }
  if (plan.walk > 0 && (best === plan.first || best === last)) {
    const stride = best === last ? plan.walk : -plan.walk;
    for (let k = 0; k < walkSteps; k++) {
      const next = best + stride;
      if (next > 1.05 * top || next < 0.3) break;
      attempt(next);
      if (best !== next) break;
    }
  }
  if (top > plan.far) {
    const { growth } = plan;
    let ratio = last * growth;
    for (; ratio < top; ratio *= growth * growth) pair(ratio, Math.min(ratio * growth, top));
  }
  let total = 0;
  for (const x of a) total += x * x;
  if (total - gain < 8 * a.length) return undefined;
  return Math.fround((step * levels) / unit);
}

/** What a candidate's codes take off the sum of squares with their best step, and that step, in units. */
function scanFit(
  a: Int16Array,
  multiplier: number,
  shift: number,
  levels: number,
): { gain: number; step: number } {
  const half = 2 ** (shift - 1);
  let cross = 0;
  let square = 0;
  for (const x of a) {
    const code = Math.min((x * multiplier + half) >> shift, levels);
    cross += x * code;
    square += code * code;
  }
  const step = square === 0 ? 0 : cross / square;
  return { gain: cross * step, step };
}
