// The Houdini loop (Flanagan and Leino 2001): of many candidate facts, the largest subset that holds at reset and is kept
// by every step. Refuses candidates that read inputs, and facts beyond the first bad step.

import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import { dependsOnInputs, type System } from './system.ts';

/** Two literals of the graph hoped to be equal; [x, 1] hopes for x. */
export type Pair = readonly [number, number];

export interface HoudiniResult {
  kept: Pair[];
  /** Does the kept set with one step exclude the bad states? */
  impliesProperty: boolean;
  rounds: number;
}

/** Candidates asked about in one query. */
const batch = 24;

/** @returns undefined when time ran out before the set was inductive */
export function largestInductive(
  system: System,
  candidates: readonly Pair[],
  limits: Limits,
): HoudiniResult | undefined {
  const { aig } = system;
  const usesInputs = dependsOnInputs(aig);
  let alive = candidates.filter(([a, b]) => usesInputs[a >>> 1] === 0 && usesInputs[b >>> 1] === 0);
  const base = new Frames(aig, { start: 'reset', memoryLimit: limits.memoryLimit });
  base.extend();
  for (const c of system.constraints) base.assert(base.node(0, c));
  const held = sweep(base, 0, alive, [], limits);
  if (held === undefined) return undefined;
  alive = held;
  const frames = new Frames(aig, { start: 'free', memoryLimit: limits.memoryLimit });
  frames.extend();
  frames.extend();
  for (const t of [0, 1]) for (const c of system.constraints) frames.assert(frames.node(t, c));
  const good = frames.encode(frames.node(0, system.bad) ^ 1);
  const switches = new Map<Pair, number>();
  for (const pair of alive) {
    const number = frames.solver.newVariable();
    switches.set(pair, number);
    const equal = frames.encode(frames.nodes.addXnor(frames.node(0, pair[0]), frames.node(0, pair[1])));
    frames.solver.addClause([-number, equal]);
  }
  for (let rounds = 1; ; rounds++) {
    const next = sweep(frames, 1, alive, pairs => [good, ...pairs.map(p => switches.get(p)!)], limits);
    if (next === undefined) return undefined;
    const stable = next.length === alive.length;
    alive = next;
    if (!stable) continue;
    return { kept: alive, impliesProperty: excludesBad(system, alive, limits), rounds };
  }
}

/** No state with these facts is bad; the run may end there, so nothing is asked of a next step. */
function excludesBad(system: System, facts: readonly Pair[], limits: Limits): boolean {
  const frames = new Frames(system.aig, { start: 'free', memoryLimit: limits.memoryLimit });
  frames.extend();
  for (const c of system.constraints) frames.assert(frames.node(0, c));
  for (const [a, b] of facts) frames.assert(frames.nodes.addXnor(frames.node(0, a), frames.node(0, b)));
  const bad = frames.encode(frames.node(0, system.bad));
  return frames.solver.solve([bad], limits.budget(Math.max(0.5, limits.left() / 10))) === 'unsat';
}

/** One pass over all candidates in one frame, batch by batch. Those a model shows false go. */
function sweep(
  frames: Frames,
  frame: number,
  candidates: readonly Pair[],
  assume: ((alive: Pair[]) => number[]) | [],
  limits: Limits,
): Pair[] | undefined {
  const { solver, nodes } = frames;
  const node = new Map<Pair, number>();
  for (const pair of candidates) {
    node.set(pair, nodes.addXnor(frames.node(frame, pair[0]), frames.node(frame, pair[1])));
  }
  let alive = new Set(candidates);
  for (let at = 0; at < candidates.length; at += batch) {
    for (;;) {
      const group = candidates.slice(at, at + batch).filter(p => alive.has(p) && node.get(p) !== 1);
      if (group.length === 0) break;
      if (limits.over() !== undefined || solver.outOfMemory) return undefined;
      const some = frames.encode(nodes.addAndAll(group.map(p => node.get(p)!)) ^ 1);
      const assumed = typeof assume === 'function' ? assume([...alive]) : [];
      const answer = solver.solve([...assumed, some], { ...limits.budget(), conflicts: 20000 });
      if (answer === 'unsat') break;
      if (answer === 'unknown') {
        // too hard: without this batch the rest may still stand
        for (const p of group) alive.delete(p);
        break;
      }
      const standing = [...alive].filter(p => {
        const value = frames.value(node.get(p)!);
        return value !== 0;
      });
      alive = new Set(standing);
    }
  }
  return candidates.filter(p => alive.has(p));
}
