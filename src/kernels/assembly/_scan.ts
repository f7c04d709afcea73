// The search of src/format/scan.ts over one set of padded magnitudes, equal to it bit for bit: 16-bit integers, exact sums.

import { MAGIC } from './_lanes';

/** The padded integer magnitudes being scanned, how many there are, and how they and multipliers are cut. */
let scanData: usize = 0;
let scanCount: i32 = 0;
let scanLength: u32 = 0;
let scanLevels: i32 = 0;
let scanShift: i32 = 0;
let scanUnits: f64 = 0;
/** The best candidate so far: what it takes off the sum of squares, its step in units, its multiple of s. */
let bestGain: f64 = 0;
let bestStep: f64 = 0;
let bestRatio: f64 = 0;

/** scan.ts: the clip of nearly the least error, or 0 where integers do not resolve it. `room` takes 2 n + 64 bytes. */
export function scanned(data: usize, n: u32, s: f32, max: f32, levels: i32, room: usize): f32 {
  if (levels > 255 || n <= (levels > 7 ? 512 : 32) || !(<f64>s > 1e-30)) return 0;
  const narrow = levels <= 15 && n > 128;
  scanShift = narrow ? (levels <= 3 ? 14 : levels <= 7 ? 13 : 12) : 15;
  scanUnits = narrow ? <f64>((1 << scanShift) / 128) : min<f64>(128, 4096 / <f64>(levels + 1));
  const unit = <f32>((scanUnits * <f64>levels) / <f64>s);
  const largest = <f64>max * <f64>unit;
  if (!(largest <= 32767)) return 0;
  const total = integers(data, n, unit, <u32>(largest + 0.5), room);
  scanData = room;
  scanCount = (n + 15) & ~15;
  scanLength = n;
  scanLevels = levels;
  bestGain = -1;
  bestStep = 0;
  bestRatio = 0;
  const top = <f64>max / <f64>s;
  const far = levels == 1 ? 3.6 : levels <= 3 ? 2.4 : levels <= 7 ? 1.9 : 1.6;
  if (levels > 31) {
    if (n <= 1024) tryRange(top, 44, 0.88, 0.0035, 0, far);
    else tryRange(top, 52, 0.88, 0.005, 0, far);
  } else if (levels > 7) {
    if (n <= 1024) tryRange(top, 28, 0.8, 0.0125, 0.0125, far);
    else if (levels > 15) tryRange(top, 24, 0.85, 0.0125, 0.0125, far);
    else tryRange(top, 16, 0.85, 0.0125, 0.0125, far);
  } else if (n <= 128) tryRange(top, 64, 0.6, 0.011, 0, 1.3);
  else if (n <= 512) tryRange(top, 36, 0.6, 0.02, 0, 1.3);
  else if (n <= 1024) tryRange(top, 10, 0.8, 0.04, 0.04, far);
  else tryRange(top, 2, 0.95, 0.05, 0.05, far);
  if (<f64>total - bestGain < 8 * <f64>n) return 0;
  return <f32>((bestStep * <f64>levels) / <f64>unit);
}

/** Padded magnitudes as int16, none above `largest`, in an order of their own; returns the sum of their squares. */
function integers(data: usize, n: u32, unit: f32, largest: u32, to: usize): u64 {
  const scale = f32x4.splat(unit);
  const magic = f32x4.splat(MAGIC);
  let left: u32 = (n + 15) >> 4;
  // lanes take 4 squares a turn and hold 32 bits
  const turns = 0xffffffff / max<u32>(1, 4 * largest * largest);
  let total: u64 = 0;
  while (left > 0) {
    const count = min<u32>(left, turns);
    left -= count;
    let squares = i32x4.splat(0);
    for (const end = data + ((<usize>count) << 6); data < end; data += 64) {
      // the low half of a magic sum is the rounded integer
      const a = f32x4.add(f32x4.mul(v128.load(data), scale), magic);
      const b = f32x4.add(f32x4.mul(v128.load(data, 16), scale), magic);
      const c = f32x4.add(f32x4.mul(v128.load(data, 32), scale), magic);
      const d = f32x4.add(f32x4.mul(v128.load(data, 48), scale), magic);
      const x = v128.shuffle<i16>(a, i32x4.shl(b, 16), 0, 9, 2, 11, 4, 13, 6, 15);
      const y = v128.shuffle<i16>(c, i32x4.shl(d, 16), 0, 9, 2, 11, 4, 13, 6, 15);
      v128.store(to, x);
      v128.store(to, y, 16);
      squares = i32x4.add(squares, i32x4.add(i32x4.dot_i16x8_s(x, x), i32x4.dot_i16x8_s(y, y)));
      to += 32;
    }
    total += wide(squares);
  }
  return total;
}

function tryRange(top: f64, count: i32, first: f64, step: f64, walk: f64, far: f64): void {
  let last: f64 = 0;
  for (let i = 0; i < count; i += 2) {
    const ratio = first + <f64>i * step;
    if (ratio > 1.05 * top) break;
    last = first + <f64>(i + 1) * step;
    tryPair(ratio, last);
  }
  if (walk > 0 && (bestRatio == first || bestRatio == last)) {
    const stride = bestRatio == last ? walk : -walk;
    for (let k = 0; k < 12; k++) {
      const next = bestRatio + stride;
      if (next > 1.05 * top || next < 0.3) break;
      tryOne(next);
      if (bestRatio != next) break;
    }
  }
  if (top > far) {
    const growth = scanLength <= 512 ? 1.04 : 1.08;
    let ratio = last * growth;
    for (; ratio < top; ratio *= growth * growth) tryPair(ratio, min<f64>(ratio * growth, top));
  }
}

