// The products against an independent definition: explicit-state search over random small designs, straight from the
// meaning of the properties (pairs of runs for P1, the fixpoint of progress for P2), with no product and no engine.

import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { engines } from '../../engines/index.ts';
import type { Aig } from '../../netlist/aig.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { checkBads, checkJustice } from '../check.ts';
import { type Design, designFromAig } from '../design.ts';
import { findChannels } from '../front/channels.ts';
import type { Interface } from '../interface.ts';
import { replayLasso, replaySafety } from '../replay.ts';
import { verifyDesign } from '../run.ts';
import { deadlockProduct } from './deadlock.ts';
import { invalidDataProduct } from './invalid-data.ts';
import { protocolProduct } from './protocol.ts';

const limits = { timeoutSeconds: 20, threads: 0 };

/** in_valid, in_data, out_ready → in_ready, out_valid, out_data over three latches. */
function randomDesign(random: Random): Design {
  const b = new AigBuilder();
  const pool = ['in_valid', 'in_data', 'out_ready'].map(name => b.addInput(name));
  const latches = [0, 1, 2].map(i => b.addLatch(`r${i}`, random.below(6) === 0 ? 2 : random.below(2)));
  pool.push(...latches);
  const any = (): number => random.pick(pool) ^ random.below(2);
  for (let i = 0; i < 9; i++)
    pool.push(random.below(3) === 0 ? b.addMux(any(), any(), any()) : b.addAnd(any(), any()));
  for (const latch of latches) b.setNext(latch, any());
  b.addOutput(any(), 'in_ready');
  b.addOutput(any(), 'out_valid');
  b.addOutput(any(), 'out_data');
  return designFromAig(b.build(), 'random');
}

function interfaceOf(design: Design, persistent: boolean): Interface {
  const { channels, rest } = findChannels(
    design.ports.map(p => ({ name: p.name, direction: p.direction, width: p.bits.length })),
  );
  expect(rest).toEqual([]);
  return {
    clockEdge: 'rising',
    resets: [],
    channels: channels.map(c => ({ ...c, persistent })),
    freeInputs: [],
    otherOutputs: [],
  };
}

interface Step {
  ready: number;
  valid: number;
  data: number;
  next: number;
}

/** The design as a table: state, in_valid, in_data, out_ready. */
function behaviour(aig: Aig): (state: number, v: number, x: number, r: number) => Step {
  const inputs = new Map(aig.names.inputs!.map((name, i) => [name, i]));
  return (state, v, x, r) => {
    const values = new Uint8Array(aig.variableCount);
    for (const [name, value] of [
      ['in_valid', v],
      ['in_data', x],
      ['out_ready', r],
    ] as const) {
      values[1 + inputs.get(name)!] = value;
    }
    for (let i = 0; i < aig.latchCount; i++) values[aig.latchVariable(i)] = (state >> i) & 1;
    const get = (l: number): number => values[l >>> 1]! ^ (l & 1);
    for (let i = 0; i < aig.andCount; i++)
      values[aig.firstAnd + i] = get(aig.fanin0[i]!) & get(aig.fanin1[i]!);
    const out = (name: string): number => get(aig.outputs[aig.names.outputs!.indexOf(name)]!);
    let next = 0;
    for (let i = 0; i < aig.latchCount; i++) next |= get(aig.latchNext[i]!) << i;
    return { ready: out('in_ready'), valid: out('out_valid'), data: out('out_data'), next };
  };
}

function starts(aig: Aig): number[] {
  let list = [0];
  for (let i = 0; i < aig.latchCount; i++) {
    const init = aig.latchInit[i]!;
    list = list.flatMap(s => (init === 2 ? [s, s | (1 << i)] : [s | (init << i)]));
  }
  return list;
}

const bits = [0, 1] as const;

/** Producers that retract and change: P1 by search over pairs of states. */
function invalidDataMatters(aig: Aig): boolean {
  const run = behaviour(aig);
  const open = starts(aig).map(s => [s, s] as const);
  const seen = new Set(open.map(p => p.join()));
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    for (const v of bits)
      for (const r of bits)
        for (const x of bits)
          for (const y of bits) {
            if (v === 1 && x !== y) continue;
            const a = run(pair[0], v, x, r);
            const b = run(pair[1], v, y, r);
            if (a.ready !== b.ready || a.valid !== b.valid || (a.valid === 1 && a.data !== b.data))
              return true;
            const next = [a.next, b.next] as const;
            if (seen.has(next.join())) continue;
            seen.add(next.join());
            open.push(next);
          }
  }
  return false;
}

/** States with the message held by a persistent producer: -1 none. */
interface Held {
  state: number;
  held: number;
}

