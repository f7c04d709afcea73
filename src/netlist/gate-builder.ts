// Gates made of ANDs: OR, XOR, multiplexer, majority, adders, and balanced trees of any fan-in.
// Refuses to choose between decompositions: each gate has the one written here.

import { NodeTable } from './node-table.ts';

/** Constant literals. */
export const constantFalse = 0;
export const constantTrue = 1;

/** A node table that knows gates. */
export class GateBuilder extends NodeTable {
  addOr(a: number, b: number): number {
    return this.addAnd(a ^ 1, b ^ 1) ^ 1;
  }

  /** a XOR b as ~(a·b) · ~(~a·~b): the AND of both operands is shared with a half adder's carry. */
  addXor(a: number, b: number): number {
    return this.addAnd(this.addAnd(a, b) ^ 1, this.addAnd(a ^ 1, b ^ 1) ^ 1);
  }

  addXnor(a: number, b: number): number {
    return this.addXor(a, b) ^ 1;
  }

  /** select ? whenTrue : whenFalse */
  addMux(select: number, whenTrue: number, whenFalse: number): number {
    if (whenTrue === whenFalse) return whenTrue;
    if (whenTrue === (whenFalse ^ 1)) return this.addXor(select, whenFalse);
    return this.addAnd(this.addAnd(select, whenTrue) ^ 1, this.addAnd(select ^ 1, whenFalse) ^ 1) ^ 1;
  }

  /** Majority of three. */
  addMaj(a: number, b: number, c: number): number {
    return this.addOr(this.addAnd(a, b), this.addAnd(c, this.addOr(a, b)));
  }

  /** Sum and carry of two bits: 3 ANDs. */
  addHalfAdder(a: number, b: number): { sum: number; carry: number } {
    const carry = this.addAnd(a, b);
    return { sum: this.addXor(a, b), carry };
  }

  /** Sum and carry of three bits: 7 ANDs, two half adders sharing the operand ANDs. */
  addFullAdder(a: number, b: number, c: number): { sum: number; carry: number } {
    const half = this.addXor(a, b);
    const sum = this.addXor(half, c);
    return { sum, carry: this.addOr(this.addAnd(a, b), this.addAnd(half, c)) };
  }

  /** Balanced AND of any number of literals (true when none). */
  addAndAll(literals: readonly number[]): number {
    return this.balanced(literals, constantTrue, (a, b) => this.addAnd(a, b));
  }

  addOrAll(literals: readonly number[]): number {
    return this.balanced(literals, constantFalse, (a, b) => this.addOr(a, b));
  }

  addXorAll(literals: readonly number[]): number {
    return this.balanced(literals, constantFalse, (a, b) => this.addXor(a, b));
  }

  private balanced(
    literals: readonly number[],
    empty: number,
    join: (a: number, b: number) => number,
  ): number {
    if (literals.length === 0) return empty;
    let layer = [...literals];
    while (layer.length > 1) {
      const next: number[] = [];
      for (let i = 0; i + 1 < layer.length; i += 2) next.push(join(layer[i]!, layer[i + 1]!));
      if (layer.length % 2 === 1) next.push(layer[layer.length - 1]!);
      layer = next;
    }
    return layer[0]!;
  }
}
