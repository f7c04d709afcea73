// How a tensor is cut into the sets of elements that share a scale: vectors along the reduction axis, channels, tensor.
// Refuses shapes whose element count does not match the data, and vectors along the channel axis.

import { requireObject } from '../core/arguments.ts';
import { InputError, UsageError } from '../core/errors.ts';
import { type FormatLike, formatOf, printFormat } from './notation.ts';

/** A tensor in row-major order as the codec sees it. */
export interface TensorLayout {
  shape: readonly number[];
  /** Axis of the coarse scale: the output channel of a weight. Undefined: one coarse scale for the tensor. */
  channelAxis?: number | undefined;
  /** Axis vectors run along: input channels of a convolution, inner dimension of a matmul. */
  reductionAxis?: number | undefined;
  /** Named in errors. */
  name?: string | undefined;
}

/** The cut of one tensor under one format. All counts are element counts. */
export interface Geometry {
  count: number;
  /** Product of the dimensions before / at / after the reduction axis. */
  outer: number;
  reduction: number;
  inner: number;
  /** Vector width; `reduction` when the scale is not per vector. */
  width: number;
  /** Vectors along the reduction axis, the last one possibly short: ceil(reduction / width). */
  blocks: number;
  /** Sets of elements sharing the finest scale. */
  groups: number;
  /** Coarse scales of a two-level format: the channels, or 1. */
  channels: number;
  /** channel of flat index x = floor(x / channelStride) % channels. */
  channelStride: number;
  /** Shape of the finest scales (broadcast shape for tensor and channel scaling). */
  scaleShape: number[];
  kind: 'none' | 'tensor' | 'channel' | 'vector';
}

/**
 * The cut of a tensor under a format. A convolution weight [M, C, kH, kW] with channelAxis 0 and reductionAxis 1 has
 * the scale shape [M, ceil(C/V), kH, kW], which is what ONNX blocked DequantizeLinear takes with axis 1.
 * @throws UsageError when the format needs an axis the layout lacks, or vectors run along the channel axis
 * @throws InputError on a shape that is not made of non-negative integers
 */
export function geometry(layout: TensorLayout, format: FormatLike): Geometry {
  requireObject(
    'the layout',
    layout,
    'shape',
    'an object such as { shape: [8, 64], channelAxis: 0, reductionAxis: 1 }',
  );
  const { shape } = layout;
  const count = elementCount(layout);
  const { scaling } = formatOf(format);
  const channelAxis = axis(layout, layout.channelAxis, 'channel');
  const reductionAxis = axis(layout, layout.reductionAxis, 'reduction');
  const channels = channelAxis === undefined ? 1 : shape[channelAxis]!;
  const channelStride =
    channelAxis === undefined ? Math.max(1, count) : product(shape.slice(channelAxis + 1));
  if (scaling.kind === 'vector') {
    if (reductionAxis === undefined) {
      throw new UsageError(`${printFormat(format)} needs the reduction axis of ${label(layout)}`, {
        expected: 'a layout with reductionAxis',
      });
    }
    if (reductionAxis === channelAxis) {
      throw new UsageError(`${label(layout)}: vectors cannot run along the channel axis`, {
        expected: 'reductionAxis different from channelAxis',
      });
    }
    const reduction = shape[reductionAxis]!;
    const outer = product(shape.slice(0, reductionAxis));
    const inner = product(shape.slice(reductionAxis + 1));
    const width = scaling.width;
    const blocks = Math.ceil(reduction / width);
    const scaleShape = shape.map((d, i) => (i === reductionAxis ? blocks : d));
    const groups = outer * blocks * inner;
    return {
      count,
      outer,
      reduction,
      inner,
      width,
      blocks,
      groups,
      channels,
      channelStride,
      scaleShape,
      kind: 'vector',
    };
  }
  const perChannel = scaling.kind === 'channel';
  if (perChannel && channelAxis === undefined) {
    throw new UsageError(`${printFormat(format)} needs the channel axis of ${label(layout)}`, {
      expected: 'a layout with channelAxis',
    });
  }
  const groups = scaling.kind === 'none' ? 0 : perChannel ? channels : 1;
  return {
    count,
    outer: perChannel ? count / Math.max(1, channels * channelStride) : 1,
    reduction: perChannel ? channelStride : count,
    inner: 1,
    width: perChannel ? channelStride : count,
    blocks: 1,
    groups,
    channels: perChannel ? channels : 1,
    channelStride: perChannel ? channelStride : Math.max(1, count),
    scaleShape: perChannel ? shape.map((d, i) => (i === channelAxis ? d : 1)) : [],
    kind: scaling.kind,
  };
}

