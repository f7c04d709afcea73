// Exact softmax in float64, base e or base 2, and how far a row of outputs is from it.

/** exp(x - max) / sum; a score of minus infinity gives 0, a row of them gives zeros. */
export function exactSoftmax(scores: ArrayLike<number>, base: 'e' | '2' = 'e'): Float64Array {
  const n = scores.length;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) top = Math.max(top, scores[i]!);
  const out = new Float64Array(n);
  if (top === Number.NEGATIVE_INFINITY) return out;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const t = scores[i]! - top;
    sum += out[i] = base === 'e' ? Math.exp(t) : 2 ** t;
  }
  for (let i = 0; i < n; i++) out[i]! /= sum;
  return out;
}

export interface RowError {
  max: number;
  /** Mean absolute error. */
  mean: number;
  /** Half the sum of absolute errors: the probability mass that moved or is missing. */
  variation: number;
  /** Sum of the outputs; 1 for an exact row. */
  total: number;
}

export function rowError(exact: ArrayLike<number>, got: ArrayLike<number>): RowError {
  let max = 0;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < exact.length; i++) {
    const e = Math.abs(exact[i]! - got[i]!);
    max = Math.max(max, e);
    sum += e;
    total += got[i]!;
  }
  return { max, mean: sum / exact.length, variation: sum / 2, total };
}
