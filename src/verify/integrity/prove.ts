// P5 with everything at hand: control states first; when they are too many, simulation in bursts and bounded search for
// failures, then PDR. Refuses to spend the whole time on one of them.

import type { Engines } from '../../engines/index.ts';
import type { SafetyResult } from '../../engines/types.ts';
import { searchBursts } from './bursts.ts';
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
  const burst = searchBursts(design, { seconds: Math.min(3, left()), signal });
  if (burst !== undefined) {
    return finish({
      ...first,
      verdict: 'refuted',
      method: 'simulation in bursts',
      depth: burst.trace.steps.length - 1,
      reason: undefined,
      ...burst,
    });
  }
  const problem = integrityProblem(design);
  const ask = async (seconds: number, bmc: boolean): Promise<ProvenIntegrity | undefined> => {
    if (problem === undefined) return undefined;
    const answer = await engines.checkSafety(problem.aig, {
      bad: 0,
      timeoutSeconds: seconds,
      engines: bmc ? ['bmc'] : undefined,
      maxDepth: bmc ? 200 : undefined,
      signal,
    });
    return fromEngine(design, first, answer);
  };
  const search = await ask(Math.min(10, left() / 4), true);
  if (search?.verdict === 'refuted') return finish(search);
  const second =
    first.states > firstLook ? checkIntegrity(design, { ...options, timeoutSeconds: left() / 2 }) : first;
  if (second.verdict !== 'unknown') return finish(second);
  return finish((await ask(left(), false)) ?? second);
}

function fromEngine(design: StreamDesign, first: IntegrityResult, answer: SafetyResult): ProvenIntegrity {
  const { verdict, method, depth } = answer;
  return {
    ...first,
    verdict,
    method,
    depth,
    reason: verdict === 'unknown' ? (answer.reason ?? first.reason) : undefined,
    trace: answer.trace === undefined ? undefined : designTrace(design, answer.trace),
    summary:
      verdict === 'refuted'
        ? `${design.outputs[0]!.name} gives a word in cycle ${depth} that is not the oldest one inside`
        : undefined,
  };
}
