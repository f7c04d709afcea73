// Integer number formats: group maxima, two-level scales, codes and back, for rows cut into vectors.
// A tensor part is rows x reduction x inner, contiguous; a group is `width` steps of the reduction axis at one inner index.
// Must equal src/format/{scales,codec}.ts bit for bit. Does not check its input: the caller hands sizes that fit.

import { MAGIC } from './_lanes';
import { horizontalMax, maxima } from './_maxima';

export { decodeTwoLevel, dequantize, effectiveScales } from './_decode';
export { maxima } from './_maxima';

/**
 * Two-level scales of `groups` groups under one coarse scale: vs-quant.md eq 7b, 7e-7g. `given` < 0: the coarse scale is
 * chosen. Writes codes (u8, or u16 when wide), effective scales and divisors (the exact scales in the paper's order).
 * The outputs need room for 3 more groups. Returns the coarse scale.
 */
export function twoLevel(
  clips: usize,
  groups: u32,
  qmax: f32,
  top: f32,
  given: f32,
  paper: bool,
  wide: bool,
  codes: usize,
  effective: usize,
  divisors: usize,
): f32 {
  let coarse = given;
  if (given < 0) {
    let largest: i32 = 0;
    let g: u32 = 0;
    let m = i32x4.splat(0);
    for (; g + 4 <= groups; g += 4) m = i32x4.max_s(m, v128.load(clips + (g << 2)));
    for (; g < groups; g++) largest = max(largest, load<i32>(clips + (g << 2)));
    largest = max(largest, horizontalMax(m));
    coarse = reinterpret<f32>(largest) / qmax / top;
  }
  const q = f32x4.splat(qmax);
  const limit = f32x4.splat(top);
  const gamma = f32x4.splat(coarse);
  // a coarse scale of 0 makes every code 0: divide by infinity instead
  const divide = f32x4.splat(coarse > 0 ? coarse : Infinity);
  for (let g: u32 = 0; g < groups; g += 4) {
    const exact = f32x4.div(v128.load(clips + (g << 2)), q);
    const code = f32x4.pmin(f32x4.nearest(f32x4.div(exact, divide)), limit);
    const value = f32x4.mul(code, gamma);
    v128.store(effective + (g << 2), value);
    v128.store(divisors + (g << 2), paper ? exact : value);
    const integer = i32x4.trunc_sat_f32x4_s(code);
    const half = i16x8.narrow_i32x4_u(integer, integer);
    if (wide) v128.store64_lane(codes + (g << 1), half, 0);
    else v128.store32_lane(codes + g, i8x16.narrow_i16x8_u(half, half), 0);
  }
  return coarse;
}

@inline
function codesOf(x: v128, s: v128, low: v128, high: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(f32x4.div(x, s), high), low);
  return v128.and(f32x4.add(y, f32x4.splat(MAGIC)), i32x4.splat(255));
}

@inline
function codeOf(x: f32, s: f32, low: f32, high: f32): u8 {
  return <u8>(reinterpret<i32>(max<f32>(min<f32>(x / s, high), low) + MAGIC) & 255);
}

@inline
function usable(s: f32): f32 {
  return s > 0 ? s : Infinity;
}

/** One code a byte (two's complement): saturate(round(x / divisor of its group)); a divisor of 0 gives code 0. */
export function quantize(
  src: usize,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  divisors: usize,
  low: f32,
  high: f32,
  dst: usize,
): void {
  if (inner == 1) quantizeContiguous(src, rows, reduction, width, divisors, low, high, dst);
  else quantizeStrided(src, rows, reduction, inner, width, divisors, low, high, dst);
}

function quantizeContiguous(
  src: usize,
  rows: u32,
  reduction: u32,
  width: u32,
  divisors: usize,
  low: f32,
  high: f32,
  dst: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      let n = min(width, left);
      left -= n;
      const divisor = usable(load<f32>(divisors));
      divisors += 4;
      const s = f32x4.splat(divisor);
      while (n >= 16) {
        const a = codesOf(v128.load(src), s, lows, highs);
        const b = codesOf(v128.load(src, 16), s, lows, highs);
        const c = codesOf(v128.load(src, 32), s, lows, highs);
        const d = codesOf(v128.load(src, 48), s, lows, highs);
        v128.store(
          dst,
          i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(a, b), i16x8.narrow_i32x4_u(c, d)),
        );
        src += 64;
        dst += 16;
        n -= 16;
      }
      while (n >= 4) {
        const a = codesOf(v128.load(src), s, lows, highs);
        const b = i16x8.narrow_i32x4_u(a, a);
        v128.store32_lane(dst, i8x16.narrow_i16x8_u(b, b), 0);
        src += 16;
        dst += 4;
        n -= 4;
      }
      while (n > 0) {
        store<u8>(dst, codeOf(load<f32>(src), divisor, low, high));
        src += 4;
        dst += 1;
        n--;
      }
    }
  }
}

