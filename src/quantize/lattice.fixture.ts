// Plain reference of the lattice kernel's Cholesky and nearest-plane rounding with scale choice, for tests.
// Float32 step by step, in the kernel's order of operations.

const fl = Math.fround;

function dot(a: Float32Array, ao: number, b: Float32Array, bo: number, n: number): number {
  const lanes = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= n; i += 4)
    for (let k = 0; k < 4; k++) lanes[k] = fl(lanes[k]! + fl(a[ao + i + k]! * b[bo + i + k]!));
  let sum = fl(fl(lanes[0]! + lanes[1]!) + fl(lanes[2]! + lanes[3]!));
  for (; i < n; i++) sum = fl(sum + fl(a[ao + i]! * b[bo + i]!));
  return sum;
}

/** Lower factor in place; rows of `ld` floats. */
export function choleskyReference(h: Float32Array, n: number, ld: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const rest = fl(h[i * ld + j]! - dot(h, i * ld, h, j * ld, j));
      h[i * ld + j] = fl(rest * fl(1 / h[j * ld + j]!));
    }
    h[i * ld + i] = fl(Math.sqrt(fl(h[i * ld + i]! - dot(h, i * ld, h, i * ld, i))));
  }
}

/** Codes of one row with all scales 1 and unit gamma, last column first (no scale choice). */
export function roundReference(
  l: Float32Array,
  n: number,
  ld: number,
  w: Float32Array,
  gamma: number,
  high: number,
): { codes: Float32Array; cost: number } {
  const t = new Float32Array(n);
  const codes = new Float32Array(n);
  const inverse = fl(1 / gamma);
  let cost = 0;
  for (let j = n - 1; j >= 0; j--) {
    const diagonal = l[j * ld + j]!;
    const x = fl(fl(w[j]! - fl(t[j]! / diagonal)) * inverse);
    const half = Math.round(x);
    const even = half - x === 0.5 && half % 2 !== 0 ? half - 1 : half;
    const code = Math.max(-high, Math.min(high, even));
    const d = fl(fl(code * gamma) - w[j]!);
    const residual = fl(fl(diagonal * d) + t[j]!);
    cost = fl(cost + fl(residual * residual));
    codes[j] = code;
    for (let i = 0; i < j; i++) t[i] = fl(t[i]! + fl(l[j * ld + i]! * d));
  }
  return { codes, cost };
}
