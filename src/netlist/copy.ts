// The ANDs of a graph once more in a builder: the loop that every copy of a graph has. What its inputs, latches and constant
// become is the caller's choice. Refuses nothing; literals outside the map come out as they are there.

import type { Aig } from './aig.ts';
import type { GateBuilder } from './gate-builder.ts';

/**
 * Copies ANDs in order.
 * @param map literal in the builder of each variable of the graph; constant, inputs and latches are given, ANDs are filled in
 * @param used marks the variables to copy; default all
 * @returns the translation of literals
 */
export function copyAnds(
  builder: GateBuilder,
  aig: Aig,
  map: Uint32Array,
  used?: Uint8Array,
): (literal: number) => number {
  const { fanin0, fanin1, firstAnd, andCount } = aig;
  const to = (literal: number): number => (map[literal >>> 1]! ^ (literal & 1)) >>> 0;
  for (let i = 0; i < andCount; i++) {
    if (used !== undefined && used[firstAnd + i] === 0) continue;
    map[firstAnd + i] = builder.addAnd(to(fanin0[i]!), to(fanin1[i]!));
  }
  return to;
}
