// Liveness against explicit search of fair cycles on random small graphs, and a token ring made by hand.

import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { checkCertificate } from './check-certificate.ts';
import { hasFairCycle, randomSmallAig } from './explicit.fixture.ts';
import { checkLiveness } from './liveness.ts';
import { literalValue, replay } from './replay.ts';

test('verdicts agree with explicit search, and lassos close whatever fills their don’t cares', async () => {
  const random = new Random(31);
  const verdicts = { proved: 0, refuted: 0, unknown: 0 };
  for (let n = 0; n < 80; n++) {
    const aig = randomSmallAig(random, {
      inputs: random.below(3),
      latches: 1 + random.below(5),
      ands: 5 + random.below(20),
      constraints: n % 3 === 0 ? 1 : 0,
      justice: 1 + random.below(3),
      fairness: random.below(3),
    });
    const result = await checkLiveness(aig, { timeoutSeconds: 20, threads: n % 16 === 0 ? 2 : 0 });
    verdicts[result.verdict]++;
    expect(result.verdict, `graph ${n}`).toBe(hasFairCycle(aig, 0) ? 'refuted' : 'proved');
    if (result.verdict === 'proved') {
      if (result.certificate?.of === undefined) continue;
      expect(checkCertificate(aig, 0, result.certificate).valid, `graph ${n}`).toBe(true);
      continue;
    }
    const { trace } = result;
    for (let k = 0; k < 5; k++) {
      const run = replay(aig, trace!, () => random.below(2));
      const loop = run.values.slice(trace!.loopStart!);
      for (const v of run.values) for (const c of aig.constraints) expect(literalValue(v, c)).toBe(1);
      for (const literal of [...aig.justice[0]!, ...aig.fairness]) {
        expect(loop.some(v => literalValue(v, literal) === 1)).toBe(true);
      }
    }
  }
  expect(verdicts.proved).toBeGreaterThan(15);
  expect(verdicts.refuted).toBeGreaterThan(15);
}, 60_000);

/** A token goes round while `go` is offered; a broken ring loses it at a station when `drop` is raised. */
function ring(stations: number, broken: boolean): Aig {
  const b = new AigBuilder();
  const go = b.addInput('go');
  const drop = b.addInput('drop');
  const tokens = Array.from({ length: stations }, (_, i) => b.addLatch(`token[${i}]`, i === 0 ? 1 : 0));
  // a guess, made once and for all, that station 0 is never served again
  const starving = b.addLatch('starving');
  const guess = b.addInput('guess');
  b.setNext(starving, b.addOr(starving, guess));
  for (let i = 0; i < stations; i++) {
    const before = tokens[(i + stations - 1) % stations]!;
    const lost = broken && i === 3 ? drop : 0;
    b.setNext(tokens[i]!, b.addAnd(b.addMux(go, before, tokens[i]!), lost ^ 1));
  }
  b.addFairness(go);
  b.addConstraint(b.addAnd(starving, b.addAnd(tokens[0]!, go)) ^ 1);
  b.addJustice([starving]);
  return b.build();
}

test('a token ring serves every station; a broken one starves it', async () => {
  const proved = await checkLiveness(ring(12, false));
  expect(proved.verdict).toBe('proved');
  expect(proved.method).toContain('k-liveness');
  const { certificate } = proved;
  expect(checkCertificate(certificate!.of!.aig, 0, certificate!).valid).toBe(true);
  const refuted = await checkLiveness(ring(12, true));
  expect(refuted.verdict).toBe('refuted');
  const trace = refuted.trace!;
  // three moves bring the token to the station that loses it
  expect(trace.steps.length).toBeLessThanOrEqual(6);
  expect(trace.loopStart).toBeLessThan(trace.steps.length);
});
