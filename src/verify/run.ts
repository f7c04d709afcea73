// Runs properties of one design: builds the products, asks the engines, replays failing runs, checks the covers.
// Refuses to report a refutation that does not replay, and a proof without its covers.

import { requireObject } from '../core/arguments.ts';
import { AbortedError, InputError } from '../core/errors.ts';
import type { Engines } from '../engines/index.ts';
import { type CheckLimits, checkBads, checkJustice, type ProductAnswer } from './check.ts';
import { reachCovers } from './covers.ts';
import type { Design } from './design.ts';
import type { Interface } from './interface.ts';
import { nameOf, plan, type Task, unasked, type VerifyOptions } from './plan.ts';
import type { Product } from './product/product.ts';
import { assumptionsOf } from './properties/assumptions.ts';
import { type DeadlockProduct, deadlockProduct } from './properties/deadlock.ts';
import { integrityResult } from './properties/integrity.ts';
import { invalidDataProduct } from './properties/invalid-data.ts';
import { protocolProduct } from './properties/protocol.ts';
import { stallProduct } from './properties/stalls.ts';
import { replayLasso, replaySafety } from './replay.ts';
import type { PropertyResult } from './results.ts';
import { continueSilence, measureSilence } from './silence.ts';

export { plannedProperties, unasked, type VerifyOptions } from './plan.ts';

/**
 * @param design settled: reset and clock are no longer its ports
 * @throws InputError when the design has no channels; AbortedError when stopped
 */
export async function verifyDesign(
  design: Design,
  found: Interface,
  engines: Engines,
  options: VerifyOptions = {},
): Promise<PropertyResult[]> {
  requireObject('the design to verify', design, 'aig', 'the design that loadDesign gives');
  requireObject('the interface', found, 'channels', 'what loadDesign found');
  requireObject('the engines', engines, 'checkSafety', '{ checkSafety, checkLiveness, checkCover }');
  if (found.channels.length === 0) {
    throw new InputError(`no valid/ready channel among the ports of '${design.name}'`, {
      expected: 'ports such as in_valid, in_ready, in_data, or a configuration that names them',
    });
  }
  const stopIfAsked = (): void => {
    if (options.signal?.aborted === true) throw new AbortedError('verification stopped');
  };
  const missing = unasked(found, options);
  if (missing.length > 0 && missing.length === options.properties?.length) {
    throw new InputError(`nothing to check: '${design.name}' has no channel for ${missing.join(', ')}`, {
      expected: 'an output channel that is valid and ready',
    });
  }
  const run = new Run(design, found, engines, options);
  const results: PropertyResult[] = [];
  for (const task of plan(found, options)) {
    stopIfAsked();
    const result = await run.check(task);
    stopIfAsked();
    options.onResult?.(result);
    results.push(result);
  }
  return results;
}

class Run {
  private readonly design: Design;
  private readonly found: Interface;
  private readonly engines: Engines;
  private readonly options: VerifyOptions;
  private readonly seed: number;
  /** Bounded answers, by port ('' for the design): they settle liveness too. */
  private readonly bounded = new Map<string, PropertyResult & { lasso?: PropertyResult['trace'] }>();

  constructor(design: Design, found: Interface, engines: Engines, options: VerifyOptions) {
    this.design = design;
    this.found = found;
    this.engines = engines;
    this.options = options;
    this.seed = options.seed ?? 1;
  }

  async check(task: Task): Promise<PropertyResult> {
    const start = performance.now();
    const result = await this.answer(task, start);
    result.seconds = (performance.now() - start) / 1000;
    return result;
  }

  private answer(task: Task, start: number): Promise<PropertyResult> {
    const { design, found } = this;
    switch (task.kind) {
      case 'P1':
        return this.invalidData(start);
      case 'P2':
        return this.boundedDeadlock(task, start);
      case 'P2-live':
        return this.liveDeadlock(task, start);
      case 'P3':
        return this.safety(task, start, stallProduct(design, found, task.channel!, this.options.skew ?? 1), {
          bound: this.options.skew ?? 1,
          assumptions: [`one run is at most ${this.options.skew ?? 1} message(s) ahead of the other`],
        });
      case 'P5':
        return integrityResult(design, found, this.engines, {
          timeoutSeconds: this.limits(task, start).timeoutSeconds,
          signal: this.options.signal,
        });
      default:
        return this.protocol(task, start);
    }
  }

  private async protocol(task: Task, start: number): Promise<PropertyResult> {
    const build = (found: Interface): Product => protocolProduct(this.design, found, task.channel!);
    const result = await this.safety(task, start, build(this.found), {});
    if (result.verdict === 'refuted') result.reason = await this.rescue(build);
    return result;
  }

