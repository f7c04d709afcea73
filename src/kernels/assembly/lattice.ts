// asc: --initialMemory 2
// Weight rounding under a quadratic error d^T H d: Cholesky, nearest-plane rounding with per-vector scale choice,
// coordinate descent on codes and scales, closed-form coarse scale. One row (output channel) at a time.
// Plain reference: src/quantize/lattice.fixture.ts.

/** First free byte of the memory. */
export function heapBase(): usize {
  return __heap_base;
}

// @ts-ignore: decorator
@inline
function horizontal(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Sum of a[i]*b[i]: four lane sums over the whole quads, their pairwise sum, then the tail one by one. */
function dot(a: usize, b: usize, n: i32): f32 {
  let acc = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    acc = f32x4.add(acc, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  let sum = horizontal(acc);
  for (; i < n; i++) {
    sum += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return sum;
}

/** y[i] += x[i] * k. */
function axpy(y: usize, x: usize, k: f32, n: i32): void {
  const kk = f32x4.splat(k);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(y, f32x4.add(v128.load(y), f32x4.mul(v128.load(x), kk)));
    y += 16;
    x += 16;
  }
  for (; i < n; i++) {
    store<f32>(y, load<f32>(y) + load<f32>(x) * k);
    y += 4;
    x += 4;
  }
}

/**
 * In place: the lower triangle of the symmetric matrix `h` (row-major, `ld` floats a row) becomes L with H = L L^T.
 * @returns 0, or 1 + the index of the first pivot that is not positive
 */
export function cholesky(h: usize, n: i32, ld: i32): i32 {
  const row = <usize>ld * 4;
  for (let i0 = 0; i0 < n; i0 += 4) {
    const count = min(4, n - i0);
    const r0 = h + <usize>i0 * row;
    const r1 = count > 1 ? r0 + row : r0;
    const r2 = count > 2 ? r1 + row : r0;
    const r3 = count > 3 ? r2 + row : r0;
    for (let j = 0; j < i0; j++) {
      const rj = h + <usize>j * row;
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let k = 0;
      let offset: usize = 0;
      for (; k + 4 <= j; k += 4) {
        const x = v128.load(rj + offset);
        a0 = f32x4.add(a0, f32x4.mul(v128.load(r0 + offset), x));
        a1 = f32x4.add(a1, f32x4.mul(v128.load(r1 + offset), x));
        a2 = f32x4.add(a2, f32x4.mul(v128.load(r2 + offset), x));
        a3 = f32x4.add(a3, f32x4.mul(v128.load(r3 + offset), x));
        offset += 16;
      }
      let s0 = horizontal(a0);
      let s1 = horizontal(a1);
      let s2 = horizontal(a2);
      let s3 = horizontal(a3);
      for (; k < j; k++) {
        const x = load<f32>(rj + offset);
        s0 += load<f32>(r0 + offset) * x;
        s1 += load<f32>(r1 + offset) * x;
        s2 += load<f32>(r2 + offset) * x;
        s3 += load<f32>(r3 + offset) * x;
        offset += 4;
      }
      const inverse: f32 = 1 / load<f32>(rj + offset);
      store<f32>(r0 + offset, (load<f32>(r0 + offset) - s0) * inverse);
      if (count > 1) store<f32>(r1 + offset, (load<f32>(r1 + offset) - s1) * inverse);
      if (count > 2) store<f32>(r2 + offset, (load<f32>(r2 + offset) - s2) * inverse);
      if (count > 3) store<f32>(r3 + offset, (load<f32>(r3 + offset) - s3) * inverse);
    }
    for (let i = i0; i < i0 + count; i++) {
      const ri = h + <usize>i * row;
      for (let j = i0; j < i; j++) {
        const rj = h + <usize>j * row;
        const at = <usize>j * 4;
        store<f32>(ri + at, (load<f32>(ri + at) - dot(ri, rj, j)) * (1 / load<f32>(rj + at)));
      }
      const at = <usize>i * 4;
      const pivot = load<f32>(ri + at) - dot(ri, ri, i);
      if (!(pivot > 0)) return i + 1;
      store<f32>(ri + at, sqrt(pivot));
    }
  }
  return 0;
}

/** In place: x becomes the solution of L L^T x = x. */
export function solve(l: usize, n: i32, ld: i32, x: usize): void {
  const row = <usize>ld * 4;
  for (let i = 0; i < n; i++) {
    const ri = l + <usize>i * row;
    const at = <usize>i * 4;
    store<f32>(x + at, (load<f32>(x + at) - dot(ri, x, i)) / load<f32>(ri + at));
  }
  for (let i = n - 1; i >= 0; i--) {
    const ri = l + <usize>i * row;
    const at = <usize>i * 4;
    const value = load<f32>(x + at) / load<f32>(ri + at);
    store<f32>(x + at, value);
    axpy(x, ri, -value, i);
  }
}

/** y = M x for a square row-major matrix. */
export function multiply(m: usize, n: i32, ld: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) store<f32>(y + <usize>i * 4, dot(m + <usize>i * <usize>ld * 4, x, n));
}

/** y = x^T M for a square row-major matrix; rows whose x is 0 are skipped. */
export function multiplyLeft(m: usize, n: i32, ld: i32, x: usize, y: usize): void {
  memory.fill(y, 0, <usize>n * 4);
  for (let i = 0; i < n; i++) {
    const value = load<f32>(x + <usize>i * 4);
    if (value != 0) axpy(y, m + <usize>i * <usize>ld * 4, value, n);
  }
}

// @ts-ignore: decorator
@inline
function toCode(x: f32, low: f32, high: f32): f32 {
  return max<f32>(low, min<f32>(high, nearest<f32>(x)));
}

/** Largest vector the kernel takes in one piece. */
export const maxVector: i32 = 256;
const trial = memory.data(256 * 4, 16);
const trialCodes = memory.data(256 * 4, 16);
const bestCodes = memory.data(256 * 4, 16);
const current = memory.data(256 * 4, 16);

/**
 * Nearest-plane rounding of one row, last column first, choosing each vector's integer scale on the way.
 * A vector's scale is tried at `steps` integers (or reals when `integer` is false) from `lowest` to `highest` times
 * its natural scale max|target| / high / gamma, within 0..largest; the one with the least added error is kept.
 * With `steps` 0 the given `scales` are used as they are.
 * @param l Cholesky factor; w targets f32[n]; bounds i32[vectors + 1]; t scratch f32[n]
 * @param codes f32[n] out; scales f32[vectors] out (integers unless `integer` is false)
 * @returns the error d^T H d of the row
 */
export function roundRow(
  l: usize,
  n: i32,
  ld: i32,
  w: usize,
  bounds: usize,
  vectors: i32,
  gamma: f32,
  low: f32,
  high: f32,
  largest: f32,
  integer: bool,
  lowest: f32,
  highest: f32,
  steps: i32,
  t: usize,
  codes: usize,
  scales: usize,
): f32 {
  const row = <usize>ld * 4;
  memory.fill(t, 0, <usize>n * 4);
  let total: f32 = 0;
  for (let v = vectors - 1; v >= 0; v--) {
    const start = load<i32>(bounds + <usize>v * 4);
    const end = load<i32>(bounds + <usize>v * 4, 4);
    const length = end - start;
    let peak: f32 = 0;
    for (let j = start; j < end; j++) {
      const at = <usize>j * 4;
      const target = load<f32>(w + at) - load<f32>(t + at) / load<f32>(l + <usize>j * row + at);
      peak = max<f32>(peak, target < 0 && low < 0 ? target / low : target / high);
    }
    const natural = peak / gamma;
    let best: f32 = Infinity;
    let bestScale: f32 = 0;
    let previous: f32 = -1;
    for (let step = 0; step < max(1, steps); step++) {
      const factor: f32 = steps > 1 ? lowest + ((highest - lowest) * <f32>step) / <f32>(steps - 1) : highest;
      let scale = steps > 0 ? natural * factor : load<f32>(scales + <usize>v * 4);
      if (integer) scale = min<f32>(largest, nearest<f32>(scale));
      if (scale == previous) continue;
      previous = scale;
      const unit = scale * gamma;
      const inverse: f32 = unit > 0 ? 1 / unit : 0;
      memory.copy(trial, t + <usize>start * 4, <usize>length * 4);
      let cost: f32 = 0;
      for (let j = end - 1; j >= start; j--) {
        const local = <usize>(j - start) * 4;
        const at = <usize>j * 4;
        const lj = l + <usize>j * row;
        const diagonal = load<f32>(lj + at);
        const feedback = load<f32>(trial + local);
        const weight = load<f32>(w + at);
        const code = toCode((weight - feedback / diagonal) * inverse, low, high);
        const d = code * unit - weight;
        const residual = diagonal * d + feedback;
        cost += residual * residual;
        if (cost >= best) break;
        store<f32>(trialCodes + local, code);
        axpy(trial, lj + <usize>start * 4, d, j - start);
      }
      if (cost < best) {
        best = cost;
        bestScale = scale;
        memory.copy(bestCodes, trialCodes, <usize>length * 4);
      }
    }
    total += best;
    store<f32>(scales + <usize>v * 4, bestScale);
    const unit = bestScale * gamma;
    for (let j = end - 1; j >= start; j--) {
      const at = <usize>j * 4;
      const code = load<f32>(bestCodes + <usize>(j - start) * 4);
      store<f32>(codes + at, code);
      axpy(t, l + <usize>j * row, code * unit - load<f32>(w + at), start);
    }
  }
  return total;
}

/**
 * Block coordinate descent on one row: for every vector, its scale (current, and up to `reach` to either side) and its codes,
 * keeping what lowers d^T H d. @param h full symmetric matrix; d f32[n] = value - target; g f32[n] = H d; both updated
 * @param stride distance of scale candidates when `integer` is false, relative to the current scale
 * @returns the change of d^T H d (not positive)
 */
export function refineRow(
  h: usize,
  n: i32,
  ld: i32,
  bounds: usize,
  vectors: i32,
  gamma: f32,
  low: f32,
  high: f32,
  largest: f32,
  integer: bool,
  stride: f32,
  reach: i32,
  w: usize,
  d: usize,
  g: usize,
  codes: usize,
  scales: usize,
): f32 {
  const row = <usize>ld * 4;
  let total: f32 = 0;
  for (let v = 0; v < vectors; v++) {
    const start = load<i32>(bounds + <usize>v * 4);
    const end = load<i32>(bounds + <usize>v * 4, 4);
    const length = end - start;
    const here = load<f32>(scales + <usize>v * 4);
    let best: f32 = 0;
    let bestScale = here;
    let found = false;
    for (let offset = -reach; offset <= reach; offset++) {
      const scale: f32 = integer ? here + <f32>offset : here * (1 + stride * <f32>offset);
      if (scale < 0 || scale > largest || (scale == 0 && offset != 0)) continue;
      const unit = scale * gamma;
      const inverse: f32 = unit > 0 ? 1 / unit : 0;
      memory.copy(trial, g + <usize>start * 4, <usize>length * 4);
      memory.copy(current, d + <usize>start * 4, <usize>length * 4);
      let change: f32 = 0;
      for (let pass = 0; pass < 4; pass++) {
        let moved = false;
        for (let j = 0; j < length; j++) {
          const at = <usize>j * 4;
          const hj = h + <usize>(start + j) * row + <usize>start * 4;
          const curvature = load<f32>(hj + at);
          const slope = load<f32>(trial + at);
          const dj = load<f32>(current + at);
          const weight = load<f32>(w + <usize>(start + j) * 4);
          const code = toCode((weight + dj - slope / curvature) * inverse, low, high);
          store<f32>(trialCodes + at, code);
          const delta = code * unit - weight - dj;
          if (delta != 0) {
            moved = true;
            change += delta * (2 * slope + curvature * delta);
            store<f32>(current + at, dj + delta);
            axpy(trial, hj, delta, length);
          }
        }
        if (!moved) break;
      }
      if (change < best) {
        best = change;
        bestScale = scale;
        found = true;
        memory.copy(bestCodes, trialCodes, <usize>length * 4);
      }
    }
    if (!found) continue;
    total += best;
    store<f32>(scales + <usize>v * 4, bestScale);
    const unit = bestScale * gamma;
    for (let j = 0; j < length; j++) {
      const at = <usize>(start + j) * 4;
      const code = load<f32>(bestCodes + <usize>j * 4);
      store<f32>(codes + at, code);
      const value = code * unit - load<f32>(w + at);
      const delta = value - load<f32>(d + at);
      if (delta != 0) {
        store<f32>(d + at, value);
        axpy(g, h + <usize>(start + j) * row, delta, n);
      }
    }
  }
  return total;
}
