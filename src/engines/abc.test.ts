// ABC inside Yosys against explicit search: the folding of constraints and reset values, and the way back of traces.

import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { runAbc } from './abc.ts';
import { randomSmallAig, shortestFailure } from './explicit.fixture.ts';
import { firstFailure } from './replay.ts';

test('verdicts of ABC agree with explicit search', async () => {
  const random = new Random(41);
  const seen = new Set<string>();
  for (let n = 0; n < 9; n++) {
    const aig = randomSmallAig(random, { inputs: 2, latches: 6, ands: 25, constraints: n % 2 });
    const expected = shortestFailure(aig);
    const outcome = await runAbc('yosys-abc', aig, 0, { timeoutSeconds: 20 });
    if (outcome.reason === 'nothing to prove') continue;
    seen.add(outcome.verdict);
    expect(outcome.verdict, `graph ${n}: ${outcome.reason}`).toBe(
      expected === undefined ? 'proved' : 'refuted',
    );
    if (expected !== undefined) {
      expect(firstFailure(aig, aig.bads[0]!, outcome.trace!)).toBe(outcome.depth);
    }
  }
  expect([...seen].sort()).toEqual(['proved', 'refuted']);
}, 60_000);
