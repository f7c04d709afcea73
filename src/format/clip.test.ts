// Clipping: the tables of octav.md, the kernel against the reference, OCTAV against the sweep on a real network's weights.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { ocrModelFile } from '../demo/packages.ts';
import { quantizable, readModelFile, toFloat32 } from '../model/index.ts';
import {
  type ClipMethod,
  clipMagnitude,
  decode,
  encode,
  type Format,
  fastGroupClips,
  forEachGroup,
  type Geometry,
  geometry,
  octav,
  parseClip,
  parseFormat,
  printClip,
  scaleOfClip,
  sqnr,
  squaredError,
  type TensorLayout,
} from './index.ts';
import { groupClips } from './scales.ts';

const element = (text: string) => {
  const { element: e } = parseFormat(text);
  if (e.kind !== 'int') throw new Error('not an integer');
  return e;
};

function draw(kind: 'gaussian' | 'laplace', count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () =>
    kind === 'gaussian' ? random.normal() : random.laplace(),
  );
}

const large = { gaussian: draw('gaussian', 1_000_000, 11), laplace: draw('laplace', 1_000_000, 12) };

function kernelOctav(values: Float32Array, format: Format, clip: Partial<ClipMethod>): number {
  const g = geometry({ shape: [values.length] }, format);
  return fastGroupClips(values, g, format.element, {
    method: 'octav',
    polish: false,
    ...clip,
  } as ClipMethod)[0]!;
}

// octav.md (d): fixed points of the recursion on data of sigma = 1 and b = 1
test.each([
  [2, 1.7388, 2.8737, 1.3125, 1.9623],
  [3, 2.1611, 3.9133, 1.9878, 3.4697],
  [4, 2.5621, 5.0341, 2.4868, 4.8135],
  [5, 2.9371, 6.2065, 2.9032, 6.0957],
  [6, 3.2872, 7.4137, 3.2716, 7.3578],
  [8, 3.9241, 9.8968, 3.9207, 9.8826],
])('OCTAV fixed points at %i bits', (bits, gaussian, laplace, gaussianGrid, laplaceGrid) => {
  const format = parseFormat(`int${bits}@tensor`);
  const near = (kind: 'gaussian' | 'laplace', constant: 'paper' | 'grid', expected: number): void => {
    const s = kernelOctav(large[kind], format, { constant, updates: 20 });
    // one million draws: the tail beyond s holds few of them at 8 bits
    expect(Math.abs(s / expected - 1)).toBeLessThan(bits < 8 ? 0.01 : 0.02);
  };
  near('gaussian', 'paper', gaussian);
  near('laplace', 'paper', laplace);
  near('gaussian', 'grid', gaussianGrid);
  near('laplace', 'grid', laplaceGrid);
});

test('ten updates at 8 bits stop within 1 % of the fixed point', () => {
  expect(octav(large.gaussian.subarray(0, 200_000), element('int8'), { constant: 'paper' })).toBeCloseTo(
    3.906,
    1,
  );
});

test('an unsigned problem of B bits is the signed problem of B + 1 bits on the magnitudes', () => {
  const magnitudes = large.laplace.subarray(0, 30_000).map(Math.abs);
  for (const bits of [2, 4, 7]) {
    expect(octav(magnitudes, element(`uint${bits}`), { constant: 'paper' })).toBe(
      octav(large.laplace.subarray(0, 30_000), element(`int${bits + 1}`), { constant: 'paper' }),
    );
  }
  // negative values count as zero
  const signed = large.laplace.subarray(0, 30_000);
  expect(octav(signed, element('uint4'))).toBe(
    octav(
      signed.map(x => Math.max(x, 0)),
      element('uint4'),
    ),
  );
});

test('guards: all zero, one value, equal magnitudes, too few updates', () => {
  const int4 = element('int4');
  expect(octav(new Float32Array(5), int4)).toBe(0);
  expect(octav(Float32Array.of(0, -3, 0), int4)).toBe(3);
  for (const updates of [0, 1, 2, 9, 10])
    expect(octav(Float32Array.of(2, -2, 2, 2), int4, { updates })).toBe(2);
});

