// Largest magnitudes of the groups of a tensor part, as format.ts cuts it. Tells values that are not finite.

const ABS: i32 = 0x7fffffff;

/** Largest of four lanes. */
@inline
export function horizontalMax(v: v128): i32 {
  const a = i32x4.max_s(v, i32x4.shuffle(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(i32x4.max_s(a, i32x4.shuffle(a, a, 1, 0, 3, 2)), 0);
}

/**
 * Largest magnitude of each group as float32 at `out`: of |x| (mask 0x7fffffff) or of max(x, 0) (mask -1).
 * Returns the largest bit pattern of any |x|: 0x7f800000 or more tells that some value is not finite.
 */
export function maxima(
  src: usize,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  mask: i32,
  out: usize,
): i32 {
  return inner == 1
    ? maximaContiguous(src, rows, reduction, width, mask, out)
    : maximaStrided(src, rows, reduction, inner, width, mask, out);
}

function maximaContiguous(src: usize, rows: u32, reduction: u32, width: u32, mask: i32, out: usize): i32 {
  const masks = i32x4.splat(mask);
  const magnitudes = i32x4.splat(ABS);
  const zero = i32x4.splat(0);
  let all = zero;
  let allScalar: i32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    if (width == 16) {
      while (left >= 64) {
        let m0 = zero;
        let m1 = zero;
        let m2 = zero;
        let m3 = zero;
        for (let k: usize = 0; k < 64; k += 16) {
          const a = v128.load(src + k);
          const b = v128.load(src + k, 64);
          const c = v128.load(src + k, 128);
          const d = v128.load(src + k, 192);
          m0 = i32x4.max_s(m0, v128.and(a, masks));
          m1 = i32x4.max_s(m1, v128.and(b, masks));
          m2 = i32x4.max_s(m2, v128.and(c, masks));
          m3 = i32x4.max_s(m3, v128.and(d, masks));
          if (mask != ABS) {
            all = i32x4.max_s(all, v128.and(a, magnitudes));
            all = i32x4.max_s(all, v128.and(b, magnitudes));
            all = i32x4.max_s(all, v128.and(c, magnitudes));
            all = i32x4.max_s(all, v128.and(d, magnitudes));
          }
        }
        const p = i32x4.max_s(i32x4.shuffle(m0, m1, 0, 4, 1, 5), i32x4.shuffle(m0, m1, 2, 6, 3, 7));
        const q = i32x4.max_s(i32x4.shuffle(m2, m3, 0, 4, 1, 5), i32x4.shuffle(m2, m3, 2, 6, 3, 7));
        const m = i32x4.max_s(i32x4.shuffle(p, q, 0, 1, 4, 5), i32x4.shuffle(p, q, 2, 3, 6, 7));
        v128.store(out, m);
        all = i32x4.max_s(all, m);
        src += 256;
        out += 16;
        left -= 64;
      }
    }
    while (left > 0) {
      let n = min(width, left);
      left -= n;
      let m0 = zero;
      let m1 = zero;
      while (n >= 8) {
        const a = v128.load(src);
        const b = v128.load(src, 16);
        m0 = i32x4.max_s(m0, v128.and(a, masks));
        m1 = i32x4.max_s(m1, v128.and(b, masks));
        if (mask != ABS)
          all = i32x4.max_s(all, i32x4.max_s(v128.and(a, magnitudes), v128.and(b, magnitudes)));
        src += 32;
        n -= 8;
      }
      m0 = i32x4.max_s(m0, m1);
      all = i32x4.max_s(all, m0);
      let m = horizontalMax(m0);
      while (n > 0) {
        const bits = load<i32>(src);
        m = max(m, bits & mask);
        allScalar = max(allScalar, bits & ABS);
        src += 4;
        n--;
      }
      store<i32>(out, m);
      out += 4;
    }
  }
  return max(allScalar, horizontalMax(all));
}

/** Lanes are neighbouring inner indices, so no lane is ever reduced across. */
function maximaStrided(
  src: usize,
  rows: u32,
  reduction: u32,
  inner: u32,
  width: u32,
  mask: i32,
  out: usize,
): i32 {
  const masks = i32x4.splat(mask);
  const magnitudes = i32x4.splat(ABS);
  let all = i32x4.splat(0);
  let allScalar: i32 = 0;
  const stride = (<usize>inner) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    let left = reduction;
    while (left > 0) {
      const n = min(width, left);
      left -= n;
      let i: u32 = 0;
      for (; i + 4 <= inner; i += 4) {
        let m = i32x4.splat(0);
        let p = src + ((<usize>i) << 2);
        for (let j: u32 = 0; j < n; j++, p += stride) {
          const a = v128.load(p);
          m = i32x4.max_s(m, v128.and(a, masks));
          if (mask != ABS) all = i32x4.max_s(all, v128.and(a, magnitudes));
        }
        all = i32x4.max_s(all, m);
        v128.store(out, m);
        out += 16;
      }
      for (; i < inner; i++) {
        let m: i32 = 0;
        let p = src + ((<usize>i) << 2);
        for (let j: u32 = 0; j < n; j++, p += stride) {
          const bits = load<i32>(p);
          m = max(m, bits & mask);
          allScalar = max(allScalar, bits & ABS);
        }
        store<i32>(out, m);
        out += 4;
      }
      src += stride * n;
    }
  }
  return max(allScalar, horizontalMax(all));
}
