// The quantizer: assigns formats, then walks the network in execution order over the calibration data. At each operator the
// inputs it will really see (earlier layers quantized) and those of the fp32 network are at hand; activations are calibrated,
// weight codes fitted, the bias corrected. Refuses data that does not fit the model's inputs.

import { AbortedError, InputError } from '../core/errors.ts';
import { noProgress, type ProgressFactory } from '../core/progress.ts';
import {
  decode,
  encode,
  type Format,
  printFormat,
  type Quantized,
  sqnr,
  storageBits,
} from '../format/index.ts';
import {
  type Feeds,
  float32Tensor,
  type Graph,
  type QuantizableNode,
  quantizable,
  toFloat32,
} from '../model/index.ts';
import { type ActivationForm, chooseForm } from './activation-form.ts';
import { type ActivationQuantizer, checkActivationFormat, insertActivationQuantizer } from './activations.ts';
import { type Assignment, assignFormats } from './assign.ts';
import { shiftBias } from './bias.ts';
import { type Breath, breathe } from './breath.ts';
import { Checkpoint, type CheckpointOptions, RunKey } from './checkpoint.ts';
import { canCompensate, compensate } from './compensate.ts';
import { type EqualizeStatistics, equalize } from './equalize.ts';
import { type Layer, layerOf, readRow, weightIndex } from './layers.ts';
import { gatherMoments, type InputBatch, type Moments } from './moments.ts';
import { type QuantizeOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import type { SoftmaxReplacement } from './softmax/index.ts';
import { SoftmaxWalk } from './softmax/walk.ts';
import { Stepper } from './stepper.ts';

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
  /** Bytes of live activations kept in memory; the rest waits in a temporary file. Default 128 MiB. */
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
  const start = performance.now();
  const resolved = resolveOptions(options);
  const source = resolved.equalize ? fp32.clone() : fp32;
  const equalized = resolved.equalize ? equalize(source) : undefined;
  const graph = source.clone();
  const { nodes } = quantizable(graph);
  const { assignments, unmatched } = assignFormats(nodes, options);
  for (const a of assignments) if (a.activations !== undefined) checkActivationFormat(a.activations);
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

/** What is worked out for a weight. */
interface WeightFit {
  codes: Pick<Quantized, 'codes' | 'scales' | 'scaleCodes'>;
  compensated: boolean;
  moved: number;
  positions: number;
  /** Shift of the bias, one value per output channel. */
  shift: Float64Array | undefined;
}

interface LayerInputs {
  actual: InputBatch[];
  original: InputBatch[];
}

class Walk {
  readonly layers: LayerStatistics[] = [];
  readonly weights: QuantizedWeight[] = [];
  readonly quantizers: ActivationQuantizer[] = [];
  readonly softmax: SoftmaxWalk;
  checkpoint: Checkpoint | undefined;
  private readonly full: Stepper;
  private readonly own: Stepper;
  private readonly seen = new Map<string, string>();

  private readonly graph: Graph;
  private readonly nodes: readonly QuantizableNode[];
  private readonly assignments: readonly Assignment[];
  private readonly options: ResolvedOptions;
  private readonly fits: boolean;
  private readonly signal: AbortSignal | undefined;
  private readonly breath: Breath;

  constructor(
    source: Graph,
    graph: Graph,
    nodes: readonly QuantizableNode[],
    assignments: readonly Assignment[],
    options: ResolvedOptions,
    fits: boolean,
    context: QuantizeContext,
  ) {
    this.graph = graph;
    this.nodes = nodes;
    this.assignments = assignments;
    this.options = options;
    this.fits = fits;
    this.signal = context.signal;
    this.breath = breathe(context.signal);
    const maxBytes = (context.maxBytes ?? 128 * 2 ** 20) / 2;
    const stepping = { threads: context.threads, signal: context.signal, maxBytes };
    this.full = new Stepper(source, stepping);
    this.own = new Stepper(graph, stepping);
    this.softmax = new SoftmaxWalk(graph, this.own, options.softmax);
  }

  /** Takes in the calibration data. @returns the number of batches */
  async feed(calibration: Calibration, key: RunKey | undefined): Promise<number> {
    for await (const feeds of calibration) {
      if (this.signal?.aborted === true) throw new AbortedError('stopped');
      key?.add(feeds);
      this.full.feed(feeds);
      this.own.feed(feeds);
    }
    return this.own.batches;
  }

  close(): void {
    this.full.close();
    this.own.close();
  }

  async step(index: number): Promise<void> {
    const found = this.nodes[index]!;
    const { weights, activations } = this.assignments[index]!;
    if (activations !== undefined) {
      for (const operand of found.activations)
        await this.quantizeActivation(index, operand.value, vectorAxis(found, operand.reductionAxis));
    }
    if (found.weight === undefined) return;
    const layer = layerOf(this.graph, found);
    const constant = toFloat32(this.graph.constant(layer.weight)!);
    const base = {
      ...{ node: found.node.name, op: found.node.op, shape: found.weight.shape },
      ...{ first: found.first, last: found.last, depthwise: found.depthwise },
      activations: activations === undefined ? 'fp32' : this.activationName(found),
      elements: constant.length,
    };
    const shared = this.seen.get(layer.weight);
    if (weights === undefined || shared !== undefined) {
      const count = shared === undefined ? constant.length : 0;
      this.layers.push({
        ...{ ...base, elements: count, weights: shared ?? 'fp32', method: 'fp32', bits: 32 },
        ...{ weightSqnr: Number.POSITIVE_INFINITY, moved: 0, positions: 0 },
      });
      return;
    }
    const key = `weight ${index}`;
    let fit = this.checkpoint?.get<WeightFit>(key);
    // The same pieces of the network are run when a fit is at hand: sums differ in their last bits between pieces.
    const inputs = this.fits && layer.rows !== undefined ? await this.inputsOf(found) : undefined;
    if (fit === undefined) {
      fit = await this.fitWeight(layer, weights, constant, inputs);
      this.checkpoint?.put(key, fit);
    }
    const quantized: Quantized = { format: weights, layout: layer.layout, ...fit.codes };
    const decoded = decode(quantized);
    const { dims } = this.graph.constant(layer.weight)!;
    const name = this.graph.addConstant(`${layer.weight}/decoded`, float32Tensor(dims, decoded));
    this.graph.replaceUses(layer.weight, name);
    this.weights.push({ node: found.node.name, constant: name, shape: dims, quantized });
    this.seen.set(layer.weight, printFormat(weights));
    if (fit.shift !== undefined) shiftBias(this.graph, found, found.node.name, fit.shift);
    this.layers.push({
      ...{ ...base, weights: printFormat(weights), method: fit.compensated ? 'compensated' : 'nearest' },
      bits: constant.length === 0 ? 0 : storageBits(weights, layer.layout) / constant.length,
      ...{ weightSqnr: sqnr(constant, decoded), moved: fit.moved, positions: fit.positions },
    });
  }

  /** Codes of a weight, and what the mean of the output then needs. */
  private async fitWeight(
    layer: Layer,
    weights: Format,
    constant: Float32Array,
    inputs: LayerInputs | undefined,
  ): Promise<WeightFit> {
    const { options, breath } = this;
    const limit = layer.rows?.group === 1 ? options.positions : options.depthwisePositions;
    const moments =
      inputs === undefined
        ? undefined
        : await gatherMoments(layer.rows!, inputs.actual, inputs.original, limit, breath);
    const compensated =
      options.method === 'compensate' && moments !== undefined && canCompensate(layer, weights);
    let quantized: Quantized;
    let moved = 0;
    if (compensated) {
      ({ quantized, moved } = await compensate(layer, weights, constant, moments, options, breath));
    } else {
      const search = options.method === 'compensate' && weights.scaling.kind !== 'none';
      quantized = encode(constant, layer.layout, weights, search ? { scaleChoice: 'search' } : {});
    }
    const shift =
      moments !== undefined && options.biasCorrection
        ? meanShift(layer, moments, constant, decode(quantized))
        : undefined;
    const { codes, scales, scaleCodes } = quantized;
    return {
      ...{ codes: { codes, scales, scaleCodes }, compensated, moved, shift },
      positions: moments?.positions ?? 0,
    };
  }

  private activationName(found: QuantizableNode): string {
    const q = this.quantizers.find(x => x.consumers.includes(found.node.name));
    return q === undefined ? 'fp32' : printFormat(q.format) + (q.offset !== 0 ? ' offset' : '');
  }

  /** The layer's inputs in both networks, after running what they depend on. */
  private async inputsOf(found: QuantizableNode): Promise<LayerInputs> {
    const original = found.activations[0]!.value;
    const node = this.graph.node(found.node.name)!;
    const actual = node.inputs[found.activations[0]!.input]!;
    await this.full.reach([original]);
    await this.own.reach([actual]);
    return { actual: this.own.get(actual), original: this.full.get(original) };
  }

  private async quantizeActivation(index: number, value: string, axis: number): Promise<void> {
    const format = this.assignments[index]!.activations!;
    const name = this.nodes[index]!.node.name;
    const node = this.graph.node(name)!;
    if (!node.inputs.includes(value)) return; // a quantizer inserted for an earlier consumer serves this one too
    await this.own.reach([value]);
    const data = this.own.get(value);
    const rank = data[0]!.dims.length;
    const positive = axis < 0 ? axis + rank : axis;
    const users = this.nodes.filter((x, i) => {
      const a = this.assignments[i]!.activations;
      return (
        a !== undefined &&
        printFormat(a) === printFormat(format) &&
        x.activations.some(o => {
          const along = vectorAxis(x, o.reductionAxis);
          return o.value === value && (along < 0 ? along + rank : along) === positive;
        })
      );
    });
    const key = `activation ${index} ${value} ${positive}`;
    let chosen = this.checkpoint?.get<ActivationForm>(key);
    if (chosen === undefined) {
      chosen = await chooseForm(
        ...([this.graph, value, format, data, positive, users] as const),
        ...([this.options, this.softmax.replaced, this.breath] as const),
      );
      this.checkpoint?.put(key, chosen);
    }
    const consumers = users.map(u => this.graph.node(u.node.name)!).filter(n => n.inputs.includes(value));
    this.quantizers.push(
      insertActivationQuantizer(this.graph, { value, axis: positive, rank, ...chosen }, consumers),
    );
  }
}

/** Vectors run along the reduction axis; a depthwise operator reduces over its window, so there along the last axis. */
function vectorAxis(found: QuantizableNode, axis: number): number {
  return found.depthwise && found.kind === 'conv' ? -1 : axis;
}

/** Mean output lost by each channel: W m - V m', with m and m' the mean inputs of the fp32 and of the quantized network. */
function meanShift(
  layer: Layer,
  moments: Moments,
  weight: Float32Array,
  decoded: Float32Array,
): Float64Array {
  const form = layer.rows!;
  const shift = new Float64Array(form.rows);
  const row = new Float32Array(form.features);
  const perGroup = form.rows / form.group;
  for (let k = 0; k < form.rows; k++) {
    const { mean, meanFull } = moments.groups[Math.floor(k / perGroup)]!;
    readRow(form, weight, k, row);
    let sum = 0;
    for (let i = 0; i < form.features; i++)
      sum += row[i]! * meanFull[i]! - decoded[weightIndex(form, k, i)]! * mean[i]!;
    shift[k] = sum;
  }
  return shift;
}
