// asc: --initialMemory 2
// Second moments of a layer's inputs: G += A^T B over panels of positions, and the im2col that packs a panel.
// A panel holds `rows` positions; features lie in groups of 8: panel[group][position][8], zero padded past the last.
// Plain reference: in src/quantize/gram.test.ts (bit equal: sums run over positions in order, one fp32 accumulator each).

/** First free byte of the memory. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * G[i][j] += sum over p of A[p][i] * B[p][j]; G row-major, `groups * 8` columns.
 * With `upper` only 8x8 blocks on and above the diagonal are touched.
 */
export function accumulate(a: usize, b: usize, rows: i32, groups: i32, g: usize, upper: bool): void {
  const stride = <usize>rows * 32;
  const width = <usize>groups * 8;
  for (let gi = 0; gi < groups; gi++) {
    const pa0 = a + <usize>gi * stride;
    for (let gj = upper ? gi : 0; gj < groups; gj++) {
      const pb0 = b + <usize>gj * stride;
      for (let half = 0; half < 2; half++) {
        let c00 = f32x4.splat(0);
        let c01 = c00;
        let c10 = c00;
        let c11 = c00;
        let c20 = c00;
        let c21 = c00;
        let c30 = c00;
        let c31 = c00;
        let pa = pa0 + <usize>half * 16;
        let pb = pb0;
        for (let p = 0; p < rows; p++) {
          const b0 = v128.load(pb);
          const b1 = v128.load(pb, 16);
          let x = v128.load_splat<f32>(pa);
          c00 = f32x4.add(c00, f32x4.mul(x, b0));
          c01 = f32x4.add(c01, f32x4.mul(x, b1));
          x = v128.load_splat<f32>(pa, 4);
          c10 = f32x4.add(c10, f32x4.mul(x, b0));
          c11 = f32x4.add(c11, f32x4.mul(x, b1));
          x = v128.load_splat<f32>(pa, 8);
          c20 = f32x4.add(c20, f32x4.mul(x, b0));
          c21 = f32x4.add(c21, f32x4.mul(x, b1));
          x = v128.load_splat<f32>(pa, 12);
          c30 = f32x4.add(c30, f32x4.mul(x, b0));
          c31 = f32x4.add(c31, f32x4.mul(x, b1));
          pa += 32;
          pb += 32;
        }
        let out = g + ((<usize>gi * 8 + <usize>half * 4) * width + <usize>gj * 8) * 4;
        v128.store(out, f32x4.add(v128.load(out), c00));
        v128.store(out, f32x4.add(v128.load(out, 16), c01), 16);
        out += width * 4;
        v128.store(out, f32x4.add(v128.load(out), c10));
        v128.store(out, f32x4.add(v128.load(out, 16), c11), 16);
        out += width * 4;
        v128.store(out, f32x4.add(v128.load(out), c20));
        v128.store(out, f32x4.add(v128.load(out, 16), c21), 16);
        out += width * 4;
        v128.store(out, f32x4.add(v128.load(out), c30));
        v128.store(out, f32x4.add(v128.load(out, 16), c31), 16);
      }
    }
  }
}

/**
 * Packs positions of one sample [channels][height][width] (channels from `channel0`) as a panel.
 * Feature of (r, s, c) is (r * kernelW + s) * channels + c; outside the image is 0. What is packed is x - shift[c].
 * @param positions i32 pairs (top, left) of the window, `rows` of them
 * @param shift f32 per channel, so that second moments do not drown in a large mean
 * @param sums f32 per feature, increased by the column sums (one addition a position, in order)
 */
export function pack(
  x: usize,
  channels: i32,
  height: i32,
  width: i32,
  kernelH: i32,
  kernelW: i32,
  dilationH: i32,
  dilationW: i32,
  positions: usize,
  rows: i32,
  shift: usize,
  panel: usize,
  sums: usize,
): void {
  const stride = <usize>rows * 32;
  const plane = <usize>height * <usize>width * 4;
  let f = 0;
  for (let r = 0; r < kernelH; r++) {
    for (let s = 0; s < kernelW; s++) {
      for (let c = 0; c < channels; c++, f++) {
        let out = panel + <usize>(f >> 3) * stride + <usize>(f & 7) * 4;
        const source = x + <usize>c * plane;
        const origin = load<f32>(shift + <usize>c * 4);
        let sum = load<f32>(sums + <usize>f * 4);
        for (let p = 0; p < rows; p++) {
          const y = load<i32>(positions + <usize>p * 8) + r * dilationH;
          const z = load<i32>(positions + <usize>p * 8, 4) + s * dilationW;
          let value: f32 = 0;
          if (y >= 0 && y < height && z >= 0 && z < width) {
            value = load<f32>(source + (<usize>y * <usize>width + <usize>z) * 4);
          }
          value -= origin;
          store<f32>(out, value);
          sum += value;
          out += 32;
        }
        store<f32>(sums + <usize>f * 4, sum);
      }
    }
  }
  for (; (f & 7) != 0; f++) {
    let out = panel + <usize>(f >> 3) * stride + <usize>(f & 7) * 4;
    for (let p = 0; p < rows; p++) {
      store<f32>(out, 0);
      out += 32;
    }
  }
}

/** Packs rows of a matrix [rows][features] as a panel; `shift` (one per feature) and `sums` as in `pack`. */
export function packRows(x: usize, features: i32, rows: i32, shift: usize, panel: usize, sums: usize): void {
  const stride = <usize>rows * 32;
  const padded = (features + 7) & ~7;
  for (let f = 0; f < padded; f++) {
    let out = panel + <usize>(f >> 3) * stride + <usize>(f & 7) * 4;
    if (f >= features) {
      for (let p = 0; p < rows; p++) {
        store<f32>(out, 0);
        out += 32;
      }
      continue;
    }
    let source = x + <usize>f * 4;
    const origin = load<f32>(shift + <usize>f * 4);
    let sum = load<f32>(sums + <usize>f * 4);
    for (let p = 0; p < rows; p++) {
      const value = load<f32>(source) - origin;
      store<f32>(out, value);
      sum += value;
      out += 32;
      source += <usize>features * 4;
    }
    store<f32>(sums + <usize>f * 4, sum);
  }
}
