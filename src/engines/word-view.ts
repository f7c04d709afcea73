// Latches seen as words by their names, with their values in sampled states. Refuses words wider than 32 bits, and counts
// as numbers only those of 2 to 16.

import type { Aig } from '../netlist/aig.ts';
import type { Samples } from './samples.ts';

export interface NumberWord {
  name: string;
  /** Literals in the system, least significant first. */
  literals: number[];
  /** Unsigned value in each sample. */
  values: Uint32Array;
}

export interface WordView {
  /** Samples. */
  count: number;
  /** Single latches, good as guards. */
  flags: NumberWord[];
  /** Words that may be counters. */
  numbers: NumberWord[];
  /** Words (and flags) that may hold what a memory holds. */
  holders: NumberWord[];
  memories: { slots: NumberWord[]; width: number }[];
}

/** @param literal literal in the system of a latch (index) of the original graph, or undefined */
export function readWords(
  original: Aig,
  literal: (index: number) => number | undefined,
  samples: Samples,
  limit: number,
): WordView {
  const positions = samples.positions(limit);
  const read = (name: string, literals: number[]): NumberWord => {
    const values = Uint32Array.from(positions, position => {
      let value = 0;
      for (const [i, bit] of literals.entries()) value |= (bit < 2 ? bit : samples.bit(bit, position)) << i;
      return value >>> 0;
    });
    return { name, literals, values };
  };
  const bits = new Map<string, Map<number, number>>();
  const flags: NumberWord[] = [];
  const names = original.names.latches ?? [];
  for (let i = 0; i < original.latchCount; i++) {
    const at = literal(i);
    const name = names[i] ?? `latch${i}`;
    if (at === undefined || (at > 1 && !samples.has(at))) continue;
    const indexed = /^(.*)\[(\d+)\]$/.exec(name);
    if (indexed === null) {
      if (at > 1) flags.push(read(name, [at]));
      continue;
    }
    const base = indexed[1]!;
    let word = bits.get(base);
    if (word === undefined) bits.set(base, (word = new Map()));
    word.set(Number(indexed[2]), at);
  }
  const words: NumberWord[] = [];
  for (const [name, word] of bits) {
    const literals = Array.from({ length: word.size }, (_, i) => word.get(i));
    if (literals.length > 32 || literals.includes(undefined)) continue;
    words.push(read(name, literals as number[]));
  }
  const memories = groupMemories(words);
  const slots = new Set(memories.flatMap(memory => memory.slots));
  // a word of single bits may be a memory too
  for (const word of words) {
    if (word.literals.length < 4 || slots.has(word)) continue;
    const single = word.literals.map((bit, i) => read(`${word.name}[${i}]`, [bit]));
    memories.push({ slots: single, width: 1 });
  }
  const free = words.filter(word => !slots.has(word));
  const moving = (word: NumberWord): boolean => word.values.some(value => value !== word.values[0]);
  const oneBit = free.filter(word => word.literals.length === 1);
  return {
    count: positions.length,
    flags: [...flags, ...oneBit].filter(moving),
    numbers: free.filter(word => word.literals.length >= 2 && word.literals.length <= 16 && moving(word)),
    holders: [...free, ...flags],
    memories,
  };
}

/** Words base[0], base[1], … of one width. */
function groupMemories(words: readonly NumberWord[]): WordView['memories'] {
  const groups = new Map<string, Map<number, NumberWord>>();
  for (const word of words) {
    const indexed = /^(.*)\[(\d+)\]$/.exec(word.name);
    if (indexed === null) continue;
    let group = groups.get(indexed[1]!);
    if (group === undefined) groups.set(indexed[1]!, (group = new Map()));
    group.set(Number(indexed[2]), word);
  }
  const found: WordView['memories'] = [];
  for (const group of groups.values()) {
    const slots = Array.from({ length: group.size }, (_, i) => group.get(i));
    const width = slots[0]?.literals.length;
    if (slots.length < 2 || slots.some(slot => slot?.literals.length !== width)) continue;
    found.push({ slots: slots as NumberWord[], width: width! });
  }
  return found;
}
