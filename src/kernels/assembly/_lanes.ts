// What the clipping kernels share: the order of sums of src/format/lanes.ts and the padding of runs to whole registers.

/** 1.5 * 2^23: adding it to |y| < 2^22 leaves the integer nearest to y, ties to even, in the low mantissa bits. */
export const MAGIC: f32 = 12582912.0;
/** Elements of a summation block (lanes.ts). */
export const BLOCK: u32 = 4096;

/** Total of four accumulators of a block. */
@inline
export function fold(a: v128, b: v128, c: v128, d: v128): f64 {
  const t = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return (
    <f64>f32x4.extract_lane(t, 0) +
    <f64>f32x4.extract_lane(t, 1) +
    (<f64>f32x4.extract_lane(t, 2) + <f64>f32x4.extract_lane(t, 3))
  );
}

/** Copies `count` values and zeros up to a multiple of 16 after them. */
export function padded(src: usize, count: u32, dst: usize): void {
  memory.copy(dst, src, (<usize>count) << 2);
  memory.fill(dst + ((<usize>count) << 2), 0, ((16 - (count & 15)) & 15) << 2);
}
