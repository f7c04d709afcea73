// Graph neural network kernels: row-major f32 matrices with a row stride, four columns a vector.
// Every sum runs in a fixed order (edges in CSR order, products by rising k, column sums by rising row), so that the
// plain TypeScript reference (src/reason/gnn/reference.ts) gives the same bits. Column counts are multiples of four.

/** First byte free for the caller's data. */
export function heapBase(): u32 {
  return u32(__heap_base);
}

/** y = x·w + b over `rows` rows; b may be 0 (no bias); `relu` clamps below at +0. */
export function gemm(
  x: usize, xs: u32, w: usize, b: usize, y: usize, ys: u32, rows: u32, inner: u32, columns: u32, relu: bool,
): void {
  const xb = usize(xs) << 2;
  const yb = usize(ys) << 2;
  const wb = usize(columns) << 2;
  const zero = f32x4.splat(0);
  let i: u32 = 0;
  for (; i + 4 <= rows; i += 4) {
    const x0 = x + usize(i) * xb;
    const y0 = y + usize(i) * yb;
    let j: u32 = 0;
    for (; j + 8 <= columns; j += 8) {
      const bj = b + (usize(j) << 2);
      let a00 = b ? v128.load(bj) : zero;
      let a01 = b ? v128.load(bj, 16) : zero;
      let a10 = a00, a11 = a01, a20 = a00, a21 = a01, a30 = a00, a31 = a01;
      let wp = w + (usize(j) << 2);
      let p0 = x0, p1 = x0 + xb, p2 = x0 + 2 * xb, p3 = x0 + 3 * xb;
      const end = x0 + (usize(inner) << 2);
      while (p0 < end) {
        const w0 = v128.load(wp);
        const w1 = v128.load(wp, 16);
        const s0 = v128.load32_splat(p0);
        a00 = f32x4.add(a00, f32x4.mul(s0, w0));
        a01 = f32x4.add(a01, f32x4.mul(s0, w1));
        const s1 = v128.load32_splat(p1);
        a10 = f32x4.add(a10, f32x4.mul(s1, w0));
        a11 = f32x4.add(a11, f32x4.mul(s1, w1));
        const s2 = v128.load32_splat(p2);
        a20 = f32x4.add(a20, f32x4.mul(s2, w0));
        a21 = f32x4.add(a21, f32x4.mul(s2, w1));
        const s3 = v128.load32_splat(p3);
        a30 = f32x4.add(a30, f32x4.mul(s3, w0));
        a31 = f32x4.add(a31, f32x4.mul(s3, w1));
        wp += wb;
        p0 += 4; p1 += 4; p2 += 4; p3 += 4;
      }
      if (relu) {
        a00 = f32x4.pmax(zero, a00); a01 = f32x4.pmax(zero, a01);
        a10 = f32x4.pmax(zero, a10); a11 = f32x4.pmax(zero, a11);
        a20 = f32x4.pmax(zero, a20); a21 = f32x4.pmax(zero, a21);
        a30 = f32x4.pmax(zero, a30); a31 = f32x4.pmax(zero, a31);
      }
      let yp = y0 + (usize(j) << 2);
      v128.store(yp, a00); v128.store(yp, a01, 16); yp += yb;
      v128.store(yp, a10); v128.store(yp, a11, 16); yp += yb;
      v128.store(yp, a20); v128.store(yp, a21, 16); yp += yb;
      v128.store(yp, a30); v128.store(yp, a31, 16);
    }
    if (j < columns) {
      for (let r: u32 = 0; r < 4; r++) gemmTail(x0 + r * xb, w, b, y0 + r * yb, inner, columns, j, relu);
    }
  }
  for (; i < rows; i++) gemmTail(x + usize(i) * xb, w, b, y + usize(i) * yb, inner, columns, 0, relu);
}

/** One row, columns from `from`. */
function gemmTail(x: usize, w: usize, b: usize, y: usize, inner: u32, columns: u32, from: u32, relu: bool): void {
  const zero = f32x4.splat(0);
  for (let j = from; j < columns; j += 4) {
    let a = b ? v128.load(b + (usize(j) << 2)) : zero;
    let wp = w + (usize(j) << 2);
    for (let k: u32 = 0; k < inner; k++) {
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(x + (usize(k) << 2)), v128.load(wp)));
      wp += usize(columns) << 2;
    }
    if (relu) a = f32x4.pmax(zero, a);
    v128.store(y + (usize(j) << 2), a);
  }
}

