// The floating-point MACs through Yosys against their model, the model against real arithmetic, and a broken unit.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { checkEquivalence } from '../equivalence.ts';
import { floatToNumber } from '../float/format.ts';
import { checkStream } from '../stream-check.fixture.ts';
import { fpMac, fpPartial, planFpMac } from './index.ts';

afterAll(closeYosys);

for (const parameters of [
  { format: 'fp8e4m3', lanes: 6 },
  { format: 'fp8e4m3', lanes: 4, sum: 'tree' },
  { format: 'fp8e4m3', lanes: 3, accumulate: 'fp16', stages: 4 },
  { format: 'fp8e4m3', lanes: 4, fraction: 9 },
  { format: 'fp8e5m2', lanes: 4 },
  { format: 'fp8e5m2', lanes: 3, sum: 'tree', accumulate: 'fp16' },
  { format: 'fp16', lanes: 4 },
  { format: 'fp16', lanes: 2, sum: 'tree' },
  { format: 'bf16', lanes: 5 },
  { format: 'fp32', lanes: 2 },
  { format: 'fp32', lanes: 2, sum: 'tree' },
  { format: 'fp16', lanes: 1, accumulate: 'fp16' },
]) {
  test(`fp-mac ${JSON.stringify(parameters)} computes its codes`, async () => {
    const result = await checkStream(fpMac(parameters), 8000);
    expect(result).toMatchObject({ accepted: 8000, violations: 0, wrong: [], warnings: [] });
  });
}

test('an alignment off by one is noticed', async () => {
  const unit = fpMac({ format: 'fp8e4m3', lanes: 2 });
  const files = unit.files.map(f => ({ ...f, text: f.text.replace('distance_1[0] ?', 'distance_1[1] ?') }));
  expect(files.some((f, i) => f.text !== unit.files[i]!.text)).toBe(true);
  expect((await checkStream(unit, 4000, files)).wrong.length).toBeGreaterThan(0);
});

test('partial sums are as near the real sum as the accumulator allows', () => {
  const random = new Random(2);
  for (const format of ['fp8e4m3', 'fp8e5m2', 'fp16', 'bf16', 'fp32']) {
    for (const sum of ['fused', 'tree']) {
      const plan = planFpMac({ format, sum, lanes: 32 });
      const unit = fpMac({ format, sum, lanes: 32 });
      const { w, a } = unit.stimuli(random, 400).fields as Record<string, Float64Array>;
      for (let t = 0; t < 400; t++) {
        let exact = 0;
        let size = 0;
        for (let i = t * 32; i < t * 32 + 32; i++) {
          const x = floatToNumber(plan.format, w![i]!, plan.subnormals);
          const product = x * floatToNumber(plan.format, a![i]!, plan.subnormals);
          exact += product;
          size += Math.abs(product);
        }
        const got = floatToNumber(plan.accumulate, fpPartial(plan, w!, a!, t * 32));
        if (size > floatToNumber(plan.accumulate, plan.accumulate.maxCode)) continue;
        const bound = size * 32 * 2 ** -plan.accumulate.mantissaBits + 64 * 2 ** (1 - plan.accumulate.bias);
        if (Math.abs(got - exact) > bound)
          expect({ format, sum, t, got }).toEqual({ format, sum, t, got: exact });
      }
    }
  }
});

test('what the unit cannot take is refused in one line', () => {
  expect(() => fpMac({ format: 'int8' })).toThrow(/fp-mac cannot take the format int8/);
  expect(() => fpMac({ format: 'fp32', accumulate: 'fp16' })).toThrow(/at least the exponent bits/);
  expect(() => fpMac({ sum: 'serial' })).toThrow(/fused or tree/);
});

test('the second description is proved equal module by module; a wrong one is told', async () => {
  const unit = fpMac({ format: 'fp8e4m3', lanes: 2 });
  const { verdict, proof } = await checkEquivalence(unit, { vectors: 4000, proofSeconds: 20 });
  expect([verdict, proof?.verdict, proof?.proved === proof?.pairs]).toEqual(['equivalent', 'proved', true]);
  expect(proof?.reason).toMatch(/fp24_add, .*_product, .*_products, .*_sum, .*_normalise$/);
  const reference = unit.reference!.map(f => ({ ...f, text: f.text.replace('&& moved[', '|| moved[') }));
  const wrong = await checkEquivalence({ ...unit, reference }, { vectors: 4000, proofSeconds: 20 });
  expect([wrong.verdict, wrong.proof?.verdict]).toEqual(['different', 'refuted']);
}, 120_000);
