// How long a design may stay silent although everyone cooperates: measured on many random histories, to choose the
// bound N of the deadlock check; and the continuation of a silent run, to tell slow from dead.

import { Random } from '../core/random.ts';
import type { Trace } from '../engines/types.ts';
import { Simulator } from '../netlist/simulate.ts';
import { stimulate } from './covers.ts';
import type { DeadlockProduct } from './properties/deadlock.ts';
import { TernarySimulator, unknown } from './ternary.ts';

export interface Silence {
  /** Longest silence that ended, in cycles. */
  longest: number;
  /** Runs (of 512) that were silent to the end of the measurement. */
  stuck: number;
}

/** Cycles of history, then of full cooperation. */
const history = 160;
const cooperation = 640;

export function measureSilence(product: DeadlockProduct, seed: number): Silence {
  const { aig, fire, go, goInput } = product;
  const random = new Random(seed);
  const simulator = new Simulator(aig);
  const n = simulator.blockWords;
  const silent = new Uint32Array(32 * n);
  let longest = 0;
  const fires = new Uint32Array(n);
  const goes = new Uint32Array(n);
  const stimulus = stimulate(product, random);
  const goRow = (goInput >>> 1) - 1;
  simulator.trace(
    history + cooperation,
    (step, words) => {
      stimulus(step, words);
      if (step >= history) words.fill(0xffffffff, goRow * n, (goRow + 1) * n);
    },
    (_, block) => {
      simulator.read(block, fire, fires, 0);
      simulator.read(block, go, goes, 0);
      for (let lane = 0; lane < 32 * n; lane++) {
        const bit = 1 << (lane & 31);
        if ((goes[lane >>> 5]! & bit) === 0) continue;
        if ((fires[lane >>> 5]! & bit) === 0) silent[lane]!++;
        else {
          if (silent[lane]! > longest) longest = silent[lane]!;
          silent[lane] = 0;
        }
      }
    },
    undefined,
    random,
  );
  const stuck = silent.reduce((sum, x) => sum + (x > cooperation / 2 ? 1 : 0), 0);
  return { longest, stuck };
}

export type Continuation =
  /** Something moves after this many more cycles. */
  | { kind: 'slow'; cycles: number }
  /** The state returns: nothing ever moves. The run with its loop. */
  | { kind: 'dead'; trace: Trace }
  | { kind: 'open' };

/** Continues a silent run under full cooperation with constant inputs. */
export function continueSilence(product: DeadlockProduct, trace: Trace, limit = 4096): Continuation {
  const { aig, fire } = product;
  const simulator = new TernarySimulator(aig);
  const definite = (x: Uint8Array): Uint8Array => x.map(v => (v === unknown ? 0 : v));
  let state = definite(trace.initial);
  const initial = state;
  const steps = trace.steps.map(definite);
  const seen = new Map<string, number>();
  for (let t = 0; t < trace.steps.length + limit; t++) {
    const beyond = t >= trace.steps.length;
    if (beyond) {
      const key = state.join('');
      const before = seen.get(key);
      if (before !== undefined)
        return { kind: 'dead', trace: { initial, steps: steps.slice(0, t), loopStart: before } };
      seen.set(key, t);
      if (steps.length <= t) steps.push(steps[steps.length - 1]!.slice());
    }
    simulator.evaluate(state, steps[t]!);
    if (beyond && simulator.read(fire) === 1) return { kind: 'slow', cycles: t - trace.steps.length + 1 };
    state = simulator.next();
  }
  return { kind: 'open' };
}