/** dw[k][j] = Σ over rows of x[i][k]·dy[i][j]; `inner` (the rows of dw) and `columns` are multiples of four. */
export function gemmWeightGradient(
  x: usize, xs: u32, dy: usize, dys: u32, dw: usize, rows: u32, inner: u32, columns: u32,
): void {
  const xb = usize(xs) << 2;
  const db = usize(dys) << 2;
  const wb = usize(columns) << 2;
  for (let k: u32 = 0; k < inner; k += 4) {
    for (let j: u32 = 0; j < columns; j += 4) {
      let a0 = f32x4.splat(0);
      let a1 = a0, a2 = a0, a3 = a0;
      let xp = x + (usize(k) << 2);
      let dp = dy + (usize(j) << 2);
      for (let i: u32 = 0; i < rows; i++) {
        const d = v128.load(dp);
        a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(xp), d));
        a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(xp, 4), d));
        a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(xp, 8), d));
        a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(xp, 12), d));
        xp += xb;
        dp += db;
      }
      let wp = dw + usize(k) * wb + (usize(j) << 2);
      v128.store(wp, a0); wp += wb;
      v128.store(wp, a1); wp += wb;
      v128.store(wp, a2); wp += wb;
      v128.store(wp, a3);
    }
  }
}

/** wt = transpose of w (inner × columns). */
export function transpose(w: usize, wt: usize, inner: u32, columns: u32): void {
  for (let k: u32 = 0; k < inner; k++)
    for (let j: u32 = 0; j < columns; j++)
      store<f32>(wt + (usize(j * inner + k) << 2), load<f32>(w + (usize(k * columns + j) << 2)));
}

/** out[j] = Σ over rows of x[i][j]. */
export function columnSum(x: usize, xs: u32, out: usize, rows: u32, columns: u32): void {
  for (let j: u32 = 0; j < columns; j += 4) {
    let a = f32x4.splat(0);
    let p = x + (usize(j) << 2);
    for (let i: u32 = 0; i < rows; i++) {
      a = f32x4.add(a, v128.load(p));
      p += usize(xs) << 2;
    }
    v128.store(out + (usize(j) << 2), a);
  }
}

/**
 * out[v] (+)= rowScale[v] · Σ over the edges of v of sourceScale[u]·h[u]. Either scale may be 0 (none).
 * Forward mean: rowScale = 1/degree. Backward, on the transposed edges: sourceScale = 1/degree, accumulating.
 */
export function aggregate(
  h: usize, hs: u32, out: usize, os: u32, offsets: usize, indices: usize, sourceScale: usize, rowScale: usize,
  rows: u32, columns: u32, accumulate: bool,
): void {
  const hb = usize(hs) << 2;
  const ob = usize(os) << 2;
  for (let i: u32 = 0; i < rows; i++) {
    const from = load<u32>(offsets + (usize(i) << 2));
    const to = load<u32>(offsets + (usize(i) << 2), 4);
    const o = out + usize(i) * ob;
    if (accumulate && from == to) continue;
    for (let j: u32 = 0; j < columns; j += 4) {
      let a = f32x4.splat(0);
      for (let e = from; e < to; e++) {
        const u = load<u32>(indices + (usize(e) << 2));
        let t = v128.load(h + usize(u) * hb + (usize(j) << 2));
        if (sourceScale) t = f32x4.mul(t, v128.load32_splat(sourceScale + (usize(u) << 2)));
        a = f32x4.add(a, t);
      }
      if (rowScale) a = f32x4.mul(a, v128.load32_splat(rowScale + (usize(i) << 2)));
      const p = o + (usize(j) << 2);
      if (accumulate) a = f32x4.add(v128.load(p), a);
      v128.store(p, a);
    }
  }
}

/** out[v] = ReLU of the sum of table rows ids[v][0..count-1]. */
export function embed(
  table: usize, ids: usize, count: u32, out: usize, os: u32, rows: u32, columns: u32,
): void {
  const zero = f32x4.splat(0);
  const tb = usize(columns) << 2;
  for (let i: u32 = 0; i < rows; i++) {
    const ip = ids + ((usize(i) * count) << 1);
    const o = out + ((usize(i) * os) << 2);
    for (let j: u32 = 0; j < columns; j += 4) {
      let a = zero;
      for (let c: u32 = 0; c < count; c++) {
        a = f32x4.add(a, v128.load(table + usize(load<u16>(ip + (usize(c) << 1))) * tb + (usize(j) << 2)));
      }
      v128.store(o + (usize(j) << 2), f32x4.pmax(zero, a));
    }
  }
}

