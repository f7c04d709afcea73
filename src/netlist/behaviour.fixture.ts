// What a graph does over random cycles, for tests that compare two graphs.

import { Random } from '../core/random.ts';
import type { Aig } from './aig.ts';
import { randomWords, Simulator } from './simulate.ts';

/** Output words of a run of random cycles from the reset state; uninitialised latches start at 0 on both sides. */
export function behaviour(aig: Aig, steps: number): Uint32Array {
  const simulator = new Simulator(aig);
  const n = simulator.blockWords;
  const random = new Random(7);
  const result = new Uint32Array(steps * aig.outputs.length * n);
  simulator.trace(
    steps,
    (_, words) => words.set(randomWords(random, aig.inputCount, n)),
    (step, block) => {
      aig.outputs.forEach((literal, i) => {
        simulator.read(block, literal, result, (step * aig.outputs.length + i) * n);
      });
    },
    new Uint32Array(aig.latchCount * n),
  );
  return result;
}
