// Bounded model checking: the shortest failing run, by asking depth after depth on one growing unrolling.
// Refuses to claim a proof unless the constraints themselves end every run.

import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import type { System } from './system.ts';
import type { Trace } from './types.ts';

export interface EngineAnswer {
  verdict: 'proved' | 'refuted' | 'unknown';
  /** refuted: failing step; unknown: steps before this one are known not to fail; proved: as in SafetyResult. */
  depth: number;
  reason?: string | undefined;
  /** The constraints end every run before step `depth`. */
  exhausted?: boolean | undefined;
  /** In the indices of the system. */
  trace?: Trace | undefined;
}

/** The bounded search, one depth a call, so that it can be interleaved. */
export class BoundedSearch {
  readonly frames: Frames;
  private readonly system: System;
  private depth = 0;

  constructor(system: System, memoryLimit: number) {
    this.system = system;
    this.frames = new Frames(system.aig, { start: 'reset', memoryLimit });
  }

  /** Steps 0 to this - 1 are known not to fail. */
  get bound(): number {
    return this.depth;
  }

  /** Looks at the next step. @returns an answer, or undefined when that step cannot fail */
  step(limits: Limits): EngineAnswer | undefined {
    const frames = this.frames;
    const system = this.system;
    const { solver } = frames;
    const t = this.depth;
    if (frames.count === t) {
      frames.extend();
      for (const c of system.constraints) frames.assert(frames.node(t, c));
    }
    const bad = frames.node(t, system.bad);
    const unknown = (reason: string): EngineAnswer => ({ verdict: 'unknown', depth: t, reason });
    if (bad !== 0) {
      const answer = solver.solve([frames.encode(bad)], limits.budget());
      if (answer === 'sat') return { verdict: 'refuted', depth: t, trace: this.trace(t) };
      if (answer === 'unknown') {
        return unknown(solver.outOfMemory ? 'memory limit' : (limits.over() ?? 'interrupted'));
      }
      // nothing of the property needed: the constraints alone end every run before this step
      if (solver.core().length === 0) return { verdict: 'proved', depth: t, exhausted: true };
      frames.assert(bad ^ 1);
    } else if (system.constraints.length > 0 && solver.solve([], limits.budget()) === 'unsat') {
      return { verdict: 'proved', depth: t, exhausted: true };
    }
    this.depth++;
    return solver.outOfMemory ? unknown('memory limit') : undefined;
  }

  private trace(last: number): Trace {
    const { frames, system } = this;
    const { inputCount, latchCount } = system.aig;
    const initial = Uint8Array.from({ length: latchCount }, (_, i) =>
      frames.value(frames.node(0, 2 * (1 + inputCount + i))),
    );
    const steps = Array.from({ length: last + 1 }, (_, t) =>
      Uint8Array.from({ length: inputCount }, (_, i) => frames.value(frames.node(t, 2 * (1 + i)))),
    );
    return { initial, steps };
  }
}

/** Searches up to and including step `maxDepth` - 1. */
export function boundedModelCheck(system: System, limits: Limits, maxDepth = 1000): EngineAnswer {
  const search = new BoundedSearch(system, limits.memoryLimit);
  while (search.bound < maxDepth) {
    limits.progress('bmc', search.bound);
    const reason = limits.over();
    if (reason !== undefined) return { verdict: 'unknown', depth: search.bound, reason };
    const answer = search.step(limits);
    if (answer !== undefined) return answer;
  }
  return { verdict: 'unknown', depth: search.bound, reason: `depth limit ${maxDepth}` };
}