/** The passes are built once for each shift, which is then a constant of the instructions. */
function tryPair(first: f64, second: f64): void {
  if (scanShift == 13) pairOf(first, second, 13);
  else if (scanShift == 15) pairOf(first, second, 15);
  else if (scanShift == 14) pairOf(first, second, 14);
  else pairOf(first, second, 12);
}

function tryOne(ratio: f64): void {
  if (scanShift == 13) oneOf(ratio, 13);
  else if (scanShift == 15) oneOf(ratio, 15);
  else if (scanShift == 14) oneOf(ratio, 14);
  else oneOf(ratio, 12);
}

@inline
function multiplierOf(ratio: f64, shift: i32): i32 {
  return <i32>Math.floor(<f64>(1 << shift) / (scanUnits * ratio) + 0.5);
}

/** The largest integer whose code is the last level, or at a shift of 15 that level itself. */
@inline
function capOf(multiplier: i32, shift: i32): i32 {
  if (shift == 15) return scanLevels;
  return (((scanLevels + 1) << shift) - 1 - (1 << (shift - 1))) / multiplier;
}

/** Codes of eight integers. */
@inline
function codesOf(x: v128, multiplier: v128, cap: v128, half: v128, shift: i32): v128 {
  if (shift == 15) return i16x8.min_s(i16x8.q15mulr_sat_s(x, multiplier), cap);
  return i16x8.shr_u(i16x8.add(i16x8.mul(i16x8.min_s(x, cap), multiplier), half), shift);
}

/** Integers whose sums fit the lanes: an addition is at most 4 x 32767 x levels. */
@inline
function turnOf(left: i32): i32 {
  return min<i32>(left, scanLevels <= 31 ? 8192 : 1024);
}

/** Two candidates in one pass. */
@inline
function pairOf(first: f64, second: f64, shift: i32): void {
  const a = multiplierOf(first, shift);
  const b = multiplierOf(second, shift);
  const m0 = i16x8.splat(<i16>a);
  const m1 = i16x8.splat(<i16>b);
  const cap0 = i16x8.splat(<i16>capOf(a, shift));
  const cap1 = i16x8.splat(<i16>capOf(b, shift));
  const half = i16x8.splat(<i16>(<i32>1 << (shift - 1)));
  let cross0: u64 = 0;
  let square0: u64 = 0;
  let cross1: u64 = 0;
  let square1: u64 = 0;
  let data = scanData;
  for (let left = scanCount; left > 0; ) {
    const count = turnOf(left);
    left -= count;
    let c0 = i32x4.splat(0);
    let q0 = c0;
    let c1 = c0;
    let q1 = c0;
    for (const end = data + ((<usize>count) << 1); data < end; data += 32) {
      const x = v128.load(data);
      const y = v128.load(data, 16);
      const x0 = codesOf(x, m0, cap0, half, shift);
      const y0 = codesOf(y, m0, cap0, half, shift);
      const x1 = codesOf(x, m1, cap1, half, shift);
      const y1 = codesOf(y, m1, cap1, half, shift);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, x0));
      q0 = i32x4.add(q0, i32x4.dot_i16x8_s(x0, x0));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, x1));
      q1 = i32x4.add(q1, i32x4.dot_i16x8_s(x1, x1));
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(y, y0));
      q0 = i32x4.add(q0, i32x4.dot_i16x8_s(y0, y0));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(y, y1));
      q1 = i32x4.add(q1, i32x4.dot_i16x8_s(y1, y1));
    }
    cross0 += wide(c0);
    square0 += wide(q0);
    cross1 += wide(c1);
    square1 += wide(q1);
  }
  rank(cross0, square0, first);
  rank(cross1, square1, second);
}

@inline
function oneOf(ratio: f64, shift: i32): void {
  const a = multiplierOf(ratio, shift);
  const m = i16x8.splat(<i16>a);
  const cap = i16x8.splat(<i16>capOf(a, shift));
  const half = i16x8.splat(<i16>(<i32>1 << (shift - 1)));
  let cross: u64 = 0;
  let square: u64 = 0;
  let data = scanData;
  for (let left = scanCount; left > 0; ) {
    const count = turnOf(left);
    left -= count;
    let c0 = i32x4.splat(0);
    let q0 = c0;
    let c1 = c0;
    let q1 = c0;
    for (const end = data + ((<usize>count) << 1); data < end; data += 32) {
      const x = v128.load(data);
      const y = v128.load(data, 16);
      const x0 = codesOf(x, m, cap, half, shift);
      const y0 = codesOf(y, m, cap, half, shift);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, x0));
      q0 = i32x4.add(q0, i32x4.dot_i16x8_s(x0, x0));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(y, y0));
      q1 = i32x4.add(q1, i32x4.dot_i16x8_s(y0, y0));
    }
    cross += wide(c0) + wide(c1);
    square += wide(q0) + wide(q1);
  }
  rank(cross, square, ratio);
}

/** Keeps a candidate that takes more off the sum of squares than any before. */
@inline
function rank(cross: u64, square: u64, ratio: f64): void {
  const step = square == 0 ? 0 : <f64>cross / <f64>square;
  const gain = <f64>cross * step;
  if (gain > bestGain) {
    bestGain = gain;
    bestStep = step;
    bestRatio = ratio;
  }
}

/** Sum of four unsigned 32-bit lanes. */
@inline
function wide(v: v128): u64 {
  const t = i64x2.add(i64x2.extend_low_i32x4_u(v), i64x2.extend_high_i32x4_u(v));
  return <u64>i64x2.extract_lane(t, 0) + <u64>i64x2.extract_lane(t, 1);
}
