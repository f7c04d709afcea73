// Runs a graph over labelled or unlabelled batches with several single-threaded sessions side by side.
// Refuses to compare outputs of different shapes.

import { requireObject } from '../core/arguments.ts';
import { InputError } from '../core/errors.ts';
import { noProgress, type ProgressFactory } from '../core/progress.ts';
import { type Answer, type Batch, type Score, score, type Task } from '../demo/index.ts';
import { requireGraph } from '../model/graph.ts';
import { type Feeds, type Graph, type Results, Session } from '../model/index.ts';
import type { Calibration } from './quantize.ts';

export interface RunOptions {
  threads?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
  label?: string | undefined;
}

/**
 * Feeds batches to `threads` sessions, the next batch to whichever is free, and hands results over as they come.
 * @param total batches or samples expected, for the progress bar
 */
export async function runBatches<T extends { inputs: Feeds }>(
  graph: Graph,
  source: AsyncIterable<T> | Iterable<T>,
  take: (batch: T, results: Results, index: number) => void,
  options: RunOptions & { total?: number | undefined; sizeOf?: ((batch: T) => number) | undefined } = {},
): Promise<void> {
  const sessions: Session[] = [];
  const bar = (options.progress ?? noProgress)(options.label ?? 'evaluate', options.total ?? 0, '');
  try {
    for (let i = 0; i < (options.threads ?? 1); i++) {
      sessions.push(await Session.create(graph, { threads: 1, signal: options.signal }));
    }
    const iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    let done = 0;
    let next = 0;
    let turn: Promise<IteratorResult<T>> = Promise.resolve({ done: true, value: undefined });
    const pull = (): Promise<IteratorResult<T>> => {
      turn = turn.then(() => iterator.next());
      return turn;
    };
    await Promise.all(
      sessions.map(async session => {
        for (;;) {
          const step = await pull();
          if (step.done === true) return;
          const index = next++;
          take(step.value, await session.run(step.value.inputs), index);
          done += options.sizeOf?.(step.value) ?? 1;
          bar.update(done);
        }
      }),
    );
  } finally {
    bar.end();
    for (const session of sessions) await session.close();
  }
}

/** Scores a network on a task's evaluation set. @param samples only the first so many */
export async function evaluateTask(
  graph: Graph,
  task: Task,
  options: RunOptions & { samples?: number | undefined; set?: 'evaluation' | 'calibration' | undefined } = {},
): Promise<Score> {
  requireGraph('the model to evaluate', graph);
  requireObject('the task', task, 'evaluation', 'what createTask gives');
  const start = performance.now();
  const answers: Answer[] = [];
  const batches: AsyncIterable<Batch> = task[options.set ?? 'evaluation']({ samples: options.samples });
  await runBatches(
    graph,
    batches,
    (batch, results) => {
      task.decode(results, batch).forEach((text, i) => {
        answers.push({ index: batch.indices[i]!, label: batch.labels[i]!, text });
      });
    },
    { ...options, total: options.samples ?? task.evaluationSize, sizeOf: b => b.labels.length },
  );
  return score(task.metric, answers, (performance.now() - start) / 1000);
}

/** How far outputs are from those of the fp32 network, without labels. */
export interface Agreement {
  /** Signal to noise of all outputs together, dB. */
  sqnr: number;
  /** Share of positions (all axes but the last) with the same largest element, percent. */
  top1: number;
  /** Mean Kullback-Leibler divergence a position, nats; undefined when outputs are not distributions. */
  divergence: number | undefined;
  positions: number;
}

