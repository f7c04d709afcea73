// Clipping of one set of values for integer elements: OCTAV's recursion and the true squared error under a scale.
// Sums follow src/format/lanes.ts; must equal src/format/{octav,clip}.ts bit for bit. Finite values only.

import { scanned } from './_scan';

const MAGIC: f32 = 12582912.0;
/** Elements of a summation block (lanes.ts). */
const BLOCK: u32 = 4096;

let nonZero: u32 = 0;
let largest: f32 = 0;
let bestClip: f32 = 0;
let leastError: f64 = 0;
/** Room for the candidates of one polish. */
const CANDIDATES: usize = memory.data(128, 16);

@inline
function fold(a: v128, b: v128, c: v128, d: v128): f64 {
  const t = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return (
    <f64>f32x4.extract_lane(t, 0) +
    <f64>f32x4.extract_lane(t, 1) +
    (<f64>f32x4.extract_lane(t, 2) + <f64>f32x4.extract_lane(t, 3))
  );
}

@inline
function laneTotal(v: v128): u32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/** Copies `count` values and zeros up to a multiple of 16 after them. */
function padded(src: usize, count: u32, dst: usize): void {
  memory.copy(dst, src, (<usize>count) << 2);
  memory.fill(dst + ((<usize>count) << 2), 0, ((16 - (count & 15)) & 15) << 2);
}

/** Writes the magnitudes of `count` values, padded with zeros, to dst; returns their sum, leaves nonZero and largest. */
function magnitudes(src: usize, count: u32, signed: bool, dst: usize): f64 {
  const zero = f32x4.splat(0);
  let total: f64 = 0;
  let maxima = zero;
  let occupied = i32x4.splat(0);
  const whole: i32 = count & ~15;
  const padding: i32 = (count + 15) & ~15;
  let done: i32 = 0;
  while (done < padding) {
    const end = min<i32>(done + BLOCK, padding);
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    for (; done < end; done += 16) {
      if (done == whole) {
        padded(src, count - whole, dst);
        src = dst;
      }
      let a = v128.load(src);
      let b = v128.load(src, 16);
      let c = v128.load(src, 32);
      let d = v128.load(src, 48);
      if (signed) {
        a = f32x4.abs(a);
        b = f32x4.abs(b);
        c = f32x4.abs(c);
        d = f32x4.abs(d);
      } else {
        a = f32x4.pmax(zero, a);
        b = f32x4.pmax(zero, b);
        c = f32x4.pmax(zero, c);
        d = f32x4.pmax(zero, d);
      }
      v128.store(dst, a);
      v128.store(dst, b, 16);
      v128.store(dst, c, 32);
      v128.store(dst, d, 48);
      s0 = f32x4.add(s0, a);
      s1 = f32x4.add(s1, b);
      s2 = f32x4.add(s2, c);
      s3 = f32x4.add(s3, d);
      maxima = f32x4.pmax(maxima, f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d)));
      const p = i32x4.add(f32x4.gt(a, zero), f32x4.gt(b, zero));
      const q = i32x4.add(f32x4.gt(c, zero), f32x4.gt(d, zero));
      occupied = i32x4.sub(occupied, i32x4.add(p, q));
      src += 64;
      dst += 64;
    }
    total += fold(s0, s1, s2, s3);
  }
  nonZero = laneTotal(occupied);
  largest = max<f32>(
    max<f32>(f32x4.extract_lane(maxima, 0), f32x4.extract_lane(maxima, 1)),
    max<f32>(f32x4.extract_lane(maxima, 2), f32x4.extract_lane(maxima, 3)),
  );
  return total;
}

/** Shuffles that bring the 32-bit lanes of a four-bit mask to the front. */
const PACK: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  4, 5, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 4, 5, 6, 7, 255, 255, 255, 255, 255, 255, 255, 255,
  8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255,
  4, 5, 6, 7, 8, 9, 10, 11, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255, 255, 255, 255,
  12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255,
  4, 5, 6, 7, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 255, 255, 255, 255,
  8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255,
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
]);

/** Writes the values above s of `count` padded values to dst in their order, zeros after them; returns their number. */
function keepAbove(src: usize, count: u32, s: f32, dst: usize): u32 {
  const limit = f32x4.splat(s);
  const end = src + ((<usize>((count + 15) & ~15)) << 2);
  let to = dst;
  for (; src < end; src += 16) {
    const a = v128.load(src);
    const bits = i32x4.bitmask(f32x4.gt(a, limit));
    v128.store(to, i8x16.swizzle(a, v128.load(PACK + (bits << 4))));
    to += popcnt<usize>(<usize>bits) << 2;
  }
  // stores: a call of memory.fill takes longer than a short list
  const zero = f32x4.splat(0);
  v128.store(to, zero);
  v128.store(to, zero, 16);
  v128.store(to, zero, 32);
  v128.store(to, zero, 48);
  return <u32>((to - dst) >> 2);
}

/** Sum of padded values in the order of lanes.ts. */
function sumOf(data: usize, count: u32): f64 {
  const zero = f32x4.splat(0);
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
      s0 = f32x4.add(s0, v128.load(data));
      s1 = f32x4.add(s1, v128.load(data, 16));
      s2 = f32x4.add(s2, v128.load(data, 32));
      s3 = f32x4.add(s3, v128.load(data, 48));
      data += 64;
    }
    total += fold(s0, s1, s2, s3);
  }
  return total;
}

/** OCTAV's recursion over padded magnitudes, with `list` as room for those above the iterate. */
function recursion(
  data: usize,
  count: u32,
  total: f64,
  constant: f64,
  updates: u32,
  tolerance: f64,
  list: usize,
): f32 {
  let s = <f32>(total / <f64>nonZero);
  let from = data;
  let n = count;
  let floor: f32 = 0;
  for (let u: u32 = 0; u < updates; u++) {
    if (s < floor) {
      from = data;
      n = count;
    }
    n = keepAbove(from, n, s, list);
    from = list;
    floor = s;
    s = <f32>(sumOf(list, n) / (constant * <f64>(nonZero - n) + <f64>n));
    if (Math.abs(<f64>s - <f64>floor) <= tolerance * <f64>s) break;
  }
  return s > 0 && s <= largest ? s : largest;
}

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
