// The reduced graph of a netlist: nodes proved equal (up to complement) are one node, and each node remembers a net of
// the given netlist with the same function. Simulation proposes equalities, an exhaustive window or SAT proves them, so by
// induction over the topological order every node's function is the function of its net. Unproved ones stay apart.

import { Random } from '../../core/random.ts';
import { type Steps, straight } from '../../core/turns.ts';
import { type Aig, AigBuilder } from '../../netlist/index.ts';
import { SatProof, type SatProofStatistics } from './sat-proof.ts';
import { Window } from './window.ts';

/** What a stopped search says. */
export const stopped = 'adder search stopped';

/** 32-bit words of simulation a node. */
export const signatureWords = 8;

export interface ReducedGraph {
  firstAnd: number;
  count: number;
  /** Fan-in literals by variable. */
  fanin0: Uint32Array;
  fanin1: Uint32Array;
  /** Simulated words, `signatureWords` a variable. */
  signatures: Int32Array;
  /** 1 when the variable stands for itself, 0 when it was merged into another. */
  alive: Uint8Array;
  /** Literal of the given netlist with the function of each variable. */
  origin: Uint32Array;
  /** Literal of this graph with the function of each variable of the given netlist. */
  literalOf: Uint32Array;
  /** Variables by normalised signature. */
  classes: ClassTable;
  window: Window;
  /** Nodes merged by proof, and nodes that simulation calls equal but nothing proves. */
  merged: number;
  unproved: number;
  /** Level of each variable. */
  levels: Uint32Array;
  /** What was proved by SAT; undefined when nothing was merged. */
  sat: SatProofStatistics | undefined;
}

/** A variable for each normalised signature: the first one seen. */
class ClassTable {
  private readonly slots: Uint32Array;
  private readonly mask: number;
  private readonly signatures: Int32Array;

  constructor(capacity: number, signatures: Int32Array) {
    let size = 64;
    while (size < 2 * capacity) size *= 2;
    this.slots = new Uint32Array(size).fill(empty);
    this.mask = size - 1;
    this.signatures = signatures;
  }

  /** Slot of the class of these words (complemented when their first bit is set): its variable or the free place. */
  private place(words: Int32Array, at: number): number {
    const { slots, mask, signatures } = this;
    const invert = -(words[at]! & 1);
    let h = 0;
    for (let w = 0; w < signatureWords; w++) {
      h = Math.imul(h ^ (words[at + w]! ^ invert), 0x9e3779b1);
      h ^= h >>> 15;
    }
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const v = slots[slot]!;
      if (v === empty) return slot;
      const other = v * signatureWords;
      const flip = invert ^ -(signatures[other]! & 1);
      let w = 0;
      while (w < signatureWords && (words[at + w]! ^ flip) === signatures[other + w]) w++;
      if (w === signatureWords) return slot;
    }
  }

  find(words: Int32Array, at: number): number | undefined {
    const v = this.slots[this.place(words, at)]!;
    return v === empty ? undefined : v;
  }

  add(variable: number): void {
    this.slots[this.place(this.signatures, variable * signatureWords)] = variable;
  }
}

const empty = 0xffffffff;
/** Class members tried before a node is left apart. */
const classTries = 4;
/** Windows tried on an equality: leaves, and whether they grow by order. */
const windowShapes: [number, boolean][] = [
  [6, false],
  [10, false],
  [10, true],
  [14, false],
  [14, true],
  [16, false],
];

/**
 * Builds the reduced graph: structural hashing, then merging of nodes with equal simulation that a window of at most 16
 * leaves, or SAT over at most 1000 ANDs, proves equal. Time linear in the graph; about 135 bytes a node.
 * @param seed of the simulated vectors; it changes which equalities are tried, never what holds
 */
export function reduceGraph(aig: Aig, seed = 1): ReducedGraph {
  return straight(reducing(aig, seed), { stopped });
}

