// Wide codes and scales, which take the SAT proof minutes of one processor where the small units take seconds.

import { afterAll, expect, test } from 'vitest';
import { closeYosys } from '../../synthesis/yosys.ts';
import { checkEquivalence } from '../equivalence.ts';
import { ppu } from './index.ts';

afterAll(closeYosys);

test.each([
  { format: 'uint6@v2:u5', vector: 2, inputBits: 17, multiplierBits: 2, fraction: 2 },
  { format: 'int4@v4:u4', vector: 4, inputBits: 14, multiplierBits: 3 },
])('%o equals its golden model, by simulation and by proof', async parameters => {
  const report = await checkEquivalence(ppu(parameters), { vectors: 1 << 20, proofSeconds: 200 });
  expect([report.verdict, report.mismatch]).toEqual(['equivalent', undefined]);
  expect(report.proof!.reason).toMatch(/^outputs and next states are equal in every state that can/);
}, 600_000);
