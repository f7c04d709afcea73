// One proposed adder on the reduced graph: which net is the sum, the proof on exhaustive windows, and the way back to the
// given netlist. Refuses to call an adder what no window of the allowed size proves.

import { Aig } from '../../netlist/index.ts';
import type { Proposal } from './propose.ts';
import type { ReducedGraph } from './reduced.ts';

/**
 * The exclusive-or of four nets being constant does not tell which is the sum, and maj(a, b, c) = maj(~sum, b, c): any
 * of the four will do. The sum is the one of the highest level (then id).
 */
export function orient(p: Proposal, levels: Uint32Array): Proposal {
  const nets = [p.a, p.b, p.c, p.sum].sort((x, y) => levels[x]! - levels[y]! || x - y);
  return { a: nets[0]!, b: nets[1]!, c: nets[2]!, sum: nets[3]!, carry: p.carry };
}

export function quadKey(a: number, b: number, c: number, sum: number, carry: number): string {
  return `${[a, b, c, sum].sort((x, y) => x - y).join(' ')} ${carry}`;
}

/**
 * Sign of the adder when some window proves it, else -1. Operands must take all eight values over the smallest window that
 * does: (a, b, a·b) satisfies the equations of an adder and is none.
 */
export function prove(graph: ReducedGraph, p: Proposal, limit: number): number {
  const { window } = graph;
  for (const leaves of [5, 8, 12, 16]) {
    if (leaves > limit) break;
    window.grow([p.sum, p.carry, p.a, p.b, p.c], Math.min(leaves, limit));
    window.evaluate();
    const sign = window.adderSign(p.a, p.b, p.c, p.sum, p.carry);
    if (sign >= 0) return window.independent(p.a, p.b, p.c) ? sign : -1;
  }
  return -1;
}

/** The live part as a graph with the same variables; merged nodes stay as unread gates with constant fan-ins. */
export function asAig(graph: ReducedGraph): Aig {
  const { firstAnd, count, alive } = graph;
  const fanin0 = graph.fanin0.slice(firstAnd, count);
  const fanin1 = graph.fanin1.slice(firstAnd, count);
  for (let v = firstAnd; v < count; v++) {
    if (!alive[v]) fanin0[v - firstAnd] = fanin1[v - firstAnd] = 0;
  }
  return new Aig({ inputCount: firstAnd - 1, fanin0, fanin1 });
}

/** An adder of the reduced graph in variables of the given netlist: leaves ascending, polarities moved into the sign. */
export function toGiven(
  graph: ReducedGraph,
  a: number,
  b: number,
  c: number,
  sum: number,
  carry: number,
  sign: number,
): number[] {
  const { origin } = graph;
  const isFull = c !== 0;
  const leaves = (isFull ? [a, b, c] : [a, b]).map((v, k) => ({
    variable: origin[v]! >>> 1,
    invert: ((sign >> k) & 1) ^ (origin[v]! & 1),
    parity: origin[v]! & 1,
  }));
  leaves.sort((x, y) => x.variable - y.variable);
  const carryInvert = origin[carry]! & 1;
  let carrySign = 0;
  leaves.forEach((leaf, k) => {
    carrySign |= (isFull ? leaf.invert ^ carryInvert : leaf.invert) << k;
  });
  if (!isFull) carrySign |= ((sign & 4) ^ (carryInvert << 2)) & 4;
  const sumInvert = leaves.reduce((x, leaf) => x ^ leaf.parity, ((sign >> 3) & 1) ^ (origin[sum]! & 1));
  return [
    leaves[0]!.variable,
    leaves[1]!.variable,
    leaves[2]?.variable ?? 0,
    origin[sum]! >>> 1,
    origin[carry]! >>> 1,
    carrySign | (sumInvert << 3),
  ];
}
