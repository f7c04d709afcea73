// The adder tree: which adder feeds which, ranks (powers of two), levels, trees, roots and leaves.
// Linear in the number of adders: a work list with a counter of unplaced consumers an adder, no searching.
// Refuses to guess: nets whose rank differs between two consumers are counted as conflicts, not repaired.

import type { AdderList } from './adders.ts';
import { adderWords } from './adders.ts';

export interface AdderTree {
  /** Adders ordered so that each comes after every adder that consumes its sum or carry. */
  order: Uint32Array;
  /** Tree (connected component) of each adder, from 0. */
  tree: Uint32Array;
  treeCount: number;
  /** Rank of each adder: its operands and its sum weigh 2^rank, its carry 2^(rank+1); lowest of its tree is 0. */
  rank: Int32Array;
  /** Longest chain of adders from the leaves, from 0. */
  level: Uint32Array;
  /** Sum and carry variables no adder consumes, ascending. */
  roots: Uint32Array;
  /** Operand variables no adder produces, ascending. */
  leaves: Uint32Array;
  /** Connections between adders whose two ends disagree on the rank. */
  rankConflicts: number;
  /** Adders on a cycle (possible only when adders overlap); they are missing from `order`. */
  unordered: number;
}

const none = 0xffffffff;

/**
 * Builds the tree of an adder list. An adder that has several outputs in common with another (duplicates found on the
 * same net) is linked through the first adder that produces the net.
 * @param variableCount variables of the graph the list belongs to
 */
export function buildAdderTree(adders: AdderList, variableCount: number): AdderTree {
  const { data, count } = adders;
  const producer = new Uint32Array(variableCount).fill(none); // adder · 2 + (1: carry)
  const consumed = new Uint8Array(variableCount);
  for (let i = count - 1; i >= 0; i--) {
    const at = i * adderWords;
    producer[data[at + 4]!] = 2 * i + 1;
    producer[data[at + 3]!] = 2 * i;
    for (let k = 0; k < 3; k++) consumed[data[at + k]!] = 1;
  }
  consumed[0] = 0;
  // feeds in compressed rows: adder -> its producers
  const pending = new Uint32Array(count);
  const consumersOf = new Uint32Array(count + 1);
  const supplier = (i: number, k: number): number => {
    const net = data[i * adderWords + k]!;
    const p = net === 0 ? none : producer[net]!;
    return p === none || p >>> 1 === i ? none : p;
  };
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      const p = supplier(i, k);
      if (p !== none) {
        pending[p >>> 1]!++;
        consumersOf[(p >>> 1) + 1]!++;
      }
    }
  }
  for (let i = 0; i < count; i++) consumersOf[i + 1]! += consumersOf[i]!;
  const fill = consumersOf.slice(0, count);
  const consumer = new Uint32Array(consumersOf[count]!); // consuming adder · 2 + (1: of the carry)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      const p = supplier(i, k);
      if (p !== none) consumer[fill[p >>> 1]!++] = 2 * i + (p & 1);
    }
  }
  const { order, unordered } = consumersFirst(count, pending, supplier);
  const level = new Uint32Array(count);
  for (let n = order.length - 1; n >= 0; n--) {
    const i = order[n]!;
    for (let k = 0; k < 3; k++) {
      const p = supplier(i, k);
      if (p !== none) level[i] = Math.max(level[i]!, level[p >>> 1]! + 1);
    }
  }
  const ranks = rankTrees(count, supplier, consumersOf, consumer);
  const roots: number[] = [];
  const leaves: number[] = [];
  for (let v = 1; v < variableCount; v++) {
    if (producer[v] !== none && consumed[v] === 0) roots.push(v);
    else if (producer[v] === none && consumed[v] !== 0) leaves.push(v);
  }
  return {
    order,
    level,
    ...ranks,
    roots: Uint32Array.from(roots),
    leaves: Uint32Array.from(leaves),
    unordered,
  };
}

type Supplier = (adder: number, leaf: number) => number;

/** An adder is placed once all adders that consume its outputs are. */
function consumersFirst(
  count: number,
  pending: Uint32Array,
  supplier: Supplier,
): { order: Uint32Array; unordered: number } {
  const order = new Uint32Array(count);
  let length = 0;
  for (let i = count - 1; i >= 0; i--) if (pending[i] === 0) order[length++] = i;
  for (let n = 0; n < length; n++) {
    for (let k = 0; k < 3; k++) {
      const p = supplier(order[n]!, k);
      if (p !== none && --pending[p >>> 1]! === 0) order[length++] = p >>> 1;
    }
  }
  return { order: order.subarray(0, length), unordered: count - length };
}

/** Spreads ranks over each connected component, then shifts its lowest rank to 0. */
function rankTrees(
  count: number,
  supplier: Supplier,
  consumersOf: Uint32Array,
  consumer: Uint32Array,
): { tree: Uint32Array; treeCount: number; rank: Int32Array; rankConflicts: number } {
  const tree = new Uint32Array(count).fill(none);
  const rank = new Int32Array(count);
  const queue = new Uint32Array(count);
  let treeCount = 0;
  let conflicts = 0;
  for (let seed = 0; seed < count; seed++) {
    if (tree[seed] !== none) continue;
    const id = treeCount++;
    let length = 1;
    let lowest = 0;
    queue[0] = seed;
    tree[seed] = id;
    const visit = (adder: number, r: number): void => {
      if (tree[adder] === none) {
        tree[adder] = id;
        rank[adder] = r;
        lowest = Math.min(lowest, r);
        queue[length++] = adder;
      } else if (rank[adder] !== r) conflicts++;
    };
    for (let n = 0; n < length; n++) {
      const i = queue[n]!;
      const r = rank[i]!;
      for (let k = 0; k < 3; k++) {
        const p = supplier(i, k);
        if (p !== none) visit(p >>> 1, r - (p & 1));
      }
      for (let e = consumersOf[i]!; e < consumersOf[i + 1]!; e++)
        visit(consumer[e]! >>> 1, r + (consumer[e]! & 1));
    }
    for (let n = 0; n < length; n++) rank[queue[n]!]! -= lowest;
  }
  return { tree, treeCount, rank, rankConflicts: conflicts / 2 };
}
