// Safety and cover checks: a short try in this thread, then the portfolio; refuted problems get their shortest trace.
// Refuses to hand out a trace that does not replay on the graph that was given.

import { BitwrightError, UsageError } from '../core/errors.ts';
import { Aig, requireAig } from '../netlist/aig.ts';
import { hasNativeAbc } from './abc.ts';
import { Limits } from './limits.ts';
import { minimiseTrace } from './minimise.ts';
import { runPortfolio } from './portfolio.ts';
import { firstFailure } from './replay.ts';
import {
  type EngineOutcome,
  type EngineTask,
  type OwnEngine,
  prepare,
  runPrepared,
  searchRandomly,
} from './run-engine.ts';
import type { System } from './system.ts';
import type { CheckOptions, CoverResult, EngineName, SafetyOptions, SafetyResult } from './types.ts';

/** In the order they get their turn: k-induction searches for failing runs on its way. */
const engineNames: readonly EngineName[] = ['pdr', 'k-induction', 'bmc', 'yosys-abc', 'berkeley-abc'];

/** Time the first try in this thread may take, and the largest graph it looks at. */
const trySeconds = 0.6;
const tryAnds = 30_000;
/** Time of the random search that follows it, and of the first try to shorten a trace. */
const searchSeconds = 0.3;

/**
 * Can `bad` be reached while all constraints hold?
 * @throws InputError for a bad index out of range, UsageError for options out of range
 */
export async function checkSafety(aig: Aig, options: SafetyOptions = {}): Promise<SafetyResult> {
  requireAig('the graph of checkSafety', aig);
  const begin = performance.now();
  const bad = options.bad ?? 0;
  checkOptions(options);
  const outcome = await decide(aig, bad, options);
  const result = (o: EngineOutcome): SafetyResult => ({
    ...o,
    seconds: (performance.now() - begin) / 1000,
  });
  if (outcome.verdict !== 'refuted') return result(outcome);
  const limits = new Limits({
    timeoutSeconds: Math.max(2, (options.timeoutSeconds ?? 60) - (performance.now() - begin) / 1000),
    memoryLimit: options.memoryLimit,
    signal: options.signal,
  });
  const best = await shortestOutcome(aig, bad, outcome, options, limits);
  let trace = best.trace!;
  if (options.minimise !== false) {
    trace = minimiseTrace(aig, aig.bads[bad]!, trace, limits.part(Math.max(1, limits.left() / 4)));
  }
  const at = firstFailure(aig, aig.bads[bad]!, trace);
  if (at < 0) throw new BitwrightError(`the trace of ${best.method} does not replay`);
  return result({ ...best, depth: at, trace: { ...trace, steps: trace.steps.slice(0, at + 1) } });
}

/**
 * Can the literal become true? `unreachable` is a proof.
 * @param literal of the graph; may read inputs
 */
export async function checkCover(
  aig: Aig,
  literal: number,
  options: CheckOptions = {},
): Promise<CoverResult> {
  requireAig('the graph of checkCover', aig);
  const problem = withBad(aig, literal);
  const { verdict, depth, ...rest } = await checkSafety(problem, { ...options, bad: 0 });
  return {
    verdict: verdict === 'refuted' ? 'reached' : verdict === 'proved' ? 'unreachable' : 'unknown',
    step: depth,
    method: rest.method,
    seconds: rest.seconds,
    reason: rest.reason,
    trace: rest.trace,
  };
}

/** A refutation with its shortest trace, as far as half of the time allows; else as it came. */
export async function shortestOutcome(
  aig: Aig,
  bad: number,
  outcome: EngineOutcome,
  options: CheckOptions,
  limits: Limits,
): Promise<EngineOutcome> {
  const { method, depth } = outcome;
  if (options.shortest === false || method.endsWith('bmc') || method === 'k-induction' || depth === 0) {
    return outcome;
  }
  const task: EngineTask = { engine: 'bmc', aig, bad, maxDepth: depth, hints: {} };
  let shorter = runEngineNow(task, limits.part(searchSeconds));
  if (shorter.verdict === 'unknown' && options.threads !== 0 && limits.left() > 1) {
    shorter = await runPortfolio({
      ...task,
      engines: ['bmc'],
      threads: 1,
      timeoutSeconds: limits.left() / 2,
      memoryLimit: limits.memoryLimit,
      signal: options.signal,
      progress: options.progress,
    });
  }
  return shorter.verdict === 'refuted' ? { ...shorter, method: `${method}+bmc` } : outcome;
}

