import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import {
  clipMagnitude,
  decodeReference,
  type EncodeOptions,
  effectiveScales,
  encodeReference,
  parseFormat,
  sqnr,
  type TensorLayout,
} from './index.ts';

const layout: TensorLayout = { shape: [256, 1024], channelAxis: 0, reductionAxis: 1 };

function draw(kind: 'gaussian' | 'laplace', seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: 256 * 1024 }, () =>
    kind === 'gaussian' ? random.normal() : random.laplace(),
  );
}

const data = { gaussian: draw('gaussian', 3), laplace: draw('laplace', 4) };

function quality(kind: 'gaussian' | 'laplace', notation: string, options?: EncodeOptions): number {
  return sqnr(
    data[kind],
    decodeReference(encodeReference(data[kind], layout, parseFormat(notation), options)),
  );
}

// vs-quant.md (d): SQNR in dB of 256 channels x 1024 elements, max scaling
test.each([
  ['gaussian', 16, 21.38, [19.14, 20.81], [20.79, 21.21], [21.34, 21.37]],
  ['gaussian', 64, 19.33, [18.34, 19.22], [19.1, 19.31], [19.32, 19.33]],
  ['laplace', 16, 19.89, [17.12, 19.01], [19.13, 19.63], [19.84, 19.87]],
  ['laplace', 64, 17.01, [16.07, 16.87], [16.78, 16.97], [17.0, 17.01]],
] as const)('SQNR of %s data, vectors of %i', (kind, v, exact, m3, m4, m6) => {
  const near = (value: number, table: number): void => expect(Math.abs(value - table)).toBeLessThan(0.08);
  near(quality(kind, `int4@v${v}`), exact);
  for (const [bits, [paper, requant]] of [
    [3, m3],
    [4, m4],
    [6, m6],
  ] as const) {
    near(quality(kind, `int4@v${v}:u${bits}`, { order: 'paper' }), paper);
    near(quality(kind, `int4@v${v}:u${bits}`), requant);
  }
});

test('SQNR per channel, and the search above max scaling', () => {
  expect(Math.abs(quality('gaussian', 'int4@channel') - 16.91)).toBeLessThan(0.1);
  expect(Math.abs(quality('laplace', 'int4@channel') - 13.19)).toBeLessThan(0.1);
  expect(quality('gaussian', 'int4@v16:u4', { scaleChoice: 'search' })).toBeGreaterThan(
    quality('gaussian', 'int4@v16:u4') + 0.3,
  );
});

test('octav.md: SQNR per channel of 1024 under OCTAV and the sweep', () => {
  const octav = quality('gaussian', 'int4@channel', {
    clipping: { method: 'octav', constant: 'paper', polish: false },
  });
  expect(Math.abs(octav - 18.9)).toBeLessThan(0.1);
  const laplace = quality('laplace', 'int4@channel', {
    clipping: { method: 'octav', constant: 'paper', polish: false },
  });
  expect(Math.abs(laplace - 15.68)).toBeLessThan(0.1);
});

test('a convolution weight: vectors along input channels, the last one short, scales shaped for ONNX', () => {
  const shape = [2, 5, 2, 1];
  const values = Float32Array.from({ length: 20 }, (_, i) => (i % 7) - 3);
  const q = encodeReference(values, { shape, channelAxis: 0, reductionAxis: 1 }, parseFormat('int8@v4'));
  expect(q.scales.length).toBe(2 * 2 * 2 * 1);
  const scales = effectiveScales(q);
  for (let m = 0; m < 2; m++)
    for (let c = 0; c < 5; c++)
      for (let k = 0; k < 2; k++) {
        const index = (m * 5 + c) * 2 + k;
        const s = scales[(m * 2 + Math.floor(c / 4)) * 2 + k]!;
        expect(Math.abs(q.codes[index]! * s - values[index]!)).toBeLessThanOrEqual(s / 2 + 1e-6);
      }
});

test('zeros, subnormals and empty tensors', () => {
  const format = parseFormat('int4@v4:u4');
  const flat = (n: number): TensorLayout => ({ shape: [n], reductionAxis: 0 });
  expect([...decodeReference(encodeReference(new Float32Array(10), flat(10), format))]).toEqual(
    Array(10).fill(0),
  );
  expect(encodeReference(new Float32Array(0), flat(0), format).codes.length).toBe(0);
  const tiny = Float32Array.of(2 ** -149, -(2 ** -140), 0, 2 ** -130, 1e-45);
  for (const x of decodeReference(encodeReference(tiny, flat(5), format)))
    expect(Number.isFinite(x)).toBe(true);
  // the whole second vector vanishes: its scale is below half a step of the coarse scale
  const q = encodeReference(Float32Array.of(1, 1, 1, 1, 0.03, 0.01, 0, 0), flat(8), format);
  expect([...q.scaleCodes!]).toEqual([15, 0]);
  expect([...q.codes.subarray(4)]).toEqual([0, 0, 0, 0]);
});

test('NaN and infinity are refused by name and index', () => {
  const bad = new Float32Array(12);
  bad[7] = Number.NaN;
  const run = (): unknown =>
    encodeReference(bad, { shape: [3, 4], name: 'conv1.w' }, parseFormat('int8@tensor'));
  expect(run).toThrow("tensor 'conv1.w' holds NaN at [1, 3]");
  bad[7] = Number.NEGATIVE_INFINITY;
  expect(run).toThrow('holds -Infinity at [1, 3]');
  expect(() => encodeReference(bad, { shape: [3, 5] }, parseFormat('int8@tensor'))).toThrow(
    '15 for its shape',
  );
});

test('given scales are used as they are', () => {
  const q = encodeReference(Float32Array.of(1, 2, 3), { shape: [3] }, parseFormat('int8@tensor'), {
    coarse: 0.5,
  });
  expect([...q.codes]).toEqual([2, 4, 6]);
  const two = encodeReference(
    Float32Array.of(7, -70, 900),
    { shape: [3], reductionAxis: 0 },
    parseFormat('int4@v1:u4'),
    {
      coarse: 1,
    },
  );
  expect([...two.scaleCodes!]).toEqual([1, 10, 15]);
  expect([...two.codes]).toEqual([7, -7, 7]);
});

test('clipping of an all-zero set is 0 for every method', () => {
  for (const method of ['max', 'entropy', 'mse', 'octav'] as const) {
    expect(clipMagnitude(new Float32Array(8), parseFormat('int4').element, { method })).toBe(0);
  }
});
