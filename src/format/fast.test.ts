// The kernels against the reference, bit for bit.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import {
  decode,
  decodeReference,
  type EncodeOptions,
  encode,
  encodeReference,
  parseFormat,
  type Quantized,
  type TensorLayout,
} from './index.ts';

type Typed = ArrayBufferView & { length: number };

function sameBits(a: Typed | undefined, b: Typed | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const bytes = (x: Typed): Buffer => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  return a.constructor === b.constructor && a.length === b.length && bytes(a).equals(bytes(b));
}

function expectSame(
  data: Float32Array,
  layout: TensorLayout,
  notation: string,
  options: EncodeOptions,
): void {
  const format = parseFormat(notation);
  const fast = encode(data, layout, format, options);
  const slow: Quantized = encodeReference(data, layout, format, options);
  expect(sameBits(fast.codes, slow.codes)).toBe(true);
  expect(sameBits(fast.scales, slow.scales)).toBe(true);
  expect(sameBits(fast.scaleCodes, slow.scaleCodes)).toBe(true);
  expect(sameBits(decode(fast), decodeReference(slow))).toBe(true);
}

/** Values with ties, zeros of both signs, subnormals, huge magnitudes and whole zero stretches. */
function awkward(seed: number, count: number): Float32Array {
  const random = new Random(seed);
  const spread = [2 ** -149, 2 ** -130, 1e-3, 1, 1e30, 3e38][Math.floor(random.uniform() * 6)]!;
  let zeros = 0;
  return Float32Array.from({ length: count }, () => {
    if (zeros-- > 0) return random.uniform() < 0.5 ? 0 : -0;
    const u = random.uniform();
    if (u < 0.02) zeros = Math.floor(random.uniform() * 40);
    if (u < 0.1) return (Math.floor(random.uniform() * 31) - 15) * spread * 0.5;
    if (u < 0.15) return (random.uniform() - 0.5) * 2 ** -140;
    return Math.fround((random.uniform() * 2 - 1) * spread * random.uniform());
  }).map(x => (Number.isFinite(x) ? x : 0));
}

const scalings = ['', '@tensor', '@channel', '@v1', '@v3', '@v4:u4', '@v8:u6', '@v16', '@v16:u4', '@v16:u10'];
const more = ['@v16:u8', '@v20:u3', '@v64:u4', '@v16:fp8e4m3', '@v32:e8m0'];

test('codes, scales and decoded values equal the reference for every layout', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...scalings, ...more),
      fc.constantFrom('int2', 'int4', 'int5', 'int8', 'uint1', 'uint4', 'uint8'),
      fc.constantFrom('requant' as const, 'paper' as const),
      fc.array(fc.constantFrom(1 as number, 2, 3, 4, 5, 7, 9, 16, 17, 33, 40), {
        minLength: 2,
        maxLength: 4,
      }),
      fc.nat(3),
      fc.nat(3),
      fc.nat(),
      fc.boolean(),
      (scaling, element, order, shape, c, r, seed, coarse) => {
        while (shape.reduce((a, b) => a * b, 1) > 20000) shape.pop();
        if (shape.length < 2) shape.push(5);
        const channelAxis = c % shape.length;
        const reductionAxis = r % shape.length;
        const vector = scaling.startsWith('@v');
        const layout: TensorLayout = {
          shape,
          ...(vector && channelAxis === reductionAxis ? {} : { channelAxis }),
          reductionAxis,
        };
        const data = awkward(
          seed,
          shape.reduce((a, b) => a * b, 1),
        );
        const given = coarse && scaling !== '' && !scaling.endsWith('e8m0') ? { coarse: 0.013 } : {};
        const options = vector && scaling === '@v16' ? {} : given;
        if (coarse && vector && !scaling.includes(':'))
          expectSame(data, layout, element + scaling, { order });
        else expectSame(data, layout, element + scaling, { order, ...options });
      },
    ),
    { numRuns: 400 },
  );
});

test('tensors larger than a chunk', () => {
  const data = awkward(5, 100_003);
  for (const notation of ['int4@tensor', 'int4', 'int8@v16:u4', 'uint4@v48'])
    expectSame(data, { shape: [100_003], reductionAxis: 0 }, notation, {});
  const two = awkward(6, 3 * 40_000);
  expectSame(two, { shape: [3, 40_000], channelAxis: 0 }, 'int4@channel', {});
  expectSame(two, { shape: [40_000, 3], channelAxis: 1 }, 'int4@channel', {});
  expectSame(two, { shape: [3, 40_000], channelAxis: 0, reductionAxis: 1 }, 'int4@v16:u4', {});
  expectSame(two, { shape: [2, 3, 20_000], reductionAxis: 1 }, 'uint4@v2:u4', { order: 'paper' });
  expectSame(new Float32Array(0), { shape: [0, 4], channelAxis: 0, reductionAxis: 1 }, 'int4@v16:u4', {});
  expectSame(new Float32Array(0), { shape: [4, 0], channelAxis: 0, reductionAxis: 1 }, 'int4@v16:u4', {});
});

test('clipping methods and the scale search give the reference its codes', () => {
  const data = awkward(9, 24 * 70);
  const layout: TensorLayout = { shape: [24, 70], channelAxis: 0, reductionAxis: 1 };
  for (const method of ['octav', 'mse', 'entropy'] as const)
    for (const notation of ['int4@channel', 'int4@v16:u4'])
      expectSame(data, layout, notation, { clipping: { method } });
  expectSame(data, layout, 'int4@v16:u4', { scaleChoice: 'search' });
});

test('the first value that is not finite is named, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('int4@v16:u4', 'uint4@v16:u4', 'int8@channel', 'int4@tensor', 'uint8@v5', 'int4'),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      fc.constantFrom(undefined, 0.5),
      fc.nat(36 * 37 - 1),
      fc.nat(36 * 37 - 1),
      (notation, value, coarse, first, second) => {
        const data = awkward(1, 36 * 37);
        data[first] = value;
        data[second] = value;
        const at = Math.min(first, second);
        const given = notation.includes('u4') || notation.includes('tensor') ? { coarse } : {};
        expect(() =>
          encode(
            data,
            { shape: [36, 37], channelAxis: 0, reductionAxis: 1, name: 'w' },
            parseFormat(notation),
            given,
          ),
        ).toThrow(`tensor 'w' holds ${value} at [${Math.floor(at / 37)}, ${at % 37}]`);
      },
    ),
    { numRuns: 200 },
  );
});
