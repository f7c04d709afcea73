// A failing run of a reduced system made whole on the graph it came from: reductions may have used what constraints say
// about latches without a reset value. Refuses a run of another length.

import type { Aig } from '../netlist/aig.ts';
import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import { firstFailure } from './replay.ts';
import type { Trace } from './types.ts';

/**
 * The trace, completed so that `bad` holds in its last step or before (then cut there).
 * @returns undefined when time ran out
 */
export function concreteTrace(aig: Aig, bad: number, trace: Trace, limits: Limits): Trace | undefined {
  const at = firstFailure(aig, bad, trace);
  if (at >= 0) return { ...trace, steps: trace.steps.slice(0, at + 1) };
  const frames = new Frames(aig, { start: 'reset', memoryLimit: limits.memoryLimit });
  const wanted: number[] = [];
  const nodes: number[][] = [];
  const choose = (node: number, value: number): number => {
    if (value !== 2 && node > 1) wanted.push(frames.encode(node ^ value ^ 1));
    return node;
  };
  const { inputCount, latchCount } = aig;
  for (const [t, step] of trace.steps.entries()) {
    frames.extend();
    for (const c of aig.constraints) frames.assert(frames.node(t, c));
    nodes.push(Array.from(step, (value, i) => choose(frames.node(t, 2 * (1 + i)), value)));
  }
  const first = Array.from({ length: latchCount }, (_, i) =>
    choose(frames.node(0, 2 * (1 + inputCount + i)), trace.initial[i]!),
  );
  const goal = frames.encode(frames.node(trace.steps.length - 1, bad));
  let answer = frames.solver.solve([goal, ...wanted], limits.budget());
  if (answer === 'unsat') answer = frames.solver.solve([goal], limits.budget());
  if (answer !== 'sat') return undefined;
  return {
    initial: Uint8Array.from(first, node => frames.value(node)),
    steps: nodes.map(row => Uint8Array.from(row, node => frames.value(node))),
  };
}
