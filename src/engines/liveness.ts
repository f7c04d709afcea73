// Liveness checks (AIGER justice under fairness): lassos by liveness-to-safety, proofs by that or by k-liveness, whichever
// answers first. Refuses a lasso that does not replay and close on the graph that was given.

import { BitwrightError, InputError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { requireAig } from '../netlist/aig.ts';
import { Limits } from './limits.ts';
import { countingProblem, type LassoProblem, lassoProblem } from './liveness-to-safety.ts';
import { minimiseTrace } from './minimise.ts';
import { literalValue, originalTrace, replay } from './replay.ts';
import type { EngineOutcome } from './run-engine.ts';
import { checkOptions, decide, shortestOutcome } from './safety.ts';
import { type System, systemOf } from './system.ts';
import { dropConstantLatches } from './ternary.ts';
import type { LivenessOptions, SafetyResult, Trace } from './types.ts';

/** Rounds of fairness k-liveness tries to bound, one after another. */
const rounds = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/** The first try in the calling thread: seconds, depth of lassos, largest graph. */
const trySeconds = 1;
const tryDepth = 20;
const tryAnds = 10_000;

/**
 * Is there a run, under the constraints, on which every literal of the justice set and every fairness constraint
 * holds again and again? `refuted`: yes, with a lasso; `proved`: no. Latches outside the cone of constraints,
 * justice and fairness need not repeat on the lasso.
 * @throws InputError for a justice index out of range, UsageError for options out of range
 */
export async function checkLiveness(aig: Aig, options: LivenessOptions = {}): Promise<SafetyResult> {
  requireAig('the graph of checkLiveness', aig);
  const begin = performance.now();
  checkOptions(options);
  const justice = options.justice ?? 0;
  const set = aig.justice[justice];
  if (set === undefined) {
    throw new InputError(`justice property ${justice}`, {
      expected: aig.justice.length === 0 ? 'a graph with one' : `0 to ${aig.justice.length - 1}`,
    });
  }
  const system = dropConstantLatches(systemOf(aig, 0, [...set, ...aig.fairness]));
  const wanted = [...new Set(system.keep)].filter(literal => literal !== 1);
  const limits = new Limits(options);
  const result = (outcome: EngineOutcome): SafetyResult => ({
    ...outcome,
    seconds: (performance.now() - begin) / 1000,
  });
  const lasso = lassoProblem(system.aig, wanted);
  const outcome = await race(system, lasso, wanted, options, limits);
  if (outcome.verdict !== 'refuted') return result(outcome);
  const finishing = new Limits({ ...options, timeoutSeconds: Math.max(2, limits.left()) });
  const best = await shortestOutcome(lasso.aig, 0, outcome, options, finishing);
  const bad = lasso.aig.bads[0]!;
  let trace = best.trace!;
  if (options.minimise !== false) {
    trace = minimiseTrace(lasso.aig, bad, trace, finishing, new Set([lasso.save]));
  }
  const found = lassoTrace(aig, system, lasso, trace);
  checkLasso(aig, system, [...set, ...aig.fairness], found);
  return result({ ...best, method: `lasso+${best.method}`, depth: found.steps.length - 1, trace: found });
}

async function race(
  system: System,
  lasso: LassoProblem,
  wanted: readonly number[],
  options: LivenessOptions,
  limits: Limits,
): Promise<EngineOutcome> {
  const { hints: _, ...rest } = options;
  // a first try of both in this thread
  const threads = options.threads ?? 2;
  const alone = threads === 0;
  let bound = 0;
  const trial = limits.part(alone ? limits.left() / 2 : trySeconds);
  for (const k of [0, ...rounds]) {
    const seconds = trial.left() / (k === 0 ? 3 : 1);
    if (seconds <= 0.01 || (!alone && system.aig.andCount > tryAnds)) break;
    const quick = {
      ...rest,
      threads: 0,
      timeoutSeconds: seconds,
      ...(alone ? {} : { maxDepth: Math.min(tryDepth, options.maxDepth ?? tryDepth) }),
    };
    const outcome =
      k === 0
        ? await decide(lasso.aig, 0, { ...quick, engines: ['bmc'] })
        : await count(system.aig, wanted, k, quick);
    if (k === 0) bound = outcome.depth;
    if (outcome.verdict === 'proved' || (outcome.verdict === 'refuted' && k === 0)) return outcome;
    if (outcome.verdict === 'unknown' && k > 0) break;
  }
  const reason = limits.over();
  if (reason !== undefined) return { verdict: 'unknown', method: 'lasso+bmc', depth: bound, reason };
  if (alone) {
    return decide(lasso.aig, 0, { ...rest, threads: 0, timeoutSeconds: limits.left() });
  }
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted === true) stop.abort();
  const timeoutSeconds = limits.left();
  const half = { ...rest, threads: Math.max(1, Math.floor(threads / 2)), signal: stop.signal };
  const searching = decide(lasso.aig, 0, {
    ...half,
    timeoutSeconds,
    engines: options.engines ?? ['bmc', 'pdr', 'yosys-abc'],
  });
  const counting = async (): Promise<EngineOutcome> => {
    for (const k of rounds) {
      if (limits.left() < 0.05 || stop.signal.aborted) break;
      const outcome = await count(system.aig, wanted, k, { ...half, timeoutSeconds: limits.left() });
      if (outcome.verdict !== 'refuted') return outcome;
    }
    return { verdict: 'unknown', method: 'k-liveness', depth: 0, reason: 'no bound on rounds found' };
  };
  const first = async (work: Promise<EngineOutcome>): Promise<EngineOutcome> => {
    const outcome = await work;
    if (outcome.verdict !== 'unknown') stop.abort();
    return outcome;
  };
  try {
    const [searched, counted] = await Promise.all([first(searching), first(counting())]);
    if (searched.verdict !== 'unknown') return searched;
    if (counted.verdict !== 'unknown') return counted;
    const why = options.signal?.aborted === true ? 'interrupted' : (limits.over() ?? searched.reason);
    return { ...searched, depth: Math.max(bound, searched.depth), reason: why };
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    stop.abort();
  }
}

