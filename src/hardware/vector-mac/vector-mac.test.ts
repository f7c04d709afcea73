// The vector MAC: its integers are those of encoded tensors, its widths the ones its range needs, its RTL its golden model.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { UsageError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { decodeReference, encodeReference } from '../../format/codec.ts';
import { parseShorthand } from '../../format/notation.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { checkEquivalence } from '../equivalence.ts';
import { planVectorMac, roundScale, vectorMac } from './index.ts';

afterAll(closeYosys);

test('a MAC over encoded tensors is decode-and-multiply, in exact integers', () => {
  const formats = ['4/4/4/6', '4/8U/6/10', '8/8/-/-', '3/6/-/4', '6/4/8/-'];
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...formats), (seed, format) => {
      const random = new Random(seed);
      const vectors = 1 + random.below(6);
      const count = 16 * vectors;
      const pair = parseShorthand(format);
      const data = (): Float32Array => Float32Array.from({ length: count }, () => random.normal());
      const layout = { shape: [1, count], channelAxis: 0, reductionAxis: 1 };
      // power-of-two coarse scales: fp32 decoding is exact then, and the integers can be read off it
      const q = [pair.weight, pair.activation].map(f =>
        encodeReference(data(), layout, f, { coarse: f.scaling.kind === 'vector' ? 2 ** -9 : 2 ** -5 }),
      );
      const [w, a] = q as [(typeof q)[0], (typeof q)[0]];
      const real = q.map(decodeReference);
      let exact = 0;
      for (let i = 0; i < count; i++) exact += real[0]![i]! * real[1]![i]!;
      const unit = vectorMac({ format });
      const fields: Record<string, Float64Array> = {
        w: Float64Array.from(w.codes),
        a: Float64Array.from(a.codes),
        last: Float64Array.from({ length: vectors }, (_, i) => (i === vectors - 1 ? 1 : 0)),
      };
      if (w.scaleCodes !== undefined) fields['ws'] = Float64Array.from(w.scaleCodes);
      if (a.scaleCodes !== undefined) fields['as'] = Float64Array.from(a.scaleCodes);
      const { count: outputs, fields: out } = unit.golden({ count: vectors, fields });
      expect(outputs).toBe(1);
      expect(out['acc']![0]! * w.scales[0]! * a.scales[0]!).toBe(exact);
    }),
    { numRuns: 60 },
  );
});

test('widths: never above the paper, and reached by legal operands', () => {
  for (const format of ['4/4/4/4', '4/4/4/6', '8/8/6/-', '4/8/6/10', '8/8/-/-', '3/8U/4/10']) {
    const depth = 16;
    const unit = vectorMac({ format, depth });
    const plan = planVectorMac({ format, depth });
    const { weight, activation } = plan;
    // N_w + N_a + log2 V + ws + as, and log2 of the vectors summed
    const paper = weight.bits + activation.bits + 4 + weight.scaleBits + activation.scaleBits + 4;
    expect(plan.accumulator.bits).toBeLessThanOrEqual(paper);
    const ends = [plan.accumulator.low, plan.accumulator.high];
    const reached = ends.map((_, k) => {
      const fields = {
        w: new Float64Array(16 * depth).fill(k === 0 ? weight.low : weight.high),
        a: new Float64Array(16 * depth).fill(activation.high),
        ws: new Float64Array(depth).fill(2 ** weight.scaleBits - 1),
        as: new Float64Array(depth).fill(2 ** activation.scaleBits - 1),
        last: Float64Array.from({ length: depth }, (_, i) => (i === depth - 1 ? 1 : 0)),
      };
      const used = Object.fromEntries(unit.input.fields.map(f => [f.name, fields[f.name as 'w']]));
      return unit.golden({ count: depth, fields: used }).fields['acc']![0]!;
    });
    expect(reached).toEqual(ends);
    // one bit less would not hold them
    expect(
      ends[1]! > 2 ** (plan.accumulator.bits - 2) - 1 || ends[0]! < -(2 ** (plan.accumulator.bits - 2)),
    ).toBe(true);
  }
  expect(planVectorMac({ format: '4/4/4/6', depth: 1 }).accumulator).toEqual({
    low: -740880,
    high: 740880,
    bits: 21,
  });
});

test('the rounded scale product is the nearest one, halves up, saturated', () => {
  for (const [in_, p] of [
    [8, 4],
    [10, 6],
    [16, 4],
    [6, 1],
  ] as const) {
    for (let x = 0; x < 2 ** in_; x += in_ > 12 ? 37 : 1) {
      const expected = Math.min(Math.floor(x / 2 ** (in_ - p) + 0.5), 2 ** p - 1);
      expect(roundScale(x, in_ - p, p)).toBe(expected);
    }
  }
});

test('RTL equals the golden model, and small units are proved', async () => {
  const cases = [
    { format: '2/2/2/2', vector: 2, depth: 4 },
    { format: 'uint3@v1:u2,int2@tensor', vector: 1, depth: 3 },
    { format: '4/4/4/4', vector: 3, scaleBits: 4 },
    { format: '3/6U/-/4', vector: 5, inputRegister: true },
    { format: '5/4/4/5', vector: 3, scaleBits: 3, depth: 2 },
    { format: '4/4/-/-', vector: 6, fullRange: true },
    { format: 'uint1@v1:u1,uint1@v1:u1', vector: 1, depth: 1 },
  ];
  for (const parameters of cases) {
    const unit = vectorMac(parameters);
    const report = await checkEquivalence(unit, { vectors: 20_000, proofSeconds: 60 });
    expect([unit.name, report.verdict, report.mismatch?.problem]).toEqual([
      unit.name,
      'equivalent',
      undefined,
    ]);
    expect([unit.name, report.proof?.verdict, report.proof?.reason.includes('open')]).toEqual([
      unit.name,
      'proved',
      false,
    ]);
  }
}, 180_000);

test('formats it cannot take are one line', () => {
  const bad: [Record<string, string | number>, RegExp][] = [
    [{ format: 'fp8e4m3@tensor,int4@tensor' }, /weight format fp8e4m3@tensor; expected intN/],
    [{ format: '4/4/fp/-' }, /integer vector scales/],
    [{ format: 'int4@v8:u4,int4@v16:u4' }, /vectors of 16 elements/],
    [{ format: '4/4/-/-', scaleBits: 4 }, /integer vector scales/],
    [{ format: '4/4/4/6', scaleBits: 11 }, /1 to 10/],
    [{ format: '16/16/16/16', depth: 4096 }, /more than 52 bits/],
    [{ format: '4/4/4/6', vector: 0 }, /from 1 to 256/],
    [{ format: '4/4/4/6', lanes: 4 }, /unknown parameter/],
  ];
  for (const [parameters, message] of bad) {
    expect(() => vectorMac(parameters)).toThrow(UsageError);
    expect(() => vectorMac(parameters)).toThrow(message);
  }
});