/** dTable (cleared by the caller) += scatter of the row gradients, rows in rising order. */
export function embedGradient(
  dTable: usize, ids: usize, count: u32, dy: usize, dys: u32, rows: u32, columns: u32,
): void {
  const tb = usize(columns) << 2;
  for (let i: u32 = 0; i < rows; i++) {
    const ip = ids + ((usize(i) * count) << 1);
    const d = dy + ((usize(i) * dys) << 2);
    for (let c: u32 = 0; c < count; c++) {
      const t = dTable + usize(load<u16>(ip + (usize(c) << 1))) * tb;
      for (let j: u32 = 0; j < columns; j += 4) {
        const p = t + (usize(j) << 2);
        v128.store(p, f32x4.add(v128.load(p), v128.load(d + (usize(j) << 2))));
      }
    }
  }
}

/** A 32-bit mix of a seed and a counter: the mask of dropout. */
// @ts-ignore: decorator
@inline
function mix(seed: u32, counter: u32): u32 {
  let z = seed ^ (counter * 0x9e3779b9);
  z = (z ^ (z >>> 16)) * 0x21f0aaad;
  z = (z ^ (z >>> 15)) * 0x735a2d97;
  return z ^ (z >>> 15);
}

/** y[i][j] = 0 where mix(seed, i·columns+j) < threshold, else y·scale. */
export function dropout(
  y: usize, ys: u32, rows: u32, columns: u32, seed: u32, threshold: u32, scale: f32,
): void {
  for (let i: u32 = 0; i < rows; i++) {
    for (let j: u32 = 0; j < columns; j++) {
      const p = y + ((usize(i) * ys + j) << 2);
      store<f32>(p, mix(seed, i * columns + j) < threshold ? 0 : load<f32>(p) * scale);
    }
  }
}

/** dy = 0 where y is not positive, else dy·scale: backward of ReLU followed by dropout. */
export function reluGradient(
  y: usize, ys: u32, dy: usize, dys: u32, rows: u32, columns: u32, scale: f32,
): void {
  const zero = f32x4.splat(0);
  const s = f32x4.splat(scale);
  for (let i: u32 = 0; i < rows; i++) {
    const yp = y + ((usize(i) * ys) << 2);
    const dp = dy + ((usize(i) * dys) << 2);
    for (let j: u32 = 0; j < columns; j += 4) {
      const p = dp + (usize(j) << 2);
      const keep = f32x4.gt(v128.load(yp + (usize(j) << 2)), zero);
      v128.store(p, v128.and(f32x4.mul(v128.load(p), s), keep));
    }
  }
}

/**
 * Batch normalisation in training: xhat = (x − mean)/√(var + ε), y = γ·xhat + β. Writes mean, biased variance and
 * 1/√(var + ε) into `stats` (3 × columns), xhat into `xhat` (contiguous).
 */
export function batchNorm(
  x: usize, xhat: usize, y: usize, gamma: usize, beta: usize, stats: usize, rows: u32, columns: u32, epsilon: f32,
): void {
  const b = usize(columns) << 2;
  const n = f32x4.splat(f32(rows));
  for (let j: usize = 0; j < b; j += 16) {
    let a = f32x4.splat(0);
    for (let i: usize = 0; i < rows; i++) a = f32x4.add(a, v128.load(x + i * b + j));
    const mean = f32x4.div(a, n);
    a = f32x4.splat(0);
    for (let i: usize = 0; i < rows; i++) {
      const d = f32x4.sub(v128.load(x + i * b + j), mean);
      a = f32x4.add(a, f32x4.mul(d, d));
    }
    const variance = f32x4.div(a, n);
    const inverse = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(epsilon))));
    v128.store(stats + j, mean);
    v128.store(stats + b + j, variance);
    v128.store(stats + 2 * b + j, inverse);
    const g = v128.load(gamma + j);
    const s = v128.load(beta + j);
    for (let i: usize = 0; i < rows; i++) {
      const h = f32x4.mul(f32x4.sub(v128.load(x + i * b + j), mean), inverse);
      v128.store(xhat + i * b + j, h);
      v128.store(y + i * b + j, f32x4.add(f32x4.mul(g, h), s));
    }
  }
}

/** Backward of batchNorm, in place on dy: dx = γ·inv/n · (n·dy − Σdy − xhat·Σ(dy·xhat)); also dγ and dβ. */
export function batchNormGradient(
  dy: usize, xhat: usize, gamma: usize, stats: usize, dGamma: usize, dBeta: usize, rows: u32, columns: u32,
): void {
  const b = usize(columns) << 2;
  const n = f32x4.splat(f32(rows));
  for (let j: usize = 0; j < b; j += 16) {
    let sum = f32x4.splat(0);
    let dot = f32x4.splat(0);
    for (let i: usize = 0; i < rows; i++) {
      const d = v128.load(dy + i * b + j);
      sum = f32x4.add(sum, d);
      dot = f32x4.add(dot, f32x4.mul(d, v128.load(xhat + i * b + j)));
    }
    v128.store(dBeta + j, sum);
    v128.store(dGamma + j, dot);
    const k = f32x4.div(f32x4.mul(v128.load(gamma + j), v128.load(stats + 2 * b + j)), n);
    for (let i: usize = 0; i < rows; i++) {
      const p = dy + i * b + j;
      const t = f32x4.sub(f32x4.sub(f32x4.mul(n, v128.load(p)), sum), f32x4.mul(v128.load(xhat + i * b + j), dot));
      v128.store(p, f32x4.mul(k, t));
    }
  }
}

