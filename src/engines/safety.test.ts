// The face of the room: portfolio, time limits, interruption, don't cares, covers, damaged certificates.

import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { checkCertificate } from './check-certificate.ts';
import { randomSmallAig, shortestFailure } from './explicit.fixture.ts';
import { firstFailure } from './replay.ts';
import { checkCover, checkSafety } from './safety.ts';

/** A counter that wraps at `last`; bad when it reads `bad`. */
function counter(width: number, last: number, bad: number, enable = true): Aig {
  const b = new AigBuilder();
  const go = b.addInput('go');
  b.addInput('unused');
  const bits = Array.from({ length: width }, (_, i) => b.addLatch(`count[${i}]`));
  const is = (n: number): number => b.addAndAll(bits.map((bit, i) => bit ^ 1 ^ ((n >> i) & 1)));
  const wrap = is(last);
  let carry = enable ? go : 1;
  for (const bit of bits) {
    const sum = b.addXor(bit, carry);
    const next = b.addAnd(sum, b.addAnd(wrap, enable ? go : 1) ^ 1);
    carry = b.addAnd(bit, carry);
    b.setNext(bit, next);
  }
  b.addBad(is(bad));
  return b.build();
}

/** Hard for every engine: a 24 x 24 bit multiplier commuted, behind registers. */
function hard(): Aig {
  const b = new AigBuilder();
  const width = 24;
  const load = (name: string): number[] =>
    Array.from({ length: width }, (_, i) => {
      const latch = b.addLatch(`${name}[${i}]`);
      b.setNext(latch, b.addInput());
      return latch;
    });
  const x = load('x');
  const y = load('y');
  const multiply = (p: number[], q: number[]): number[] => {
    let sum: number[] = Array.from({ length: 2 * width }, () => 0);
    for (const [i, bit] of q.entries()) {
      let carry = 0;
      const next = [...sum];
      for (let k = 0; k < width; k++) {
        const r = b.addFullAdder(sum[i + k]!, b.addAnd(bit, p[k]!), carry);
        next[i + k] = r.sum;
        carry = r.carry;
      }
      next[i + width] = carry;
      sum = next;
    }
    return sum;
  };
  const one = multiply(x, y);
  const two = multiply(y, x);
  b.addBad(b.addOrAll(one.map((bit, i) => b.addXor(bit, two[i]!))));
  return b.build();
}

test('verdicts and shortest lengths of the whole chain, workers among it', async () => {
  const random = new Random(21);
  for (let n = 0; n < 40; n++) {
    const aig = randomSmallAig(random, { inputs: 2, latches: 6, ands: 25, constraints: n % 3 === 0 ? 1 : 0 });
    const expected = shortestFailure(aig);
    const result = await checkSafety(aig, { timeoutSeconds: 20, threads: n % 2 === 0 ? 0 : 2 });
    expect(result.verdict, `graph ${n}`).toBe(expected === undefined ? 'proved' : 'refuted');
    if (expected !== undefined) {
      expect(result.depth).toBe(expected);
      expect(firstFailure(aig, aig.bads[0]!, result.trace!, () => random.below(2))).toBe(expected);
    }
  }
});

test('a counter is refuted at its depth with only the enable mattering, and proved past its end', async () => {
  const refuted = await checkSafety(counter(6, 50, 37));
  expect(refuted).toMatchObject({ verdict: 'refuted', depth: 37 });
  expect(refuted.trace!.steps.slice(0, 37).every(step => step[0] === 1)).toBe(true);
  expect(refuted.trace!.steps.every(step => step[1] === 2)).toBe(true);
  expect(refuted.trace!.steps[37]![0]).toBe(2);
  const aig = counter(6, 50, 55);
  const proved = await checkSafety(aig);
  expect(proved.verdict).toBe('proved');
  expect(checkCertificate(aig, 0, proved.certificate!).valid).toBe(true);
});

