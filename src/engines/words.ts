// Candidate facts about words: latches named base[0], base[1], … are read as numbers, and words base[0][..], base[1][..] … as
// a memory. Linear relations of counters, ranges, comparisons, and what a memory holds where counters point: the
// invariants of FIFOs, which plain k-induction lacks. Refuses words it cannot see whole.

import type { Aig } from '../netlist/aig.ts';
import type { AigBuilder } from '../netlist/builder.ts';
import type { Pair } from './houdini.ts';
import type { Samples } from './samples.ts';
import { type System, systemLiteral } from './system.ts';
import { addWords, atMost, below, constantWord, equalWords, negateWord } from './word-gates.ts';
import { type NumberWord, readWords, type WordView } from './word-view.ts';

/** Most words related, flags used as guards, and sampled states. */
const wordLimit = 18;
const guardLimit = 24;
const sampleLimit = 4096;
/** Most claims of a kind, and most contents claimed of one memory. */
const claimLimit = 500;
const contentLimit = 6;

export function wordCandidates(original: Aig, system: System, samples: Samples, builder: AigBuilder): Pair[] {
  const literal = (index: number): number | undefined =>
    systemLiteral(system, 2 * original.latchVariable(index));
  const view = readWords(original, literal, samples, sampleLimit);
  view.numbers.splice(wordLimit);
  view.flags.splice(guardLimit);
  const search = new WordSearch(view, builder);
  search.ranges();
  search.comparisons();
  search.relations();
  search.memories();
  return search.pairs;
}

/** Sample indices at which a guard holds; literal 1 is no guard at all. */
interface Guard {
  literal: number;
  at: Int32Array;
}

class WordSearch {
  readonly pairs: Pair[] = [];
  private readonly view: WordView;
  private readonly builder: AigBuilder;
  private readonly guards: Guard[];

  constructor(view: WordView, builder: AigBuilder) {
    this.view = view;
    this.builder = builder;
    const all = Int32Array.from({ length: view.count }, (_, k) => k);
    this.guards = [{ literal: 1, at: all }];
    for (const flag of view.flags) {
      for (const value of [1, 0]) {
        const at = all.filter(k => flag.values[k] === value);
        if (at.length >= 24 && at.length < view.count) {
          this.guards.push({ literal: flag.literals[0]! ^ 1 ^ value, at });
        }
      }
    }
  }

  /** Room for as many more claims; `claim` fills it. */
  private room = claimLimit;

  private claim(guard: Guard, literal: number): void {
    if (this.room-- <= 0) return;
    const claim = this.builder.addOr(guard.literal ^ 1, literal);
    if (claim > 1) this.pairs.push([claim, 1]);
  }

  /** Guards under which a fact holds in all samples: the empty one alone if it does. */
  private where(holds: (sample: number) => boolean): Guard[] {
    const found: Guard[] = [];
    for (const guard of this.guards) {
      let k = 0;
      while (k < guard.at.length && holds(guard.at[k]!)) k++;
      if (k < guard.at.length) continue;
      found.push(guard);
      if (guard.literal === 1) break;
    }
    return found;
  }

  /** word ≤ the largest value seen (and the power of two above), word ≥ the smallest. */
  ranges(): void {
    this.room = claimLimit;
    const { builder } = this;
    for (const word of this.view.numbers) {
      const top = 2 ** word.literals.length - 1;
      let outerMost = top;
      let outerLeast = 0;
      for (const guard of this.guards) {
        let most = 0;
        let least = top;
        for (const k of guard.at) {
          most = Math.max(most, word.values[k]!);
          least = Math.min(least, word.values[k]!);
        }
        // a random run seldom fills a deep queue: powers of two above are tried as well
        const bounds = new Set([most]);
        for (let power = 1; power < top; power *= 2) if (power >= most) bounds.add(power);
        for (const bound of bounds) {
          if (bound < outerMost) this.claim(guard, atMost(builder, word.literals, bound));
        }
        if (least > outerLeast) this.claim(guard, atMost(builder, word.literals, least - 1) ^ 1);
        if (guard.literal === 1) {
          outerMost = most;
          outerLeast = least;
        }
      }
    }
  }

