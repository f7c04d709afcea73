// When producers offer and consumers are ready: words of 32 independent chances. Refuses chances of zero, which would wait for ever.

import { UsageError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';

/** Chance, each clock cycle, that the producer has a transaction to offer and that the consumer is ready. */
export interface Stalls {
  valid: number;
  ready: number;
}

/** Words of chances, anew each call. */
export function stallSource(
  stalls: Stalls | 'none' | 'mixed',
  random: Random,
): { valid(cycle: number): number; ready(cycle: number): number } {
  if (stalls === 'none') return { valid: () => 0xffffffff, ready: () => 0xffffffff };
  if (stalls !== 'mixed') {
    for (const p of [stalls.valid, stalls.ready]) {
      if (!(p > 0 && p <= 1)) throw new UsageError(`stall chance ${p}`, { expected: 'above 0, at most 1' });
    }
    return {
      valid: () => chanceWord(random, stalls.valid),
      ready: () => chanceWord(random, stalls.ready),
    };
  }
  const phases: Stalls[] = [];
  const chance = (cycle: number): Stalls => {
    const phase = cycle >>> 5;
    while (phases.length <= phase) {
      phases.push({ valid: random.pick([1, 1, 1, 0.75, 0.25]), ready: random.pick([1, 1, 1, 0.75, 0.25]) });
    }
    return phases[phase]!;
  };
  return {
    valid: cycle => chanceWord(random, chance(cycle).valid),
    ready: cycle => chanceWord(random, chance(cycle).ready),
  };
}

/** 32 independent bits, each 1 with probability p (to 1/256). */
function chanceWord(random: Random, p: number): number {
  const k = Math.max(1, Math.round(p * 256));
  if (k >= 256) return 0xffffffff;
  let word = 0;
  for (let bit = 0; bit < 8; bit++) {
    const r = random.uint32();
    word = (k >>> bit) & 1 ? word | r : word & r;
  }
  return word >>> 0;
}