// octav.md, "OCTAV on short vectors": SQNR of max, OCTAV, exhaustive best; the sweep of 100 points stands for the last
test.each([
  [16, 'gaussian', 21.38, 21.49, 21.87],
  [64, 'gaussian', 19.33, 19.75, 20.01],
  [256, 'gaussian', 17.93, 19.08, 19.2],
  [16, 'laplace', 19.89, 19.99, 20.25],
  [64, 'laplace', 17.01, 17.42, 17.6],
  [256, 'laplace', 14.87, 16.09, 16.19],
] as const)('vectors of %i, %s data: max, OCTAV, best', (v, kind, max, recursion, best) => {
  const data = large[kind].subarray(0, 262_144);
  const layout: TensorLayout = { shape: [256, 1024], channelAxis: 0, reductionAxis: 1 };
  const quality = (clipping: ClipMethod): number =>
    sqnr(data, decode(encode(data, layout, parseFormat(`int4@v${v}`), { clipping })));
  // the signal power of Laplace draws varies by more than the table's last digit
  const tolerance = kind === 'gaussian' ? 0.08 : 0.2;
  expect(Math.abs(quality({ method: 'max' }) - max)).toBeLessThan(tolerance);
  expect(Math.abs(quality({ method: 'octav', constant: 'paper', polish: false }) - recursion)).toBeLessThan(
    tolerance,
  );
  expect(Math.abs(quality({ method: 'mse' }) - best)).toBeLessThan(tolerance);
  expect(quality({ method: 'octav' })).toBeGreaterThan(quality({ method: 'mse' }) - 0.005);
});

function groupErrors(
  data: Float32Array,
  g: Geometry,
  format: Format,
  clips: Float32Array,
): { total: number; groups: number[] } {
  const groups: number[] = [];
  let total = 0;
  forEachGroup(data, g, (values, group) => {
    const e = squaredError(values, format.element, scaleOfClip(clips[group]!, format.element));
    groups.push(e);
    total += e;
  });
  return { total, groups };
}

test('kernel clips equal the reference bit for bit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<ClipMethod>(
        { method: 'octav' },
        { method: 'octav', sweepBelow: 0 },
        { method: 'octav', polish: false, constant: 'paper' },
        { method: 'octav', polish: false, updates: 3 },
        { method: 'mse' },
        { method: 'mse', points: 7 },
      ),
      fc.constantFrom(
        'int4@tensor',
        'int4@channel',
        'uint4@channel',
        'int8@v16',
        'uint2@v5',
        'int3@v40',
        'int12@channel',
      ),
      fc.constantFrom([3, 50], [2, 5, 7], [2, 37, 3, 2], [1, 4099], [1, 9000]),
      fc.constantFrom(0, 1),
      fc.nat(),
      fc.constantFrom(1, 1e-40, 1e30),
      (clip, notation, shape, channelAxis, seed, size) => {
        const format = parseFormat(notation);
        const layout: TensorLayout = { shape, channelAxis, reductionAxis: channelAxis === 0 ? 1 : 0 };
        const count = (shape as readonly number[]).reduce((a, b) => a * b, 1);
        const data = draw(seed % 2 === 0 ? 'gaussian' : 'laplace', count, seed).map((x, i) =>
          (i * 7 + seed) % 5 === 0 ? 0 : i % 101 === 50 ? x * 40 * size : x * size,
        );
        const g = geometry(layout, format);
        expect([...fastGroupClips(data, g, format.element, clip)]).toEqual([
          ...groupClips(data, g, format.element, clip),
        ]);
      },
    ),
    { numRuns: 150 },
  );
});