/** Called with a strided run of elements that share a scale: flat indices start, start+step, … (length of them). */
export type RunVisitor = (
  start: number,
  step: number,
  length: number,
  group: number,
  channel: number,
) => void;

/** Visits every element once, in runs; groups of several runs (channels not outermost) come up more than once. */
export function forEachRun(g: Geometry, visit: RunVisitor): void {
  if (g.count === 0) return;
  if (g.kind === 'none' || g.kind === 'tensor') {
    visit(0, 1, g.count, 0, 0);
    return;
  }
  if (g.kind === 'channel') {
    let start = 0;
    for (let o = 0; o < g.outer; o++) {
      for (let c = 0; c < g.channels; c++, start += g.channelStride) visit(start, 1, g.channelStride, c, c);
    }
    return;
  }
  let group = 0;
  for (let o = 0; o < g.outer; o++) {
    for (let b = 0; b < g.blocks; b++) {
      const length = Math.min(g.width, g.reduction - b * g.width);
      const base = (o * g.reduction + b * g.width) * g.inner;
      for (let i = 0; i < g.inner; i++, group++) {
        const start = base + i;
        visit(start, g.inner, length, group, Math.floor(start / g.channelStride) % g.channels);
      }
    }
  }
}

/** Calls with the values of each group gathered in order (a copy that is reused, or a view). */
export function forEachGroup(
  data: Float32Array,
  g: Geometry,
  visit: (values: Float32Array, group: number, channel: number) => void,
): void {
  if (g.count === 0) return;
  if (g.kind === 'none' || g.kind === 'tensor') {
    visit(data, 0, 0);
    return;
  }
  if (g.kind === 'channel') {
    const values = new Float32Array(g.outer * g.channelStride);
    for (let c = 0; c < g.channels; c++) {
      for (let o = 0; o < g.outer; o++) {
        const start = (o * g.channels + c) * g.channelStride;
        values.set(data.subarray(start, start + g.channelStride), o * g.channelStride);
      }
      visit(values, c, c);
    }
    return;
  }
  const buffer = new Float32Array(Math.min(g.width, g.reduction));
  forEachRun(g, (start, step, length, group, channel) => {
    for (let j = 0, p = start; j < length; j++, p += step) buffer[j] = data[p]!;
    visit(buffer.subarray(0, length), group, channel);
  });
}

/** Channel of each vector. */
export function vectorChannels(g: Geometry): Uint32Array {
  const channels = new Uint32Array(g.groups);
  const row = g.reduction * g.inner;
  if (g.kind === 'vector' && row > 0 && g.channelStride % row === 0) {
    const perRow = g.blocks * g.inner;
    for (let o = 0; o < g.outer; o++) {
      channels.fill(Math.floor((o * row) / g.channelStride) % g.channels, o * perRow, (o + 1) * perRow);
    }
    return channels;
  }
  forEachRun(g, (_start, _step, _length, group, channel) => {
    channels[group] = channel;
  });
  return channels;
}

/** Number of elements of a shape. @throws InputError when a dimension is not a non-negative integer */
export function elementCount(layout: TensorLayout): number {
  for (const d of layout.shape) {
    if (!Number.isSafeInteger(d) || d < 0) {
      throw new InputError(`${label(layout)} has a dimension ${d}`, { expected: 'non-negative integers' });
    }
  }
  const count = product(layout.shape);
  if (!Number.isSafeInteger(count)) throw new InputError(`${label(layout)} has too many elements`);
  return count;
}

/** How errors name the tensor. */
export function label(layout: TensorLayout): string {
  return layout.name === undefined ? `tensor [${layout.shape.join(', ')}]` : `tensor '${layout.name}'`;
}

function axis(layout: TensorLayout, value: number | undefined, what: string): number | undefined {
  if (value === undefined) return undefined;
  const rank = layout.shape.length;
  const positive = value < 0 ? value + rank : value;
  if (!Number.isInteger(value) || positive < 0 || positive >= rank) {
    throw new UsageError(`${label(layout)}: ${what} axis ${value} is outside its rank`, {
      expected: `-${rank} to ${rank - 1}`,
    });
  }
  return positive;
}

function product(dims: readonly number[]): number {
  let p = 1;
  for (const d of dims) p *= d;
  return p;
}
