// The adder detector written straight from its definition, for tests: quadratic filters are avoided, nothing else is.
// Refuses to be fast. The kernel src/kernels/assembly/adders.ts must give the same adders, flags and counts.

import type { Aig } from '../../netlist/aig.ts';
import { inAdderList, inXorList, isCarry, isSum } from './labels.ts';

interface Cut {
  leaves: number[];
  table: number;
}

export interface ReferenceResult {
  /** Words of the adder list, see AdderList. */
  adders: Uint32Array;
  flags: Uint8Array;
  xorNodes: number;
  /** The X list: root and leaves (third 0 when there are two). */
  xors: number[][];
  cuts: number;
}

const leafTables = [0xaa, 0xcc, 0xf0];

/** Table of a cut over `leaves`, a sorted superset of its own leaves. */
function expandTable(cut: Cut, leaves: number[]): number {
  let table = 0;
  for (let row = 0; row < 8; row++) {
    let from = 0;
    cut.leaves.forEach((leaf, k) => {
      if ((row >> leaves.indexOf(leaf)) & 1) from |= 1 << k;
    });
    table |= ((cut.table >> from) & 1) << row;
  }
  return table;
}

function carrySigns(full: boolean): Map<number, number> {
  const signs = new Map<number, number>();
  const [a, b, c] = leafTables as [number, number, number];
  for (let n = 0; n < 8; n++) {
    const x = n & 1 ? ~a : a;
    const y = n & 2 ? ~b : b;
    const z = n & 4 ? ~c : c;
    const table = full ? (x & y) | (x & z) | (y & z) : n & 4 ? ~(x & y) : x & y;
    signs.set(table & 0xff, n);
  }
  return signs;
}

/**
 * Every XOR2, XOR3, AND2 and MAJ3 by 3-feasible cuts, paired on equal leaves, filtered, labelled.
 * @param maxCuts cuts kept a node, the trivial one included
 */
export function findAddersReference(aig: Aig, maxCuts = 128): ReferenceResult {
  const { firstAnd, variableCount, fanin0, fanin1 } = aig;
  const fanouts = aig.fanoutCounts();
  const majority = carrySigns(true);
  const conjunction = carrySigns(false);
  const cutsOf: Cut[][] = [[]];
  const sums = new Map<string, [number, number][]>();
  const carries = new Map<string, [number, number][]>();
  const xors: number[][] = [];
  let cutCount = 0;
  const enter = (
    map: Map<string, [number, number][]>,
    leaves: number[],
    node: number,
    sign: number,
  ): void => {
    const key = leaves.join(' ');
    const list = map.get(key);
    if (list === undefined) map.set(key, [[node, sign]]);
    else list.push([node, sign]);
  };
  for (let v = 1; v < firstAnd; v++) cutsOf.push([{ leaves: [v], table: 0xaa }]);
  for (let v = firstAnd; v < variableCount; v++) {
    const a = fanin0[v - firstAnd]!;
    const b = fanin1[v - firstAnd]!;
    const list: Cut[] = [{ leaves: [v], table: 0xaa }];
    const seen = new Set<string>();
    for (const ca of cutsOf[a >>> 1]!) {
      for (const cb of cutsOf[b >>> 1]!) {
        const leaves = [...new Set([...ca.leaves, ...cb.leaves])].sort((x, y) => x - y);
        const key = leaves.join(' ');
        if (leaves.length > 3 || seen.has(key) || list.length >= maxCuts) continue;
        seen.add(key);
        const ta = expandTable(ca, leaves) ^ (a & 1 ? 0xff : 0);
        const tb = expandTable(cb, leaves) ^ (b & 1 ? 0xff : 0);
        list.push({ leaves, table: ta & tb });
      }
    }
    cutsOf.push(list);
    cutCount += list.length;
    const isXor2 = (c: Cut): boolean => c.table === 0x66 || c.table === 0x99;
    const isXor3 = (c: Cut): boolean => c.table === 0x69 || c.table === 0x96;
    const xor = list.find(isXor2) ?? list.find(isXor3);
    if (xor !== undefined) xors.push([v, ...xor.leaves, ...(xor.leaves.length === 2 ? [0] : [])]);
    for (const cut of list) {
      const full = cut.leaves.length === 3;
      if (cut.leaves.length === 2 && isXor2(cut)) enter(sums, cut.leaves, v, cut.table === 0x99 ? 8 : 0);
      if (full && isXor3(cut)) enter(sums, cut.leaves, v, cut.table === 0x69 ? 8 : 0);
      const sign = full ? majority.get(cut.table) : conjunction.get(cut.table);
      if (cut.leaves.length >= 2 && sign !== undefined) enter(carries, cut.leaves, v, sign);
    }
  }
  // pairs
  const pairs: number[][] = [];
  for (const [key, xs] of sums) {
    const leaves = key.split(' ').map(Number);
    for (const [x, sx] of xs) {
      for (const [m, sm] of carries.get(key) ?? []) {
        const half = leaves.length === 2;
        const direct = fanin0[x - firstAnd]! >>> 1 === m || fanin1[x - firstAnd]! >>> 1 === m;
        if (half && direct && fanouts[m] === 1) continue;
        pairs.push([leaves[0]!, leaves[1]!, leaves[2] ?? 0, x, m, sx | sm]);
      }
    }
  }
  pairs.sort((p, q) => p[3]! - q[3]! || p[4]! - q[4]! || p[0]! - q[0]! || p[1]! - q[1]! || p[2]! - q[2]!);
  // what lies inside full adders
  const visited = new Uint8Array(variableCount);
  const inside = new Uint8Array(variableCount);
  for (const [l0, l1, l2, x, m] of pairs as [number, number, number, number, number][]) {
    if (l2 === 0) continue;
    visited[l0] = visited[l1] = visited[l2] = 1;
    const stack = [m, x];
    while (stack.length > 0) {
      const v = stack.pop()!;
      if (visited[v]) continue;
      visited[v] = inside[v] = 1;
      if (v >= firstAnd) stack.push(fanin0[v - firstAnd]! >>> 1, fanin1[v - firstAnd]! >>> 1);
    }
  }
  const kept = pairs.filter(([, , l2, x, m]) => l2 !== 0 || !(inside[x!] && inside[m!]));
  // labels
  const flags = new Uint8Array(variableCount);
  for (const [root, l0, l1, l2] of xors as [number, number, number, number][]) {
    for (const v of [root, l0, l1]) flags[v]! |= inXorList;
    if (l2 !== 0) flags[l2]! |= inXorList;
  }
  for (const [l0, l1, l2, x, m] of kept as [number, number, number, number, number][]) {
    for (const v of [l0, l1, x, m]) flags[v]! |= inAdderList;
    if (l2 !== 0) flags[l2]! |= inAdderList;
    if (!(flags[x]! & (isSum | isCarry))) flags[x]! |= isSum;
    if (!(flags[m]! & (isSum | isCarry))) flags[m]! |= isCarry;
  }
  return { adders: Uint32Array.from(kept.flat()), flags, xorNodes: xors.length, xors, cuts: cutCount };
}
