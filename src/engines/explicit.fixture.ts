// The reference of the tests: explicit-state search over small graphs, and random small graphs to search.
// Refuses graphs of many latches or inputs.

import type { Random } from '../core/random.ts';
import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';

export interface SmallShape {
  inputs: number;
  latches: number;
  ands: number;
  constraints?: number | undefined;
  justice?: number | undefined;
  fairness?: number | undefined;
}

export function randomSmallAig(random: Random, shape: SmallShape): Aig {
  const b = new AigBuilder();
  const pool: number[] = [];
  for (let i = 0; i < shape.inputs; i++) pool.push(b.addInput());
  const latches: number[] = [];
  for (let i = 0; i < shape.latches; i++) {
    const latch = b.addLatch(undefined, random.below(8) === 0 ? 2 : random.below(3) === 0 ? 1 : 0);
    latches.push(latch);
    pool.push(latch);
  }
  const any = (): number => random.pick(pool) ^ random.below(2);
  for (let i = 0; i < shape.ands; i++) {
    pool.push(random.below(3) === 0 ? b.addXor(any(), any()) : b.addAnd(any(), any()));
  }
  for (const latch of latches) b.setNext(latch, any());
  b.addBad(b.addAnd(b.addAnd(any(), any()), any()));
  for (let i = 0; i < (shape.constraints ?? 0); i++) b.addConstraint(b.addOr(any(), any()));
  for (let i = 0; i < (shape.fairness ?? 0); i++) b.addFairness(b.addOr(any(), any()));
  if ((shape.justice ?? 0) > 0) {
    b.addJustice(Array.from({ length: shape.justice! }, () => b.addAnd(any(), any())));
  }
  return b.build();
}

interface Explored {
  /** Steps from reset to each reachable state. */
  distance: Map<number, number>;
  /** Per state: successor and values for each input that keeps the constraints. */
  edges: Map<number, { to: number; values: Uint8Array }[]>;
}

function explore(aig: Aig): Explored {
  const { inputCount, latchCount, firstAnd } = aig;
  const evaluate = (state: number, input: number): Uint8Array => {
    const v = new Uint8Array(aig.variableCount);
    for (let i = 0; i < inputCount; i++) v[1 + i] = (input >> i) & 1;
    for (let i = 0; i < latchCount; i++) v[1 + inputCount + i] = (state >> i) & 1;
    for (let i = 0; i < aig.andCount; i++) v[firstAnd + i] = get(v, aig.fanin0[i]!) & get(v, aig.fanin1[i]!);
    return v;
  };
  let starts = [0];
  for (let i = 0; i < latchCount; i++) {
    const init = aig.latchInit[i]!;
    if (init === 2) starts = [...starts, ...starts.map(s => s | (1 << i))];
    else if (init === 1) starts = starts.map(s => s | (1 << i));
  }
  const distance = new Map<number, number>(starts.map(s => [s, 0]));
  const edges: Explored['edges'] = new Map();
  for (let layer = starts, d = 1; layer.length > 0; d++) {
    const next: number[] = [];
    for (const state of layer) {
      const list: { to: number; values: Uint8Array }[] = [];
      for (let input = 0; input < 1 << inputCount; input++) {
        const values = evaluate(state, input);
        if (aig.constraints.some(c => get(values, c) === 0)) continue;
        let to = 0;
        for (let i = 0; i < latchCount; i++) to |= get(values, aig.latchNext[i]!) << i;
        list.push({ to, values });
        if (!distance.has(to)) {
          distance.set(to, d);
          next.push(to);
        }
      }
      edges.set(state, list);
    }
    layer = next;
  }
  return { distance, edges };
}

function get(values: Uint8Array, literal: number): number {
  return values[literal >>> 1]! ^ (literal & 1);
}

/** Shortest failing step, or undefined when the bad literal is unreachable. */
export function shortestFailure(aig: Aig, bad = aig.bads[0]!): number | undefined {
  const { distance, edges } = explore(aig);
  let best: number | undefined;
  for (const [state, d] of distance) {
    if (best !== undefined && d >= best) continue;
    if (edges.get(state)!.some(edge => get(edge.values, bad) === 1)) best = d;
  }
  return best;
}

/** Is there a reachable cycle on which every literal of the justice set and every fairness literal is met? */
export function hasFairCycle(aig: Aig, justice: number): boolean {
  const { edges } = explore(aig);
  const wanted = [...aig.justice[justice]!, ...aig.fairness];
  // strongly connected components by mutual reachability (graphs are tiny)
  const reach = new Map<number, Set<number>>();
  for (const start of edges.keys()) {
    const seen = new Set<number>();
    const stack = edges.get(start)!.map(e => e.to);
    while (stack.length > 0) {
      const s = stack.pop()!;
      if (seen.has(s)) continue;
      seen.add(s);
      for (const e of edges.get(s)!) stack.push(e.to);
    }
    reach.set(start, seen);
  }
  for (const [start, seen] of reach) {
    if (!seen.has(start)) continue;
    const component = [...seen].filter(s => reach.get(s)!.has(start));
    const inside = new Set(component);
    const met = wanted.every(literal =>
      component.some(s => edges.get(s)!.some(e => inside.has(e.to) && get(e.values, literal) === 1)),
    );
    if (met) return true;
  }
  return false;
}
