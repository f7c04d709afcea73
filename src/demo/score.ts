// Scores answers against labels: exact lines and characters, or top-1, as means over all samples with standard errors.

import { AbortedError, UsageError } from '../core/errors.ts';
import { noProgress, type ProgressFactory } from '../core/progress.ts';
import type { Batch, Outputs, SetOptions, Task } from './task.ts';

export interface Answer {
  index: number;
  label: string;
  text: string;
}

/** A mean in percent and its standard error in points. */
export interface Estimate {
  value: number;
  error: number;
}

export interface Score {
  samples: number;
  /** Exactly right samples, percent: lines of a recogniser, top-1 of a classifier. */
  exact: Estimate;
  /** Mean over the lines of 1 - edit distance / length, percent; only for `lines` tasks. */
  characters?: Estimate | undefined;
  /** In order of index. */
  answers: Answer[];
  seconds: number;
}

/** Fewest insertions, deletions and substitutions of code points that turn `a` into `b` (Levenshtein 1966). */
export function levenshtein(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  let row = Uint32Array.from({ length: y.length + 1 }, (_, j) => j);
  for (let i = 1; i <= x.length; i++) {
    const next = new Uint32Array(y.length + 1);
    next[0] = i;
    for (let j = 1; j <= y.length; j++) {
      const substituted = row[j - 1]! + (x[i - 1] === y[j - 1] ? 0 : 1);
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, substituted);
    }
    row = next;
  }
  return row[y.length]!;
}

/**
 * The form in which texts are compared: compatibility forms folded (a full-width '！' is drawn like '!') and spaces
 * dropped. PaddleOCR's own recognition metric ignores spaces too; the network is not trained to keep those beside
 * digits and punctuation.
 */
export function comparable(text: string): string {
  return text.normalize('NFKC').replaceAll(' ', '');
}

/** 1 - edit distance / length of the label, not below 0. An empty label counts 1 when the answer is empty too. */
export function characterAccuracy(label: string, text: string): number {
  const length = [...label].length;
  if (length === 0) return text === '' ? 1 : 0;
  return Math.max(0, 1 - levenshtein(label, text) / length);
}

/** Mean and standard error (sample deviation / √n) of values in 0..1, in percent. */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  if (n === 0) throw new UsageError('no samples to score', { expected: 'at least one' });
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  return { value: 100 * mean, error: n > 1 ? 100 * Math.sqrt(squares / (n - 1) / n) : 0 };
}

/** Scores answers of any order. @throws UsageError when there are none */
export function score(metric: Task['metric'], answers: readonly Answer[], seconds = 0): Score {
  const sorted = [...answers].sort((a, b) => a.index - b.index);
  const pairs = sorted.map(a => [comparable(a.label), comparable(a.text)] as const);
  const exact = estimate(pairs.map(([label, text]) => (label === text ? 1 : 0)));
  const characters =
    metric === 'lines' ? estimate(pairs.map(([label, text]) => characterAccuracy(label, text))) : undefined;
  return { samples: sorted.length, exact, characters, answers: sorted, seconds };
}

export interface EvaluateOptions extends SetOptions {
  progress?: ProgressFactory | undefined;
  label?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the evaluation set, or its first `samples`, through `run` and scores it.
 * @param run runs one batch; its outputs must hold the task's output
 */
export async function evaluate(
  task: Task,
  run: (batch: Batch) => Promise<Outputs>,
  options: EvaluateOptions = {},
): Promise<Score> {
  const total = Math.min(options.samples ?? task.evaluationSize, task.evaluationSize);
  const progress = (options.progress ?? noProgress)(options.label ?? task.name, total, 'samples');
  const answers: Answer[] = [];
  const start = performance.now();
  try {
    for await (const batch of task.evaluation(options)) {
      if (options.signal?.aborted) throw new AbortedError('evaluation stopped');
      const texts = task.decode(await run(batch), batch);
      texts.forEach((text, i) => {
        answers.push({ index: batch.indices[i]!, label: batch.labels[i]!, text });
      });
      progress.update(answers.length);
    }
  } finally {
    progress.end();
  }
  return score(task.metric, answers, (performance.now() - start) / 1000);
}