/** Compares two networks on the same batches, output by output; one batch a thread is in memory at a time. */
export async function compareOutputs(
  reference: Graph,
  other: Graph,
  batches: Calibration,
  options: RunOptions = {},
): Promise<Agreement> {
  requireGraph('the reference of compareOutputs', reference);
  requireGraph('the other model of compareOutputs', other);
  const sum = newAgreementSums();
  const sessions: [Session, Session][] = [];
  const { threads = 1, signal } = options;
  const bar = (options.progress ?? noProgress)(options.label ?? 'compare', 0, ' batches');
  const iterator =
    Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  let turn: Promise<IteratorResult<Feeds>> = Promise.resolve({ done: true, value: undefined });
  let done = 0;
  try {
    for (let i = 0; i < threads; i++) {
      const first = await Session.create(reference, { threads: 1, signal });
      sessions.push([first, await Session.create(other, { threads: 1, signal })]);
    }
    await Promise.all(
      sessions.map(async ([first, second]) => {
        for (;;) {
          turn = turn.then(() => iterator.next());
          const step = await turn;
          if (step.done === true) return;
          addResults(sum, await first.run(step.value), await second.run(step.value));
          bar.update(++done);
        }
      }),
    );
  } finally {
    bar.end();
    for (const session of sessions.flat()) await session.close();
  }
  return agreementOf(sum);
}

/** Outputs of a network, batch by batch. */
export async function outputsOf(
  graph: Graph,
  batches: readonly Feeds[],
  options: RunOptions = {},
): Promise<Results[]> {
  const kept: Results[] = [];
  await runBatches(
    graph,
    batches.map(inputs => ({ inputs })),
    (_, results, index) => void (kept[index] = results),
    options,
  );
  return kept;
}

/** As `compareOutputs`, against outputs computed before. */
export async function compareWith(
  reference: readonly Results[],
  other: Graph,
  batches: readonly Feeds[],
  options: RunOptions = {},
): Promise<Agreement> {
  const sum = newAgreementSums();
  await runBatches(
    other,
    batches.map(inputs => ({ inputs })),
    (_, results, index) => addResults(sum, reference[index]!, results),
    options,
  );
  return agreementOf(sum);
}

/** What agreement is computed from; sums of batches add up. */
export interface AgreementSums {
  signal: number;
  error: number;
  same: number;
  positions: number;
  divergence: number;
  distributions: boolean;
}

export function newAgreementSums(): AgreementSums {
  return { signal: 0, error: 0, same: 0, positions: 0, divergence: 0, distributions: true };
}

/** Adds all float outputs of a batch. @throws InputError when shapes differ or the reference's output is not a number */
export function addResults(sum: AgreementSums, reference: Results, results: Results): void {
  for (const [name, tensor] of Object.entries(reference)) {
    if (tensor.type !== 'float32') continue;
    const a = tensor.data as Float32Array;
    const b = results[name]?.data as Float32Array | undefined;
    if (b === undefined || b.length !== a.length)
      throw new InputError(`output '${name}' is missing or has another shape`, {
        expected: `the reference model's [${tensor.dims.join(',')}]`,
      });
    if (a.some(Number.isNaN))
      throw new InputError(`output '${name}' of the reference network holds NaN on this data`, {
        expected: 'numbers to compare with',
      });
    addAgreement(sum, a, b, tensor.dims.at(-1) ?? 1);
  }
}

export function agreementOf(sum: AgreementSums): Agreement {
  return {
    sqnr: sum.error === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(sum.signal / sum.error),
    top1: sum.positions > 0 ? (100 * sum.same) / sum.positions : 100,
    divergence: sum.distributions && sum.positions > 0 ? sum.divergence / sum.positions : undefined,
    positions: sum.positions,
  };
}

/** Adds one output: `a` of the reference, `b` of the other, `classes` elements a position. */
function addAgreement(sum: AgreementSums, a: Float32Array, b: Float32Array, classes: number): void {
  for (let start = 0; start < a.length; start += classes) {
    let bestA = start;
    let bestB = start;
    let total = 0;
    for (let i = start; i < start + classes; i++) {
      const x = a[i]!;
      const y = b[i]!;
      if (Number.isFinite(x)) sum.signal += x * x;
      if (x !== y) sum.error += (x - y) ** 2; // equal infinities, of masked scores, have no error
      total += x;
      if (x < 0) sum.distributions = false;
      if (x > 1e-4) sum.divergence += x * Math.log(x / Math.max(y, 1e-9));
      if (x > a[bestA]!) bestA = i;
      if (y > b[bestB]!) bestB = i;
    }
    if (Math.abs(total - 1) > 1e-2) sum.distributions = false;
    if (bestA === bestB) sum.same++;
    sum.positions++;
  }
}