/** The same in steps. */
export function* reducing(aig: Aig, seed = 1): Steps<ReducedGraph> {
  const { firstAnd, variableCount } = aig;
  const fanin0 = new Uint32Array(variableCount);
  const fanin1 = new Uint32Array(variableCount);
  const alive = new Uint8Array(variableCount);
  const origin = new Uint32Array(variableCount);
  const alias = new Uint32Array(variableCount).fill(empty);
  const sibling = new Uint32Array(variableCount).fill(empty);
  const literalOf = new Uint32Array(variableCount);
  const signatures = new Int32Array(variableCount * signatureWords);
  const classes = new ClassTable(variableCount, signatures);
  const window = new Window(fanin0, fanin1, firstAnd);
  const builder = new AigBuilder({ capacity: aig.andCount });
  const levels = new Uint32Array(variableCount);
  const sat = new SatProof({ firstAnd, fanin0, fanin1, base: 0, levels });
  const random = new Random(seed);
  let merged = 0;
  let unproved = 0;
  classes.add(0);
  for (let v = 1; v < firstAnd; v++) {
    builder.addInput();
    for (let w = 0; w < signatureWords; w++) signatures[v * signatureWords + w] = random.uint32();
    literalOf[v] = 2 * v;
    origin[v] = 2 * v;
    alive[v] = 1;
    classes.add(v);
  }
  /** The class member proved equal to `node`. */
  const provedEqual = (node: number, first: number): number => {
    for (let other = first, n = 0; other !== empty && n < classTries; other = sibling[other]!, n++) {
      const flip = (signatures[node * signatureWords]! ^ signatures[other * signatureWords]!) & 1;
      for (const [limit, byOrder] of windowShapes) {
        window.grow([node, other], limit, byOrder);
        window.evaluate();
        if (window.equal(2 * node, 2 * other + flip)) return other;
      }
    }
    for (let other = first, n = 0; other !== empty && n < classTries; other = sibling[other]!, n++) {
      const flip = (signatures[node * signatureWords]! ^ signatures[other * signatureWords]!) & 1;
      if (sat.equal(2 * node, 2 * other + flip)) return other;
    }
    return empty;
  };
  for (let v = firstAnd; v < variableCount; v++) {
    if ((v & 0xff) === 0) yield;
    const x = aig.fanin0[v - firstAnd]!;
    const y = aig.fanin1[v - firstAnd]!;
    const before = builder.variableCount;
    let literal = builder.addAnd(literalOf[x >>> 1]! ^ (x & 1), literalOf[y >>> 1]! ^ (y & 1));
    const node = literal >>> 1;
    if (node === before) {
      const [a, b] = builder.fanins(node)!;
      fanin0[node] = a;
      fanin1[node] = b;
      origin[node] = 2 * v + (literal & 1);
      levels[node] = 1 + Math.max(levels[a >>> 1]!, levels[b >>> 1]!);
      const at = node * signatureWords;
      const fa = (a >>> 1) * signatureWords;
      const fb = (b >>> 1) * signatureWords;
      const ia = -(a & 1);
      const ib = -(b & 1);
      for (let w = 0; w < signatureWords; w++) {
        signatures[at + w] = (signatures[fa + w]! ^ ia) & (signatures[fb + w]! ^ ib);
      }
      const first = classes.find(signatures, at);
      const other = first === undefined ? empty : provedEqual(node, first);
      if (other !== empty) {
        alias[node] = 2 * other + ((signatures[at]! ^ signatures[other * signatureWords]!) & 1);
        merged++;
      } else {
        alive[node] = 1;
        if (first === undefined) classes.add(node);
        else {
          sibling[node] = sibling[first]!;
          sibling[first] = node;
          unproved++;
        }
      }
    }
    if (alias[node] !== empty) literal = alias[node]! ^ (literal & 1);
    literalOf[v] = literal;
  }
  return {
    firstAnd,
    count: builder.variableCount,
    fanin0,
    fanin1,
    signatures,
    alive,
    origin,
    literalOf,
    classes,
    window,
    merged,
    unproved,
    levels,
    sat: sat.statistics,
  };
}

/** The given netlist itself in the same form, nothing merged: for a cheap look before the work of reducing. */
export function plainGraph(aig: Aig, seed = 1): ReducedGraph {
  const { firstAnd, variableCount: count } = aig;
  const fanin0 = new Uint32Array(count);
  const fanin1 = new Uint32Array(count);
  fanin0.set(aig.fanin0, firstAnd);
  fanin1.set(aig.fanin1, firstAnd);
  const signatures = new Int32Array(count * signatureWords);
  const random = new Random(seed);
  for (let i = signatureWords; i < firstAnd * signatureWords; i++) signatures[i] = random.uint32();
  for (let v = firstAnd; v < count; v++) {
    const a = fanin0[v]!;
    const b = fanin1[v]!;
    const fa = (a >>> 1) * signatureWords;
    const fb = (b >>> 1) * signatureWords;
    const ia = -(a & 1);
    const ib = -(b & 1);
    const at = v * signatureWords;
    for (let w = 0; w < signatureWords; w++) {
      signatures[at + w] = (signatures[fa + w]! ^ ia) & (signatures[fb + w]! ^ ib);
    }
  }
  const classes = new ClassTable(count, signatures);
  for (let v = 0; v < count; v++) classes.add(v);
  const identity = Uint32Array.from({ length: count }, (_, v) => 2 * v);
  return {
    firstAnd,
    count,
    fanin0,
    fanin1,
    signatures,
    alive: new Uint8Array(count).fill(1),
    origin: identity,
    literalOf: identity,
    classes,
    window: new Window(fanin0, fanin1, firstAnd),
    merged: 0,
    unproved: 0,
    levels: aig.levels(),
    sat: undefined,
  };
}
