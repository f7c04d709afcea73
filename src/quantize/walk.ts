// The walk of the quantizer over a network in execution order: runs both copies up to an operator, chooses how its activations
// are rounded, fits its weight, moves its bias, changes the graph. What it has worked out goes into the checkpoint, if there is one.
// Refuses nothing itself: the steps it takes do.

import { AbortedError } from '../core/errors.ts';
import {
  decode,
  encode,
  type Format,
  printFormat,
  type Quantized,
  sqnr,
  storageBits,
} from '../format/index.ts';
import { float32Tensor, type Graph, type QuantizableNode, requireFinite, toFloat32 } from '../model/index.ts';
import { type ActivationForm, chooseForm } from './activation-form.ts';
import { type ActivationQuantizer, insertActivationQuantizer } from './activations.ts';
import type { Assignment } from './assign.ts';
import { shiftBias } from './bias.ts';
import { type Breath, breathe } from './breath.ts';
import type { Checkpoint, RunKey } from './checkpoint.ts';
import { canCompensate, compensate } from './compensate.ts';
import type { InputBatch } from './input-batch.ts';
import { type Layer, layerOf, readRow, weightIndex } from './layers.ts';
import { gatherMoments, type Moments } from './moments.ts';
import type { ResolvedOptions } from './options.ts';
import type { Calibration, LayerStatistics, QuantizeContext, QuantizedWeight } from './quantize.ts';
import { SoftmaxWalk } from './softmax/walk.ts';
import { Stepper } from './stepper.ts';

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

/** One walk over a network: both copies of it, what was chosen for each operator so far. */
export class Walk {
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
    const maxBytes = (context.maxBytes ?? 32 * 2 ** 20) / 2;
    const stepping = { threads: context.threads, signal: context.signal, maxBytes };
    this.full = new Stepper(source, stepping);
    this.own = new Stepper(graph, stepping);
    this.softmax = new SoftmaxWalk(graph, this.own, options.softmax);
  }

  /** Takes in the calibration data. @returns the number of batches */
  async feed(calibration: Calibration, key: RunKey | undefined): Promise<number> {
    for await (const feeds of calibration) {
      if (this.signal?.aborted === true) throw new AbortedError('stopped');
      for (const [name, { data }] of Object.entries(feeds)) {
        requireFinite(`calibration input '${name}'`, data, this.graph.file);
      }
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
        : await gatherMoments(layer.rows!, inputs.actual, inputs.original, limit, breath, {
            ...{ file: this.graph.file, node: layer.found.node.name },
          });
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
