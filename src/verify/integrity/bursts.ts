// Looks for a wrong word by simulation in bursts: stretches of offering or not and taking or not, long enough to fill
// and drain what is inside. Finds in a blink what lies deeper than bounded search reaches. Refuses to prove anything.

import { Random } from '../../core/random.ts';
import type { Trace } from '../../engines/types.ts';
import type { Failure } from './replay.ts';
import type { StreamDesign } from './stream.ts';

export interface BurstOptions {
  /** Time for the search; default 2 s. */
  seconds?: number | undefined;
  /** Longest run; default 400 cycles. */
  cycles?: number | undefined;
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The shortest failing run met within the time, or undefined. */
export function searchBursts(design: StreamDesign, options: BurstOptions = {}): Failure | undefined {
  const { seconds = 2, cycles = 400, seed = 1, signal } = options;
  const end = performance.now() + 1000 * seconds;
  const random = new Random(seed);
  let best: Failure | undefined;
  let longest = cycles;
  while (performance.now() < end && signal?.aborted !== true && longest > 0) {
    const failure = run(design, random.fork(), longest);
    if (failure === undefined) continue;
    best = failure;
    longest = failure.trace.steps.length - 1;
  }
  return best;
}

function run(design: StreamDesign, random: Random, cycles: number): Failure | undefined {
  const { aig, inputs, outputs } = design;
  const { fanin0, fanin1, firstAnd, andCount } = aig;
  const values = new Uint8Array(aig.variableCount);
  const read = (literal: number): number => values[literal >>> 1]! ^ (literal & 1);
  const state = Uint8Array.from(aig.latchInit, (init, i) =>
    init === 2 ? (design.rest?.get(i) ?? random.below(2)) : init,
  );
  const initial = state.slice();
  const steps: Uint8Array[] = [];
  const queues = inputs.map((): string[] => []);
  /** Probability that a port offers or takes, and cycles until it is drawn again. */
  const ports = [...inputs, ...outputs].map(() => ({ chance: 0, left: 0 }));
  const reach = 1 + random.below(48);
  for (let t = 0; t < cycles; t++) {
    for (let v = 1; v <= aig.inputCount; v++) values[v] = random.below(2);
    ports.forEach((port, p) => {
      if (port.left-- <= 0) {
        port.left = random.below(reach);
        port.chance = random.pick([0, 0.5, 1, 1]);
      }
      const literal = p < inputs.length ? inputs[p]!.valid : outputs[p - inputs.length]!.ready;
      values[literal >>> 1] = random.uniform() < port.chance ? 1 : 0;
    });
    values.set(state, 1 + aig.inputCount);
    for (let i = 0; i < andCount; i++) values[firstAnd + i] = read(fanin0[i]!) & read(fanin1[i]!);
    steps.push(values.slice(1, 1 + aig.inputCount));
    inputs.forEach((c, s) => {
      if ((read(c.valid) & read(c.ready)) === 1) queues[s]!.push(c.payload.map(read).join(''));
    });
    for (const c of outputs) {
      if ((read(c.valid) & read(c.ready)) === 0) continue;
      const word = c.payload.map(read).join('');
      const source = queues.findIndex(q => q[0] === word);
      if (source >= 0) {
        queues[source]!.shift();
        continue;
      }
      const trace: Trace = { initial, steps };
      return { trace, summary: `${c.name} gives a word in cycle ${t} that is not the oldest one inside` };
    }
    for (let i = 0; i < aig.latchCount; i++) state[i] = read(aig.latchNext[i]!);
  }
  return undefined;
}
