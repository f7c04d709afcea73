// A million transactions of each Softermax unit, the SAT proofs, and the cost against the fp16 halves at 4 lanes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeYosys } from '../../synthesis/index.ts';
import { costOf } from '../cost/cost.ts';
import { findLibrary } from '../cost/find-library.ts';
import { fanoutOfFour } from '../cost/surroundings.ts';
import { checkEquivalence } from '../equivalence.ts';
import { softermaxNormal, softermaxUnnormed, softmaxNormal, softmaxUnnormed } from './index.ts';

const cache = mkdtempSync(join(tmpdir(), 'softermax-'));

afterAll(async () => {
  rmSync(cache, { recursive: true, force: true });
  await closeYosys();
});

test.each([softermaxUnnormed, softermaxNormal])('%o: a million slices of 16 lanes', async make => {
  const report = await checkEquivalence(make({ vector: 16 }), { proofSeconds: 0 });
  expect(report.verdict).toBe('equivalent');
  expect(report.transactions).toBeGreaterThanOrEqual(1 << 20);
}, 120_000);

test.each([
  ...[softmaxUnnormed({ vector: 8 }), softmaxNormal({ vector: 8 })],
  ...[softmaxUnnormed({ vector: 8, pipeline: false }), softmaxNormal({ vector: 8, pipeline: false })],
  softmaxNormal({ vector: 8, division: 'reciprocal' }),
])('$name: a hundred thousand slices of fp16', async unit => {
  const report = await checkEquivalence(unit, { vectors: 100_000, proofSeconds: 0 });
  expect(report.verdict).toBe('equivalent');
}, 300_000);

test.each([softermaxUnnormed, softermaxNormal])('%o: equal to its second description, by SAT', async make => {
  const report = await checkEquivalence(make({ vector: 2 }), { vectors: 4096, proofSeconds: 100 });
  expect(report.proof?.verdict).toBe('proved');
}, 150_000);

test('area and energy of both halves against fp16, one clock', async () => {
  const library = findLibrary('neutral');
  const clock = Math.round(130 * fanoutOfFour(library));
  const ratios = async (pair: Parameters<typeof costOf>[0]) => {
    const { rows } = await costOf(pair, { library, clock, cache });
    expect(rows.every(r => r.met)).toBe(true);
    return rows[1]!;
  };
  const first = await ratios([softmaxUnnormed({ vector: 4 }), softermaxUnnormed({ vector: 4 })]);
  expect(first.areaRatio).toBeLessThan(0.2);
  expect(first.energyRatio).toBeLessThan(0.12);
  const second = await ratios([softmaxNormal({ vector: 4 }), softermaxNormal({ vector: 4 })]);
  expect(second.areaRatio).toBeLessThan(0.55);
  expect(second.energyRatio).toBeLessThan(0.2);
}, 300_000);
