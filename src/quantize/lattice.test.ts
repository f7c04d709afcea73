import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { ensureMemory, loadKernel } from '../kernels/load.ts';
import { choleskyReference, roundReference } from './lattice.fixture.ts';

interface Kernel {
  memory: WebAssembly.Memory;
  heapBase(): number;
  cholesky(h: number, n: number, ld: number): number;
  roundRow(...args: number[]): number;
}

test('Cholesky and rounding equal the plain reference bit for bit', () => {
  const kernel = loadKernel<Kernel>('lattice');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 0, max: 1e6 }), (n, seed) => {
      const random = new Random(seed);
      const ld = (n + 3) & ~3;
      const h = new Float32Array(n * ld);
      const m = Float32Array.from({ length: n * n }, () => random.normal());
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = i === j ? 0.5 : 0;
          for (let k = 0; k < n; k++) sum += m[i * n + k]! * m[j * n + k]!;
          h[i * ld + j] = sum;
        }
      }
      const base = (kernel.heapBase() + 15) & ~15;
      ensureMemory(kernel.memory, base + 65536);
      const f = new Float32Array(kernel.memory.buffer);
      const at = (slot: number): number => base + slot * 2048;
      f.set(h, at(0) / 4);
      expect(kernel.cholesky(at(0), n, ld)).toBe(0);
      choleskyReference(h, n, ld);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) expect(f[at(0) / 4 + i * ld + j]).toBe(h[i * ld + j]);
      }
      const w = Float32Array.from({ length: n }, () => random.normal());
      f.set(w, at(1) / 4);
      f[at(4) / 4] = 1; // the one vector's scale
      new Int32Array(kernel.memory.buffer).set([0, n], at(5) / 4);
      const gamma = Math.fround(0.3);
      const cost = kernel.roundRow(
        ...[at(0), n, ld, at(1), at(5), 1, gamma, -7, 7, 1, 0, 1, 1, 0, at(2), at(3), at(4)],
      );
      const want = roundReference(h, n, ld, w, gamma, 7);
      expect(cost).toBe(want.cost);
      for (let i = 0; i < n; i++) expect(f[at(3) / 4 + i]! + 0).toBe(want.codes[i]! + 0);
    }),
    { numRuns: 60 },
  );
});
