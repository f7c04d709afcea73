// Failing runs by random simulation: 256 runs at once, the shortest failing one kept. Finds in a blink what BMC needs deep
// and hard unrollings for. Refuses to conclude anything from not finding.

import { Random } from '../core/random.ts';
import type { EngineAnswer } from './bmc.ts';
import type { Limits } from './limits.ts';
import { simulateRuns } from './simulate-runs.ts';
import type { System } from './system.ts';

const words = 8;
const steps = 320;

/** @returns a refutation whose trace need not be the shortest, or undefined */
export function randomSearch(system: System, limits: Limits, seed = 1): EngineAnswer | undefined {
  for (let round = 0; limits.over() === undefined; round++) {
    const found = searchOnce(system, new Random(seed + 7919 * round), limits);
    if (found !== undefined) return found;
  }
  return undefined;
}

function searchOnce(system: System, random: Random, limits: Limits): EngineAnswer | undefined {
  const { aig, bad } = system;
  const { inputCount, latchCount } = aig;
  const history: Int32Array[] = [];
  /** Step each run last started in. */
  const starts = new Int32Array(32 * words);
  let best: { word: number; bit: number; start: number; length: number } | undefined;
  simulateRuns(
    aig,
    random,
    { words, steps, constraints: system.constraints },
    ({ step, values, alive, restarted }) => {
      history.push(values.slice(0, aig.firstAnd * words));
      for (let w = 0; w < words; w++) {
        const failing = (values[(bad >>> 1) * words + w]! ^ -(bad & 1)) & alive[w]!;
        for (let bit = 0; bit < 32; bit++) {
          if ((restarted[w]! >>> bit) & 1) starts[32 * w + bit] = step;
          if (((failing >>> bit) & 1) === 0) continue;
          const start = starts[32 * w + bit]!;
          if (best === undefined || step - start < best.length) {
            best = { word: w, bit, start, length: step - start };
          }
        }
      }
      return limits.over() !== undefined;
    },
  );
  if (best === undefined) return undefined;
  const { word, bit, start, length } = best;
  const value = (step: number, variable: number): number =>
    (history[step]![variable * words + word]! >>> bit) & 1;
  return {
    verdict: 'refuted',
    depth: length,
    trace: {
      initial: Uint8Array.from({ length: latchCount }, (_, i) => value(start, 1 + inputCount + i)),
      steps: Array.from({ length: length + 1 }, (_, t) =>
        Uint8Array.from({ length: inputCount }, (_x, i) => value(start + t, 1 + i)),
      ),
    },
  };
}
