// The search of src/format/scan.ts over one set of padded magnitudes, equal to it bit for bit: integers of 12 bits, exact sums.

const MAGIC: f32 = 12582912.0;

let bestError: f64 = 0;
let bestAt: i32 = 0;
let secondError: f64 = 0;
let secondAt: i32 = 0;
/** The padded integer magnitudes being scanned, those a candidate may clip, and how many there are of both. */
let scanData: usize = 0;
let scanCount: i32 = 0;
let tailData: usize = 0;
let tailCount: i32 = 0;
let scanLevels: i32 = 0;
let largest: f32 = 0;
let leastRemains: f64 = 0;
let fitted: f32 = 0;

/** scan.ts: the clip of nearly the least error, or 0 where integers do not resolve it. `room` takes 2 n + 64 int16. */
export function scanned(data: usize, n: u32, s: f32, max: f32, levels: i32, room: usize): f32 {
  largest = max;
  if (!(levels <= 31 && largest <= 4 * s && <f64>largest > 1e-30)) return 0;
  const top = min(4095, 585 * levels);
  integers(data, n, <f32>(<f64>top / <f64>largest), room);
  scanData = room;
  scanCount = (n + 15) & ~15;
  tailData = room + ((<usize>scanCount) << 1);
  scanLevels = levels;
  bestError = Infinity;
  secondError = Infinity;
  const factor = levels > 7 ? 2 : 1;
  const twice = n <= 512;
  if (n <= 128) tryRange(top, s, 40 * factor, 0.6, 1.3, 1.3);
  else if (twice) tryRange(top, s, 28 * factor, 0.6, 1.3, 1.3);
  else if (n <= 1024) tryRange(top, s, 10 * factor, 0.8, 1.15, 2);
  else if (n <= 4096) tryRange(top, s, 6 * factor, 0.85, 1.1, 2);
  else tryRange(top, s, 10 * factor, 0.8, 1.2, 2);
  if (bestError < 4 * <f64>n) return 0;
  leastRemains = Infinity;
  fitted = 0;
  refit(top, bestAt, bestError);
  if (twice && secondError != Infinity) refit(top, secondAt, secondError);
  return fitted;
}

/** Padded magnitudes as int16. */
function integers(data: usize, n: u32, unit: f32, to: usize): void {
  const scale = f32x4.splat(unit);
  const magic = f32x4.splat(MAGIC);
  const end = data + ((<usize>((n + 15) & ~15)) << 2);
  for (; data < end; data += 64) {
    // the low bits of a magic sum are the rounded integer
    const a = f32x4.add(f32x4.mul(v128.load(data), scale), magic);
    const b = f32x4.add(f32x4.mul(v128.load(data, 16), scale), magic);
    const c = f32x4.add(f32x4.mul(v128.load(data, 32), scale), magic);
    const d = f32x4.add(f32x4.mul(v128.load(data, 48), scale), magic);
    v128.store(to, v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
    v128.store(to, v128.shuffle<i16>(c, d, 0, 2, 4, 6, 8, 10, 12, 14), 16);
    to += 32;
  }
}

/** Shuffles that bring the 16-bit lanes of an eight-bit mask to the front; made at the first use. */
const PACK16: usize = memory.data(4096, 16);
let packReady = false;

function makePack(): void {
  for (let mask: usize = 0; mask < 256; mask++) {
    let at = PACK16 + (mask << 4);
    memory.fill(at, 255, 16);
    for (let lane: usize = 0; lane < 8; lane++) {
      if (((mask >> lane) & 1) == 0) continue;
      store<u8>(at, <u8>(lane << 1));
      store<u8>(at, <u8>((lane << 1) + 1), 1);
      at += 2;
    }
  }
  packReady = true;
}

/**
 * Gathers the integers above `limit`, with zeros after them, at tailData.
 * Exported by clip.ts only to stay a function of its own: inlined into its caller it doubles the time of a scan.
 */
export function gatherTail(limit: i32): void {
  if (!packReady) makePack();
  const bound = i16x8.splat(<i16>limit);
  let to = tailData;
  const end = scanData + ((<usize>scanCount) << 1);
  for (let at = scanData; at < end; at += 16) {
    const a = v128.load(at);
    const bits = i16x8.bitmask(i16x8.gt_s(a, bound));
    if (bits == 0) continue;
    v128.store(to, i8x16.swizzle(a, v128.load(PACK16 + (bits << 4))));
    to += popcnt<usize>(<usize>bits) << 1;
  }
  memory.fill(to, 0, 16);
  tailCount = <i32>((to - tailData + 15) >> 4) << 3;
}

@inline
function multiplierOf(clip: f64, top: i32): i32 {
  return <i32>Math.floor((<f64>(32768 * scanLevels) * <f64>largest) / (clip * <f64>top) + 0.5);
}

@inline
function limitOf(multiplier: i32): i32 {
  return <i32>Math.floor((<f64>scanLevels + 0.5) * (32768.0 / <f64>multiplier));
}

function tryRange(top: i32, s: f32, count: i32, low: f64, high: f64, far: f64): void {
  const max = <f64>largest;
  const from = low * <f64>s;
  const end = min<f64>(high * <f64>s, 1.05 * max);
  // no candidate clips more than the lowest, whose multiplier is the largest
  gatherTail(limitOf(multiplierOf(from, top)));
  for (let i = 0; i < count; i += 2) {
    tryPair(
      multiplierOf(from + ((end - from) * <f64>i) / <f64>(count - 1), top),
      multiplierOf(from + ((end - from) * <f64>(i + 1)) / <f64>(count - 1), top),
    );
  }
  if (max > far * <f64>s) {
    const half = Math.sqrt(max / end);
    const quarter = Math.sqrt(half);
    tryPair(multiplierOf(end * quarter, top), multiplierOf(end * half, top));
    tryPair(multiplierOf(end * half * quarter, top), multiplierOf(max, top));
  }
}

/** Rounding errors of eight integers: the low half of 2 m x, in 2^-12 steps. */
@inline
function fraction(x: v128, twice: v128): v128 {
  return i16x8.shr_s(i16x8.mul(x, twice), 4);
}

/** Squared errors of two candidates in one pass. */
function tryPair(first: i32, second: i32): void {
  const m0 = i16x8.splat(<i16>(first << 1));
  const m1 = i16x8.splat(<i16>(second << 1));
  let total0: u64 = 0;
  let total1: u64 = 0;
  let left = scanCount;
  let data = scanData;
  while (left > 0) {
    // 128 additions of at most 2^23 stay below 2^31
    const count = min<i32>(left, 2048);
    left -= count;
    let a0 = i32x4.splat(0);
    let b0 = a0;
    let a1 = a0;
    let b1 = a0;
    for (let k: i32 = 0; k < count; k += 16) {
      const x = v128.load(data);
      const y = v128.load(data, 16);
      const x0 = fraction(x, m0);
      const y0 = fraction(y, m0);
      const x1 = fraction(x, m1);
      const y1 = fraction(y, m1);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x0, x0));
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(y0, y0));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x1, x1));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(y1, y1));
      data += 32;
    }
    total0 += wide(i32x4.add(a0, b0));
    total1 += wide(i32x4.add(a1, b1));
  }
  finish(first, total0);
  finish(second, total1);
}

