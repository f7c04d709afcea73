import fc from 'fast-check';
import { expect, test } from 'vitest';
import { panelRows } from './input-batch.ts';
import type { RowForm } from './layers.ts';
import { gatherMoments } from './moments.ts';

const matrix = (features: number): RowForm => ({
  ...{ kind: 'matrix', rows: 1, group: 1, channels: features, features, taps: 1, window: undefined },
  ...{ rowStride: features, channelStride: 1, tapStride: 0 },
});

/** The plain reference: panels of positions, one fp32 accumulator an entry, panel sums added in fp32. */
function reference(x: Float32Array, y: Float32Array, n: number, origin: Float32Array): Float32Array {
  const rows = x.length / n;
  const out = new Float32Array(n * n);
  for (let start = 0; start < rows; start += panelRows) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = start; p < Math.min(rows, start + panelRows); p++) {
          const a = Math.fround(x[p * n + i]! - origin[i]!);
          const b = Math.fround(y[p * n + j]! - origin[j]!);
          sum = Math.fround(sum + Math.fround(a * b));
        }
        out[i * n + j] = Math.fround(out[i * n + j]! + sum);
      }
    }
  }
  return out;
}

test('the kernel equals the plain reference bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 19 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer(),
      async (n, rows, seed) => {
        let state = seed | 1;
        const next = (): number => {
          state = (Math.imul(state, 1664525) + 1013904223) | 0;
          return state / 2 ** 31;
        };
        // means of 0 by symmetric pairs keep the origin at exactly 0, so that moments are sums over count
        const data = new Float32Array(n * rows * 2);
        for (let p = 0; p < rows; p++) {
          for (let i = 0; i < n; i++) {
            const v = Math.fround(next());
            data[2 * p * n + i] = v;
            data[(2 * p + 1) * n + i] = -v;
          }
        }
        const batch = { dims: [rows * 2, n], data };
        const m = await gatherMoments(matrix(n), [batch], [batch], 1e9);
        const want = reference(data, data, n, new Float32Array(n));
        expect(m.positions).toBe(rows * 2);
        const cross = m.groups[0]!.cross;
        for (let i = 0; i < n * n; i++) expect(cross[i]).toBe(Math.fround(want[i]! / (rows * 2)));
      },
    ),
    { numRuns: 30 },
  );
});

test('a convolution sees its window with zeros outside the image, channels fastest', async () => {
  const form: RowForm = {
    ...{ kind: 'conv', rows: 1, group: 1, channels: 2, features: 18, taps: 9 },
    window: { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] },
    ...{ rowStride: 18, channelStride: 9, tapStride: 1 },
  };
  const data = Float32Array.from([1, 2, 3, 4, 10, 20, 30, 40]); // 2 channels of 2x2
  const m = await gatherMoments(form, [{ dims: [1, 2, 2, 2], data }], [{ dims: [1, 2, 2, 2], data }], 100);
  expect(m.positions).toBe(4);
  // centre tap (4): channel means of the image; corner tap (0) sees pixel (0,0) once in four positions
  expect(m.groups[0]!.mean[8]).toBeCloseTo(2.5, 6);
  expect(m.groups[0]!.mean[9]).toBeCloseTo(25, 5);
  expect(m.groups[0]!.mean[0]).toBeCloseTo(0.25, 6);
});
