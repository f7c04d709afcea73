// The post-processing unit: its codes and scales are those `encode` gives, its RTL its golden model.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { encodeReference } from '../../format/codec.ts';
import { parseFormat } from '../../format/notation.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { checkEquivalence } from '../equivalence.ts';
import { coarse } from './golden.ts';
import { planPpu, ppu } from './index.ts';

afterAll(closeYosys);

test('codes and scales are what encode makes of the coarsely scaled values', () => {
  const random = new Random(4);
  for (const format of ['int4@v16:u6', 'uint4@v16:u4', 'int8@v16:u4', 'uint3@v16:u8', 'int6@v16:u5']) {
    const plan = planPpu({ format });
    const unit = ppu({ format });
    const batch = unit.stimuli(random, 3000);
    const got = unit.golden(batch);
    const parsed = parseFormat(format);
    const data = Float32Array.from(batch.fields['x']!, (x, i) => {
      return coarse(plan, x, batch.fields['c']![i]!) / 2 ** plan.fraction;
    });
    const layout = { shape: [batch.count, 16], reductionAxis: 1 };
    const q = encodeReference(data, layout, parsed, { coarse: 1 });
    expect(Array.from(got.fields['scale']!)).toEqual(Array.from(q.scaleCodes!));
    expect(Array.from(got.fields['codes']!)).toEqual(Array.from(q.codes));
  }
});

test('RTL equals the golden model', async () => {
  const cases = [
    { format: 'int4@v2:u4', vector: 2, inputBits: 14, multiplierBits: 3 },
    { format: 'uint3@v3:u3', vector: 3, inputBits: 12, multiplierBits: 3, fraction: 1 },
    { format: 'int2@v1:u2', vector: 1, inputBits: 9, multiplierBits: 2, fraction: 3 },
    { format: 'uint6@v1:u2', vector: 1, inputBits: 11, multiplierBits: 2, fraction: 1 },
  ];
  for (const parameters of cases) {
    const unit = ppu(parameters);
    const report = await checkEquivalence(unit, { vectors: 20_000, proofSeconds: 60 });
    expect([unit.name, report.verdict, report.mismatch]).toEqual([unit.name, 'equivalent', undefined]);
    expect(report.proof!.reason).toMatch(/^outputs and next states are equal in every state that can/);
    if (parameters.vector === 1) expect(report.exhaustive).toBe(true);
  }
}, 180_000);

test('formats it cannot make are one line', () => {
  expect(() => ppu({ format: 'int4@v16' })).toThrow(/integer vector scale/);
  expect(() => ppu({ format: '4/4/4/-' })).toThrow(/int4@tensor; expected an integer vector scale/);
  expect(() => ppu({ format: 'int4@v16:u10' })).toThrow(/2 to 8 bits/);
  expect(() => ppu({ format: 'int8@v16:u8', inputBits: 12 })).toThrow(/--input-bits of at least 20/);
});
