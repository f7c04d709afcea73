// P5 with everything at hand: control states first, bounded search for failures, then PDR when control is too large.
// Refuses to spend the whole time on one of them.

import type { Engines } from '../engines.ts';
import { checkIntegrity, type IntegrityResult } from './check.ts';
import type { ExploreOptions } from './explore.ts';
import { designTrace, integrityProblem } from './monitor.ts';
import type { StreamDesign } from './stream.ts';

export interface ProvenIntegrity extends Omit<IntegrityResult, 'method'> {
  method: string;
}

/** Control states of the first look. */
const firstLook = 20_000;

/** As `checkIntegrity`; blocks with one input and one output fall back on the engines. Default limit 60 s. */
export async function proveIntegrity(
  design: StreamDesign,
  engines: Engines,
  options: ExploreOptions = {},
): Promise<ProvenIntegrity> {
  const begin = performance.now();
  const total = options.timeoutSeconds ?? 60;
  const left = (): number => Math.max(0.1, total - (performance.now() - begin) / 1000);
  const { signal } = options;
  const finish = (result: ProvenIntegrity): ProvenIntegrity => ({
    ...result,
    seconds: (performance.now() - begin) / 1000,
  });
  const first = checkIntegrity(design, { maxStates: firstLook, ...options, timeoutSeconds: total / 2 });
  if (first.verdict !== 'unknown' || signal?.aborted === true) return finish(first);
  const problem = integrityProblem(design);
  if (problem === undefined) {
    return finish(
      first.states > firstLook ? checkIntegrity(design, { ...options, timeoutSeconds: left() }) : first,
    );
  }
  const { states, capacity, dataBits, tagBits, exploration } = first;
  const common = { states, capacity, dataBits, tagBits, exploration, vacuous: false, seconds: 0 };
  const search = await engines.checkSafety(problem.aig, {
    bad: 0,
    timeoutSeconds: Math.min(20, left()),
    engines: ['bmc'],
    maxDepth: 200,
    signal,
  });
  if (search.verdict === 'refuted' && search.trace !== undefined) {
    return finish({
      ...common,
      verdict: 'refuted',
      method: search.method,
      depth: search.depth,
      trace: designTrace(design, search.trace),
      summary: `the word that leaves ${design.outputs[0]!.name} in cycle ${search.depth} is not the oldest one inside`,
    });
  }
  if (first.states > firstLook && left() > 1) {
    const second = checkIntegrity(design, { ...options, timeoutSeconds: left() / 2 });
    if (second.verdict !== 'unknown') return finish(second);
  }
  const proof = await engines.checkSafety(problem.aig, { bad: 0, timeoutSeconds: left(), signal });
  return finish({
    ...common,
    verdict: proof.verdict,
    method: proof.method,
    depth: proof.depth,
    reason: proof.verdict === 'unknown' ? (proof.reason ?? first.reason) : undefined,
    trace: proof.trace === undefined ? undefined : designTrace(design, proof.trace),
  });
}