function quantizeStrided(
  src: usize,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  divisors: usize,
  low: f32,
  high: f32,
  dst: usize,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const zero = f32x4.splat(0);
  const infinite = f32x4.splat(Infinity);
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      const n = min(width, left);
      left -= n;
      for (let j: u32 = 0; j < n; j++) {
        let i: u32 = 0;
        for (; i + 4 <= inner; i += 4) {
          const given = v128.load(divisors + ((<usize>i) << 2));
          const s = v128.bitselect(given, infinite, f32x4.gt(given, zero));
          const a = codesOf(v128.load(src), s, lows, highs);
          const b = i16x8.narrow_i32x4_u(a, a);
          v128.store32_lane(dst, i8x16.narrow_i16x8_u(b, b), 0);
          src += 16;
          dst += 4;
        }
        for (; i < inner; i++) {
          const divisor = usable(load<f32>(divisors + ((<usize>i) << 2)));
          store<u8>(dst, codeOf(load<f32>(src), divisor, low, high));
          src += 4;
          dst += 1;
        }
      }
      divisors += (<usize>inner) << 2;
    }
  }
}

/**
 * max scaling, two levels, codes: channel after channel, each `rows` rows whose values stay in cache from the maxima to the
 * codes. `given`: address of one coarse scale a channel, or 0. Writes the coarse scales there or at `coarse`.
 * Returns as `maxima`. `clips`, `effective` and `divisors` are scratch for the groups of one channel (+ 3).
 */
export function encodeTwoLevel(
  src: usize,
  channels: u32,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  mask: i32,
  low: f32,
  high: f32,
  top: f32,
  given: usize,
  paper: bool,
  wide: bool,
  coarse: usize,
  scaleCodes: usize,
  dst: usize,
  clips: usize,
  effective: usize,
  divisors: usize,
): i32 {
  const blocks = (reduction + width - 1) / width;
  const groups = rows * blocks * inner;
  const count = rows * reduction * inner;
  let all: i32 = 0;
  for (let c: u32 = 0; c < channels; c++) {
    all = max(all, maxima(src, rows, reduction, inner, width, mask, clips));
    const fixed: f32 = given != 0 ? load<f32>(given + (c << 2)) : -1;
    const gamma = twoLevel(clips, groups, high, top, fixed, paper, wide, scaleCodes, effective, divisors);
    store<f32>(coarse + (c << 2), gamma);
    quantize(src, rows, reduction, inner, width, divisors, low, high, dst);
    src += (<usize>count) << 2;
    dst += count;
    scaleCodes += wide ? (<usize>groups) << 1 : groups;
  }
  return all;
}

/** Packs 4-bit codes two a byte, low nibble first. Reads and writes up to 15 bytes past the end. */
export function pack(src: usize, count: u32, dst: usize): void {
  const low = i16x8.splat(15);
  const high = i16x8.splat(240);
  for (let k: u32 = 0; k < count; k += 16) {
    const v = v128.load(src + k);
    const pairs = v128.or(v128.and(v, low), v128.and(i16x8.shr_u(v, 4), high));
    v128.store64_lane(dst + (k >> 1), i8x16.narrow_i16x8_u(pairs, pairs), 0);
  }
  // an odd count leaves the last high nibble 0
  if (count & 1) store<u8>(dst + (count >> 1), load<u8>(dst + (count >> 1)) & 15);
}

/** Unpacks 4-bit codes, signed ones extended. Reads and writes up to 15 bytes past the end. */
export function unpack(src: usize, count: u32, signed: bool, dst: usize): void {
  const low = i8x16.splat(15);
  const bias = i8x16.splat(signed ? 8 : 0);
  for (let k: u32 = 0; k < count; k += 16) {
    const v = v128.load64_zero(src + (k >> 1));
    const even = v128.and(v, low);
    const odd = i8x16.shr_u(v, 4);
    const both = i8x16.shuffle(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    v128.store(dst + k, i8x16.sub(v128.xor(both, bias), bias));
  }
}
