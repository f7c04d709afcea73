// What rewriting reads off the netlist around one variable: an adder's polarities, an exclusive-or, products that are zero.

import type { Aig } from '../../netlist/index.ts';
import type { AdderList } from '../exact/adders.ts';

/** +1 or -1 by which the sum and the carry variable enter the identity. */
export function signsOf(adders: AdderList, rule: number): { sumSign: number; carrySign: number } {
  const sign = adders.sign(rule);
  if (adders.isFull(rule)) {
    const parity = (sign ^ (sign >> 1) ^ (sign >> 2) ^ (sign >> 3)) & 1;
    return { sumSign: parity ? -1 : 1, carrySign: 1 };
  }
  const parity = (sign ^ (sign >> 1) ^ (sign >> 3)) & 1;
  return { sumSign: parity ? -1 : 1, carrySign: sign & 4 ? -1 : 1 };
}

/** Operands of the exclusive-or that three ANDs make of `v`. */
export function xorOf(aig: Aig, v: number): [number, number] | undefined {
  const f0 = aig.fanin0[v - aig.firstAnd]!;
  const f1 = aig.fanin1[v - aig.firstAnd]!;
  if (!(f0 & f1 & 1)) return undefined;
  const p = (f0 >>> 1) - aig.firstAnd;
  const q = (f1 >>> 1) - aig.firstAnd;
  if (p < 0 || q < 0) return undefined;
  const [p0, p1, q0, q1] = [aig.fanin0[p]!, aig.fanin1[p]!, aig.fanin0[q]!, aig.fanin1[q]!];
  if (p0 >>> 1 === p1 >>> 1) return undefined;
  return (q0 ^ 1) === p0 && (q1 ^ 1) === p1 ? [p0, p1] : undefined;
}

/** Whether a variable and one whose complement it implies are both factors: x · (~x & y) = 0. */
export function vanishes(aig: Aig, variables: readonly number[]): boolean {
  for (const v of variables) {
    if (v < aig.firstAnd) continue;
    const f0 = aig.fanin0[v - aig.firstAnd]!;
    const f1 = aig.fanin1[v - aig.firstAnd]!;
    if (f0 & 1 && variables.includes(f0 >>> 1)) return true;
    if (f1 & 1 && variables.includes(f1 >>> 1)) return true;
  }
  return false;
}