  /** Whether a refuted property holds when producers keep their offers up: a remark that saves a false alarm's hunt. */
  private async rescue(build: (found: Interface) => Product): Promise<string | null> {
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

  private async invalidData(start: number): Promise<PropertyResult> {
    const product = invalidDataProduct(this.design, this.found);
    const duplicated = new Set(product.duplicated);
    const garbage = this.design.registers
      .filter(r => r.latches.some(i => duplicated.has(i)))
      .map(r => r.name);
    return this.safety({ kind: 'P1' }, start, product, { garbage });
  }

  private limits(task: Task, start: number): CheckLimits {
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

  private async safety(
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

  private resultOf(
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

  private async addCovers(result: PropertyResult, product: Product, start: number): Promise<void> {
    if (result.verdict === 'refuted') return;
    const { timeoutSeconds } = this.limits({ kind: result.kind }, start);
    result.covers = await reachCovers(product, this.engines, {
      seed: this.seed,
      timeoutSeconds: Math.max(2, Math.min(10, timeoutSeconds)),
      signal: this.options.signal,
    });
    result.vacuous = result.verdict === 'proved' && result.covers.some(c => c.outcome !== 'reached');
  }

  private async boundedDeadlock(task: Task, start: number): Promise<PropertyResult> {
    const { design, found, options } = this;
    const port = task.channel;
    const build = (bound: number): DeadlockProduct => deadlockProduct(design, found, { bound, port });
    let bound = options.bound ?? Math.max(4, 2 * measureSilence(build(1), this.seed).longest + 2);
    for (let attempt = 0; ; attempt++) {
      const product = build(bound);
      const answer = await checkBads(product, this.engines, this.limits(task, start));
      const result: PropertyResult & { lasso?: PropertyResult['trace'] } = this.resultOf(
        task,
        product,
        answer,
        {
          bound,
          assumptions: ['from `go` on every input offers and every output is taken'],
        },
      );
      if (answer.verdict === 'refuted' && answer.trace !== undefined) {
        const next = continueSilence(product, answer.trace);
        if (next.kind === 'slow' && options.bound === undefined && attempt < 6) {
          bound = 2 * (bound + next.cycles);
          continue;
        }
        if (next.kind === 'slow') {
          result.reason = `slow, not dead: something moves after ${bound + next.cycles} cycles`;
        }
        if (next.kind === 'dead') {
          const live = deadlockProduct(design, found, { bound, port });
          const endless = { ...live, justice: [live.go], fairness: [], constraints: [] };
          const summary = `${silenceText(port)}: from cycle ${next.trace.loopStart} on the run repeats`;
          result.lasso = replayLasso(
            endless,
            next.trace,
            design.name,
            nameOf({ kind: 'P2-live', channel: port }),
            summary,
          );
          result.reason = 'dead: the state repeats';
          const kept = await this.rescue(f => deadlockProduct(design, f, { bound, port }));
          if (kept !== null) result.reason += `; ${kept}`;
        }
      }
      await this.addCovers(result, product, start);
      this.bounded.set(port ?? '', result);
      const { lasso: _, ...plain } = result;
      return plain;
    }
  }

  private async liveDeadlock(task: Task, start: number): Promise<PropertyResult> {
    const { design, found } = this;
    const assumptions = [
      'every input offers and every output is taken again and again; offers stay until taken',
    ];
    const known = this.bounded.get(task.channel ?? '');
    if (known !== undefined && task.channel === undefined) {
      const { lasso, ...base } = known;
      const common = {
        ...base,
        property: nameOf(task),
        kind: task.kind,
        bound: null,
        certificate: undefined,
      };
      if (known.verdict === 'proved') {
        return {
          ...common,
          method: `P2 with N = ${known.bound}`,
          assumptions: [...assumptionsOf(this.found), ...assumptions],
        };
      }
      if (lasso !== undefined) {
        return {
          ...common,
          method: `${known.method}, lasso`,
          traceLength: lasso.steps.length,
          trace: lasso,
          failure: silenceText(task.channel),
          assumptions: [...assumptionsOf(this.found), ...assumptions],
        };
      }
    }
    const product = deadlockProduct(design, found, { port: task.channel });
    const answer = await checkJustice(product, this.engines, this.limits(task, start));
    const result = this.resultOf(task, product, answer, { assumptions });
    await this.addCovers(result, product, start);
    return result;
  }
}

function silenceText(port: string | undefined): string {
  return port === undefined ? 'nothing moves ever again' : `${port} never moves again`;
}
