// Asking the engines about one product of a design: their limits, the result in the words of a report, the covers.
// Refuses to report a refutation that does not replay.

import type { Engines } from '../engines/index.ts';
import { type CheckLimits, checkBads, type ProductAnswer } from './check.ts';
import { reachCovers } from './covers.ts';
import type { Design } from './design.ts';
import type { Interface } from './interface.ts';
import { nameOf, type Task, type VerifyOptions } from './plan.ts';
import type { Product } from './product/product.ts';
import { assumptionsOf } from './properties/assumptions.ts';
import { replayLasso, replaySafety } from './replay.ts';
import type { PropertyResult } from './results.ts';

export class Asking {
  readonly design: Design;
  readonly found: Interface;
  readonly engines: Engines;
  readonly options: VerifyOptions;
  readonly seed: number;

  constructor(design: Design, found: Interface, engines: Engines, options: VerifyOptions) {
    this.design = design;
    this.found = found;
    this.engines = engines;
    this.options = options;
    this.seed = options.seed ?? 1;
  }

  /** What is left of the time of a task that began at `start`, and the other limits. */
  limits(task: Task, start: number): CheckLimits {
    const { options } = this;
    const left = (options.timeoutSeconds ?? 60) - (performance.now() - start) / 1000;
    return {
      timeoutSeconds: Math.max(0.1, left),
      maxDepth: options.maxDepth,
      engines: options.engines,
      threads: options.threads,
      signal: options.signal,
      progress: (engine, depth) => options.progress?.(nameOf(task), engine, depth),
    };
  }

  /** Whether no bad of a product can be reached, with covers where that is so. */
  async safety(
    task: Task,
    start: number,
    product: Product,
    extra: Partial<PropertyResult>,
  ): Promise<PropertyResult> {
    const answer = await checkBads(product, this.engines, this.limits(task, start));
    const result = this.resultOf(task, product, answer, extra);
    await this.addCovers(result, product, start);
    return result;
  }

  /** An answer as a result, a failing run replayed. */
  resultOf(
    task: Task,
    product: Product,
    answer: ProductAnswer,
    extra: Partial<PropertyResult>,
  ): PropertyResult {
    const property = nameOf(task);
    const result: PropertyResult = {
      property,
      kind: task.kind,
      channel: task.channel ?? null,
      verdict: answer.verdict,
      method: answer.method,
      depth: answer.depth,
      traceLength: null,
      vacuous: false,
      seconds: answer.seconds,
      reason: answer.reason ?? null,
      bound: null,
      covers: [],
      failure: null,
      certificate: answer.certificate,
      problem: answer.problem,
      size: answer.size,
      ...extra,
      assumptions: [...assumptionsOf(this.found), ...(extra.assumptions ?? [])],
    };
    if (answer.verdict !== 'refuted' || answer.trace === undefined) return result;
    result.traceLength = answer.trace.steps.length;
    if (answer.trace.loopStart === undefined) {
      const replayed = replaySafety(product, answer.trace, this.design.name, property);
      result.failure = replayed.label;
      result.trace = replayed.table;
    } else {
      result.failure = silenceText(task.channel);
      const summary = `${result.failure}: from cycle ${answer.trace.loopStart} on the run repeats`;
      result.trace = replayLasso(product, answer.trace, this.design.name, property, summary);
    }
    return result;
  }

  async addCovers(result: PropertyResult, product: Product, start: number): Promise<void> {
    if (result.verdict === 'refuted') return;
    const { timeoutSeconds } = this.limits({ kind: result.kind }, start);
    result.covers = await reachCovers(product, this.engines, {
      seed: this.seed,
      timeoutSeconds: Math.max(2, Math.min(10, timeoutSeconds)),
      signal: this.options.signal,
    });
    result.vacuous = result.verdict === 'proved' && result.covers.some(c => c.outcome !== 'reached');
  }

  /** Whether a refuted property holds when producers keep their offers up: a remark that saves a false alarm's hunt. */
  async rescue(build: (found: Interface) => Product): Promise<string | null> {
    const { found, options } = this;
    if (found.channels.every(c => c.direction === 'out' || c.persistent || c.ready === undefined))
      return null;
    const channels = found.channels.map(c => (c.direction === 'in' ? { ...c, persistent: true } : c));
    const answer = await checkBads(build({ ...found, channels }), this.engines, {
      timeoutSeconds: Math.min(5, options.timeoutSeconds ?? 60),
      threads: options.threads,
      signal: options.signal,
    });
    return answer.verdict === 'proved' ? 'holds when offers stay until taken (persistent inputs)' : null;
  }
}

export function silenceText(port: string | undefined): string {
  return port === undefined ? 'nothing moves ever again' : `${port} never moves again`;
}
