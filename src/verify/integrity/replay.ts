// Runs a path of the exploration with real payloads on the plain graph and looks for the wrong word.
// The trace it returns has failed there: nothing is reported that was not seen. Refuses symbolic shortcuts.

import { Random } from '../../core/random.ts';
import type { Trace } from '../../engines/types.ts';
import type { Exploration, Suspicion } from './explore.ts';
import type { StreamDesign } from './stream.ts';

export interface Failure {
  trace: Trace;
  /** What was seen, in words. */
  summary: string;
}

/** Values of one word as a number for messages. */
function wordText(bits: readonly number[]): string {
  let value = 0n;
  for (let i = bits.length - 1; i >= 0; i--) value = 2n * value + BigInt(bits[i]!);
  return `0x${value.toString(16)}`;
}

/**
 * Replays the path, then keeps offering and accepting for `drain` cycles, with words numbered 1, 2, 3 …, then with
 * random ones. @returns the first failure seen, cut after its cycle
 */
export function replay(
  design: StreamDesign,
  exploration: Exploration,
  suspicion: Suspicion,
  drain = 64,
): Failure | undefined {
  for (let attempt = 0; attempt < 24; attempt++) {
    // the modes of the cycles after the path: drain only, or offer and drain
    const failure = run(design, exploration, suspicion, drain, attempt >> 1, (attempt & 1) === 1);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function run(
  design: StreamDesign,
  exploration: Exploration,
  suspicion: Suspicion,
  drain: number,
  seed: number,
  offer: boolean,
): Failure | undefined {
  const { aig, inputs, outputs } = design;
  const { choices, openLatches, roles } = exploration;
  const random = new Random(7919 * seed + 1);
  const values = new Uint8Array(aig.variableCount);
  const state = Uint8Array.from(aig.latchInit, (init, i) =>
    init === 2 ? (design.rest?.get(i) ?? random.below(2)) : init,
  );
  openLatches.forEach((i, k) => {
    state[i] = (suspicion.start >> k) & 1;
  });
  const initial = state.slice();
  const steps: Uint8Array[] = [];
  const queues = inputs.map((): number[][] => []);
  let sent = 0;
  const offered = inputs.map((): number[] | undefined => undefined);
  const read = (literal: number): number => values[literal >>> 1]! ^ (literal & 1);
  const tagSet = new Set(roles.tags);
  for (let t = 0; t < suspicion.path.length + drain; t++) {
    const choice = suspicion.path[t];
    values.fill(0);
    choices.forEach((v, i) => {
      values[v] = choice === undefined ? (tagSet.size > 0 ? random.below(2) : 0) : (choice >> i) & 1;
    });
    if (choice === undefined) {
      for (const c of inputs) values[c.valid >>> 1] = offer ? 1 : 0;
      for (const c of outputs) values[c.ready >>> 1] = 1;
    }
    inputs.forEach((c, s) => {
      const valid = read(c.valid) === 1;
      if (valid && offered[s] === undefined) {
        sent++;
        offered[s] = c.payload.map((_, b) => (seed === 0 ? Math.floor(sent / 2 ** b) & 1 : random.below(2)));
      }
      c.payload.forEach((literal, b) => {
        if (tagSet.has(b)) return;
        values[literal >>> 1] = valid ? offered[s]![b]! : random.below(2);
      });
    });
    for (let i = 0; i < aig.latchCount; i++) values[aig.latchVariable(i)] = state[i]!;
    const { fanin0, fanin1, firstAnd } = aig;
    for (let i = 0; i < aig.andCount; i++) values[firstAnd + i] = read(fanin0[i]!) & read(fanin1[i]!);
    steps.push(values.slice(1, 1 + aig.inputCount));
    inputs.forEach((c, s) => {
      if ((read(c.valid) & read(c.ready)) === 1) {
        queues[s]!.push(c.payload.map(read));
        offered[s] = undefined;
      }
    });
    for (const c of outputs) {
      if ((read(c.valid) & read(c.ready)) === 0) continue;
      const word = c.payload.map(read);
      const source = queues.findIndex(q => q.length > 0 && q[0]!.every((bit, b) => bit === word[b]));
      if (source >= 0) {
        queues[source]!.shift();
        continue;
      }
      const heads = queues.flatMap(q => (q.length > 0 ? [wordText(q[0]!)] : []));
      const wanted =
        heads.length === 0 ? 'no word is inside' : `the oldest word inside is ${heads.join(' or ')}`;
      return {
        trace: { initial, steps },
        summary: `${c.name} gives ${wordText(word)} in cycle ${t}, but ${wanted}`,
      };
    }
    const next = Uint8Array.from(aig.latchNext, read);
    state.set(next);
  }
  return undefined;
}
