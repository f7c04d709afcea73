// Whether a proof says anything: every cover of a product is shown to be reached, first by random simulation of many
// runs at once, then by the engines. Refuses to call a cover unreachable on the word of simulation.

import { Random } from '../core/random.ts';
import type { Engines } from '../engines/index.ts';
import { Simulator } from '../netlist/simulate.ts';
import { reduceTo } from './product/cone.ts';
import type { Product } from './product/product.ts';

export interface CoverOutcome {
  label: string;
  outcome: 'reached' | 'unreachable' | 'unknown';
  /** First step found. */
  step: number | null;
}

/** Shares of runs with a given chance that a stall or offer bit is 1: a quarter each. */
const chances = [0.5, 0.125, 0.875, 0.5];

/** Fills the words of one input: each word of 32 runs has its own chance, unless the product says otherwise. */
export function stimulate(product: Product, random: Random): (step: number, words: Uint32Array) => void {
  const { aig, probability } = product;
  return (_, words) => {
    const perInput = words.length / aig.inputCount;
    for (let i = 0; i < aig.inputCount; i++) {
      const asked = probability.get(2 * aig.inputVariable(i));
      for (let k = 0; k < perInput; k++) {
        const p = asked === 0.5 ? chances[k % 4]! : (asked ?? 0.5);
        words[i * perInput + k] = randomWord(random, p);
      }
    }
  };
}

function randomWord(random: Random, p: number): number {
  if (p === 0.5) return random.uint32();
  const three = (): number => random.uint32() & random.uint32() & random.uint32();
  if (p === 0.125) return three();
  if (p === 0.875) return ~three() >>> 0;
  let word = 0;
  for (let bit = 0; bit < 32; bit++) if (random.uniform() < p) word |= 1 << bit;
  return word >>> 0;
}

/** First step at which each cover was met in random runs that keep the constraints. */
function simulateCovers(product: Product, seed: number, steps = 256): (number | undefined)[] {
  const { aig, covers, constraints } = product;
  const found: (number | undefined)[] = covers.map(c => (c.literal === 1 ? 0 : undefined));
  if (found.every(x => x !== undefined)) return found;
  const random = new Random(seed);
  const simulator = new Simulator(aig);
  const n = simulator.blockWords;
  const alive = new Uint32Array(n).fill(0xffffffff);
  const words = new Uint32Array(n);
  simulator.trace(
    steps,
    stimulate(product, random),
    (step, block) => {
      for (const c of constraints) {
        simulator.read(block, c, words, 0);
        for (let k = 0; k < n; k++) alive[k]! &= words[k]!;
      }
      covers.forEach((cover, i) => {
        if (found[i] !== undefined) return;
        simulator.read(block, cover.literal, words, 0);
        if (words.some((w, k) => (w & alive[k]!) !== 0)) found[i] = step;
      });
    },
    undefined,
    random,
  );
  return found;
}

export interface CoverOptions {
  seed: number;
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

/** Every cover with its outcome. Equal labels are joined: any of them reached is reached. */
export async function reachCovers(
  product: Product,
  engines: Engines,
  options: CoverOptions,
): Promise<CoverOutcome[]> {
  const found = simulateCovers(product, options.seed);
  const outcomes: CoverOutcome[] = [];
  for (const [i, cover] of product.covers.entries()) {
    const step = found[i];
    if (step !== undefined) {
      outcomes.push({ label: cover.label, outcome: 'reached', step });
      continue;
    }
    if (cover.literal === 0) {
      outcomes.push({ label: cover.label, outcome: 'unreachable', step: null });
      continue;
    }
    const reduced = reduceTo(product.aig, { outputs: [cover.literal], constraints: product.constraints });
    const answer = await engines.checkCover(reduced.aig, reduced.aig.outputs[0]!, {
      timeoutSeconds: options.timeoutSeconds,
      signal: options.signal,
    });
    outcomes.push({
      label: cover.label,
      outcome: answer.verdict,
      step: answer.verdict === 'reached' ? answer.step : null,
    });
  }
  return outcomes;
}
