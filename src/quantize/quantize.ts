// The quantizer: assigns formats, then walks the network in execution order over the calibration data. At each operator the
// inputs it will really see (earlier layers quantized) and those of the fp32 network are at hand; activations are calibrated,
// weight codes fitted, the bias corrected. Refuses data that does not fit the model's inputs.

import { AbortedError, InputError } from '../core/errors.ts';
import { noProgress, type ProgressFactory } from '../core/progress.ts';
import type { Quantized } from '../format/index.ts';
import { requireGraph } from '../model/graph.ts';
import { type Feeds, type Graph, quantizable } from '../model/index.ts';
import { type ActivationQuantizer, checkActivationFormat } from './activations.ts';
import { assignFormats } from './assign.ts';
import { Checkpoint, type CheckpointOptions, RunKey } from './checkpoint.ts';
import { type EqualizeStatistics, equalize } from './equalize.ts';
import { type QuantizeOptions, resolveOptions } from './options.ts';
import type { SoftmaxReplacement } from './softmax/index.ts';
import { Walk } from './walk.ts';

/** A weight in its number format. `graph` holds the decoded values under `constant`. */
export interface QuantizedWeight {
  /** Name of the operator and of its weight constant in the graph. */
  node: string;
  constant: string;
  /** Shape in the graph; `quantized.layout.shape` may be a flatter view of the same order. */
  shape: readonly number[];
  quantized: Quantized;
}

/** A quantized network. */
export interface QuantizedModel {
  /** Runs in fp32 what the quantized network computes: decoded weights, activations quantized and dequantized. */
  graph: Graph;
  weights: QuantizedWeight[];
  activations: ActivationQuantizer[];
  /** Softmax nodes that call the Softermax function. */
  softmax?: readonly SoftmaxReplacement[] | undefined;
}

export interface LayerStatistics {
  node: string;
  op: string;
  shape: readonly number[];
  first: boolean;
  last: boolean;
  depthwise: boolean;
  weights: string;
  activations: string;
  /** `fp32`, `nearest` or `compensated`. */
  method: 'fp32' | 'nearest' | 'compensated';
  /** Weights of the layer, and bits each takes with its scales. */
  elements: number;
  bits: number;
  /** Signal to quantization noise of the weights, dB (against the targets' originals). */
  weightSqnr: number;
  /** Relative energy by which targets were moved to undo earlier errors. */
  moved: number;
  /** Calibration positions behind the fit. */
  positions: number;
}

export interface QuantizeStatistics {
  layers: LayerStatistics[];
  /** Weight bits over all quantizable weights, scales included. */
  effectiveBits: number;
  weightBytes: number;
  unmatched: string[];
  /** With `equalize`: what it moved and what it left. */
  equalized: EqualizeStatistics | undefined;
  /** Results taken from the checkpoint of a stopped run. */
  resumed: number;
  /** With `softmax`: what was replaced, and what was left and why. */
  softmax: SoftmaxStatistics | undefined;
  seconds: number;
}

export interface SoftmaxStatistics {
  replaced: { node: string; input: string; vector: number; highest: number | undefined }[];
  left: { node: string; reason: string }[];
}

export interface QuantizeResult {
  model: QuantizedModel;
  statistics: QuantizeStatistics;
}

export interface QuantizeContext {
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
  threads?: number | undefined;
  /** Bytes of live activations kept in memory; the rest waits in a temporary file. Default 32 MiB. */
  maxBytes?: number | undefined;
  /** Where a run that is stopped leaves what it has, for the next run of the same model, options and data. Default: nowhere. */
  checkpoint?: CheckpointOptions | undefined;
}

/** Batches of feeds by input name; a list, or anything that yields them once. */
export type Calibration = Iterable<Feeds> | AsyncIterable<Feeds>;

/**
 * Quantizes a prepared graph (see `prepareGraph`); the graph given is not changed.
 * @param calibration batches of feeds by input name, read once; memory does not grow with their number
 * @throws UsageError for bad options, InputError when data is missing where it is needed
 */
export async function quantize(
  fp32: Graph,
  options: QuantizeOptions,
  calibration: Calibration,
  context: QuantizeContext = {},
): Promise<QuantizeResult> {
  requireGraph('the model to quantize', fp32);
  const start = performance.now();
  const resolved = resolveOptions(options);
  const source = resolved.equalize ? fp32.clone() : fp32;
  const equalized = resolved.equalize ? equalize(source) : undefined;
  const graph = source.clone();
  const { nodes } = quantizable(graph);
  const { assignments, unmatched } = assignFormats(nodes, options);
  for (const a of assignments) if (a.activations !== undefined) checkActivationFormat(a.activations);
  if (
    options.weights !== 'fp32' &&
    nodes.every(x => x.weight === undefined) &&
    assignments.every(x => x.activations === undefined)
  )
    throw new InputError(`none of its ${nodes.length} products has constant weights`, {
      ...{ file: source.file, expected: 'an activation format too (--activations int8@v16:u8)' },
    });
  const fits = resolved.method === 'compensate' || resolved.biasCorrection;
  const needsData = fits || assignments.some(a => a.activations !== undefined);
  const walk = new Walk(source, graph, nodes, assignments, resolved, fits, context);
  const bar = (context.progress ?? noProgress)('quantize', nodes.length, ' layers');
  const key =
    context.checkpoint === undefined
      ? undefined
      : new RunKey(fp32, [options, resolved, context.threads ?? 1]);
  let done = false;
  try {
    if (needsData && (await walk.feed(calibration, key)) === 0) {
      throw new InputError('no calibration data', { file: source.file, expected: 'at least one batch' });
    }
    if (key !== undefined) walk.checkpoint = new Checkpoint(key.finish(), context.checkpoint!);
    for (let i = 0; i < nodes.length; i++) {
      if (context.signal?.aborted === true) throw new AbortedError('stopped');
      await walk.softmax.before(nodes[i]!.node.name);
      await walk.step(i);
      bar.update(i + 1, nodes[i]!.node.name);
    }
    await walk.softmax.rest();
    done = true;
  } finally {
    bar.end();
    walk.close();
    if (!done) walk.checkpoint?.close();
  }
  walk.checkpoint?.remove();
  graph.removeUnused();
  const layers = walk.layers;
  const elements = layers.reduce((a, l) => a + l.elements, 0);
  const bits = layers.reduce((a, l) => a + l.elements * l.bits, 0);
  return {
    model: { graph, weights: walk.weights, activations: walk.quantizers, softmax: walk.softmax.replaced },
    statistics: {
      ...{ layers, unmatched, effectiveBits: elements > 0 ? bits / elements : 32, weightBytes: bits / 8 },
      equalized,
      resumed: walk.checkpoint?.resumed ?? 0,
      softmax: resolved.softmax === undefined ? undefined : walk.softmax.statistics,
      seconds: (performance.now() - start) / 1000,
    },
  };
}
