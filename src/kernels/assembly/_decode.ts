// Decoding of integer number formats: codes times the scales of their groups. Equal to src/format/codec.ts bit for bit; a tensor
// part is cut as format.ts says.

/** value = code * scale of its group, one float32 product. Codes one a byte, signed or unsigned. */
export function dequantize(
  src: usize,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  scales: usize,
  signed: bool,
  dst: usize,
): void {
  if (inner == 1) {
    if (signed) dequantizeContiguous(src, rows, reduction, width, scales, true, dst);
    else dequantizeContiguous(src, rows, reduction, width, scales, false, dst);
  } else dequantizeStrided(src, rows, reduction, inner, width, scales, signed, dst);
}

@inline
function four(src: usize, signed: bool): v128 {
  const bytes = v128.load32_zero(src);
  return signed
    ? f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes)))
    : f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)));
}

@inline
function dequantizeContiguous(
  src: usize,
  rows: u32,
  reduction: u32,
  width: u32,
  scales: usize,
  signed: bool,
  dst: usize,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      let n = min(width, left);
      left -= n;
      const scale = load<f32>(scales);
      scales += 4;
      const s = f32x4.splat(scale);
      while (n >= 16) {
        const bytes = v128.load(src);
        const lower = signed ? i16x8.extend_low_i8x16_s(bytes) : i16x8.extend_low_i8x16_u(bytes);
        const upper = signed ? i16x8.extend_high_i8x16_s(bytes) : i16x8.extend_high_i8x16_u(bytes);
        v128.store(dst, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(lower)), s));
        v128.store(dst, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(lower)), s), 16);
        v128.store(dst, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(upper)), s), 32);
        v128.store(dst, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(upper)), s), 48);
        src += 16;
        dst += 64;
        n -= 16;
      }
      while (n >= 4) {
        v128.store(dst, f32x4.mul(four(src, signed), s));
        src += 4;
        dst += 16;
        n -= 4;
      }
      while (n > 0) {
        store<f32>(dst, (signed ? <f32>load<i8>(src) : <f32>load<u8>(src)) * scale);
        src += 1;
        dst += 4;
        n--;
      }
    }
  }
}

function dequantizeStrided(
  src: usize,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  scales: usize,
  signed: bool,
  dst: usize,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      const n = min(width, left);
      left -= n;
      for (let j: u32 = 0; j < n; j++) {
        let i: u32 = 0;
        for (; i + 4 <= inner; i += 4) {
          const s = v128.load(scales + ((<usize>i) << 2));
          v128.store(dst, f32x4.mul(signed ? four(src, true) : four(src, false), s));
          src += 4;
          dst += 16;
        }
        for (; i < inner; i++) {
          const s = load<f32>(scales + ((<usize>i) << 2));
          store<f32>(dst, (signed ? <f32>load<i8>(src) : <f32>load<u8>(src)) * s);
          src += 1;
          dst += 4;
        }
      }
      scales += (<usize>inner) << 2;
    }
  }
}

/** Effective scales of `groups` groups under one coarse scale: code * coarse. Room for 3 more groups. */
export function effectiveScales(codes: usize, groups: u32, coarse: f32, wide: bool, out: usize): void {
  const gamma = f32x4.splat(coarse);
  for (let g: u32 = 0; g < groups; g += 4) {
    const integer = wide
      ? i32x4.extend_low_i16x8_u(v128.load64_zero(codes + (g << 1)))
      : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(codes + g)));
    v128.store(out + (g << 2), f32x4.mul(f32x4.convert_i32x4_s(integer), gamma));
  }
}

/** Decodes channels as `encodeTwoLevel` encodes them; `scales` is scratch for the groups of one channel (+ 3). */
export function decodeTwoLevel(
  src: usize,
  channels: u32,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  signed: bool,
  wide: bool,
  coarse: usize,
  scaleCodes: usize,
  dst: usize,
  scales: usize,
): void {
  const blocks = (reduction + width - 1) / width;
  const groups = rows * blocks * inner;
  const count = rows * reduction * inner;
  for (let c: u32 = 0; c < channels; c++) {
    effectiveScales(scaleCodes, groups, load<f32>(coarse + (c << 2)), wide, scales);
    dequantize(src, rows, reduction, inner, width, scales, signed, dst);
    src += count;
    dst += (<usize>count) << 2;
    scaleCodes += wide ? (<usize>groups) << 1 : groups;
  }
}
