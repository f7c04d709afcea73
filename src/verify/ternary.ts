// Three-valued simulation of one graph, one vector: 0, 1 and 2 (unknown). Unknowns are pessimistic: x AND NOT x is
// unknown. Refuses speed: it serves reset settling and the replay of single traces.

import type { Aig } from '../netlist/aig.ts';

export const unknown = 2;

/** Not, and, of three values. */
const notTable = Uint8Array.of(1, 0, 2);
const andTable = Uint8Array.of(0, 0, 0, 0, 1, 2, 0, 2, 2);

export class TernarySimulator {
  readonly aig: Aig;
  /** Value of each variable after `evaluate`. */
  readonly values: Uint8Array;

  constructor(aig: Aig) {
    this.aig = aig;
    this.values = new Uint8Array(aig.variableCount);
  }

  /** @param state latch values @param inputs input values */
  evaluate(state: Uint8Array, inputs: Uint8Array): void {
    const { aig, values } = this;
    values.set(inputs.subarray(0, aig.inputCount), 1);
    values.set(state.subarray(0, aig.latchCount), 1 + aig.inputCount);
    const { fanin0, fanin1, firstAnd, andCount } = aig;
    for (let i = 0; i < andCount; i++) {
      const a = fanin0[i]!;
      const b = fanin1[i]!;
      const x = a & 1 ? notTable[values[a >>> 1]!]! : values[a >>> 1]!;
      const y = b & 1 ? notTable[values[b >>> 1]!]! : values[b >>> 1]!;
      values[firstAnd + i] = andTable[3 * x + y]!;
    }
  }

  read(literal: number): number {
    const value = this.values[literal >>> 1]!;
    return literal & 1 ? notTable[value]! : value;
  }

  /** The next state, after `evaluate`. */
  next(): Uint8Array {
    return Uint8Array.from(this.aig.latchNext, x => this.read(x));
  }
}

/** Value of a word, or undefined when all its bits are unknown; single unknown bits read 0. */
export function wordValue(bits: readonly number[]): bigint | undefined {
  if (bits.length > 0 && bits.every(b => b === unknown)) return undefined;
  let value = 0n;
  for (let i = bits.length - 1; i >= 0; i--) value = (value << 1n) | (bits[i] === 1 ? 1n : 0n);
  return value;
}
