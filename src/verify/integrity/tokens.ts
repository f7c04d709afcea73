// Values of the token domain: constants, "anything", and "bit b of the k-th oldest word of source c" with a sign.
// One pass evaluates a graph in it. Refuses to combine two different words: the result is "anything".

import type { Aig } from '../../netlist/aig.ts';

/** Not known: garbage, a word that has left, or a mixture. 2 and its complement 3 both mean it. */
export const anything = 2;

/** Numbers tokens: word position, source, bit. Even codes; the complement is one more. */
export class TokenCodes {
  private readonly sources: number;
  private readonly bits: number;

  constructor(sources: number, bits: number) {
    this.sources = sources;
    this.bits = Math.max(1, bits);
  }

  code(position: number, source: number, bit: number): number {
    return 4 + 2 * ((position * this.sources + source) * this.bits + bit);
  }

  /** Position, source and bit of an even code of at least 4. */
  decode(code: number): { position: number; source: number; bit: number } {
    const index = (code - 4) >> 1;
    const word = Math.floor(index / this.bits);
    return { position: Math.floor(word / this.sources), source: word % this.sources, bit: index % this.bits };
  }

  /**
   * The value one cycle later: words that left are gone (position below 0), later ones are one older; a word that was
   * on the wires (position `lengths[source]` before) but not taken is garbage.
   * @param lengths words of each source before the cycle
   * @param took did the source deliver a word
   * @param gave words of each source that left
   */
  age(code: number, lengths: ArrayLike<number>, took: ArrayLike<number>, gave: ArrayLike<number>): number {
    if (code < 4) return code < 2 ? code : anything;
    const { position, source, bit } = this.decode(code & ~1);
    if (position === lengths[source] && took[source] === 0) return anything;
    const later = position - gave[source]!;
    return later < 0 ? anything : this.code(later, source, bit) + (code & 1);
  }
}

/** ANDs to evaluate: variable, then its two fan-in literals, three numbers each. */
export function tokenProgram(aig: Aig, ands: readonly number[]): Int32Array {
  return Int32Array.from(
    ands.flatMap(v => [v, aig.fanin0[v - aig.firstAnd]!, aig.fanin1[v - aig.firstAnd]!]),
  );
}

/** Evaluates a program over codes. `values` is indexed by variable; row 0 must be 0. */
export function evaluateTokens(program: Int32Array, values: Int32Array): void {
  for (let i = 0; i < program.length; i += 3) {
    const a = program[i + 1]!;
    const b = program[i + 2]!;
    const x = values[a >>> 1]! ^ (a & 1);
    const y = values[b >>> 1]! ^ (b & 1);
    let z: number;
    if (x === 0 || y === 0) z = 0;
    else if (x === 1) z = y;
    else if (y === 1) z = x;
    else if (x < 4 || y < 4) z = anything;
    else if (x === y) z = x;
    else z = (x ^ y) === 1 ? 0 : anything;
    values[program[i]!] = z;
  }
}

/** Value of a literal. */
export function tokenOf(values: Int32Array, literal: number): number {
  return values[literal >>> 1]! ^ (literal & 1);
}