  /** a < b and a ≤ b. */
  comparisons(): void {
    this.room = claimLimit;
    const { builder } = this;
    for (const a of this.view.numbers) {
      for (const b of this.view.numbers) {
        if (a === b) continue;
        const strict = this.where(k => a.values[k]! < b.values[k]!);
        for (const guard of strict) this.claim(guard, below(builder, a.literals, b.literals));
        const known = new Set(strict);
        if (strict[0]?.literal === 1) continue;
        for (const guard of this.where(k => a.values[k]! <= b.values[k]!)) {
          if (!known.has(guard)) this.claim(guard, below(builder, b.literals, a.literals) ^ 1);
        }
      }
    }
  }

  /** ±a ±b ±c = constant modulo the power of two that the narrowest of them spans. */
  relations(): void {
    this.room = claimLimit;
    const { numbers } = this.view;
    for (let i = 0; i < numbers.length; i++) {
      for (let j = i + 1; j < numbers.length; j++) {
        for (const sign of [1, -1]) this.relation([numbers[i]!, numbers[j]!], [1, sign]);
        for (let l = j + 1; l < numbers.length; l++) {
          for (const signs of [
            [1, 1, 1],
            [1, 1, -1],
            [1, -1, 1],
            [1, -1, -1],
          ]) {
            this.relation([numbers[i]!, numbers[j]!, numbers[l]!], signs);
          }
        }
      }
    }
  }

  private relation(words: readonly NumberWord[], signs: readonly number[]): void {
    const { builder } = this;
    const width = Math.min(...words.map(word => word.literals.length));
    const mask = 2 ** width - 1;
    const sum = (k: number): number => {
      let total = 0;
      for (const [n, word] of words.entries()) total += signs[n]! * word.values[k]!;
      return total & mask;
    };
    for (const guard of this.guards) {
      const constant = sum(guard.at[0]!);
      let k = 1;
      while (k < guard.at.length && sum(guard.at[k]!) === constant) k++;
      if (k < guard.at.length) continue;
      // words that stand still under the guard relate by chance
      const moving = words.every(word => guard.at.some(at => word.values[at] !== word.values[guard.at[0]!]));
      if (!moving) continue;
      const low = words.map((word, n) => {
        const bits = word.literals.slice(0, width);
        return signs[n] === 1 ? bits : negateWord(builder, bits);
      });
      const total = low.reduce((a, b) => addWords(builder, a, b));
      this.claim(guard, equalWords(builder, total, constantWord(constant, width)));
      if (guard.literal === 1) return;
    }
  }

  /** memory[address] = word, for addresses a, a + b and a - b, with an offset. */
  memories(): void {
    for (const memory of this.view.memories) {
      const slots = memory.slots.length;
      const bits = Math.ceil(Math.log2(slots));
      const counters = this.view.numbers.filter(word => word.literals.length >= bits && bits > 0);
      const addresses: { words: NumberWord[]; signs: number[]; offset: number }[] = [];
      for (const offset of [0, -1]) {
        for (const [i, a] of counters.entries()) {
          addresses.push({ words: [a], signs: [1], offset });
          for (const [j, b] of counters.entries()) {
            if (i < j) addresses.push({ words: [a, b], signs: [1, 1], offset });
            if (i !== j) addresses.push({ words: [a, b], signs: [1, -1], offset });
          }
        }
      }
      this.room = contentLimit * slots * memory.width;
      for (const target of this.view.holders) {
        if (target.literals.length !== memory.width || memory.slots.includes(target)) continue;
        for (const address of addresses) {
          if (this.room > 0) this.content(memory.slots, target, address, bits);
        }
      }
    }
  }

  private content(
    slots: readonly NumberWord[],
    target: NumberWord,
    address: { words: NumberWord[]; signs: number[]; offset: number },
    bits: number,
  ): void {
    const { builder } = this;
    const mask = 2 ** bits - 1;
    const place = (k: number): number => {
      let total = address.offset;
      for (const [n, word] of address.words.entries()) total += address.signs[n]! * word.values[k]!;
      return total & mask;
    };
    const guards = this.where(k => slots[place(k)]?.values[k] === target.values[k]);
    for (const guard of guards) {
      const low = address.words.map((word, n) => {
        const word0 = word.literals.slice(0, bits);
        return address.signs[n] === 1 ? word0 : negateWord(builder, word0);
      });
      const sum = [...low, constantWord(address.offset & mask, bits)].reduce((a, b) =>
        addWords(builder, a, b),
      );
      for (const [i, slot] of slots.entries()) {
        const here = equalWords(builder, sum, constantWord(i, bits));
        for (const [j, bit] of slot.literals.entries()) {
          this.claim(guard, builder.addOr(here ^ 1, builder.addXnor(bit, target.literals[j]!)));
        }
      }
    }
  }
}
