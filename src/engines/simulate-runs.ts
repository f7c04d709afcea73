// Random runs, bit-parallel: 32 runs a word, many words, from reset, under the constraints.
// Refuses to explore cleverly: runs that a constraint ends start again from reset.

import type { Random } from '../core/random.ts';
import type { Aig } from '../netlist/aig.ts';

/** What a visitor sees in each step. */
export interface RunStep {
  step: number;
  /** Word w of variable v stands at v·words + w. */
  values: Int32Array;
  words: number;
  /** Runs that keep all constraints in this step; the others are to be ignored. */
  alive: Int32Array;
  /** Runs that are in a reset state in this step. */
  restarted: Int32Array;
}

/** Tries to find inputs that keep the constraints, per step. */
const redraws = 12;

/** Simulates `words`·32 runs for `steps` steps. The visitor may return true to stop. */
export function simulateRuns(
  aig: Aig,
  random: Random,
  options: { words: number; steps: number; constraints?: readonly number[] | undefined },
  visit: (step: RunStep) => boolean,
): void {
  const { words, steps } = options;
  const constraints = options.constraints ?? [...aig.constraints];
  const { inputCount, latchCount, firstAnd, fanin0, fanin1, andCount, latchNext, latchInit } = aig;
  const values = new Int32Array(aig.variableCount * words);
  const state = new Int32Array(latchCount * words);
  const alive = new Int32Array(words);
  const reset = (mask: Int32Array): void => {
    for (let i = 0; i < latchCount; i++) {
      for (let w = 0; w < words; w++) {
        const init = latchInit[i]! === 2 ? random.uint32() | 0 : -latchInit[i]!;
        const at = i * words + w;
        state[at] = (state[at]! & ~mask[w]!) | (init & mask[w]!);
      }
    }
  };
  // each input has its own habit in each word: mostly 0, mostly 1, hardly ever 1, or even
  const draw = (habit: number): number => {
    const a = random.uint32();
    if (habit === 0) return a & random.uint32() & random.uint32();
    if (habit === 1) return a | random.uint32() | random.uint32();
    if (habit === 2) return a & random.uint32() & random.uint32() & random.uint32() & random.uint32();
    return a;
  };
  const evaluate = (): void => {
    for (let i = 0, z = firstAnd * words; i < andCount; i++) {
      const a = fanin0[i]!;
      const b = fanin1[i]!;
      const p = -(a & 1);
      const q = -(b & 1);
      const x = (a >>> 1) * words;
      const y = (b >>> 1) * words;
      for (let w = 0; w < words; w++, z++) values[z] = (values[x + w]! ^ p) & (values[y + w]! ^ q);
    }
    alive.fill(-1);
    for (const c of constraints) {
      for (let w = 0; w < words; w++) alive[w] = alive[w]! & (values[(c >>> 1) * words + w]! ^ -(c & 1));
    }
  };
  let restarted = new Int32Array(words).fill(-1);
  reset(restarted);
  const habits = Uint8Array.from({ length: inputCount * words }, () => random.below(5));
  for (let t = 0; t < steps; t++) {
    values.set(state, (1 + inputCount) * words);
    const wanted = new Int32Array(words).fill(-1);
    for (let attempt = 0; ; attempt++) {
      for (let i = 0; i < inputCount; i++) {
        for (let w = 0; w < words; w++) {
          if (wanted[w] === 0) continue;
          const at = (1 + i) * words + w;
          const habit = attempt > 2 ? 3 : habits[i * words + w]!;
          values[at] = (values[at]! & ~wanted[w]!) | (draw(habit) & wanted[w]!);
        }
      }
      evaluate();
      if (constraints.length === 0 || attempt >= redraws) break;
      let missing = 0;
      for (let w = 0; w < words; w++) missing |= wanted[w] = ~alive[w]!;
      if (missing === 0) break;
    }
    if (visit({ step: t, values, words, alive, restarted })) return;
    for (let i = 0; i < latchCount; i++) {
      const next = latchNext[i]!;
      for (let w = 0; w < words; w++) {
        state[i * words + w] = values[(next >>> 1) * words + w]! ^ -(next & 1);
      }
    }
    // half of the words start again now and then: what happens once a run is seen more often
    const dead = alive.map((x, w) => (w % 2 === 1 && random.below(40) === 0 ? -1 : ~x));
    if (dead.some(x => x !== 0)) reset(dead);
    restarted = dead;
    // habits last long enough to fill what can be filled
    for (let w = 0; w < words; w++) {
      if (random.below(48) !== 0) continue;
      for (let i = 0; i < inputCount; i++) habits[i * words + w] = random.below(5);
    }
  }
}
