// Proposes full adders by function: around each node, triples of nets whose simulated exclusive-or is the node's, with a
// net somewhere that simulates as their majority. Refuses to promise anything: every proposal still needs a proof.

import { type ReducedGraph, signatureWords } from './reduced.ts';

export interface Proposal {
  /** Variables of the reduced graph. */
  a: number;
  b: number;
  c: number;
  sum: number;
  carry: number;
}

/** Fan-outs of the live nodes in compressed rows. */
class Fanouts {
  readonly start: Uint32Array;
  readonly list: Uint32Array;

  constructor(graph: ReducedGraph) {
    const { firstAnd, count, fanin0, fanin1, alive } = graph;
    this.start = new Uint32Array(count + 1);
    for (let v = firstAnd; v < count; v++) {
      if (!alive[v]) continue;
      this.start[(fanin0[v]! >>> 1) + 1]!++;
      this.start[(fanin1[v]! >>> 1) + 1]!++;
    }
    for (let v = 0; v < count; v++) this.start[v + 1]! += this.start[v]!;
    this.list = new Uint32Array(this.start[count]!);
    const fill = this.start.slice(0, count);
    for (let v = firstAnd; v < count; v++) {
      if (!alive[v]) continue;
      this.list[fill[fanin0[v]! >>> 1]!++] = v;
      this.list[fill[fanin1[v]! >>> 1]!++] = v;
    }
  }

  count(v: number): number {
    return this.start[v + 1]! - this.start[v]!;
  }
}

const tableBits = 9;
/** Triples looked at closely for one sum; graphs full of copies of a net would give thousands. */
const maxTriples = 24;

export class Proposer {
  private readonly graph: ReducedGraph;
  private readonly fanouts: Fanouts;
  private readonly keys = new Int32Array(1 << tableBits);
  private readonly items = new Int32Array(1 << tableBits);
  private readonly near: number[] = [];
  private readonly stamp: Uint32Array;
  private round = 0;
  private readonly words = new Int32Array(signatureWords);

  constructor(graph: ReducedGraph) {
    this.graph = graph;
    this.fanouts = new Fanouts(graph);
    this.stamp = new Uint32Array(graph.count);
  }

  /** Nets near `sum`: a cone below it, and whatever is made of two nets of the set. */
  private neighbourhood(sum: number, leaves: number, size: number): number[] {
    const { window, fanin0, fanin1 } = this.graph;
    const { near, stamp, fanouts } = this;
    const round = ++this.round;
    window.grow([sum], leaves);
    near.length = 0;
    stamp[sum] = round;
    for (const list of [window.leaves, window.inside]) {
      for (const v of list) {
        if (stamp[v] === round || near.length >= size) continue;
        stamp[v] = round;
        near.push(v);
      }
    }
    for (let n = 0; n < near.length && near.length < size; n++) {
      const v = near[n]!;
      if (fanouts.count(v) > 40) continue;
      for (let e = fanouts.start[v]!; e < fanouts.start[v + 1]! && near.length < size; e++) {
        const w = fanouts.list[e]!;
        if (stamp[w] === round) continue;
        if (stamp[fanin0[w]! >>> 1] !== round || stamp[fanin1[w]! >>> 1] !== round) continue;
        stamp[w] = round;
        near.push(w);
      }
    }
    return near;
  }

  /**
   * Proposals with this sum.
   * @param leaves of the cone looked at @param size nets of the neighbourhood, at most 250
   */
  propose(sum: number, leaves: number, size: number, found: (p: Proposal) => boolean): void {
    const { signatures } = this.graph;
    const near = this.neighbourhood(sum, leaves, size);
    const { keys, items } = this;
    const mask = (1 << tableBits) - 1;
    items.fill(-1);
    const norm = (v: number): number => {
      const word = signatures[v * signatureWords + 1]!;
      return word ^ -(signatures[v * signatureWords]! & 1);
    };
    const target = norm(sum);
    let triples = 0;
    const values = near.map(norm);
    for (let k = 0; k < near.length; k++) {
      const key = values[k]! ^ target;
      let slot = (Math.imul(key, 0x9e3779b1) >>> (32 - tableBits)) & mask;
      while (items[slot] !== -1) slot = (slot + 1) & mask;
      keys[slot] = key;
      items[slot] = k;
    }
    for (let i = 1; i < near.length; i++) {
      for (let j = 0; j < i; j++) {
        const key = values[i]! ^ values[j]!;
        let slot = (Math.imul(key, 0x9e3779b1) >>> (32 - tableBits)) & mask;
        for (; items[slot] !== -1; slot = (slot + 1) & mask) {
          if (keys[slot] !== key || items[slot]! >= j) continue;
          const a = near[i]!;
          const b = near[j]!;
          const c = near[items[slot]!]!;
          if (!this.isXor(a, b, c, sum)) continue;
          if (this.carries(a, b, c, sum, found) || ++triples >= maxTriples) return;
        }
      }
    }
  }

  private isXor(a: number, b: number, c: number, sum: number): boolean {
    const { signatures } = this.graph;
    const fa = a * signatureWords;
    const fb = b * signatureWords;
    const fc = c * signatureWords;
    const fs = sum * signatureWords;
    const flip = -((signatures[fa]! ^ signatures[fb]! ^ signatures[fc]! ^ signatures[fs]!) & 1);
    for (let w = 0; w < signatureWords; w++) {
      if ((signatures[fa + w]! ^ signatures[fb + w]! ^ signatures[fc + w]! ^ signatures[fs + w]!) !== flip)
        return false;
    }
    return true;
  }

  private carries(a: number, b: number, c: number, sum: number, found: (p: Proposal) => boolean): boolean {
    const { signatures, classes } = this.graph;
    const words = this.words;
    const fa = a * signatureWords;
    const fb = b * signatureWords;
    const fc = c * signatureWords;
    for (let n = 0; n < 4; n++) {
      const ia = -(n & 1);
      const ib = -(n >> 1);
      for (let w = 0; w < signatureWords; w++) {
        const x = signatures[fa + w]! ^ ia;
        const y = signatures[fb + w]! ^ ib;
        words[w] = (x & y) | (signatures[fc + w]! & (x | y));
      }
      const carry = classes.find(words, 0);
      if (carry === undefined || carry === 0 || carry === a || carry === b || carry === c || carry === sum)
        continue;
      if (found({ a, b, c, sum, carry })) return true;
    }
    return false;
  }
}
