// Every engine against explicit-state search on random small graphs: verdicts, shortest lengths, don't cares, certificates.

import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { boundedModelCheck } from './bmc.ts';
import { makeCertificate } from './certificate.ts';
import { checkCertificate } from './check-certificate.ts';
import { concreteTrace } from './concrete.ts';
import { mergeEquivalent } from './equivalence.ts';
import { randomSmallAig, shortestFailure } from './explicit.fixture.ts';
import { Limits } from './limits.ts';
import { minimiseTrace } from './minimise.ts';
import { propertyDirectedReachability } from './pdr.ts';
import { firstFailure, originalTrace } from './replay.ts';
import { runEngine } from './run-engine.ts';
import { coneOfInfluence } from './system.ts';
import { dropConstantLatches } from './ternary.ts';

const limits = (): Limits => new Limits({ timeoutSeconds: 20 });

function shape(random: Random) {
  return {
    inputs: random.below(4),
    latches: 1 + random.below(7),
    ands: 4 + random.below(30),
    constraints: random.below(3) === 0 ? 1 + random.below(2) : 0,
  };
}

test('bounded search finds the shortest run, which fails whatever fills its don’t cares', () => {
  const random = new Random(11);
  let refuted = 0;
  for (let n = 0; n < 150; n++) {
    const aig = randomSmallAig(random, shape(random));
    const expected = shortestFailure(aig);
    const system = coneOfInfluence(aig, 0);
    const answer = boundedModelCheck(system, limits(), 140);
    if (expected === undefined) {
      expect(answer.verdict, `graph ${n}`).not.toBe('refuted');
      continue;
    }
    refuted++;
    expect(answer.verdict, `graph ${n}`).toBe('refuted');
    expect(answer.depth).toBe(expected);
    const trace = originalTrace(system, aig, answer.trace!);
    const small = minimiseTrace(aig, aig.bads[0]!, trace, limits());
    for (let k = 0; k < 8; k++) {
      expect(firstFailure(aig, aig.bads[0]!, small, () => random.below(2))).toBe(expected);
    }
  }
  expect(refuted).toBeGreaterThan(30);
});

test('PDR agrees with explicit search, raw and after merging, and its certificates check', () => {
  const random = new Random(12);
  let proved = 0;
  for (let n = 0; n < 250; n++) {
    const aig = randomSmallAig(random, shape(random));
    const expected = shortestFailure(aig);
    let system = coneOfInfluence(aig, 0);
    if (n % 2 === 1) system = mergeEquivalent(dropConstantLatches(system), limits());
    const answer = propertyDirectedReachability(system, limits(), { blockCounterexamples: n % 4 < 2 });
    expect(answer.verdict, `graph ${n}`).toBe(expected === undefined ? 'proved' : 'refuted');
    if (expected !== undefined) {
      const trace = concreteTrace(aig, aig.bads[0]!, originalTrace(system, aig, answer.trace!), limits())!;
      expect(firstFailure(aig, aig.bads[0]!, trace), `graph ${n}`).toBeGreaterThanOrEqual(expected);
      continue;
    }
    proved++;
    const certificate = makeCertificate(aig, system, { method: 'pdr', cubes: answer.cubes });
    expect(checkCertificate(aig, 0, certificate), `graph ${n}`).toMatchObject({ valid: true });
  }
  expect(proved).toBeGreaterThan(40);
});

test('strengthened engines agree with explicit search, and their certificates check', () => {
  const random = new Random(13);
  const methods = new Set<string>();
  for (let n = 0; n < 240; n++) {
    const aig = randomSmallAig(random, shape(random));
    const expected = shortestFailure(aig);
    const engine = n % 2 === 0 ? 'k-induction' : 'pdr';
    const hints = {
      equalPairs: [[2 * aig.latchVariable(0), 2 * aig.latchVariable(aig.latchCount - 1)]] as [
        number,
        number,
      ][],
      invariants: [2 * aig.latchVariable(0), 2 * (aig.variableCount - 1) + 1],
    };
    const outcome = runEngine({ engine, aig, bad: 0, maxDepth: 140, hints }, limits());
    if (expected !== undefined) {
      expect(outcome.verdict, `graph ${n}`).toBe('refuted');
      expect(firstFailure(aig, aig.bads[0]!, outcome.trace!)).toBe(outcome.depth);
      continue;
    }
    // k-induction without simple paths is not complete
    if (engine === 'k-induction' && outcome.verdict === 'unknown') continue;
    expect(outcome.verdict, `graph ${n}`).toBe('proved');
    methods.add(outcome.method);
    if (outcome.method === 'bmc') continue;
    expect(checkCertificate(aig, 0, outcome.certificate!), `graph ${n}`).toMatchObject({ valid: true });
  }
  expect([...methods]).toEqual(expect.arrayContaining(['k-induction', 'pdr', 'preprocessing']));
});
