// k-induction over a system and facts already known to hold. Refuses simple-path constraints: strengthening and PDR do
// better on what they would prove.

import { BoundedSearch, type EngineAnswer } from './bmc.ts';
import { Frames } from './frames.ts';
import type { Pair } from './houdini.ts';
import type { Limits } from './limits.ts';
import type { System } from './system.ts';

/**
 * @param facts pairs equal in every reachable state (inductive by themselves), asserted in every frame of the step
 * @returns proved with depth = k; refuted with the shortest run; unknown
 */
export function kInduction(
  system: System,
  facts: readonly Pair[],
  limits: Limits,
  maxDepth: number,
): EngineAnswer {
  const base = new BoundedSearch(system, limits.memoryLimit);
  const step = new Frames(system.aig, { start: 'free', memoryLimit: limits.memoryLimit });
  for (let k = 1; ; k++) {
    const reason = limits.over();
    if (reason !== undefined) return { verdict: 'unknown', depth: base.bound, reason };
    if (k > maxDepth) return { verdict: 'unknown', depth: base.bound, reason: `depth limit ${maxDepth}` };
    limits.progress('k-induction', k);
    const found = base.step(limits);
    if (found !== undefined) return found;
    // frames 0 to k - 1 are good, is frame k?
    while (step.count <= k) {
      const t = step.extend();
      for (const c of system.constraints) step.assert(step.node(t, c));
      for (const [a, b] of facts) step.assert(step.nodes.addXnor(step.node(t, a), step.node(t, b)));
      if (t < k) step.assert(step.node(t, system.bad) ^ 1);
    }
    step.assert(step.node(k - 1, system.bad) ^ 1);
    const bad = step.node(k, system.bad);
    const answer = bad === 0 ? 'unsat' : step.solver.solve([step.encode(bad)], limits.budget());
    if (answer === 'unsat') return { verdict: 'proved', depth: k };
    if (step.solver.outOfMemory) return { verdict: 'unknown', depth: base.bound, reason: 'memory limit' };
  }
}
