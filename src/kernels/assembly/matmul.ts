// fp32 matrix products for the trainer of the fashion task. Each output element is summed in a fixed order,
// so that the plain TypeScript reference (src/demo/fashion/matmul.ts) gives the same bits.

export function heapBase(): u32 {
  return u32(__heap_base);
}

/**
 * c[m×n] = a[m×k] · b[k×n], row-major; every element is a sum over k from first to last.
 * `scratch` holds k·16 floats.
 */
export function multiply(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32, scratch: usize): void {
  const rowA = usize(k) << 2;
  const rowB = usize(n) << 2;
  for (let j: u32 = 0; j < n; j += 16) {
    const wide = n - j >= 16;
    // Pack 16 columns of b side by side; missing ones are 0 and their results are not stored.
    let p = scratch;
    let q = b + (usize(j) << 2);
    for (let i: u32 = 0; i < k; i++) {
      if (wide) {
        v128.store(p, v128.load(q));
        v128.store(p, v128.load(q, 16), 16);
        v128.store(p, v128.load(q, 32), 32);
        v128.store(p, v128.load(q, 48), 48);
      } else {
        for (let l: u32 = 0; l < 16; l++)
          store<f32>(p + (usize(l) << 2), j + l < n ? load<f32>(q + (usize(l) << 2)) : 0);
      }
      p += 64;
      q += rowB;
    }
    const columns: u32 = wide ? 16 : n - j;
    for (let half: u32 = 0; half < columns; half += 8) {
      const panel = scratch + (usize(half) << 2);
      const left: u32 = columns - half < 8 ? columns - half : 8;
      let i: u32 = 0;
      for (; i + 4 <= m; i += 4) {
        let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        let a0 = a + usize(i) * rowA;
        let a1 = a0 + rowA;
        let a2 = a1 + rowA;
        let a3 = a2 + rowA;
        let bp = panel;
        for (let t: u32 = 0; t < k; t++) {
          const b0 = v128.load(bp);
          const b1 = v128.load(bp, 16);
          let s = v128.load32_splat(a0);
          c00 = f32x4.add(c00, f32x4.mul(s, b0));
          c01 = f32x4.add(c01, f32x4.mul(s, b1));
          s = v128.load32_splat(a1);
          c10 = f32x4.add(c10, f32x4.mul(s, b0));
          c11 = f32x4.add(c11, f32x4.mul(s, b1));
          s = v128.load32_splat(a2);
          c20 = f32x4.add(c20, f32x4.mul(s, b0));
          c21 = f32x4.add(c21, f32x4.mul(s, b1));
          s = v128.load32_splat(a3);
          c30 = f32x4.add(c30, f32x4.mul(s, b0));
          c31 = f32x4.add(c31, f32x4.mul(s, b1));
          a0 += 4;
          a1 += 4;
          a2 += 4;
          a3 += 4;
          bp += 64;
        }
        let out = c + usize(i) * rowB + (usize(j + half) << 2);
        put(out, c00, c01, left);
        out += rowB;
        put(out, c10, c11, left);
        out += rowB;
        put(out, c20, c21, left);
        out += rowB;
        put(out, c30, c31, left);
      }
      for (; i < m; i++) {
        let c0 = f32x4.splat(0), c1 = c0;
        let ap = a + usize(i) * rowA;
        let bp = panel;
        for (let t: u32 = 0; t < k; t++) {
          const s = v128.load32_splat(ap);
          c0 = f32x4.add(c0, f32x4.mul(s, v128.load(bp)));
          c1 = f32x4.add(c1, f32x4.mul(s, v128.load(bp, 16)));
          ap += 4;
          bp += 64;
        }
        put(c + usize(i) * rowB + (usize(j + half) << 2), c0, c1, left);
      }
    }
  }
}

/** Stores the first `left` of eight floats. */
// @ts-ignore: decorator
@inline
function put(out: usize, low: v128, high: v128, left: u32): void {
  if (left == 8) {
    v128.store(out, low);
    v128.store(out, high, 16);
    return;
  }
  putSome(out, low, high, left);
}

