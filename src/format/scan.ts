// The search around OCTAV's scalar that costs little: magnitudes as integers of 12 bits, the squared error of 6 to 64 clips in
// exact integer arithmetic, and a least-squares scale for the codes of the best. Refuses (undefined) what integers of 12 bits
// cannot tell apart: elements above 31 levels, maxima far above the scalar, sets that one clip meets almost exactly.

import { elementMax, roundHalfEven } from './element.ts';
import type { IntElement } from './notation.ts';

/** Candidates: how many from `low` s to `high` s; how many of the best get a least-squares scale; when the far ones are tried. */
export interface ScanPlan {
  count: number;
  low: number;
  high: number;
  refits: 1 | 2;
  /** Four more clips up to the maximum are tried when it exceeds this multiple of s. */
  far: number;
}

/** Small sets have an error so ragged in the clip that they need many candidates; large ones a smooth one. */
export function scanPlan(length: number, levels: number): ScanPlan {
  const factor = levels > 7 ? 2 : 1;
  if (length <= 128) return { count: 40 * factor, low: 0.6, high: 1.3, refits: 2, far: 1.3 };
  if (length <= 512) return { count: 28 * factor, low: 0.6, high: 1.3, refits: 2, far: 1.3 };
  if (length <= 1024) return { count: 10 * factor, low: 0.8, high: 1.15, refits: 1, far: 2 };
  if (length <= 4096) return { count: 6 * factor, low: 0.85, high: 1.1, refits: 1, far: 2 };
  return { count: 10 * factor, low: 0.8, high: 1.2, refits: 1, far: 2 };
}

/** True where the integers of `scanClip` resolve the clip: at most 31 levels, a maximum of at most 4 s, no subnormals. */
export function scans(levels: number, s: number, max: number): boolean {
  return levels <= 31 && max <= 4 * s && max > 1e-30;
}

/** The integer that stands for the maximum; levels of few bits get a coarser grid, so that multipliers stay fine. */
export function scanTop(levels: number): number {
  return Math.min(4095, 585 * levels);
}

/** Clips to try, ascending but for the far ones, which follow. */
export function scanCandidates(plan: ScanPlan, s: number, max: number): number[] {
  const from = plan.low * s;
  const end = Math.min(plan.high * s, 1.05 * max);
  const list: number[] = [];
  for (let i = 0; i < plan.count; i++) list.push(from + ((end - from) * i) / (plan.count - 1));
  if (max > plan.far * s) {
    const half = Math.sqrt(max / end);
    const quarter = Math.sqrt(half);
    list.push(end * quarter, end * half, end * half * quarter, max);
  }
  return list;
}

/**
 * A clip near OCTAV's `s` of nearly the least squared error; it may exceed the maximum by a few percent.
 * A candidate is a multiplier m: its step is 2^15 / m units. The low 16 bits of 2 m x are then the rounding error of x in
 * 2^-16 steps, so that SIMD needs one multiplication for it.
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
  if (!scans(levels, s, max)) return undefined;
  const top = scanTop(levels);
  const unit = Math.fround(top / max);
  const a = Int16Array.from(magnitudes, x => roundHalfEven(Math.fround(x * unit)));
  const plan = scanPlan(magnitudes.length, levels);
  const tried = scanCandidates(plan, s, max).map(clip => {
    const multiplier = Math.floor((32768 * levels * max) / (clip * top) + 0.5);
    return { multiplier, error: scanError(a, multiplier, levels) };
  });
  const best = tried.sort((x, y) => x.error - y.error).slice(0, plan.refits);
  if (best[0]!.error < 4 * a.length) return undefined;
  let result: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const { error, multiplier } of best) {
    let cross = 0;
    let square = 0;
    for (const x of a) {
      const code = Math.min((x * multiplier + 16384) >> 15, levels);
      cross += x * code;
      square += code * code;
    }
    if (square === 0) continue;
    const step = cross / square;
    const shift = step - 32768 / multiplier;
    const left = error - shift * shift * square;
    if (left >= least) continue;
    least = left;
    result = Math.fround((step * levels * max) / top);
  }
  return result;
}

/** Squared error of a candidate in square units: rounding errors in steps/4096, clipping errors in whole units. */
function scanError(a: Int16Array, multiplier: number, levels: number): number {
  const step = 32768 / multiplier;
  const limit = Math.floor((levels + 0.5) * step);
  const reach = Math.floor(levels * step + 0.5);
  let rounding = 0;
  let clipping = 0;
  for (const x of a) {
    if (x > limit) clipping += (x - reach) ** 2;
    else rounding += (((2 * multiplier * x) << 16) >> 20) ** 2;
  }
  return rounding * (step / 4096) * (step / 4096) + clipping;
}