/** Proves that the wanted literals are all met fewer than k times; refuted says nothing about liveness. */
async function count(
  aig: Aig,
  wanted: readonly number[],
  k: number,
  options: LivenessOptions,
): Promise<EngineOutcome> {
  const problem = countingProblem(aig, wanted, k);
  const outcome = await decide(problem, 0, { ...options, engines: ['pdr'] });
  if (outcome.verdict !== 'proved') return outcome;
  const { certificate } = outcome;
  return {
    ...outcome,
    method: `k-liveness+${outcome.method}`,
    certificate: certificate && { ...certificate, of: { aig: problem, bad: 0 } },
  };
}

function lassoTrace(aig: Aig, system: System, lasso: LassoProblem, trace: Trace): Trace {
  const loopStart = trace.steps.findIndex(step => step[lasso.save] === 1);
  const own: Trace = {
    initial: trace.initial.slice(0, system.aig.latchCount),
    // the last step only shows that the loop has closed
    steps: trace.steps.slice(0, -1).map(step => step.slice(0, system.aig.inputCount)),
  };
  return { ...originalTrace(system, aig, own), loopStart };
}

function checkLasso(aig: Aig, system: System, wanted: readonly number[], trace: Trace): void {
  const start = trace.loopStart!;
  const run = replay(aig, trace);
  const loop = run.values.slice(start);
  const closes =
    loop.length > 0 &&
    system.latches.every(i => run.final[i] === run.values[start]![aig.latchVariable(i)]) &&
    run.values.every(values => [...aig.constraints].every(c => literalValue(values, c) === 1)) &&
    wanted.every(literal => loop.some(values => literalValue(values, literal) === 1));
  if (!closes) throw new BitwrightError('a lasso does not replay');
}