function putSome(out: usize, low: v128, high: v128, left: u32): void {
  for (let l: u32 = 0; l < left; l++) {
    const v = l < 4 ? low : high;
    const lane = l & 3;
    const x =
      lane == 0 ? f32x4.extract_lane(v, 0)
      : lane == 1 ? f32x4.extract_lane(v, 1)
      : lane == 2 ? f32x4.extract_lane(v, 2)
      : f32x4.extract_lane(v, 3);
    store<f32>(out + (usize(l) << 2), x);
  }
}

/**
 * c[m×n] = a[m×k] · b[n×k] transposed. Every element is four interleaved sums, added (0 + 1) + (2 + 3), then the
 * products of the last k mod 4 places one by one.
 */
export function multiplyTransposed(a: usize, b: usize, c: usize, m: u32, n: u32, k: u32): void {
  const row = usize(k) << 2;
  const whole = k & ~3;
  let i: u32 = 0;
  for (; i + 2 <= m; i += 2) {
    let j: u32 = 0;
    for (; j + 4 <= n; j += 4) {
      let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
      let a0 = a + usize(i) * row;
      let a1 = a0 + row;
      let b0 = b + usize(j) * row;
      let b1 = b0 + row;
      let b2 = b1 + row;
      let b3 = b2 + row;
      for (let t: u32 = 0; t < whole; t += 4) {
        const x0 = v128.load(a0);
        const x1 = v128.load(a1);
        let y = v128.load(b0);
        s00 = f32x4.add(s00, f32x4.mul(x0, y));
        s10 = f32x4.add(s10, f32x4.mul(x1, y));
        y = v128.load(b1);
        s01 = f32x4.add(s01, f32x4.mul(x0, y));
        s11 = f32x4.add(s11, f32x4.mul(x1, y));
        y = v128.load(b2);
        s02 = f32x4.add(s02, f32x4.mul(x0, y));
        s12 = f32x4.add(s12, f32x4.mul(x1, y));
        y = v128.load(b3);
        s03 = f32x4.add(s03, f32x4.mul(x0, y));
        s13 = f32x4.add(s13, f32x4.mul(x1, y));
        a0 += 16;
        a1 += 16;
        b0 += 16;
        b1 += 16;
        b2 += 16;
        b3 += 16;
      }
      const left = k - whole;
      let out = c + ((usize(i) * n + j) << 2);
      store<f32>(out, rest(s00, a0, b0, left));
      store<f32>(out, rest(s01, a0, b1, left), 4);
      store<f32>(out, rest(s02, a0, b2, left), 8);
      store<f32>(out, rest(s03, a0, b3, left), 12);
      out += usize(n) << 2;
      store<f32>(out, rest(s10, a1, b0, left));
      store<f32>(out, rest(s11, a1, b1, left), 4);
      store<f32>(out, rest(s12, a1, b2, left), 8);
      store<f32>(out, rest(s13, a1, b3, left), 12);
    }
    for (; j < n; j++) {
      dot(a + usize(i) * row, b + usize(j) * row, c + ((usize(i) * n + j) << 2), k);
      dot(a + usize(i + 1) * row, b + usize(j) * row, c + ((usize(i + 1) * n + j) << 2), k);
    }
  }
  for (; i < m; i++)
    for (let j: u32 = 0; j < n; j++)
      dot(a + usize(i) * row, b + usize(j) * row, c + ((usize(i) * n + j) << 2), k);
}

function dot(a: usize, b: usize, out: usize, k: u32): void {
  let s = f32x4.splat(0);
  let t: u32 = 0;
  for (; t + 4 <= k; t += 4) {
    s = f32x4.add(s, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  store<f32>(out, rest(s, a, b, k - t));
}

/** Adds up four lanes, then the products that are left. */
function rest(s: v128, a: usize, b: usize, left: u32): f32 {
  let sum =
    f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  for (let t: u32 = 0; t < left; t++) sum += load<f32>(a + (usize(t) << 2)) * load<f32>(b + (usize(t) << 2));
  return sum;
}