test('damaged certificates are rejected', async () => {
  const aig = counter(5, 20, 25);
  const { certificate } = await checkSafety(aig, { threads: 0 });
  const { invariant } = certificate!;
  expect(checkCertificate(aig, 0, certificate!).valid).toBe(true);
  const random = new Random(5);
  let rejected = 0;
  for (let n = 0; n < 60; n++) {
    const fanin0 = invariant.fanin0.slice();
    const fanin1 = invariant.fanin1.slice();
    const at = random.below(fanin0.length);
    (random.below(2) === 0 ? fanin0 : fanin1)[at]! ^= 1;
    const damaged = new Aig({
      inputCount: invariant.inputCount,
      fanin0,
      fanin1,
      outputs: invariant.outputs,
    });
    // what still passes must really be an invariant: compare with all 2^5 states
    const verdict = checkCertificate(aig, 0, { ...certificate!, invariant: damaged });
    expect(verdict.valid).toBe(isInvariant(aig, damaged));
    if (!verdict.valid) rejected++;
  }
  expect(rejected).toBeGreaterThan(20);
  for (const outputs of [[0], [1]]) {
    const trivial = new Aig({
      inputCount: aig.latchCount,
      fanin0: new Uint32Array(0),
      fanin1: new Uint32Array(0),
      outputs: Uint32Array.from(outputs),
    });
    expect(checkCertificate(aig, 0, { ...certificate!, invariant: trivial }).valid).toBe(false);
  }
  expect(checkCertificate(counter(5, 20, 20), 0, certificate!).valid).toBe(false);
});

function isInvariant(aig: Aig, invariant: Aig): boolean {
  const values = (graph: Aig, leaves: number[]): Uint8Array => {
    const v = new Uint8Array(graph.variableCount);
    v.set(leaves, 1);
    for (let i = 0; i < graph.andCount; i++) {
      v[graph.firstAnd + i] =
        (v[graph.fanin0[i]! >>> 1]! ^ (graph.fanin0[i]! & 1)) &
        (v[graph.fanin1[i]! >>> 1]! ^ (graph.fanin1[i]! & 1));
    }
    return v;
  };
  const get = (v: Uint8Array, literal: number): number => v[literal >>> 1]! ^ (literal & 1);
  const bits = (n: number, count: number): number[] => Array.from({ length: count }, (_, i) => (n >> i) & 1);
  const inside = (state: number[]): boolean => get(values(invariant, state), invariant.outputs[0]!) === 1;
  if (!inside([...aig.latchInit])) return false;
  for (let s = 0; s < 1 << aig.latchCount; s++) {
    const state = bits(s, aig.latchCount);
    if (!inside(state)) continue;
    for (let input = 0; input < 1 << aig.inputCount; input++) {
      const v = values(aig, [...bits(input, aig.inputCount), ...state]);
      if (get(v, aig.bads[0]!) === 1) return false;
      if (!inside(Array.from(aig.latchNext, x => get(v, x)))) return false;
    }
  }
  return true;
}

test('a cover is reached by its shortest run, or shown unreachable', async () => {
  const aig = counter(4, 9, 15);
  const bits = [0, 1, 2, 3].map(i => 2 * aig.latchVariable(i));
  const b = await checkCover(aig, bits[3]!);
  expect(b).toMatchObject({ verdict: 'reached', step: 8 });
  const unreachable = await checkCover(aig, aig.bads[0]!);
  expect(unreachable.verdict).toBe('unreachable');
});

test('time limits and interruption hold, and leave no worker', async () => {
  const aig = hard();
  const before = workers();
  const start = performance.now();
  const late = await checkSafety(aig, { timeoutSeconds: 2, engines: ['bmc', 'pdr', 'k-induction'] });
  expect(late).toMatchObject({ verdict: 'unknown', reason: 'timeout of 2 s' });
  expect(performance.now() - start).toBeLessThan(4000);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 700);
  const cut = await checkSafety(aig, { timeoutSeconds: 60, signal: stop.signal });
  expect(cut).toMatchObject({ verdict: 'unknown', reason: 'interrupted' });
  expect(workers()).toBe(before);
}, 15_000);

function workers(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'MessagePort' || name === 'Worker').length;
}

test('options out of range are refused', async () => {
  const aig = counter(3, 5, 4);
  await expect(checkSafety(aig, { timeoutSeconds: 0 })).rejects.toThrow('time limit');
  await expect(checkSafety(aig, { engines: ['magic' as 'pdr'] })).rejects.toThrow("engine 'magic'");
  await expect(checkSafety(aig, { bad: 3 })).rejects.toThrow('bad state property 3');
});
