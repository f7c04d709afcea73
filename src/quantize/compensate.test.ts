import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { decode, encode, parseFormat } from '../format/index.ts';
import type { QuantizableNode } from '../model/index.ts';
import { canCompensate, compensate } from './compensate.ts';
import type { Layer } from './layers.ts';
import { gatherMoments } from './moments.ts';
import { resolveOptions } from './options.ts';

function problem(rows: number, n: number, samples: number, seed: number) {
  const random = new Random(seed);
  const layer: Layer = {
    found: { kind: 'matmul' } as QuantizableNode,
    weight: 'w',
    layout: { shape: [rows, n], channelAxis: 0, reductionAxis: 1 },
    rows: {
      ...{ kind: 'matrix', rows, group: 1, channels: n, features: n, taps: 1, window: undefined },
      ...{ rowStride: n, channelStride: 1, tapStride: 0 },
    },
  };
  const weight = Float32Array.from({ length: rows * n }, () => random.normal());
  const hidden = Array.from({ length: n }, () => Float32Array.from({ length: 8 }, () => random.normal()));
  const data = new Float32Array(samples * n);
  for (let p = 0; p < samples; p++) {
    const z = Float32Array.from({ length: 8 }, () => random.normal());
    for (let i = 0; i < n; i++) {
      let sum = 0.3 * random.normal();
      for (let k = 0; k < 8; k++) sum += hidden[i]![k]! * z[k]!;
      data[p * n + i] = sum;
    }
  }
  return { layer, weight, data, batch: { dims: [samples, n], data } };
}

function outputError(
  weight: Float32Array,
  other: Float32Array,
  data: Float32Array,
  rows: number,
  n: number,
): number {
  let sum = 0;
  for (let p = 0; p < data.length / n; p++) {
    for (let k = 0; k < rows; k++) {
      let e = 0;
      for (let i = 0; i < n; i++) e += (weight[k * n + i]! - other[k * n + i]!) * data[p * n + i]!;
      sum += e * e;
    }
  }
  return sum;
}

for (const notation of ['int4@v16:u4', 'int4@v16', 'int4@channel', 'int3@v8:u6']) {
  test(`${notation}: less than half the output error of plain max scaling, codes in range`, async () => {
    const { layer, weight, data, batch } = problem(12, 40, 600, 3);
    const format = parseFormat(notation);
    expect(canCompensate(layer, format)).toBe(true);
    const moments = await gatherMoments(layer.rows!, [batch], [batch], 1e9);
    const { quantized } = await compensate(
      layer,
      format,
      weight,
      moments,
      resolveOptions({ weights: notation, damping: 0.01 }),
    );
    const fitted = outputError(weight, decode(quantized), data, 12, 40);
    const plain = outputError(weight, decode(encode(weight, layer.layout, format)), data, 12, 40);
    expect(fitted).toBeLessThan(0.5 * plain);
    const top = 2 ** (Number(notation[3]) - 1) - 1;
    expect(quantized.codes.every(c => Math.abs(c) <= top)).toBe(true);
  });
}

test('targets move to undo noise that earlier layers left in the inputs', async () => {
  const { layer, weight, data } = problem(8, 32, 800, 5);
  const random = new Random(9);
  const noisy = Float32Array.from(data, x => 0.8 * x + 0.2 * random.normal());
  const full = { dims: [800, 32], data };
  const moments = await gatherMoments(layer.rows!, [{ dims: [800, 32], data: noisy }], [full], 1e9);
  const format = parseFormat('int8@v16:u8');
  const error = async (correction: number): Promise<number> => {
    const { quantized } = await compensate(
      layer,
      format,
      weight,
      moments,
      resolveOptions({ weights: 'int8@v16:u8', correction }),
    );
    const v = decode(quantized);
    let sum = 0;
    for (let p = 0; p < 800; p++) {
      for (let k = 0; k < 8; k++) {
        let e = 0;
        for (let i = 0; i < 32; i++)
          e += weight[k * 32 + i]! * data[p * 32 + i]! - v[k * 32 + i]! * noisy[p * 32 + i]!;
        sum += e * e;
      }
    }
    return sum;
  };
  expect(await error(1)).toBeLessThan(0.6 * (await error(0)));
});

test('dead rows and constant inputs give zeros, not NaN', async () => {
  const { layer, weight } = problem(4, 20, 10, 1);
  weight.fill(0, 0, 20);
  const batch = { dims: [10, 20], data: new Float32Array(200).fill(2) };
  const moments = await gatherMoments(layer.rows!, [batch], [batch], 1e9);
  const { quantized } = await compensate(
    layer,
    parseFormat('int4@v16:u4'),
    weight,
    moments,
    resolveOptions({ weights: 'int4@v16:u4' }),
  );
  expect(quantized.codes.subarray(0, 20).every(c => c === 0)).toBe(true);
  expect(decode(quantized).every(Number.isFinite)).toBe(true);
});
