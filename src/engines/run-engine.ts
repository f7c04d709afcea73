// One engine on one problem, from the graph given to an answer in its own indices. Synchronous: workers call it.
// Refuses to run ABC: portfolio.ts does.

import { BitwrightError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { boundedModelCheck, type EngineAnswer } from './bmc.ts';
import { findCandidates } from './candidates.ts';
import { type CertificateParts, makeCertificate } from './certificate.ts';
import { concreteTrace } from './concrete.ts';
import { mergeEquivalent } from './equivalence.ts';
import { type HoudiniResult, largestInductive } from './houdini.ts';
import { kInduction } from './induction.ts';
import { Limits } from './limits.ts';
import { propertyDirectedReachability } from './pdr.ts';
import { randomSearch } from './random-search.ts';
import { originalTrace } from './replay.ts';
import { coneOfInfluence, type System } from './system.ts';
import { dropConstantLatches } from './ternary.ts';
import type { Certificate, EngineName, Hints, Trace, Verdict } from './types.ts';

export type OwnEngine = Extract<EngineName, 'bmc' | 'k-induction' | 'pdr'>;

export interface EngineTask {
  engine: OwnEngine;
  aig: Aig;
  bad: number;
  maxDepth: number;
  hints: Hints;
  /** Least seconds PDR works without strengthening at first (half of the time when that is more); default 1. */
  plainSeconds?: number | undefined;
  /** PDR without strengthening. */
  plainOnly?: boolean | undefined;
}

/** An answer in the indices of the graph given. */
export interface EngineOutcome {
  verdict: Verdict;
  method: string;
  depth: number;
  reason?: string | undefined;
  trace?: Trace | undefined;
  certificate?: Certificate | undefined;
}

/** Reduces a problem; what is left is what engines work on. */
export function prepare(aig: Aig, bad: number, hints: Hints, limits: Limits): System {
  let system = dropConstantLatches(coneOfInfluence(aig, bad, hints.invariants));
  for (let round = 0; round < 4 && limits.over() === undefined; round++) {
    const before = system.aig;
    system = mergeEquivalent(system, limits, { seed: 1 + round });
    if (system.aig === before) break;
    system = dropConstantLatches(system);
  }
  return system;
}

export function runEngine(task: EngineTask, limits: Limits): EngineOutcome {
  const { aig, bad } = task;
  const system = prepare(aig, bad, task.hints, limits.part(Math.max(1, limits.left() / 4)));
  return runPrepared(task, system, limits);
}

/** As `runEngine`, on a system already reduced. */
export function runPrepared(task: EngineTask, system: System, limits: Limits): EngineOutcome {
  const { aig, engine } = task;
  const prove = (parts: CertificateParts, on: System, depth: number): EngineOutcome => ({
    verdict: 'proved',
    method: parts.method,
    depth,
    certificate: makeCertificate(aig, on, parts),
  });
  if (system.bad === 0) return prove({ method: 'preprocessing' }, system, 1);
  if (engine === 'bmc') {
    return finish(task, system, boundedModelCheck(system, limits, task.maxDepth), 'bmc', limits);
  }
  if (engine === 'pdr') {
    // many problems fall before candidates have even been looked for
    const plain = limits.part(Math.max(task.plainSeconds ?? 1, limits.left() / 2));
    const answer = propertyDirectedReachability(system, plain, { blockCounterexamples: false });
    if (answer.verdict === 'proved')
      return prove({ method: 'pdr', cubes: answer.cubes }, system, answer.depth);
    if (answer.verdict === 'refuted' || limits.over() !== undefined || task.plainOnly === true) {
      return finish(task, system, answer, 'pdr', limits);
    }
  }
  const { extended, facts } = strengthen(task, system, limits);
  const pairs = facts?.kept ?? [];
  if (facts?.impliesProperty === true) return prove({ method: 'k-induction', pairs }, extended, 1);
  if (engine === 'k-induction') {
    const answer = kInduction(extended, pairs, limits, task.maxDepth);
    if (answer.verdict === 'proved' && answer.exhausted !== true) {
      return prove({ method: 'k-induction', pairs, k: answer.depth }, extended, answer.depth);
    }
    return finish(task, extended, answer, answer.exhausted === true ? 'bmc' : 'k-induction', limits);
  }
  const answer = propertyDirectedReachability(extended, limits, { invariants: pairs });
  if (answer.verdict === 'proved') {
    return prove({ method: 'pdr', pairs, cubes: answer.cubes }, extended, answer.depth);
  }
  return finish(task, extended, answer, 'pdr', limits);
}

/** A failing run by random simulation, if there is one to be found in the time given. */
export function searchRandomly(task: EngineTask, system: System, limits: Limits): EngineOutcome | undefined {
  const answer = randomSearch(system, limits);
  if (answer === undefined) return undefined;
  const outcome = finish(task, system, answer, 'simulation', new Limits({ timeoutSeconds: 5 }));
  return outcome.verdict === 'refuted' ? outcome : undefined;
}

function strengthen(
  task: EngineTask,
  system: System,
  limits: Limits,
): { extended: System; facts: HoudiniResult | undefined } {
  const { system: extended, pairs } = findCandidates(task.aig, system, task.hints);
  if (pairs.length === 0) return { extended: system, facts: undefined };
  // induction is little without its facts
  const share = task.engine === 'k-induction' ? 0.9 : 0.5;
  const facts = largestInductive(extended, pairs, limits.part(limits.left() * share));
  return { extended, facts };
}

function finish(
  task: EngineTask,
  system: System,
  answer: EngineAnswer,
  method: string,
  limits: Limits,
): EngineOutcome {
  const { aig, bad } = task;
  const { verdict, depth, reason } = answer;
  if (verdict !== 'refuted') return { verdict, method, depth, reason };
  const trace = concreteTrace(aig, aig.bads[bad]!, originalTrace(system, aig, answer.trace!), limits);
  if (trace === undefined) {
    const over = limits.over();
    if (over !== undefined) return { verdict: 'unknown', method, depth, reason: over };
    throw new BitwrightError(`${method} found a run of ${depth + 1} steps that the graph does not have`);
  }
  return { verdict, method, depth: trace.steps.length - 1, trace };
}
