// A quantizable operator as a set of dot products: K rows of R features, and where code and scale of each lie.
// Features of a convolution run over (r, s, channel), so that vectors are contiguous. Refuses what has no such form
// (transposed convolutions, batched weights, automatic padding): those are rounded without compensation.

import { type Format, geometry, type TensorLayout } from '../format/index.ts';
import type { Graph, QuantizableNode } from '../model/index.ts';

export interface ConvWindow {
  kernel: readonly [number, number];
  strides: readonly [number, number];
  dilations: readonly [number, number];
  /** top, left, bottom, right */
  pads: readonly [number, number, number, number];
}

export interface Layer {
  found: QuantizableNode;
  /** Name of the weight constant. */
  weight: string;
  /**
   * How the codec sees the weight. Depthwise weights [M,1,kH,kW] are seen as [M, kH*kW]: vectors run along the window. A vector
   * [K] is seen as the one column [K, 1] that it is in a product.
   */
  layout: TensorLayout;
  /** Undefined when the operator cannot be compensated. */
  rows: RowForm | undefined;
}

export interface RowForm {
  kind: 'conv' | 'matrix';
  /** Rows, and rows of one group. */
  rows: number;
  group: number;
  /** Input channels of one group, features of a row. */
  channels: number;
  features: number;
  /** Taps of the window (1 for matrices). */
  taps: number;
  window: ConvWindow | undefined;
  /** Flat index of (row, feature) = row * rowStride + channel * channelStride + tap * tapStride. */
  rowStride: number;
  channelStride: number;
  tapStride: number;
}

/** The layer of an operator with constant weights. */
export function layerOf(graph: Graph, found: QuantizableNode): Layer {
  const w = found.weight!;
  const [first = 1, second = 1, ...kernel] = w.shape;
  const taps = kernel.reduce((a, b) => a * b, 1);
  const perWindow = found.kind === 'conv' && second === 1 && taps > 1;
  const layout: TensorLayout = perWindow
    ? { shape: [first, taps], channelAxis: 0, reductionAxis: 1, name: w.name }
    : w.shape.length === 1
      ? { shape: [first, 1], channelAxis: 1, reductionAxis: 0, name: w.name }
      : { shape: w.shape, channelAxis: w.channelAxis, reductionAxis: w.reductionAxis, name: w.name };
  return { found, weight: w.name, layout, rows: rowForm(graph, found) };
}

function rowForm(graph: Graph, found: QuantizableNode): RowForm | undefined {
  const { node, kind } = found;
  const { shape, input, channelAxis, reductionAxis } = found.weight!;
  if (kind === 'matmul' || kind === 'gemm') {
    if (shape.length !== 2 || input !== 1 || node.int('transA', 0) !== 0) return undefined;
    if (node.float('alpha', 1) !== 1) return undefined;
    const channels = shape[reductionAxis]!;
    const rows = shape[channelAxis]!;
    return {
      ...{ kind: 'matrix', rows, group: 1, channels, features: channels, taps: 1, window: undefined },
      rowStride: channelAxis === 0 ? shape[1]! : 1,
      channelStride: reductionAxis === 0 ? shape[1]! : 1,
      tapStride: 0,
    };
  }
  if (kind !== 'conv' || shape.length > 4) return undefined;
  const auto = node.string('auto_pad', 'NOTSET');
  if (auto !== 'NOTSET' && auto !== 'VALID') return undefined;
  const flat = shape.length === 3;
  const two = (list: number[] | undefined, fallback: number): readonly [number, number] =>
    flat ? [fallback, list?.[0] ?? fallback] : [list?.[0] ?? fallback, list?.[1] ?? fallback];
  const p = auto === 'VALID' ? undefined : node.ints('pads');
  const rank = graph.shapeOf(node.inputs[0]!)?.length;
  if (rank !== undefined && rank !== shape.length) return undefined;
  const kernel: readonly [number, number] = flat ? [1, shape[2]!] : [shape[2]!, shape[3]!];
  const taps = kernel[0] * kernel[1];
  const channels = shape[1]!;
  return {
    ...{ kind: 'conv', rows: shape[0]!, group: found.group, channels, features: channels * taps, taps },
    window: {
      kernel,
      strides: two(node.ints('strides'), 1),
      dilations: two(node.ints('dilations'), 1),
      pads: flat ? [0, p?.[0] ?? 0, 0, p?.[1] ?? 0] : [p?.[0] ?? 0, p?.[1] ?? 0, p?.[2] ?? 0, p?.[3] ?? 0],
    },
    rowStride: channels * taps,
    channelStride: taps,
    tapStride: 1,
  };
}

/** Weight of one row, features in (tap, channel) order. */
export function readRow(form: RowForm, weight: Float32Array, row: number, out: Float32Array): void {
  let f = 0;
  for (let tap = 0; tap < form.taps; tap++) {
    let at = row * form.rowStride + tap * form.tapStride;
    for (let c = 0; c < form.channels; c++, at += form.channelStride) out[f++] = weight[at]!;
  }
}

/** Flat weight index of a feature of a row. */
export function weightIndex(form: RowForm, row: number, feature: number): number {
  const tap = Math.floor(feature / form.channels);
  return row * form.rowStride + (feature - tap * form.channels) * form.channelStride + tap * form.tapStride;
}

export interface VectorForm {
  /** Starts of the vectors in feature order, and the end. */
  bounds: Int32Array;
  /** Place of (row, vector) among the format's scales (`geometry(...).scaleShape` order). */
  scaleIndex(row: number, vector: number): number;
}

/** The vectors of a row under a format; tensor and channel scaling are cut into runs of 16 that share one scale. */
export function vectorForm(layer: Layer, format: Format): VectorForm {
  const form = layer.rows!;
  const { scaling } = format;
  const along = form.channels === 1 ? form.features : form.channels;
  const width = scaling.kind === 'vector' ? Math.min(scaling.width, along) : 16;
  const blocks = Math.ceil(along / width);
  const runs = form.features / along;
  const bounds = new Int32Array(runs * blocks + 1);
  for (let run = 0; run < runs; run++) {
    for (let b = 0; b < blocks; b++) bounds[run * blocks + b] = run * along + b * width;
  }
  bounds[runs * blocks] = form.features;
  const g = scaling.kind === 'vector' ? geometry(layer.layout, format) : undefined;
  const scaleIndex = (row: number, vector: number): number => {
    if (scaling.kind === 'tensor') return 0;
    if (g === undefined) return row;
    const run = Math.floor(vector / blocks);
    const block = vector - run * blocks;
    // scale shape: the reduction axis replaced by its blocks
    if (form.kind === 'matrix') return form.rowStride === 1 ? block * form.rows + row : row * blocks + block;
    return (row * blocks + block) * runs + run;
  };
  return { bounds, scaleIndex };
}
