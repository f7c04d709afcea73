// The free numbering of ascii AIGER files: variables and ANDs in any order, made ours. Refuses a variable defined twice or
// never, and combinational cycles.

import { enlarge } from './aiger-bytes.ts';

type Fail = (problem: string) => never;

/** The free numbering of ascii files: from the file's variables to ours. */
export class AsciiNumbering {
  private map: Uint32Array;
  private readonly maximum: number;
  private readonly firstAnd: number;

  constructor(header: { maximum: number; inputs: number; latches: number }) {
    this.maximum = header.maximum;
    this.map = new Uint32Array(Math.min(header.maximum + 1, 1 << 16));
    this.firstAnd = header.inputs + header.latches + 1;
  }

  define(literal: number, variable: number, what: string, fail: Fail): void {
    if (literal < 2 || literal % 2 === 1 || literal / 2 > this.maximum) {
      fail(`${what} literal ${literal} is not a positive variable up to ${this.maximum}`);
    }
    const index = literal / 2;
    if (index >= this.map.length) {
      this.map = enlarge(this.map, Math.min(this.maximum + 1, Math.max(2 * this.map.length, index + 1)));
    }
    if (this.map[index] !== 0) fail(`variable ${index} is defined twice`);
    this.map[index] = variable;
  }

  final(literal: number, fail: Fail): number {
    if (literal < 2) return literal;
    const variable = this.map[literal >>> 1];
    if (variable === undefined || variable === 0) fail(`literal ${literal} is used but never defined`);
    return 2 * variable + (literal & 1);
  }

  /** Fan-ins in our numbering and topological order; the file's order is kept when it is topological already. */
  sort(left: Uint32Array, right: Uint32Array, fail: Fail): [Uint32Array, Uint32Array] {
    const { firstAnd } = this;
    const count = left.length;
    let ordered = true;
    for (let i = 0; i < count; i++) {
      const a = this.final(left[i]!, fail);
      const b = this.final(right[i]!, fail);
      left[i] = a < b ? a : b;
      right[i] = a < b ? b : a;
      if (right[i]! >>> 1 >= firstAnd + i) ordered = false;
    }
    if (ordered) return [left, right];
    const place = topologicalOrder(left, right, firstAnd, i => {
      const literal = 2 * this.map.indexOf(firstAnd + i);
      return fail(`combinational cycle through AND ${literal}`);
    });
    const newLiteral = (literal: number): number => {
      const v = literal >>> 1;
      return v < firstAnd ? literal : 2 * (firstAnd + place[v - firstAnd]!) + (literal & 1);
    };
    const fanin0 = new Uint32Array(count);
    const fanin1 = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const a = newLiteral(left[i]!);
      const b = newLiteral(right[i]!);
      fanin0[place[i]!] = a < b ? a : b;
      fanin1[place[i]!] = a < b ? b : a;
    }
    for (let v = 0; v < this.map.length; v++) {
      if (this.map[v]! >= firstAnd) this.map[v] = firstAnd + place[this.map[v]! - firstAnd]!;
    }
    return [fanin0, fanin1];
  }
}

/** The topological position of each AND, depth first in file order. @param cycle called with an AND on a cycle */
function topologicalOrder(
  left: Uint32Array,
  right: Uint32Array,
  firstAnd: number,
  cycle: (and: number) => never,
): Uint32Array {
  const count = left.length;
  const place = new Uint32Array(count);
  const state = new Uint8Array(count); // 0 new, 1 open, 2 left done, 3 placed
  const stack = new Uint32Array(count);
  let next = 0;
  for (let root = 0; root < count; root++) {
    if (state[root] === 3) continue;
    let depth = 0;
    stack[0] = root;
    state[root] = 1;
    while (depth >= 0) {
      const i = stack[depth]!;
      const child = ((state[i] === 1 ? left[i]! : right[i]!) >>> 1) - firstAnd;
      if (state[i] === 1) state[i] = 2;
      else if (child < 0 || state[child] === 3) {
        state[i] = 3;
        place[i] = next++;
        depth--;
        continue;
      }
      if (child < 0 || state[child] === 3) continue;
      if (state[child] !== 0) cycle(child);
      state[child] = 1;
      stack[++depth] = child;
    }
  }
  return place;
}