/** Reachable states under any history, then the least fixpoint of "cooperation moves something". */
function canDie(aig: Aig, persistent: boolean): boolean {
  const run = behaviour(aig);
  const key = (h: Held): string => `${h.state},${h.held}`;
  const reached = new Map<string, Held>();
  const open: Held[] = starts(aig).map(state => ({ state, held: -1 }));
  for (let h = open.pop(); h !== undefined; h = open.pop()) {
    if (reached.has(key(h))) continue;
    reached.set(key(h), h);
    const offers =
      h.held >= 0
        ? [[1, h.held] as const]
        : [[0, 0] as const, [0, 1] as const, [1, 0] as const, [1, 1] as const];
    for (const [v, x] of offers)
      for (const r of bits) {
        const step = run(h.state, v, x, r);
        open.push({ state: step.next, held: persistent && v === 1 && step.ready === 0 ? x : -1 });
      }
  }
  // a silent cooperative run: valid and ready held up, payload kept
  const dies = (h: Held, x: number): boolean => {
    const seen = new Set<number>();
    for (let state = h.state; !seen.has(state); ) {
      seen.add(state);
      const step = run(state, 1, x, 1);
      if (step.ready === 1 || step.valid === 1) return false;
      state = step.next;
    }
    return true;
  };
  for (const h of reached.values()) {
    for (const x of h.held >= 0 ? [h.held] : bits) if (dies(h, x)) return true;
  }
  return false;
}

test('P1 agrees with a search over pairs of states', async () => {
  const random = new Random(3);
  const counts = { proved: 0, refuted: 0, unknown: 0 };
  for (let i = 0; i < 40; i++) {
    const design = randomDesign(random);
    const product = invalidDataProduct(design, interfaceOf(design, false));
    const answer = await checkBads(product, engines, limits);
    expect(answer.verdict).toBe(invalidDataMatters(design.aig) ? 'refuted' : 'proved');
    counts[answer.verdict]++;
    if (answer.trace !== undefined) {
      const { table } = replaySafety(product, answer.trace, 'random', 'P1');
      expect(table.steps.length).toBe(answer.depth + 1);
    }
  }
  expect(counts.proved).toBeGreaterThan(6);
  expect(counts.refuted).toBeGreaterThan(6);
});

test('P2 and its liveness form agree with the fixpoint of progress', async () => {
  const random = new Random(4);
  const counts = { proved: 0, refuted: 0, unknown: 0 };
  for (let i = 0; i < 28; i++) {
    const design = randomDesign(random);
    const persistent = i % 2 === 1;
    const found = interfaceOf(design, persistent);
    const expected = canDie(design.aig, persistent) ? 'refuted' : 'proved';
    const results = await verifyDesign(design, found, engines, { properties: ['P2', 'P2-live'], threads: 0 });
    expect(results.map(r => r.verdict)).toEqual([expected, expected]);
    counts[expected]++;
    // liveness on its own, without the bounded answer
    const product = deadlockProduct(design, found);
    const live = await checkJustice(product, engines, limits);
    expect(live.verdict).toBe(expected);
    if (live.trace !== undefined) replayLasso(product, live.trace, 'random', 'P2-live', '');
  }
  expect(counts.proved).toBeGreaterThan(6);
  expect(counts.refuted).toBeGreaterThan(6);
});

test('P4 agrees with a search over states', async () => {
  const random = new Random(5);
  let refuted = 0;
  for (let i = 0; i < 40; i++) {
    const design = randomDesign(random);
    const run = behaviour(design.aig);
    const seen = new Set<string>();
    const open: [state: number, stalled: number][] = starts(design.aig).map(s => [s, -1]);
    let broken = false;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next.join())) continue;
      seen.add(next.join());
      const [state, stalled] = next;
      for (const v of bits)
        for (const x of bits)
          for (const r of bits) {
            const step = run(state, v, x, r);
            if (stalled >= 0 && (step.valid === 0 || step.data !== stalled)) broken = true;
            open.push([step.next, step.valid === 1 && r === 0 ? step.data : -1]);
          }
    }
    const answer = await checkBads(
      protocolProduct(design, interfaceOf(design, false), 'out'),
      engines,
      limits,
    );
    expect(answer.verdict).toBe(broken ? 'refuted' : 'proved');
    if (broken) refuted++;
  }
  expect(refuted).toBeGreaterThan(10);
  expect(refuted).toBeLessThan(58);
});

test('a run that does not fail is an error of the tool', async () => {
  const random = new Random(3);
  for (;;) {
    const design = randomDesign(random);
    const product = invalidDataProduct(design, interfaceOf(design, false));
    const answer = await checkBads(product, engines, limits);
    if (answer.trace === undefined || answer.depth === 0) continue;
    const cut = { ...answer.trace, steps: answer.trace.steps.slice(0, -1) };
    expect(() => replaySafety(product, cut, 'random', 'P1')).toThrow(/does not fail when replayed/);
    break;
  }
});
