// Values of every variable in many reachable states, bit-parallel, to test candidate facts on.
// Refuses states outside the constraints: their bits are masked out.

import type { Random } from '../core/random.ts';
import type { Aig } from '../netlist/aig.ts';
import { simulateRuns } from './simulate-runs.ts';

const words = 8;
const steps = 288;

export class Samples {
  /** Valid states. */
  readonly total: number;
  private readonly length: number;
  private readonly mask: Int32Array;
  private readonly bits: Int32Array;
  /** Place of each variable in `bits`; -1 when it is not kept. */
  private readonly place: Int32Array;

  /** @param variables those to be asked about, besides the constant */
  constructor(aig: Aig, constraints: readonly number[], variables: Iterable<number>, random: Random) {
    const kept = (t: number): boolean => t < 32 || t % 4 === 0;
    const slices = Array.from({ length: steps }, (_, t) => t).filter(kept).length;
    this.length = slices * words;
    this.mask = new Int32Array(this.length);
    const list = [...new Set([0, ...variables])];
    this.place = new Int32Array(aig.variableCount).fill(-1);
    for (const [k, v] of list.entries()) this.place[v] = k;
    this.bits = new Int32Array(list.length * this.length);
    let slice = 0;
    simulateRuns(aig, random, { words, steps, constraints }, ({ step, values, alive }) => {
      if (!kept(step)) return false;
      this.mask.set(alive, slice * words);
      for (const [k, v] of list.entries()) {
        for (let w = 0; w < words; w++) {
          this.bits[k * this.length + slice * words + w] = values[v * words + w]!;
        }
      }
      slice++;
      return false;
    });
    this.total = this.mask.reduce((sum, x) => sum + ones(x), 0);
  }

  /** Is the literal's variable kept? */
  has(literal: number): boolean {
    return this.place[literal >>> 1]! >= 0;
  }

  count(literal: number): number {
    let sum = 0;
    for (let i = 0; i < this.length; i++) sum += ones(this.word(literal, i) & this.mask[i]!);
    return sum;
  }

  never(literal: number): boolean {
    for (let i = 0; i < this.length; i++) if ((this.word(literal, i) & this.mask[i]!) !== 0) return false;
    return true;
  }

  neverBoth(a: number, b: number): boolean {
    for (let i = 0; i < this.length; i++) {
      if ((this.word(a, i) & this.word(b, i) & this.mask[i]!) !== 0) return false;
    }
    return true;
  }

  equal(a: number, b: number): boolean {
    for (let i = 0; i < this.length; i++) {
      if (((this.word(a, i) ^ this.word(b, i)) & this.mask[i]!) !== 0) return false;
    }
    return true;
  }

  /** Equal wherever the guard holds, and the guard holds often enough to mean something. */
  equalUnder(guard: number, a: number, b: number): boolean {
    let seen = 0;
    for (let i = 0; i < this.length; i++) {
      const g = this.word(guard, i) & this.mask[i]!;
      if (((this.word(a, i) ^ this.word(b, i)) & g) !== 0) return false;
      seen += ones(g);
    }
    return seen >= 32;
  }

  /** Valid states as positions, at most `limit` of them, spread evenly. */
  positions(limit: number): Int32Array {
    const all: number[] = [];
    for (let i = 0; i < this.length; i++) {
      for (let bit = 0; bit < 32; bit++) if ((this.mask[i]! >>> bit) & 1) all.push(32 * i + bit);
    }
    const stride = Math.max(1, Math.floor(all.length / limit));
    // an odd stride does not fall in step with the words of a slice
    return Int32Array.from(
      { length: Math.min(limit, all.length) },
      (_, k) => all[(k * stride + (k % 7)) % all.length]!,
    );
  }

  bit(literal: number, position: number): number {
    return (this.word(literal, position >>> 5) >>> (position & 31)) & 1;
  }

  private word(literal: number, index: number): number {
    return this.bits[this.place[literal >>> 1]! * this.length + index]! ^ -(literal & 1);
  }
}

function ones(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
