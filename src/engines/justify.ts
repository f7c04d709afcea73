// Lifting by justification: of one full assignment, the latches that alone (with the inputs as they are) give some
// literals their values. Refuses to search: one pass for costs, one walk from the roots.

import type { Aig } from '../netlist/aig.ts';

export class Justifier {
  /** Value of each variable under the last assignment. */
  readonly values: Uint8Array;
  private readonly aig: Aig;
  private readonly cost: Float64Array;
  private readonly marks: Uint32Array;
  private readonly weights: ArrayLike<number>;
  private mark = 0;

  /** @param weights cost of needing each latch */
  constructor(aig: Aig, weights: ArrayLike<number>) {
    this.aig = aig;
    this.values = new Uint8Array(aig.variableCount);
    this.cost = new Float64Array(aig.variableCount);
    this.marks = new Uint32Array(aig.variableCount);
    this.weights = weights;
  }

  /** Evaluates the graph under `values` of inputs and latches, which the caller has filled in. */
  evaluate(): void {
    const aig = this.aig;
    const cost = this.cost;
    const weights = this.weights;
    const values = this.values;
    const { fanin0, fanin1, firstAnd, andCount, inputCount, latchCount } = aig;
    for (let i = 0; i < latchCount; i++) cost[1 + inputCount + i] = weights[i]!;
    for (let i = 0; i < andCount; i++) {
      const a = fanin0[i]!;
      const b = fanin1[i]!;
      const x = values[a >>> 1]! ^ (a & 1);
      const y = values[b >>> 1]! ^ (b & 1);
      const p = cost[a >>> 1]!;
      const q = cost[b >>> 1]!;
      values[firstAnd + i] = x & y;
      cost[firstAnd + i] = x & y ? Math.min(1e12, p + q) : x === 1 ? q : y === 1 ? p : p < q ? p : q;
    }
  }

  value(literal: number): number {
    return this.values[literal >>> 1]! ^ (literal & 1);
  }

  /** Latches (indices, sorted) whose values keep those of all roots, the inputs being as they are. */
  latches(roots: readonly number[]): number[] {
    const aig = this.aig;
    const cost = this.cost;
    const marks = this.marks;
    const values = this.values;
    const { fanin0, fanin1, firstAnd, inputCount } = aig;
    const mark = ++this.mark;
    const found: number[] = [];
    const stack: number[] = [];
    const need = (v: number): void => {
      if (marks[v] === mark) return;
      marks[v] = mark;
      if (v >= firstAnd) stack.push(v);
      else if (v > inputCount) found.push(v - 1 - inputCount);
    };
    for (const root of roots) need(root >>> 1);
    while (stack.length > 0) {
      const v = stack.pop()!;
      const a = fanin0[v - firstAnd]! >>> 1;
      const b = fanin1[v - firstAnd]! >>> 1;
      if (values[v] === 1) {
        need(a);
        need(b);
        continue;
      }
      const x = this.value(fanin0[v - firstAnd]!);
      const y = this.value(fanin1[v - firstAnd]!);
      if (x === 1) need(b);
      else if (y === 1) need(a);
      else if (marks[a] === mark || marks[b] === mark) continue;
      else need(cost[a]! <= cost[b]! ? a : b);
    }
    return found.sort((p, q) => p - q);
  }
}
