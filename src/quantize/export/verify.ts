// Runs an exported model beside the graph it came from: decoded weights bit for bit, outputs within a tolerance.
// Refuses a file whose weights decode to other bits in ONNX Runtime or whose outputs differ by more.

import { BitwrightError } from '../../core/errors.ts';
import { decode } from '../../format/index.ts';
import { type Feeds, type Graph, type Results, Session } from '../../model/index.ts';
import type { QuantizedModel } from '../quantize.ts';

export interface OutputComparison {
  samples: number;
  /** Largest absolute difference of any output, optimizations off: the operators as written. */
  maxDifference: number;
  /** Largest finite magnitude of any output, to judge it by. */
  maxOutput: number;
  /** The same with ONNX Runtime's default optimizations on the exported model: fused operators, another order of sums. */
  maxDifferenceOptimized: number;
  /** What those optimizations change in the outputs of the evaluation graph itself, to judge that by. */
  maxDifferenceReference: number;
}

export interface VerifyOptions {
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Largest difference allowed, as a share of the largest output; default 0. */
  tolerance?: number | undefined;
}

/** Has ONNX Runtime decode every weight of the file. @returns elements compared @throws BitwrightError at the first that differs */
export async function compareDecoded(
  exported: Graph,
  model: QuantizedModel,
  options: VerifyOptions = {},
): Promise<number> {
  const made = model.weights.filter(w => exported.producer(w.constant) !== undefined);
  let count = 0;
  // A few at a time: memory stays at one share of the weights.
  for (let start = 0; start < made.length; start += 16) {
    const share = made.slice(start, start + 16);
    const graph = exported.clone();
    graph.inputs = [];
    graph.outputs = share.map(w => ({ name: w.constant, type: { type: 'float32', shape: w.shape } }));
    graph.removeUnused();
    const results = await runAll(graph, [{}], options, 'disabled');
    for (const weight of share) {
      const got = results[0]![weight.constant]!.data as Float32Array;
      const wanted = decode(weight.quantized);
      for (let i = 0; i < wanted.length; i++) {
        if (got[i] === wanted[i]) continue;
        throw new BitwrightError(`element ${i} decodes to ${got[i]} in ONNX Runtime`, {
          node: weight.constant,
          expected: `${wanted[i]}`,
        });
      }
      count += wanted.length;
    }
  }
  return count;
}

/** Compares outputs on samples. @throws BitwrightError past the tolerance */
export async function compareRuns(
  exported: Graph,
  model: QuantizedModel,
  samples: readonly Feeds[],
  options: VerifyOptions = {},
): Promise<OutputComparison> {
  const wanted = await runAll(model.graph, samples, options, 'disabled');
  const plain = await runAll(exported, samples, options, 'disabled');
  const optimized = await runAll(exported, samples, options, 'all');
  const reference = await runAll(model.graph, samples, options, 'all');
  let maxOutput = 0;
  for (const results of wanted) {
    for (const { data, type } of Object.values(results)) {
      if (type !== 'float32') continue;
      for (const x of data as Float32Array)
        if (Number.isFinite(x)) maxOutput = Math.max(maxOutput, Math.abs(x));
    }
  }
  const maxDifference = difference(wanted, plain);
  const allowed = (options.tolerance ?? 0) * maxOutput;
  if (!(maxDifference <= allowed)) {
    throw new BitwrightError(`outputs of the exported model differ by ${maxDifference}`, {
      expected: `at most ${allowed}`,
    });
  }
  return {
    ...{ samples: samples.length, maxDifference, maxOutput },
    maxDifferenceOptimized: difference(wanted, optimized),
    maxDifferenceReference: difference(wanted, reference),
  };
}

/** Largest difference over all outputs; Infinity when one is missing or of another length, or not a number in one only. */
function difference(wanted: readonly Results[], got: readonly Results[]): number {
  let worst = 0;
  wanted.forEach((results, i) => {
    for (const [name, { data }] of Object.entries(results)) {
      const other = got[i]![name]?.data;
      if (other === undefined || other.length !== data.length) worst = Number.POSITIVE_INFINITY;
      else {
        for (let j = 0; j < data.length; j++) {
          if (data[j] === other[j]) continue;
          const a = Number(data[j]);
          const b = Number(other[j]);
          if (Number.isNaN(a) && Number.isNaN(b)) continue;
          const d = Math.abs(a - b);
          worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(worst, d);
        }
      }
    }
  });
  return worst;
}

async function runAll(
  graph: Graph,
  samples: readonly Feeds[],
  options: VerifyOptions,
  optimization: 'disabled' | 'all',
): Promise<Results[]> {
  const { threads, signal } = options;
  // Constant matrices are packed at load and then summed in another order than computed ones: off for the exact comparison.
  const config = optimization === 'disabled' ? { disable_prepacking: '1' } : {};
  const session = await Session.create(graph, { threads, signal, optimization, config });
  try {
    const results: Results[] = [];
    for (const feeds of samples) results.push(await session.run(feeds));
    return results;
  } finally {
    await session.close();
  }
}
