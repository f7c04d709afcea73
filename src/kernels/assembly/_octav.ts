// OCTAV's recursion over one set of values, equal to src/format/octav.ts bit for bit. Finite values only.

import { BLOCK, fold, padded } from './_lanes';

/** Of the last set whose magnitudes were written: its values above zero and the largest. */
export let nonZero: u32 = 0;
export let largest: f32 = 0;

@inline
function laneTotal(v: v128): u32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/** Writes the magnitudes of `count` values, padded with zeros, to dst; returns their sum, leaves nonZero and largest. */
export function magnitudes(src: usize, count: u32, signed: bool, dst: usize): f64 {
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
export function recursion(
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
