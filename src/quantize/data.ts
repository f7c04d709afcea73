// A folder of samples in place of a built-in task: batches for calibration, and scores over a stream of batches.
// Refuses labels that are not class numbers of the model's first output.

import { requireObject } from '../core/arguments.ts';
import { InputError } from '../core/errors.ts';
import { noProgress } from '../core/progress.ts';
import { type Estimate, estimate } from '../demo/score.ts';
import { requireGraph } from '../model/graph.ts';
import { type DataBatch, type DataSource, type Graph, type Results, Session } from '../model/index.ts';
import { Batches } from './batches.ts';
import {
  type Agreement,
  type AgreementSums,
  addResults,
  agreementOf,
  newAgreementSums,
  type RunOptions,
} from './evaluate.ts';

/** The batches of a source for calibration, read anew at each pass. */
export function calibrationBatches(source: DataSource): Batches {
  return new Batches(async function* () {
    for await (const batch of source.batches()) yield batch.inputs;
  });
}

export interface DataScore {
  samples: number;
  /** With a reference: how far the outputs are from its. */
  agreement: Agreement | undefined;
  /** With labels: share of samples whose largest output is the label's, percent with standard error. */
  top1: Estimate | undefined;
}

/**
 * Scores a model over a stream of batches; one batch a thread is held at a time.
 * @param options `reference` is the fp32 model to compare with
 */
export async function evaluateData(
  graph: Graph,
  source: DataSource,
  options: RunOptions & { reference?: Graph | undefined } = {},
): Promise<DataScore> {
  requireGraph('the model to evaluate', graph);
  requireObject('the data', source, 'batches', 'what openData gives');
  const bar = (options.progress ?? noProgress)(options.label ?? 'evaluate', source.samples ?? 0, '');
  const sessions: Session[] = [];
  const open = async (model: Graph): Promise<Session> => {
    const session = await Session.create(model, { threads: 1, signal: options.signal });
    sessions.push(session);
    return session;
  };
  // Sums by batch are added in the order of the batches, so that threads do not change the last digits.
  const sums: AgreementSums[] = [];
  const hits: number[] = [];
  let samples = 0;
  try {
    const iterator = source.batches();
    let turn: Promise<IteratorResult<DataBatch, void>> | undefined;
    let next = 0;
    const lane = async (): Promise<void> => {
      const own = await open(graph);
      const other = options.reference === undefined ? undefined : await open(options.reference);
      for (;;) {
        const step: IteratorResult<DataBatch, void> = await (turn = (turn ?? Promise.resolve()).then(() =>
          iterator.next(),
        ));
        if (step.done === true) return;
        const index = next++;
        const { value: batch } = step;
        const [results, expected] = await Promise.all([own.run(batch.inputs), other?.run(batch.inputs)]);
        if (expected !== undefined) {
          sums[index] = newAgreementSums();
          addResults(sums[index], expected, results);
        }
        if (batch.labels !== undefined) scoreLabels(batch, results, hits, source.folder);
        samples += batch.names.length;
        bar.update(samples);
      }
    };
    await Promise.all(Array.from({ length: options.threads ?? 1 }, lane));
  } finally {
    bar.end();
    for (const session of sessions) await session.close();
  }
  const total = newAgreementSums();
  for (const s of sums) {
    total.signal += s.signal;
    total.error += s.error;
    total.same += s.same;
    total.positions += s.positions;
    total.divergence += s.divergence;
    total.distributions &&= s.distributions;
  }
  return {
    samples,
    agreement: options.reference === undefined ? undefined : agreementOf(total),
    top1: source.labelled ? estimate(hits) : undefined,
  };
}

/** 1 for a sample whose largest element of the first output stands where the label says, else 0. */
function scoreLabels(batch: DataBatch, results: Results, hits: number[], folder: string): void {
  const [output] = Object.entries(results);
  const { data, dims } = output![1];
  const count = batch.names.length;
  const classes = data.length / count;
  batch.labels!.forEach((label, i) => {
    if (dims[0] !== count || typeof label !== 'number' || label < 0 || label >= classes) {
      throw new InputError(`sample '${batch.names[i]}' has label '${label}'`, {
        file: folder,
        expected: `a class of output '${output![0]}' [${dims.join(',')}]`,
      });
    }
    const row = (data as Float32Array).subarray(i * classes, (i + 1) * classes);
    let best = 0;
    for (let c = 1; c < row.length; c++) if (row[c]! > row[best]!) best = c;
    hits[batch.first + i] = best === label ? 1 : 0;
  });
}