// every plan of scan.ts: sizes of sets, numbers of levels, tails that reach the far candidates
test.each([2, 3, 4, 5, 6, 7, 8])('the search at %i bits equals its reference in every size of set', bits => {
  for (const kind of ['gaussian', 'laplace'] as const) {
    for (const [i, count] of [17, 128, 129, 513, 1024, 2048, 4100].entries()) {
      for (const sign of ['', 'u']) {
        const { element: e } = parseFormat(`${sign}int${bits}`);
        const data = draw(kind, count, 31 + i);
        const g = geometry({ shape: [count] }, parseFormat(`${sign}int${bits}@tensor`));
        const clip: ClipMethod = { method: 'octav' };
        expect([...fastGroupClips(data, g, e, clip)]).toEqual([...groupClips(data, g, e, clip)]);
      }
    }
  }
});

test('on every weight of the recogniser OCTAV stays within 1 % of the 100-point sweep, per tensor and per channel', () => {
  const file = ocrModelFile('ch_PP-OCRv4_rec_infer.onnx');
  const graph = readModelFile(file);
  let tensors = 0;
  for (const { weight } of quantizable(graph).nodes) {
    if (weight === undefined) continue;
    const data = toFloat32(graph.constants.get(weight.name)!);
    for (const notation of ['int4@tensor', 'int4@channel', 'uint4@channel', 'int6@channel']) {
      const format = parseFormat(notation);
      const g = geometry({ shape: weight.shape, channelAxis: weight.channelAxis }, format);
      const errorOf = (clip: ClipMethod): { total: number; groups: number[] } => {
        const clips = fastGroupClips(data, g, format.element, clip);
        return groupErrors(data, g, format, clips);
      };
      const best = errorOf({ method: 'mse' });
      const ours = errorOf({ method: 'octav' });
      expect(ours.total).toBeLessThanOrEqual(1.01 * best.total);
      ours.groups.forEach((e, i) => {
        expect(e).toBeLessThanOrEqual(1.01 * best.groups[i]!);
      });
    }
    tensors++;
  }
  expect(tensors).toBe(47);
}, 60_000);

test('percentile: nearest rank of the magnitudes, never zero', () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1));
  const clip = (percent: number, notation = 'int8'): number =>
    clipMagnitude(values, parseFormat(notation).element, { method: 'percentile', percent });
  expect(clip(100)).toBe(1000);
  expect(clip(99.9)).toBe(999);
  expect(clip(50)).toBe(500);
  expect(clip(0.01)).toBe(1);
  // half the values are negative: zero for unsigned elements
  expect(clip(75, 'uint8')).toBe(499);
  expect(clip(10, 'uint8')).toBe(999);
});

test('entropy clips the outliers of a long tail and keeps a flat distribution', () => {
  const { element: int4 } = parseFormat('int4');
  const values = large.laplace.slice(0, 100_000);
  values[0] = 60;
  const clip = clipMagnitude(values, int4, { method: 'entropy' });
  expect(clip).toBeGreaterThan(1.5);
  expect(clip).toBeLessThan(12);
  const flat = Float32Array.from({ length: 100_000 }, (_, i) => i / 100_000);
  expect(clipMagnitude(flat, int4, { method: 'entropy' })).toBeGreaterThan(0.9);
});

test('clipping spellings', () => {
  for (const text of ['max', 'entropy', 'mse', 'octav', 'percentile:99.9'])
    expect(printClip(parseClip(text))).toBe(text);
  expect(parseClip('99.99')).toEqual({ method: 'percentile', percent: 99.99 });
  expect(() => parseClip('octave')).toThrow("did you mean 'octav'");
  expect(() => parseClip('percentile:0')).toThrow('(0, 100]');
});

test('importance moves the search toward the elements that matter', () => {
  const data = large.gaussian.subarray(0, 64 * 64);
  const layout: TensorLayout = { shape: [64, 64], channelAxis: 0, reductionAxis: 1 };
  const importance = Float32Array.from({ length: 64 }, (_, i) => (i % 16 < 4 ? 100 : 1));
  const weighted = (options: { importance?: Float32Array }): number => {
    const q = decode(encode(data, layout, parseFormat('int3@v16:u6'), { scaleChoice: 'search', ...options }));
    return q.reduce((sum, y, i) => sum + importance[i % 64]! * (y - data[i]!) ** 2, 0);
  };
  expect(weighted({ importance })).toBeLessThan(0.95 * weighted({}));
});
