import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import {
  type ClipMethod,
  clipMagnitude,
  MagnitudeHistogram,
  parseFormat,
  scaleOfClip,
  squaredError,
} from './index.ts';

function draw(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.laplace());
}

test('the result depends on the values only, not on order or batches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 200 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      fc.boolean(),
      (list, cuts, signed) => {
        const values = Float32Array.from(list);
        const whole = new MagnitudeHistogram({ bins: 64, signed });
        whole.add(values);
        const parts = new MagnitudeHistogram({ bins: 64, signed });
        const other = new MagnitudeHistogram({ bins: 64, signed });
        const bounds = [0, ...cuts.map(c => Math.min(c, values.length)).sort((a, b) => a - b), values.length];
        for (let i = bounds.length - 2; i >= 0; i--) {
          (i % 2 === 0 ? parts : other).add(values.subarray(bounds[i]!, bounds[i + 1]!));
        }
        parts.merge(other);
        expect([...parts.counts]).toEqual([...whole.counts]);
        expect([parts.count, parts.zeros, parts.low, parts.high, parts.range]).toEqual([
          whole.count,
          whole.zeros,
          whole.low,
          whole.high,
          whole.range,
        ]);
        let max = 0;
        for (const x of values) max = Math.max(max, signed ? Math.abs(x) : x);
        expect(whole.peak).toBe(max);
        expect(whole.counts.reduce((a, b) => a + b, 0) + whole.zeros).toBe(values.length);
      },
    ),
  );
});

test.each<[ClipMethod, number]>([
  [{ method: 'max' }, 0],
  [{ method: 'percentile', percent: 99.9 }, 0.002],
  [{ method: 'octav', polish: false }, 0.002],
])('%o from bins is near the clip from the values', (clip, tolerance) => {
  const data = draw(200_000, 3);
  const { element } = parseFormat('int4');
  const histogram = new MagnitudeHistogram();
  for (let i = 0; i < data.length; i += 7000) histogram.add(data.subarray(i, i + 7000));
  const exact = clipMagnitude(data, element, clip);
  expect(Math.abs(histogram.clip(element, clip) / exact - 1)).toBeLessThanOrEqual(tolerance);
});

test('mse and octav from bins leave the error of the exact sweep, signed and unsigned', () => {
  for (const notation of ['int4', 'uint4', 'int8']) {
    const { element } = parseFormat(notation);
    const data = draw(50_000, 5).map(x => (notation === 'uint4' ? Math.max(x, 0) : x));
    const histogram = new MagnitudeHistogram({ signed: notation !== 'uint4' });
    histogram.add(data);
    const error = (c: number): number => squaredError(data, element, scaleOfClip(c, element));
    const best = error(clipMagnitude(data, element, { method: 'mse' }));
    expect(error(histogram.clip(element, { method: 'mse' }))).toBeLessThan(1.01 * best);
    expect(error(histogram.clip(element, { method: 'octav' }))).toBeLessThan(1.01 * best);
    const entropy = histogram.clip(element, { method: 'entropy' });
    expect(entropy).toBeGreaterThan(1);
    expect(entropy).toBeLessThanOrEqual(histogram.peak);
  }
});

test('refusals leave the histogram as it was; nothing seen clips to 0', () => {
  const histogram = new MagnitudeHistogram({ name: 'relu_3' });
  const { element } = parseFormat('int4');
  for (const method of ['max', 'entropy', 'mse', 'octav'] as const)
    expect(histogram.clip(element, { method })).toBe(0);
  histogram.add(Float32Array.of(1, 0));
  expect(() => histogram.add(Float32Array.of(8, Number.NaN))).toThrow("'relu_3' holds NaN at 1");
  expect([histogram.count, histogram.peak, histogram.zeros]).toEqual([2, 1, 1]);
  expect(() => histogram.clip(parseFormat('uint4').element, { method: 'max' })).toThrow('signedness');
  expect(() => new MagnitudeHistogram({ bins: 7 })).toThrow('even number');
  expect(() => histogram.merge(new MagnitudeHistogram({ bins: 64 }))).toThrow('different form');
});
