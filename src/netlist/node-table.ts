// AND nodes in growing typed arrays, with constant folding and structural hashing in an open-addressing table.
// Refuses to rewrite beyond one level: no resynthesis happens here.

import { BitwrightError, UsageError } from '../core/errors.ts';
import { maxVariable } from './aig.ts';

export interface AigBuilderOptions {
  /** AND nodes to make room for at first (arrays grow geometrically past it). Default 1024. */
  capacity?: number | undefined;
  /** Structural hashing and one-level folding. Default true; false keeps every AND as added. */
  hashing?: boolean | undefined;
}

/** Marks inputs and latches in the fan-in arrays of the builder. */
export const notAnAnd = 0xffffffff;

/** Nodes by variable; inputs and latches are marked in the fan-in arrays. */
export class NodeTable {
  protected fanin0: Uint32Array;
  protected fanin1: Uint32Array;
  protected table: Uint32Array;
  protected mask: number;
  protected readonly hashing: boolean;
  protected count = 1;
  protected ands = 0;

  constructor(options: AigBuilderOptions = {}) {
    const capacity = options.capacity ?? 1024;
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > maxVariable) {
      throw new UsageError(`builder capacity ${capacity}`, {
        expected: `an integer from 0 to ${maxVariable}`,
      });
    }
    this.hashing = options.hashing ?? true;
    this.fanin0 = new Uint32Array(capacity + 64);
    this.fanin1 = new Uint32Array(capacity + 64);
    let slots = 256;
    while (this.hashing && slots < 1.5 * capacity) slots *= 2;
    this.table = new Uint32Array(slots);
    this.mask = slots - 1;
  }

  /** Variables so far, the constant among them. */
  get variableCount(): number {
    return this.count;
  }

  get andCount(): number {
    return this.ands;
  }

  /** a AND b: folded when constant, equal or opposite, found again when the same AND exists. */
  addAnd(a: number, b: number): number {
    if (a > b) {
      const t = a;
      a = b;
      b = t;
    }
    if (b >>> 1 >= this.count) this.known(b);
    if (!this.hashing) return 2 * this.newAnd(a, b);
    if (a === 0) return 0;
    if (a === 1) return b;
    if (a === b) return a;
    if ((a ^ b) === 1) return 0;
    let slot = hashPair(a, b) & this.mask;
    for (;;) {
      const v = this.table[slot]!;
      if (v === 0) break;
      if (this.fanin0[v] === a && this.fanin1[v] === b) return 2 * v;
      slot = (slot + 1) & this.mask;
    }
    const variable = this.newAnd(a, b);
    this.table[slot] = variable;
    if (this.ands * 3 > this.table.length * 2) this.growTable();
    return 2 * variable;
  }

  /** The literal of an existing AND of a and b (after folding), or undefined when it would be new. */
  findAnd(a: number, b: number): number | undefined {
    if (a > b) [a, b] = [b, a];
    if (a === 0 || (a ^ b) === 1) return 0;
    if (a === 1 || a === b) return b;
    for (let slot = hashPair(a, b) & this.mask; ; slot = (slot + 1) & this.mask) {
      const v = this.table[slot]!;
      if (v === 0) return undefined;
      if (this.fanin0[v] === a && this.fanin1[v] === b) return 2 * v;
    }
  }

  /** Fan-in literals of an AND variable (smaller first), or undefined for inputs, latches and the constant. */
  fanins(variable: number): [number, number] | undefined {
    if (variable <= 0 || variable >= this.count || this.fanin0[variable] === notAnAnd) return undefined;
    return [this.fanin0[variable]!, this.fanin1[variable]!];
  }

  protected known(literal: number): number {
    if (!(literal >= 0) || literal >>> 1 >= this.count || literal % 1 !== 0) {
      throw new UsageError(`literal ${literal} is not in the graph`, {
        expected: `a literal below ${2 * this.count}`,
      });
    }
    return literal;
  }

  protected newAnd(a: number, b: number): number {
    this.ands++;
    return this.newVariable(a, b);
  }

  protected newVariable(a: number, b: number): number {
    const variable = this.count;
    if (variable === this.fanin0.length) this.growNodes();
    this.fanin0[variable] = a;
    this.fanin1[variable] = b;
    this.count = variable + 1;
    return variable;
  }

  protected growNodes(): void {
    const size = Math.min(maxVariable + 1, Math.ceil(this.fanin0.length * 1.6) + 64);
    if (size <= this.count) throw new BitwrightError(`more than ${maxVariable} variables in one graph`);
    const old0 = this.fanin0;
    this.fanin0 = new Uint32Array(size);
    this.fanin0.set(old0);
    const old1 = this.fanin1;
    this.fanin1 = new Uint32Array(size);
    this.fanin1.set(old1);
  }

  protected growTable(): void {
    const { fanin0, fanin1, count } = this;
    this.table = new Uint32Array(0);
    const table = new Uint32Array((this.mask + 1) * 2);
    const mask = table.length - 1;
    for (let v = 1; v < count; v++) {
      const a = fanin0[v]!;
      if (a === notAnAnd) continue;
      let slot = hashPair(a, fanin1[v]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = v;
    }
    this.table = table;
    this.mask = mask;
  }
}

function hashPair(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
