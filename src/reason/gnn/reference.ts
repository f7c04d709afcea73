// Plain TypeScript reference of the GNN kernels: the same sums in the same order, every operation rounded to f32.
// It works on an ArrayBuffer with the kernels' own addresses. Refuses to be fast: it defines the bits.

import type { GnnKernels } from './kernels.ts';

const f = Math.fround;

/** Reference kernels over `bytes` bytes of fresh memory (grown by `grow`). */
export function referenceKernels(bytes: number): GnnKernels & { grow(bytes: number): void } {
  const memory = { buffer: new ArrayBuffer(bytes) };
  let F = new Float32Array(memory.buffer);
  let U = new Uint32Array(memory.buffer);
  let H = new Uint16Array(memory.buffer);
  let B = new Uint8Array(memory.buffer);
  const relu = (x: number): number => (0 < x ? x : 0);
  return {
    memory,
    heapBase: () => 1024,
    grow(size) {
      if (size <= memory.buffer.byteLength) return;
      const next = new ArrayBuffer(size);
      new Uint8Array(next).set(B);
      memory.buffer = next;
      F = new Float32Array(next);
      U = new Uint32Array(next);
      H = new Uint16Array(next);
      B = new Uint8Array(next);
    },
    gemm(x, xs, w, b, y, ys, rows, inner, columns, clamp) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let a = b ? F[b / 4 + j]! : 0;
          for (let k = 0; k < inner; k++) a = f(a + f(F[x / 4 + i * xs + k]! * F[w / 4 + k * columns + j]!));
          F[y / 4 + i * ys + j] = clamp ? relu(a) : a;
        }
      }
    },
    gemmWeightGradient(x, xs, dy, dys, dw, rows, inner, columns) {
      for (let k = 0; k < inner; k++) {
        for (let j = 0; j < columns; j++) {
          let a = 0;
          for (let i = 0; i < rows; i++) a = f(a + f(F[x / 4 + i * xs + k]! * F[dy / 4 + i * dys + j]!));
          F[dw / 4 + k * columns + j] = a;
        }
      }
    },
    transpose(w, wt, inner, columns) {
      for (let k = 0; k < inner; k++) {
        for (let j = 0; j < columns; j++) F[wt / 4 + j * inner + k] = F[w / 4 + k * columns + j]!;
      }
    },
    columnSum(x, xs, out, rows, columns) {
      for (let j = 0; j < columns; j++) {
        let a = 0;
        for (let i = 0; i < rows; i++) a = f(a + F[x / 4 + i * xs + j]!);
        F[out / 4 + j] = a;
      }
    },
    aggregate(h, hs, out, os, offsets, indices, sourceScale, rowScale, rows, columns, accumulate) {
      for (let i = 0; i < rows; i++) {
        const from = U[offsets / 4 + i]!;
        const to = U[offsets / 4 + i + 1]!;
        if (accumulate && from === to) continue;
        for (let j = 0; j < columns; j++) {
          let a = 0;
          for (let e = from; e < to; e++) {
            const u = U[indices / 4 + e]!;
            let t = F[h / 4 + u * hs + j]!;
            if (sourceScale) t = f(t * F[sourceScale / 4 + u]!);
            a = f(a + t);
          }
          if (rowScale) a = f(a * F[rowScale / 4 + i]!);
          const p = out / 4 + i * os + j;
          F[p] = accumulate ? f(F[p]! + a) : a;
        }
      }
    },
    embed(table, ids, count, out, os, rows, columns) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let a = 0;
          for (let c = 0; c < count; c++)
            a = f(a + F[table / 4 + H[ids / 2 + i * count + c]! * columns + j]!);
          F[out / 4 + i * os + j] = relu(a);
        }
      }
    },
    embedGradient(dTable, ids, count, dy, dys, rows, columns) {
      for (let i = 0; i < rows; i++) {
        for (let c = 0; c < count; c++) {
          const t = dTable / 4 + H[ids / 2 + i * count + c]! * columns;
          for (let j = 0; j < columns; j++) F[t + j] = f(F[t + j]! + F[dy / 4 + i * dys + j]!);
        }
      }
    },
    dropout(y, ys, rows, columns, seed, threshold, scale) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const p = y / 4 + i * ys + j;
          F[p] = mix(seed, i * columns + j) < threshold >>> 0 ? 0 : f(F[p]! * f(scale));
        }
      }
    },
    reluGradient(y, ys, dy, dys, rows, columns, scale) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const p = dy / 4 + i * dys + j;
          F[p] = F[y / 4 + i * ys + j]! > 0 ? f(F[p]! * f(scale)) : 0;
        }
      }
    },
    batchNorm(x, xhat, y, gamma, beta, stats, rows, columns, epsilon) {
      const n = f(rows);
      for (let j = 0; j < columns; j++) {
        let a = 0;
        for (let i = 0; i < rows; i++) a = f(a + F[x / 4 + i * columns + j]!);
        const mean = f(a / n);
        a = 0;
        for (let i = 0; i < rows; i++) {
          const d = f(F[x / 4 + i * columns + j]! - mean);
          a = f(a + f(d * d));
        }
        const variance = f(a / n);
        const inverse = f(1 / f(Math.sqrt(f(variance + f(epsilon)))));
        F[stats / 4 + j] = mean;
        F[stats / 4 + columns + j] = variance;
        F[stats / 4 + 2 * columns + j] = inverse;
        for (let i = 0; i < rows; i++) {
          const h = f(f(F[x / 4 + i * columns + j]! - mean) * inverse);
          F[xhat / 4 + i * columns + j] = h;
          F[y / 4 + i * columns + j] = f(f(F[gamma / 4 + j]! * h) + F[beta / 4 + j]!);
        }
      }
    },
    batchNormGradient(dy, xhat, gamma, stats, dGamma, dBeta, rows, columns) {
      const n = f(rows);
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        let dot = 0;
        for (let i = 0; i < rows; i++) {
          const d = F[dy / 4 + i * columns + j]!;
          sum = f(sum + d);
          dot = f(dot + f(d * F[xhat / 4 + i * columns + j]!));
        }
        F[dBeta / 4 + j] = sum;
        F[dGamma / 4 + j] = dot;
        const k = f(f(F[gamma / 4 + j]! * F[stats / 4 + 2 * columns + j]!) / n);
        for (let i = 0; i < rows; i++) {
          const p = dy / 4 + i * columns + j;
          const t = f(f(f(n * F[p]!) - sum) - f(F[xhat / 4 + i * columns + j]! * dot));
          F[p] = f(k * t);
        }
      }
    },
    softmaxNll(logits, stride, column, labels, weights, dLogits, rows, lambda) {
      let loss = 0;
      for (let i = 0; i < rows; i++) {
        const p = logits / 4 + i * stride + column;
        const d = dLogits / 4 + i * stride + column;
        F.fill(0, d, d + 4);
        const label = B[labels + i]!;
        if (label === 255) continue;
        const a = F[p]!;
        const b = F[p + 1]!;
        const c = F[p + 2]!;
        let m = a;
        if (b > m) m = b;
        if (c > m) m = c;
        const e = [exponential(a - m), exponential(b - m), exponential(c - m)];
        const sum = e[0]! + e[1]! + e[2]!;
        const w = lambda * F[weights / 4 + label]!;
        const x = label === 0 ? a : label === 1 ? b : c;
        loss += w * (m - x + logarithm(sum));
        for (let k = 0; k < 3; k++) F[d + k] = w * (e[k]! / sum - (label === k ? 1 : 0));
      }
      return loss;
    },
    adam(p, g, m, v, n, rate, beta1, beta2, epsilon, decay) {
      const c1 = f(1 - f(beta1));
      const c2 = f(1 - f(beta2));
      for (let i = 0; i < n; i++) {
        const x = F[p / 4 + i]!;
        const d = f(F[g / 4 + i]! + f(f(decay) * x));
        const nm = f(f(f(beta1) * F[m / 4 + i]!) + f(c1 * d));
        const nv = f(f(f(beta2) * F[v / 4 + i]!) + f(c2 * f(d * d)));
        F[m / 4 + i] = nm;
        F[v / 4 + i] = nv;
        F[p / 4 + i] = f(x - f(f(f(rate) * nm) / f(f(Math.sqrt(nv)) + f(epsilon))));
      }
    },
  };
}

function mix(seed: number, counter: number): number {
  let z = seed ^ Math.imul(counter, 0x9e3779b9);
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** e^x for x <= 0 from basic operations; see the kernel. */
export function exponential(x: number): number {
  if (x < -700) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  let s = 1;
  for (let i = 13; i > 0; i--) s = 1 + (s * r) / i;
  return s * 2 ** k;
}

/** ln x for 1 <= x <= 4 from basic operations; see the kernel. */
export function logarithm(x: number): number {
  let k = 0;
  while (x >= Math.SQRT2) {
    x = x * 0.5;
    k += 1;
  }
  const t = (x - 1) / (x + 1);
  const u = t * t;
  let s = 0;
  for (let i = 41; i > 0; i -= 2) s = s * u + 1 / i;
  return k * 0.6931471805599453 + 2 * t * s;
}