/** Takes the clipped integers out of a candidate's rounding error, adds their clipping error, and ranks the candidate. */
function finish(multiplier: i32, rounding: u64): void {
  const step = 32768.0 / <f64>multiplier;
  const twice = i16x8.splat(<i16>(multiplier << 1));
  const limit = i16x8.splat(<i16>limitOf(multiplier));
  const reach = i16x8.splat(<i16>(<i32>Math.floor(<f64>scanLevels * step + 0.5)));
  let clipping: u64 = 0;
  let left = tailCount;
  let data = tailData;
  while (left > 0) {
    // 64 additions of at most 2 x 4095^2 stay below 2^31
    const count = min<i32>(left, 512);
    left -= count;
    let c = i32x4.splat(0);
    let w = c;
    for (let k: i32 = 0; k < count; k += 8) {
      const x = v128.load(data);
      const over = i16x8.gt_s(x, limit);
      const d = v128.and(i16x8.sub(x, reach), over);
      const f = v128.and(fraction(x, twice), over);
      c = i32x4.add(c, i32x4.dot_i16x8_s(d, d));
      w = i32x4.add(w, i32x4.dot_i16x8_s(f, f));
      data += 16;
    }
    clipping += wide(c);
    rounding -= wide(w);
  }
  rank(<f64>rounding * (step / 4096) * (step / 4096) + <f64>clipping, multiplier);
}

/** Sum of four non-negative 32-bit lanes. */
@inline
function wide(v: v128): u64 {
  const t = i64x2.add(i64x2.extend_low_i32x4_u(v), i64x2.extend_high_i32x4_u(v));
  return <u64>i64x2.extract_lane(t, 0) + <u64>i64x2.extract_lane(t, 1);
}

function rank(error: f64, multiplier: i32): void {
  if (error < bestError) {
    secondError = bestError;
    secondAt = bestAt;
    bestError = error;
    bestAt = multiplier;
  } else if (error < secondError) {
    secondError = error;
    secondAt = multiplier;
  }
}

/** The least-squares step for the codes of one candidate, kept when it leaves less error than any before. */
function refit(top: i32, multiplier: i32, error: f64): void {
  const limit = i16x8.splat(<i16>scanLevels);
  const m = i16x8.splat(<i16>multiplier);
  let cross: u64 = 0;
  let square: u64 = 0;
  let left = scanCount;
  let data = scanData;
  while (left > 0) {
    const count = min<i32>(left, 4096);
    left -= count;
    let c0 = i32x4.splat(0);
    let q0 = c0;
    let c1 = c0;
    let q1 = c0;
    for (let k: i32 = 0; k < count; k += 16) {
      const x = v128.load(data);
      const y = v128.load(data, 16);
      const u = i16x8.min_s(i16x8.q15mulr_sat_s(x, m), limit);
      const v = i16x8.min_s(i16x8.q15mulr_sat_s(y, m), limit);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, u));
      q0 = i32x4.add(q0, i32x4.dot_i16x8_s(u, u));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(y, v));
      q1 = i32x4.add(q1, i32x4.dot_i16x8_s(v, v));
      data += 32;
    }
    cross += wide(i32x4.add(c0, c1));
    square += wide(i32x4.add(q0, q1));
  }
  if (square == 0) return;
  const step = <f64>cross / <f64>square;
  const shift = step - 32768.0 / <f64>multiplier;
  const remains = error - shift * shift * <f64>square;
  if (remains >= leastRemains) return;
  leastRemains = remains;
  fitted = <f32>((step * <f64>scanLevels * <f64>largest) / <f64>top);
}