/** The graph with one bad literal of our choice. */
function withBad(aig: Aig, literal: number): Aig {
  return new Aig({
    inputCount: aig.inputCount,
    fanin0: aig.fanin0,
    fanin1: aig.fanin1,
    latchNext: aig.latchNext,
    latchInit: aig.latchInit,
    bads: Uint32Array.of(literal),
    constraints: aig.constraints,
    names: aig.names,
  });
}

export function checkOptions(options: CheckOptions): void {
  const { timeoutSeconds = 60, maxDepth = 1000, threads = 2 } = options;
  if (!(timeoutSeconds > 0)) {
    throw new UsageError(`time limit of ${timeoutSeconds} s`, { expected: 'more than 0' });
  }
  if (!Number.isInteger(maxDepth) || maxDepth < 1) {
    throw new UsageError(`depth limit ${maxDepth}`, { expected: 'an integer from 1' });
  }
  if (!Number.isInteger(threads) || threads < 0 || threads > 64) {
    throw new UsageError(`${threads} threads`, { expected: '0 to 64' });
  }
  for (const engine of options.engines ?? []) {
    if (!engineNames.includes(engine)) {
      throw new UsageError(`engine '${engine}'`, { expected: engineNames.join(', ') });
    }
  }
}

/** The verdict with a trace of any length. */
export async function decide(aig: Aig, bad: number, options: CheckOptions): Promise<EngineOutcome> {
  const limits = new Limits(options);
  const { hints = {}, maxDepth = 1000, threads = 2 } = options;
  const engines = options.engines ?? engineNames.filter(e => e !== 'berkeley-abc' || hasNativeAbc());
  const own = engines.filter((e): e is OwnEngine => e === 'bmc' || e === 'k-induction' || e === 'pdr');
  const task = (engine: OwnEngine): EngineTask => ({ engine, aig, bad, maxDepth, hints });
  let bound = 0;
  if (own.length > 0 && (threads === 0 || aig.andCount <= tryAnds)) {
    const quick = threads === 0 ? limits : limits.part(trySeconds);
    const system = prepare(aig, bad, hints, quick);
    const tried = tryEngines(own, task, system, quick, threads === 0);
    if (tried.verdict !== 'unknown' || threads === 0) return tried;
    bound = tried.depth;
    if (own.includes('bmc')) {
      const found = searchRandomly(task('bmc'), system, limits.part(searchSeconds));
      if (found !== undefined) return found;
    }
  }
  const reason = limits.over();
  if (reason !== undefined)
    return { verdict: 'unknown', method: own[0] ?? 'portfolio', depth: bound, reason };
  const outcome = await runPortfolio({
    aig,
    bad,
    engines,
    threads,
    timeoutSeconds: limits.left(),
    memoryLimit: limits.memoryLimit,
    maxDepth,
    hints,
    signal: options.signal,
    progress: options.progress,
  });
  if (outcome.verdict !== 'unknown') return outcome;
  const over = limits.over();
  return { ...outcome, depth: Math.max(bound, outcome.depth), reason: over ?? outcome.reason };
}

/** One own engine after the other: BMC for a while, then the provers. */
function tryEngines(
  own: readonly OwnEngine[],
  task: (engine: OwnEngine) => EngineTask,
  system: System,
  limits: Limits,
  alone: boolean,
): EngineOutcome {
  const order = (['bmc', 'pdr', 'k-induction'] as const).filter(e => own.includes(e));
  let last: EngineOutcome | undefined;
  let bound = 0;
  for (const [i, engine] of order.entries()) {
    const isLast = i === order.length - 1;
    const share = isLast ? limits.left() : engine === 'bmc' ? limits.left() / 5 : (limits.left() * 2) / 3;
    const short = {
      maxDepth:
        engine === 'bmc' && !isLast && !alone ? Math.min(16, task(engine).maxDepth) : task(engine).maxDepth,
      plainOnly: !alone,
    };
    const outcome = runPrepared({ ...task(engine), ...short }, system, limits.part(share));
    if (outcome.verdict !== 'unknown') return outcome;
    bound = Math.max(bound, outcome.depth);
    last = outcome;
    if (limits.over() !== undefined && !alone) break;
  }
  return { ...last!, depth: bound, reason: limits.over() ?? last!.reason };
}

function runEngineNow(task: EngineTask, limits: Limits): EngineOutcome {
  return runPrepared(task, prepare(task.aig, task.bad, task.hints, limits), limits);
}
