// Clipping of one set of values for integer elements: OCTAV's recursion and the true squared error under a scale.
// Sums follow src/format/lanes.ts; must equal src/format/{octav,clip}.ts bit for bit. Finite values only.

import { BLOCK, fold, MAGIC, padded } from './_lanes';
import { largest, magnitudes, nonZero, recursion } from './_octav';
import { scanned } from './_scan';

let bestClip: f32 = 0;
let leastError: f64 = 0;
/** Room for the candidates of one polish. */
const CANDIDATES: usize = memory.data(128, 16);

/**
 * OCTAV's scalar of every run of a contiguous tensor part (rows x reduction, cut every `width`), as octav.ts defines it; with
 * `polish` followed by the search of scan.ts, or where that does not apply by the sweep's points for runs of `sweepBelow` or
 * fewer values and the search of polish.ts for longer ones.
 * `scratch` holds twice the longest run with 32 values more.
 */
export function octav(
  src: usize,
  rows: u32,
  reduction: u32,
  width: u32,
  signed: bool,
  constant: f64,
  updates: u32,
  polish: bool,
  sweepBelow: u32,
  low: f32,
  high: f32,
  scratch: usize,
  out: usize,
): void {
  const list = scratch + ((<usize>((width + 31) & ~15)) << 2);
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      const n = min(width, left);
      left -= n;
      const total = magnitudes(src, n, signed, scratch);
      let s: f32 = 0;
      if (nonZero > 0) {
        s = recursion(scratch, n, total, constant, updates, polish ? 1.0 / 256 : 0, list);
        if (polish) {
          const near = scanned(scratch, n, s, largest, <i32>high, list);
          if (near > 0) s = near;
          else {
            // negative values of unsigned elements count in the error, so the values themselves are needed again
            if (!signed) padded(src, n, scratch);
            s = n <= sweepBelow ? swept(scratch, n, s, low, high) : polished(scratch, n, s, low, high);
          }
        }
      }
      store<f32>(out, s);
      out += 4;
      src += (<usize>n) << 2;
    }
  }
}

/** s or a hundredth of the maximum, whichever has the least error. */
function swept(data: usize, n: u32, s: f32, low: f32, high: f32): f32 {
  bestClip = s;
  leastError = squaredError(data, n, s / high, low, high);
  tryPoints(data, n, 100, low, high);
  return bestClip;
}

/** Leaves in bestClip and leastError what k/points of `largest` improve on them. */
function tryPoints(data: usize, n: u32, points: u32, low: f32, high: f32): void {
  const limit = <f64>largest;
  for (let k: u32 = 1; k <= points; k++) {
    tryClip(data, n, <f32>((<f64>k / <f64>points) * limit), low, high);
  }
}

@inline
function tryClip(data: usize, n: u32, clip: f32, low: f32, high: f32): void {
  const error = squaredError(data, n, clip / high, low, high);
  if (error < leastError) {
    leastError = error;
    bestClip = clip;
  }
}

/** polish.ts: ten coarse candidates ascending, then four between the neighbours of the best. */
function polished(data: usize, n: u32, s: f32, low: f32, high: f32): f32 {
  const max = <f64>largest;
  const from = <f64>s;
  const end = 1.3 * from;
  store<f64>(CANDIDATES, 0.8 * from, 0);
  store<f64>(CANDIDATES, 0.925 * from, 8);
  store<f64>(CANDIDATES, from, 16);
  store<f64>(CANDIDATES, 1.05 * from, 24);
  store<f64>(CANDIDATES, 1.175 * from, 32);
  store<f64>(CANDIDATES, end, 40);
  const half = Math.sqrt(max / end);
  const quarter = Math.sqrt(half);
  store<f64>(CANDIDATES, end * quarter, 48);
  store<f64>(CANDIDATES, end * half, 56);
  store<f64>(CANDIDATES, end * half * quarter, 64);
  store<f64>(CANDIDATES, max, 72);
  const count = end < max ? 10 : 6;
  bestClip = s;
  leastError = Infinity;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const before = leastError;
    tryClip(data, n, <f32>min<f64>(load<f64>(CANDIDATES + (i << 3)), max), low, high);
    if (leastError < before) at = i;
  }
  const left = min<f64>(load<f64>(CANDIDATES + ((at > 0 ? at - 1 : 0) << 3)), max);
  const right = min<f64>(load<f64>(CANDIDATES + (min<i32>(at + 1, count - 1) << 3)), max);
  for (let i = 1; i <= 4; i++) {
    tryClip(data, n, <f32>(left + ((right - left) * <f64>i) / 5), low, high);
  }
  return bestClip;
}

@inline
function term(x: v128, divide: v128, scale: v128, low: v128, high: v128): v128 {
  const magic = f32x4.splat(MAGIC);
  const y = f32x4.pmax(f32x4.pmin(f32x4.div(x, divide), high), low);
  const code = f32x4.sub(f32x4.add(y, magic), magic);
  const d = f32x4.sub(x, f32x4.mul(code, scale));
  return f32x4.mul(d, d);
}

/** Squared error of padded values under one scale. */
function squaredError(data: usize, count: u32, scale: f32, low: f32, high: f32): f64 {
  const zero = f32x4.splat(0);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const s = f32x4.splat(scale);
  const divide = f32x4.splat(scale > 0 ? scale : Infinity);
  let total: f64 = 0;
  let left: i32 = count;
  while (left > 0) {
    const n = min<i32>(left, BLOCK);
    left -= n;
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    for (let k: i32 = 0; k < n; k += 16) {
      s0 = f32x4.add(s0, term(v128.load(data), divide, s, lows, highs));
      s1 = f32x4.add(s1, term(v128.load(data, 16), divide, s, lows, highs));
      s2 = f32x4.add(s2, term(v128.load(data, 32), divide, s, lows, highs));
      s3 = f32x4.add(s3, term(v128.load(data, 48), divide, s, lows, highs));
      data += 64;
    }
    total += fold(s0, s1, s2, s3);
  }
  return total;
}

/** Squared errors of every run under the scales clip/high, `candidates` clipping values a run; f64 each at `out`. */
export function squaredErrors(
  src: usize,
  rows: u32,
  reduction: u32,
  width: u32,
  low: f32,
  high: f32,
  clips: usize,
  candidates: u32,
  scratch: usize,
  out: usize,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      const n = min(width, left);
      left -= n;
      padded(src, n, scratch);
      for (let k: u32 = 0; k < candidates; k++) {
        store<f64>(out, squaredError(scratch, n, load<f32>(clips) / high, low, high));
        clips += 4;
        out += 8;
      }
      src += (<usize>n) << 2;
    }
  }
}

/** Best of k/points of each run's maximum by the squared error; the smallest k wins a tie. 0 for an all-zero run. */
export function sweep(
  src: usize,
  rows: u32,
  reduction: u32,
  width: u32,
  signed: bool,
  low: f32,
  high: f32,
  points: u32,
  scratch: usize,
  out: usize,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      const n = min(width, left);
      left -= n;
      magnitudes(src, n, signed, scratch);
      padded(src, n, scratch);
      bestClip = largest;
      leastError = Infinity;
      if (largest > 0) tryPoints(scratch, n, points, low, high);
      store<f32>(out, bestClip);
      out += 4;
      src += (<usize>n) << 2;
    }
  }
}
