// Latches that never change, found by ternary simulation from reset with every input unknown.
// Refuses to look at constraints: what it finds holds whatever the environment does.

import type { Aig } from '../netlist/aig.ts';
import { rebuild, type System } from './system.ts';

/** Possible values of a signal as bits: 1 may be 0, 2 may be 1. */
const both = 3;

/** `values[v]` for each variable over all runs from reset: 1 always 0, 2 always 1, 3 unknown. */
function ternaryReach(aig: Aig): Uint8Array {
  const { inputCount, latchCount, firstAnd, fanin0, fanin1, andCount, latchNext, latchInit } = aig;
  const values = new Uint8Array(aig.variableCount).fill(both);
  values[0] = 1;
  const first = 1 + inputCount;
  for (let i = 0; i < latchCount; i++) values[first + i] = [1, 2, both][latchInit[i]!]!;
  const read = (literal: number): number => {
    const x = values[literal >>> 1]!;
    return literal & 1 ? ((x & 1) << 1) | (x >> 1) : x;
  };
  for (let changed = true; changed; ) {
    for (let i = 0; i < andCount; i++) {
      const a = read(fanin0[i]!);
      const b = read(fanin1[i]!);
      values[firstAnd + i] = ((a | b) & 1) | (a & b & 2);
    }
    changed = false;
    for (let i = 0; i < latchCount; i++) {
      const joined = values[first + i]! | read(latchNext[i]!);
      if (joined !== values[first + i]) {
        values[first + i] = joined;
        changed = true;
      }
    }
  }
  return values;
}

/** The system without its constant latches. */
export function dropConstantLatches(system: System): System {
  const { aig } = system;
  const values = ternaryReach(aig);
  const replace = new Map<number, number>();
  for (let v = 1 + aig.inputCount; v < aig.firstAnd; v++) {
    if (values[v] !== both) replace.set(v, values[v] === 2 ? 1 : 0);
  }
  return replace.size === 0 ? system : rebuild(system, replace);
}