/** e^x for x <= 0 from +, ×, ÷ alone, so that every machine agrees: 2^k by exponent bits, a Taylor polynomial of degree 13. */
function exponential(x: f64): f64 {
  if (x < -700) return 0;
  const k = Math.floor(x * 1.4426950408889634 + 0.5);
  const r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10;
  let s: f64 = 1;
  for (let i = 13; i > 0; i--) s = 1 + (s * r) / f64(i);
  return s * reinterpret<f64>((i64(k) + 1023) << 52);
}

/** Natural logarithm for 1 <= x <= 4 from basic operations: halving to [1, 2), then the atanh series to t^41. */
function logarithm(x: f64): f64 {
  let k: f64 = 0;
  while (x >= 1.4142135623730951) { x = x * 0.5; k += 1; }
  const t = (x - 1) / (x + 1);
  const u = t * t;
  let s: f64 = 0;
  for (let i = 41; i > 0; i -= 2) s = s * u + 1 / f64(i);
  return k * 0.6931471805599453 + 2 * t * s;
}

/**
 * Weighted negative log likelihood of a three-class head at column `column` of the logits and its gradient:
 * loss = λ·Σ w[c]·(−log p[c]), dlogits = λ·w[c]·(p − onehot). Label 255 takes no part. Returns the loss.
 */
export function softmaxNll(
  logits: usize, stride: u32, column: u32, labels: usize, weights: usize, dLogits: usize, rows: u32, lambda: f64,
): f64 {
  let loss: f64 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const p = logits + ((usize(i) * stride + column) << 2);
    const d = dLogits + ((usize(i) * stride + column) << 2);
    const label = load<u8>(labels + i);
    v128.store(d, f32x4.splat(0));
    if (label == 255) continue;
    const a = f64(load<f32>(p)), b = f64(load<f32>(p, 4)), c = f64(load<f32>(p, 8));
    let m = a;
    if (b > m) m = b;
    if (c > m) m = c;
    const ea = exponential(a - m), eb = exponential(b - m), ec = exponential(c - m);
    const sum = ea + eb + ec;
    const w = lambda * f64(load<f32>(weights + (usize(label) << 2)));
    const x = label == 0 ? a : label == 1 ? b : c;
    loss += w * (m - x + logarithm(sum));
    store<f32>(d, f32(w * (ea / sum - (label == 0 ? 1.0 : 0.0))));
    store<f32>(d, f32(w * (eb / sum - (label == 1 ? 1.0 : 0.0))), 4);
    store<f32>(d, f32(w * (ec / sum - (label == 2 ? 1.0 : 0.0))), 8);
  }
  return loss;
}

/**
 * Adam with L2 weight decay added to the gradient. `rate` = lr·√(1−β2^t)/(1−β1^t), `epsilon` already times √(1−β2^t).
 * n is a multiple of four.
 */
export function adam(
  p: usize, g: usize, m: usize, v: usize, n: u32, rate: f32, beta1: f32, beta2: f32, epsilon: f32, decay: f32,
): void {
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(<f32>1 - beta1);
  const b2 = f32x4.splat(beta2), c2 = f32x4.splat(<f32>1 - beta2);
  const r = f32x4.splat(rate), e = f32x4.splat(epsilon), l = f32x4.splat(decay);
  for (let o: usize = 0; o < usize(n) << 2; o += 16) {
    const x = v128.load(p + o);
    const d = f32x4.add(v128.load(g + o), f32x4.mul(l, x));
    const nm = f32x4.add(f32x4.mul(b1, v128.load(m + o)), f32x4.mul(c1, d));
    const nv = f32x4.add(f32x4.mul(b2, v128.load(v + o)), f32x4.mul(c2, f32x4.mul(d, d)));
    v128.store(m + o, nm);
    v128.store(v + o, nv);
    v128.store(p + o, f32x4.sub(x, f32x4.div(f32x4.mul(r, nm), f32x4.add(f32x4.sqrt(nv), e))));
  }
}
