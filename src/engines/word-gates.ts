// Arithmetic of words of literals, least significant bit first. Refuses words of different lengths where they must agree.

import type { AigBuilder } from '../netlist/builder.ts';

export function constantWord(value: number, width: number): number[] {
  return Array.from({ length: width }, (_, i) => (value >>> i) & 1);
}

/** a + b modulo 2^width. */
export function addWords(builder: AigBuilder, a: readonly number[], b: readonly number[]): number[] {
  let carry = 0;
  return a.map((bit, i) => {
    const sum = builder.addFullAdder(bit, b[i]!, carry);
    carry = sum.carry;
    return sum.sum;
  });
}

/** -a modulo 2^width. */
export function negateWord(builder: AigBuilder, a: readonly number[]): number[] {
  return addWords(
    builder,
    a.map(bit => bit ^ 1),
    constantWord(1, a.length),
  );
}

export function equalWords(builder: AigBuilder, a: readonly number[], b: readonly number[]): number {
  return builder.addAndAll(a.map((bit, i) => builder.addXnor(bit, b[i]!)));
}

/** a < b, as unsigned numbers of any lengths. */
export function below(builder: AigBuilder, a: readonly number[], b: readonly number[]): number {
  let less = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    less = builder.addMux(builder.addXor(x, y), y, less);
  }
  return less;
}

/** a ≤ a constant. */
export function atMost(builder: AigBuilder, a: readonly number[], bound: number): number {
  return below(builder, constantWord(bound, Math.max(a.length, 1)), a) ^ 1;
}
