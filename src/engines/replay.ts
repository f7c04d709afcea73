// Runs a trace on a graph, step by step. Refuses unknown values: a fill is given for what does not matter.

import type { Aig } from '../netlist/aig.ts';
import type { System } from './system.ts';
import type { Trace } from './types.ts';

export interface Replay {
  /** `values[t][v]`: value of each variable in step t. */
  values: Uint8Array[];
  /** State after the last step. */
  final: Uint8Array;
}

/** @param fill value (0, 1) of each 2 met, in order; default all 0 */
export function replay(aig: Aig, trace: Trace, fill: () => number = () => 0): Replay {
  const { inputCount, latchCount, firstAnd, fanin0, fanin1, andCount, latchNext } = aig;
  const known = (x: number): number => (x === 2 ? fill() : x);
  let state = trace.initial.map(known);
  const values = trace.steps.map(step => {
    const v = new Uint8Array(aig.variableCount);
    for (let i = 0; i < inputCount; i++) v[1 + i] = known(step[i]!);
    v.set(state, 1 + inputCount);
    for (let i = 0; i < andCount; i++) {
      const a = fanin0[i]!;
      const b = fanin1[i]!;
      v[firstAnd + i] = (v[a >>> 1]! ^ (a & 1)) & (v[b >>> 1]! ^ (b & 1));
    }
    state = Uint8Array.from({ length: latchCount }, (_, i) => {
      const next = latchNext[i]!;
      return v[next >>> 1]! ^ (next & 1);
    });
    return v;
  });
  return { values, final: state };
}

export function literalValue(values: Uint8Array, literal: number): number {
  return values[literal >>> 1]! ^ (literal & 1);
}

/** First step in which `bad` holds while every constraint has held up to it; -1 when there is none. */
export function firstFailure(aig: Aig, bad: number, trace: Trace, fill?: () => number): number {
  for (const latch of aig.latchInit.keys()) {
    if (aig.latchInit[latch] !== 2 && trace.initial[latch] !== aig.latchInit[latch]) return -1;
  }
  const run = replay(aig, trace, fill);
  for (const [t, values] of run.values.entries()) {
    for (const c of aig.constraints) if (literalValue(values, c) === 0) return -1;
    if (literalValue(values, bad) === 1) return t;
  }
  return -1;
}

/** A trace of a system as one of the original graph; what the system does not see does not matter. */
export function originalTrace(system: System, original: Aig, trace: Trace): Trace {
  const initial = original.latchInit.slice();
  for (const [i, value] of trace.initial.entries()) {
    const at = system.latches[i]!;
    if (original.latchInit[at] === 2) initial[at] = value;
  }
  const steps = trace.steps.map(step => {
    const all = new Uint8Array(original.inputCount).fill(2);
    for (const [i, value] of step.entries()) all[system.inputs[i]!] = value;
    return all;
  });
  return { initial, steps };
}
