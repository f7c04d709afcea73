// Inputs of a failing run that do not matter: SAT lifting over the unrolled run, then one input dropped after another.
// Refuses to shorten the run: it keeps its length, and what it marks 2 may take any value at all.

import type { Aig } from '../netlist/aig.ts';
import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import type { Trace } from './types.ts';

/** Queries spent on dropping inputs one by one, and conflicts a query. */
const dropLimit = 4000;
const dropConflicts = 200;

/**
 * Marks what does not matter for `bad` in the last step with all constraints kept.
 * @param fixed inputs (indices) that keep their values, such as the choice of where a lasso closes
 */
export function minimiseTrace(
  aig: Aig,
  bad: number,
  trace: Trace,
  limits: Limits,
  fixed: ReadonlySet<number> = new Set(),
): Trace {
  const frames = new Frames(aig, { start: 'reset', memoryLimit: limits.memoryLimit });
  const { solver, nodes } = frames;
  const conditions: number[] = [];
  const places: { array: Uint8Array; index: number; node: number; fixed: boolean }[] = [];
  const initial = trace.initial.slice();
  const steps = trace.steps.map(step => step.slice());
  for (const [t, step] of steps.entries()) {
    frames.extend();
    for (const c of aig.constraints) conditions.push(frames.node(t, c));
    for (let i = 0; i < aig.inputCount; i++) {
      places.push({ array: step, index: i, node: frames.node(t, 2 * (1 + i)), fixed: fixed.has(i) });
    }
  }
  for (let i = 0; i < aig.latchCount; i++) {
    if (aig.latchInit[i] !== 2) continue;
    places.push({
      array: initial,
      index: i,
      node: frames.node(0, 2 * (1 + aig.inputCount + i)),
      fixed: false,
    });
  }
  conditions.push(frames.node(steps.length - 1, bad));
  if (!frames.assert(nodes.addAndAll(conditions) ^ 1)) return trace;
  const byLiteral = new Map<number, (typeof places)[number]>();
  for (const place of places) {
    const value = place.array[place.index]!;
    if (value === 2) continue;
    const literal = frames.encode(place.node);
    byLiteral.set(value === 1 ? literal : -literal, place);
  }
  const always = [...byLiteral].filter(([, p]) => p.fixed).map(([literal]) => literal);
  let needed = [...byLiteral].filter(([, p]) => !p.fixed).map(([literal]) => literal);
  const shrink = (candidates: number[], conflicts?: number): boolean => {
    const answer = solver.solve([...always, ...candidates], { ...limits.budget(), conflicts });
    if (answer !== 'unsat') return false;
    const core = new Set(solver.core());
    needed = candidates.filter(literal => core.has(literal));
    return true;
  };
  if (!shrink(needed)) return trace;
  // two more cores in other orders find smaller ones at next to no cost
  for (let i = 0; i < 2; i++) shrink([...needed].reverse());
  let queries = 0;
  for (const literal of [...needed]) {
    if (limits.over() !== undefined || queries++ >= dropLimit) break;
    if (!needed.includes(literal)) continue;
    shrink(
      needed.filter(other => other !== literal),
      dropConflicts,
    );
  }
  const kept = new Set(needed);
  for (const [literal, place] of byLiteral) {
    if (!place.fixed && !kept.has(literal)) place.array[place.index] = 2;
  }
  return { ...trace, initial, steps };
}
