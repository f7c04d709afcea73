// Runs the Softermax functions of an exported graph in ONNX Runtime and compares every output with the golden model's integer:
// on random scores of many widths, and on the scores the network has on samples. Refuses a graph where one differs.

import { BitwrightError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { type Softermax, scoreScale } from '../../format/index.ts';
import {
  type Feeds,
  float32Tensor,
  Graph,
  type GraphNode,
  Session,
  type SessionOptions,
} from '../../model/index.ts';
import type { SoftmaxReplacement } from './replace.ts';

export interface SoftmaxComparison {
  /** Output elements compared: random scores, and scores of the network. */
  random: number;
  real: number;
}

/** @throws BitwrightError at the first output that is not the golden model's integer */
export async function compareSoftmax(
  exported: Graph,
  replacements: readonly SoftmaxReplacement[],
  samples: readonly Feeds[],
  options: Pick<SessionOptions, 'threads' | 'signal'> = {},
): Promise<SoftmaxComparison> {
  const counts = { random: 0, real: 0 };
  const calls = replacements.map(r => {
    const call = exported.producer(r.output);
    if (call === undefined) throw new BitwrightError('the exported model lacks a softmax', { node: r.node });
    return { ...r, call };
  });
  for (const { node, model, call } of calls) {
    const session = await Session.create(single(exported, call), options);
    try {
      for (const scores of randomScores(model)) {
        const out = await session.run({ scores });
        counts.random += check(
          model,
          node,
          scores.dims,
          scores.data as Float32Array,
          out['out']!.data as Float32Array,
        );
      }
    } finally {
      await session.close();
    }
  }
  if (replacements.length === 0 || samples.length === 0) return counts;
  const extraOutputs = calls.flatMap(c => [c.call.inputs[0]!, c.call.outputs[0]!]);
  const session = await Session.create(exported, { ...options, extraOutputs: [...new Set(extraOutputs)] });
  try {
    for (const feeds of samples) {
      const out = await session.run(feeds);
      for (const { node, model, call } of calls) {
        const scores = out[call.inputs[0]!]!;
        const got = out[call.outputs[0]!]!.data as Float32Array;
        counts.real += check(model, node, scores.dims, scores.data as Float32Array, got);
      }
    }
  } finally {
    await session.close();
  }
  return counts;
}

/** A graph of one call. */
function single(exported: Graph, { op, domain, name }: GraphNode): Graph {
  const graph = new Graph();
  graph.name = 'softmax';
  graph.opsets = new Map(exported.opsets);
  graph.functions = [...exported.functions];
  graph.inputs = [{ name: 'scores', type: { type: 'float32', shape: ['a', 'b', 'n'] } }];
  graph.addNode({ op, domain, name, inputs: ['scores'], outputs: ['out'] });
  graph.outputs = [{ name: 'out', type: { type: 'float32', shape: ['a', 'b', 'n'] } }];
  return graph;
}

/** Rows of many widths and spreads: normal scores, masked ones, ties, rising and falling rows, values out of range. */
function* randomScores(model: Softermax) {
  const random = new Random(11);
  const { vector, input } = model.parameters;
  const reach = 2 ** (input.integerBits - 1) * Math.LN2;
  for (const n of [1, 2, vector - 1, vector, vector + 1, 3 * vector + 5, 8 * vector, 1024]) {
    if (n < 1) continue;
    const rows = 24;
    const data = new Float32Array(rows * n);
    for (let r = 0; r < rows; r++) {
      const spread = random.pick([0.1, 1, 3, reach / 3, reach]);
      const slope = random.pick([0, 0, 0, reach / n, -reach / n]);
      const masked = random.pick([0, 0, 0.3, 1]);
      for (let i = 0; i < n; i++) {
        const x = spread * random.normal() + slope * i;
        data[r * n + i] = random.uniform() < masked ? Number.NEGATIVE_INFINITY : x;
      }
    }
    yield float32Tensor([2, rows / 2, n], data);
  }
}

function check(
  model: Softermax,
  node: string,
  dims: readonly number[],
  scores: Float32Array,
  got: Float32Array,
): number {
  const width = dims.at(-1) ?? 1;
  const { parameters } = model;
  const scale = scoreScale(parameters);
  const unit = 2 ** -parameters.output.fractionBits;
  const codes = new Int32Array(width);
  for (let from = 0; from < scores.length; from += width) {
    for (let i = 0; i < width; i++) codes[i] = model.code(scores[from + i]!, scale);
    const wanted = model.row(codes);
    for (let i = 0; i < width; i++) {
      if (got[from + i] === wanted[i]! * unit) continue;
      throw new BitwrightError(`softmax output ${from + i} is ${got[from + i]! / unit} in ONNX Runtime`, {
        node,
        expected: `${wanted[i]}, the golden model's integer`,
      });
    }
  }
  return scores.length;
}
