// Scores a list of schemes on a built-in task: quantize on the calibration set, evaluate on the evaluation set.
// Refuses to look at evaluation samples for anything but scores.

import { requireObject } from '../core/arguments.ts';
import type { ProgressFactory } from '../core/progress.ts';
import type { Score, Task } from '../demo/index.ts';
import { type Feeds, type Graph, readModelFile } from '../model/index.ts';
import { Batches } from './batches.ts';
import { evaluateTask } from './evaluate.ts';
import { prepareGraph } from './prepare.ts';
import { type QuantizeResult, quantize } from './quantize.ts';
import { parseScheme } from './scheme.ts';

/** One row of the accuracy table, in percent. */
export interface SchemeRow {
  scheme: string;
  weights: string;
  activations: string;
  method: 'fp32' | 'max' | 'compensate';
  /** Exact lines and their standard error; for tasks without lines see `metric` and `value`. */
  lines: number;
  linesError: number;
  characters: number | undefined;
  metric: 'lines' | 'top1';
  value: number;
  effectiveBits: number;
  weightBytes: number;
  /** Layers whose weights stay at 8 bits or more though the scheme is narrower. */
  wideLayers: string[];
  quantizeSeconds: number;
  evaluateSeconds: number;
}

export interface SchemeOutcome {
  row: SchemeRow;
  score: Score;
  /** Undefined for fp32. */
  result: QuantizeResult | undefined;
}

export interface DemoOptions {
  schemes: readonly string[];
  threads: number;
  samples?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
  /** Called after each scheme. */
  onRow?: ((outcome: SchemeOutcome, done: number) => void) | undefined;
}

/** The schemes `bitwright demo` compares by default: what collapses first, then what rescues it. */
export const demoSchemes = [
  'fp32',
  'max:int8@tensor',
  'max:int4@tensor',
  'max:int4@channel',
  'max:int4@v16:u4',
  'int4@v16:u4',
  'int4@channel',
  '4/8/4/8',
  '4/4/4/8',
];

/** Calibration batches of a task, drawn anew at each pass. */
export function taskBatches(task: Task): Batches {
  requireObject('the task', task, 'calibration', 'what createTask gives');
  return new Batches(async function* () {
    for await (const batch of task.calibration()) yield batch.inputs;
  });
}

/** The same, all in memory: small enough, and schemes go over them one after the other. */
export async function calibrationFeeds(task: Task): Promise<Feeds[]> {
  return taskBatches(task).take(Number.POSITIVE_INFINITY);
}

export async function runSchemes(
  task: Task,
  options: DemoOptions,
): Promise<{ outcomes: SchemeOutcome[]; prepared: Graph; calibration: Feeds[] }> {
  const { graph } = await prepareGraph(readModelFile(task.model), options.signal);
  const calibration = await calibrationFeeds(task);
  const outcomes: SchemeOutcome[] = [];
  for (const scheme of options.schemes) {
    const outcome = await runScheme(task, graph, calibration, scheme, options);
    outcomes.push(outcome);
    options.onRow?.(outcome, outcomes.length);
  }
  return { outcomes, prepared: graph, calibration };
}

async function runScheme(
  task: Task,
  graph: Graph,
  feeds: readonly Feeds[],
  scheme: string,
  options: DemoOptions,
): Promise<SchemeOutcome> {
  const { threads, progress, signal } = options;
  const wanted = scheme === 'fp32' ? undefined : parseScheme(scheme);
  const result =
    wanted === undefined ? undefined : await quantize(graph, wanted, feeds, { threads, progress, signal });
  const score = await evaluateTask(result?.model.graph ?? graph, task, {
    ...{ threads, progress, signal, samples: options.samples, label: scheme },
  });
  const statistics = result?.statistics;
  const row: SchemeRow = {
    scheme,
    weights: wanted?.weights ?? 'fp32',
    activations: wanted?.activations ?? 'fp32',
    method: wanted === undefined ? 'fp32' : (wanted.method ?? 'compensate'),
    lines: score.exact.value,
    linesError: score.exact.error,
    characters: score.characters?.value,
    metric: task.metric,
    value: score.exact.value,
    effectiveBits: statistics?.effectiveBits ?? 32,
    weightBytes: statistics?.weightBytes ?? Number.NaN,
    wideLayers: (statistics?.layers ?? [])
      .filter(l => l.bits >= 8 && l.weights !== wanted?.weights)
      .map(l => l.node),
    quantizeSeconds: statistics?.seconds ?? 0,
    evaluateSeconds: score.seconds,
  };
  return { row, score, result };
}
