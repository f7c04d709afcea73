// The WASM kernels against their reference: every byte of memory equal after every call.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { ensureMemory } from '../../kernels/load.ts';
import { csr } from './graph.ts';
import { type GnnKernels, wasmKernels } from './kernels.ts';
import { exponential, logarithm, referenceKernels } from './reference.ts';

const base = 4096;
const size = 1 << 16;

/** Runs `call` on both kernels over the same random floats (with zeros and negatives) and compares the arena. */
function same(
  seed: number,
  prepare: (u: Uint32Array, r: Random) => void,
  call: (k: GnnKernels) => unknown,
): void {
  const wasm = wasmKernels();
  ensureMemory(wasm.memory, size);
  const plain = referenceKernels(size);
  const random = new Random(seed);
  const floats = new Float32Array(size / 4 - base / 4);
  for (let i = 0; i < floats.length; i++) floats[i] = random.below(8) === 0 ? 0 : random.normal();
  for (const k of [wasm, plain]) {
    new Float32Array(k.memory.buffer, base, floats.length).set(floats);
    prepare(new Uint32Array(k.memory.buffer), new Random(seed + 1));
  }
  expect(call(wasm)).toEqual(call(plain));
  const a = new Uint8Array(wasm.memory.buffer, base, size - base);
  const b = new Uint8Array(plain.memory.buffer, base, size - base);
  expect(Buffer.compare(a, b)).toBe(0);
}

const at = (k: number): number => base + k * 6144;
const shape = fc.record({
  seed: fc.integer({ min: 0, max: 1 << 30 }),
  rows: fc.integer({ min: 1, max: 23 }),
  inner: fc.integer({ min: 1, max: 5 }).map(x => 4 * x),
  columns: fc.integer({ min: 1, max: 5 }).map(x => 4 * x),
  pad: fc.integer({ min: 0, max: 1 }).map(x => 4 * x),
});
const nothing = (): void => {};

describe('kernels equal their reference bit for bit', () => {
  test('dense forward and backward', () => {
    fc.assert(
      fc.property(shape, fc.boolean(), ({ seed, rows, inner, columns, pad }, relu) => {
        same(seed, nothing, k => {
          k.gemm(
            at(0),
            inner + pad,
            at(1),
            relu ? at(2) : 0,
            at(3),
            columns + pad,
            rows,
            inner,
            columns,
            relu ? 1 : 0,
          );
          k.gemmWeightGradient(at(0), inner + pad, at(3), columns + pad, at(4), rows, inner, columns);
          k.transpose(at(1), at(5), inner, columns);
          k.columnSum(at(3), columns + pad, at(6), rows, columns);
          k.reluGradient(at(3), columns + pad, at(7), columns + pad, rows, columns, 2);
          k.dropout(at(3), columns + pad, rows, columns, seed, 0x60000000, 1.6);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('aggregation and embedding', () => {
    fc.assert(
      fc.property(shape, ({ seed, rows, columns, pad }) => {
        const prepare = (u: Uint32Array, r: Random): void => {
          const edges = Array.from({ length: r.below(60) }, () => [r.below(rows), r.below(rows)] as const);
          const c = csr(
            rows,
            Uint32Array.from(edges, e => e[0]),
            Uint32Array.from(edges, e => e[1]),
          );
          u.set(c.offsets, at(5) / 4);
          u.set(c.indices, at(6) / 4);
          const ids = new Uint16Array(u.buffer, at(7), rows * 3);
          for (let i = 0; i < ids.length; i++) ids[i] = r.below(7);
        };
        same(seed, prepare, k => {
          const s = columns + pad;
          k.aggregate(at(0), s, at(1), s, at(5), at(6), 0, at(4), rows, columns, 0);
          k.aggregate(at(0), s, at(2), s, at(5), at(6), at(4), 0, rows, columns, 1);
          k.embed(at(4), at(7), 3, at(3), s, rows, columns);
          k.embedGradient(at(8), at(7), 3, at(1), s, rows, columns);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('normalisation, loss and Adam', () => {
    fc.assert(
      fc.property(shape, ({ seed, rows, columns }) => {
        const prepare = (u: Uint32Array, r: Random): void => {
          const labels = new Uint8Array(u.buffer, at(6), rows);
          for (let i = 0; i < rows; i++) labels[i] = [0, 1, 2, 255][r.below(4)]!;
          const positive = new Float32Array(u.buffer, at(9), 64);
          for (let i = 0; i < 64; i++) positive[i] = Math.abs(positive[i]!);
        };
        same(seed, prepare, k => {
          k.batchNorm(at(0), at(1), at(2), at(3), at(4), at(5), rows, columns, 1e-5);
          k.batchNormGradient(at(2), at(1), at(3), at(5), at(7), at(8), rows, columns);
          k.adam(at(0), at(1), at(2), at(9), 16, 0.01, 0.9, 0.999, 1e-8, 1e-4);
          return k.softmaxNll(at(0), 4, 0, at(6), at(3), at(7), rows, 0.8);
        });
      }),
      { numRuns: 40 },
    );
  });
});

test('the exponential and logarithm of the loss are accurate', () => {
  for (let i = 0; i <= 1000; i++) {
    const x = -i / 25;
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-14);
    const y = 1 + (3 * i) / 1000;
    expect(Math.abs(logarithm(y) - Math.log(y))).toBeLessThan(1e-14);
  }
});
