// Runs properties of one design: builds the products, asks the engines, replays failing runs, checks the covers.
// Refuses to report a refutation that does not replay, and a proof without its covers.

import { AbortedError, InputError } from '../core/errors.ts';
import { type CheckLimits, checkBads, checkJustice, type ProductAnswer } from './check.ts';
import { reachCovers } from './covers.ts';
import type { Design } from './design.ts';
import type { Engines } from './engines.ts';
import { bindStream, integrityTable, proveIntegrity } from './integrity/index.ts';
import type { Interface } from './interface.ts';
import type { Product } from './product/product.ts';
import { type DeadlockProduct, deadlockProduct } from './properties/deadlock.ts';
import { invalidDataProduct } from './properties/invalid-data.ts';
import { protocolProduct } from './properties/protocol.ts';
import { stallProduct } from './properties/stalls.ts';
import { replayLasso, replaySafety } from './replay.ts';
import type { PropertyKind, PropertyResult } from './results.ts';
import { continueSilence, measureSilence } from './silence.ts';

export interface VerifyOptions {
  /** Default P1, P2, P2-live, and P4 of the channels that promise it. P3 and P5 are asked for. */
  properties?: readonly PropertyKind[] | undefined;
  /** Wall clock of each property. Default 60. */
  timeoutSeconds?: number | undefined;
  maxDepth?: number | undefined;
  /** P2: cycles of silence that are too many; default: measured. */
  bound?: number | undefined;
  /** P2 of every channel too, not only of those marked `forever`. */
  perPort?: boolean | undefined;
  /** P3: tokens one copy may be ahead of the other. Default 1. */
  skew?: number | undefined;
  seed?: number | undefined;
  threads?: number | undefined;
  engines?: CheckLimits['engines'];
  signal?: AbortSignal | undefined;
  progress?: ((property: string, engine: string, depth: number) => void) | undefined;
  /** Called as each result is there. */
  onResult?: ((result: PropertyResult) => void) | undefined;
}

/** Names of the properties a run would check, in order. */
export function plannedProperties(found: Interface, options: VerifyOptions = {}): string[] {
  return plan(found, options).map(task => nameOf(task));
}

interface Task {
  kind: PropertyKind;
  channel?: string | undefined;
}

function nameOf(task: Task): string {
  return task.channel === undefined ? task.kind : `${task.kind}:${task.channel}`;
}

function plan(found: Interface, options: VerifyOptions): Task[] {
  const asked = options.properties;
  const wants = (kind: PropertyKind): boolean =>
    asked?.includes(kind) ?? (kind !== 'P3' && kind !== 'P4' && kind !== 'P5');
  const tasks: Task[] = [];
  if (wants('P1')) tasks.push({ kind: 'P1' });
  const ports = found.channels.filter(c => c.forever || options.perPort === true);
  for (const kind of ['P2', 'P2-live'] as const) {
    if (!wants(kind)) continue;
    tasks.push({ kind }, ...ports.map(c => ({ kind, channel: c.name })));
  }
  const outputs = found.channels.filter(c => c.direction === 'out');
  if (wants('P3')) for (const c of outputs) if (c.ordered) tasks.push({ kind: 'P3', channel: c.name });
  for (const c of outputs) {
    if (c.ready !== undefined && (asked === undefined ? c.persistent : wants('P4'))) {
      tasks.push({ kind: 'P4', channel: c.name });
    }
  }
  if (asked?.includes('P5') === true) tasks.push({ kind: 'P5' });
  return tasks;
}

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
  if (found.channels.length === 0) {
    throw new InputError(`no valid/ready channel among the ports of '${design.name}'`, {
      expected: 'ports such as in_valid, in_ready, in_data, or a configuration that names them',
    });
  }
  const stopIfAsked = (): void => {
    if (options.signal?.aborted === true) throw new AbortedError('verification stopped');
  };
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
        return this.integrity(task, start);
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

  private async integrity(task: Task, start: number): Promise<PropertyResult> {
    const { design, found, options } = this;
    const { inputCount, latchCount, andCount } = design.aig;
    const base = {
      property: nameOf(task),
      kind: task.kind,
      channel: null,
      bound: null,
      covers: [],
      seconds: 0,
      assumptions: this.assumptions(),
      size: { inputs: inputCount, latches: latchCount, ands: andCount },
    };
    const stream = bindStream(design, found);
    if (typeof stream === 'string') {
      return {
        ...base,
        verdict: 'unknown',
        method: 'none',
        depth: 0,
        traceLength: null,
        vacuous: false,
        reason: `not a block that passes words on: ${stream}`,
        failure: null,
      };
    }
    const { timeoutSeconds } = this.limits(task, start);
    const answer = await proveIntegrity(stream, this.engines, { timeoutSeconds, signal: options.signal });
    const refuted = answer.verdict === 'refuted';
    return {
      ...base,
      verdict: answer.verdict,
      method:
        answer.method === 'data-independence'
          ? `data independence, ${answer.states} control states`
          : answer.method,
      depth: answer.depth,
      traceLength: answer.trace?.steps.length ?? null,
      vacuous: answer.vacuous,
      reason: answer.reason ?? null,
      failure: refuted ? (answer.summary ?? null) : null,
      trace:
        answer.trace === undefined
          ? undefined
          : integrityTable(design, found, answer.trace, answer.summary ?? 'a wrong word leaves'),
    };
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
      assumptions: [...this.assumptions(), ...(extra.assumptions ?? [])],
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

  /** What the environment is taken to do, in words. */
  private assumptions(): string[] {
    const { channels, freeInputs, resets } = this.found;
    const lines: string[] = [];
    const kept = channels.filter(c => c.direction === 'in' && c.persistent).map(c => c.name);
    if (kept.length > 0) lines.push(`offers stay until taken: ${kept.join(', ')}`);
    for (const { port, rule } of freeInputs) {
      if (rule.kind === 'stable') lines.push(`${port} is constant`);
      if (rule.kind === 'tied') lines.push(`${port} is ${rule.value}`);
    }
    if (resets.length > 0) lines.push(`${resets.map(r => r.port).join(', ')} inactive after reset`);
    return lines;
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
          assumptions: [...this.assumptions(), ...assumptions],
        };
      }
      if (lasso !== undefined) {
        return {
          ...common,
          method: `${known.method}, lasso`,
          traceLength: lasso.steps.length,
          trace: lasso,
          failure: silenceText(task.channel),
          assumptions: [...this.assumptions(), ...assumptions],
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
