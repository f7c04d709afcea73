// Windows of a graph: a cut of few leaves below some roots, and the truth tables of everything between, exhaustively.
// What holds over all assignments to a cut holds in the circuit; the converse is not claimed (leaves may depend on one
// another). Fan-in arrays may grow while it is used; ids must be topological.

const maxInside = 400;

export class Window {
  private readonly fanin0: Uint32Array;
  private readonly fanin1: Uint32Array;
  private readonly firstAnd: number;
  /** Stamp of the last window a variable was a member of. */
  private readonly member: Uint32Array;
  private readonly slot: Uint32Array;
  private stamp = 0;
  private tables = new Int32Array(0);
  /** Leaves and inside nodes (ascending) of the last window. */
  leaves: number[] = [];
  inside: number[] = [];
  words = 1;

  /** @param fanin0 literals by variable (not by AND index) */
  constructor(fanin0: Uint32Array, fanin1: Uint32Array, firstAnd: number) {
    this.fanin0 = fanin0;
    this.fanin1 = fanin1;
    this.firstAnd = firstAnd;
    this.member = new Uint32Array(fanin0.length);
    this.slot = new Uint32Array(fanin0.length);
  }

  has(variable: number): boolean {
    return this.member[variable] === this.stamp;
  }

  /**
   * Reconvergence-driven cut: from `roots` downwards, always replacing the leaf that brings the fewest new leaves
   * (ties: the highest), while at most `limit` leaves remain.
   * @param byOrder replace the highest leaf first, whatever it costs: another cut, for when the first proves nothing
   */
  grow(roots: readonly number[], limit: number, byOrder = false): void {
    const { fanin0, fanin1, firstAnd, member } = this;
    const stamp = ++this.stamp;
    const leaves: number[] = [];
    const inside: number[] = [];
    for (const v of roots) {
      if (member[v] === stamp || v === 0) continue;
      member[v] = stamp;
      leaves.push(v);
    }
    while (inside.length < maxInside) {
      let best = -1;
      let bestCost = 3;
      for (let i = 0; i < leaves.length; i++) {
        const v = leaves[i]!;
        if (v < firstAnd) continue;
        const a = fanin0[v]! >>> 1;
        const b = fanin1[v]! >>> 1;
        let cost =
          (member[a] === stamp || a === 0 ? 0 : 1) + (member[b] === stamp || b === 0 || a === b ? 0 : 1);
        if (leaves.length - 1 + cost > limit) continue;
        if (byOrder && cost > 0) cost = 1;
        if (cost < bestCost || (cost === bestCost && v > leaves[best]!)) {
          best = i;
          bestCost = cost;
        }
      }
      if (best < 0) break;
      const v = leaves[best]!;
      leaves[best] = leaves[leaves.length - 1]!;
      leaves.pop();
      inside.push(v);
      for (const u of [fanin0[v]! >>> 1, fanin1[v]! >>> 1]) {
        if (member[u] === stamp || u === 0) continue;
        member[u] = stamp;
        leaves.push(u);
      }
    }
    this.leaves = leaves;
    this.inside = inside;
  }

  /** Truth tables of the inside nodes over all assignments of the leaves. */
  evaluate(): void {
    const { fanin0, fanin1, slot, leaves } = this;
    const inside = this.inside.sort((a, b) => a - b);
    const words = (this.words = leaves.length <= 5 ? 1 : 1 << (leaves.length - 5));
    const total = (leaves.length + inside.length + 1) * words;
    if (this.tables.length < total) this.tables = new Int32Array(2 * total);
    const tables = this.tables;
    tables.fill(0, 0, words);
    slot[0] = 0;
    let at = words;
    for (let k = 0; k < leaves.length; k++) {
      slot[leaves[k]!] = at;
      for (let w = 0; w < words; w++) {
        tables[at + w] = k < 5 ? leafPatterns[k]! : (w >> (k - 5)) & 1 ? -1 : 0;
      }
      at += words;
    }
    for (const v of inside) {
      const a = fanin0[v]!;
      const b = fanin1[v]!;
      const fa = slot[a >>> 1]!;
      const fb = slot[b >>> 1]!;
      const ia = -(a & 1);
      const ib = -(b & 1);
      slot[v] = at;
      for (let w = 0; w < words; w++) tables[at + w] = (tables[fa + w]! ^ ia) & (tables[fb + w]! ^ ib);
      at += words;
    }
  }

  /** Whether two literals have the same table. Both variables must be members. */
  equal(a: number, b: number): boolean {
    const { tables, words } = this;
    const fa = this.slot[a >>> 1]!;
    const fb = this.slot[b >>> 1]!;
    const invert = -((a ^ b) & 1);
    for (let w = 0; w < words; w++) if (tables[fa + w] !== (tables[fb + w]! ^ invert)) return false;
    return true;
  }

  /** Whether every assignment of three members occurs over the leaves. */
  independent(a: number, b: number, c: number): boolean {
    const { tables, slot, words } = this;
    const fa = slot[a]!;
    const fb = slot[b]!;
    const fc = slot[c]!;
    let rows = 0;
    for (let w = 0; w < words && rows !== 0xff; w++) {
      for (let row = 0; row < 8; row++) {
        const x = tables[fa + w]! ^ (row & 1 ? 0 : -1);
        const y = tables[fb + w]! ^ (row & 2 ? 0 : -1);
        const z = tables[fc + w]! ^ (row & 4 ? 0 : -1);
        if ((x & y & z) !== 0) rows |= 1 << row;
      }
    }
    return rows === 0xff;
  }

  /**
   * The sign (see AdderList) with which `sum` and `carry` are the outputs of a full adder over `leaves` by their tables,
   * or -1 when they are not. A third leaf of 0 asks for a half adder.
   */
  adderSign(a: number, b: number, c: number, sum: number, carry: number): number {
    const { tables, slot, words } = this;
    const fa = slot[a]!;
    const fb = slot[b]!;
    const fc = slot[c]!;
    const fs = slot[sum]!;
    const fm = slot[carry]!;
    const flip = tables[fa]! ^ tables[fb]! ^ tables[fc]! ^ tables[fs]!;
    if (flip !== 0 && flip !== -1) return -1;
    for (let w = 1; w < words; w++) {
      if ((tables[fa + w]! ^ tables[fb + w]! ^ tables[fc + w]! ^ tables[fs + w]!) !== flip) return -1;
    }
    search: for (let n = 0; n < 8; n++) {
      const ia = -(n & 1);
      const ib = -((n >> 1) & 1);
      const ic = -(n >> 2);
      for (let w = 0; w < words; w++) {
        const x = tables[fa + w]! ^ ia;
        const y = tables[fb + w]! ^ ib;
        const z = tables[fc + w]! ^ ic;
        const m = c === 0 ? (x & y) ^ ic : (x & y) | (z & (x | y));
        if (m !== tables[fm + w]) continue search;
      }
      return (flip & 8) | n;
    }
    return -1;
  }
}

const leafPatterns = [0xaaaaaaaa | 0, 0xcccccccc | 0, 0xf0f0f0f0 | 0, 0xff00ff00 | 0, 0xffff0000 | 0];
