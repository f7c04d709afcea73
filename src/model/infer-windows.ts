// Output shapes of operators with windows: convolutions and pooling, with explicit padding and the automatic kinds.
// Refuses nothing: what is not known stays null.

import type { Dimension } from './graph-types.ts';
import type { StaticShape } from './infer.ts';
import type { GraphNode } from './node.ts';

interface Window {
  kernel: readonly Dimension[];
  strides: readonly number[];
  dilations: readonly number[];
  pads: readonly number[];
  auto: string;
  ceil: boolean;
}

function windowOf(node: GraphNode, kernel: readonly Dimension[]): Window {
  const axes = kernel.length;
  return {
    kernel,
    strides: node.ints('strides') ?? new Array<number>(axes).fill(1),
    dilations: node.ints('dilations') ?? new Array<number>(axes).fill(1),
    pads: node.ints('pads') ?? new Array<number>(2 * axes).fill(0),
    auto: node.string('auto_pad', 'NOTSET'),
    ceil: node.int('ceil_mode', 0) !== 0,
  };
}

function along(d: Dimension, w: Window, i: number): Dimension {
  const k = w.kernel[i];
  const stride = w.strides[i]!;
  if (w.auto.startsWith('SAME') && stride === 1) return d;
  if (typeof d !== 'number' || typeof k !== 'number') {
    // a window that moves by one and is padded to its own reach leaves the dimension as it is
    const reach = typeof k === 'number' ? w.dilations[i]! * (k - 1) : -1;
    const unchanged =
      stride === 1 && w.auto === 'NOTSET' && w.pads[i]! + w.pads[i + w.kernel.length]! === reach;
    return unchanged ? d : null;
  }
  if (w.auto.startsWith('SAME')) return Math.ceil(d / stride);
  const pads = w.auto === 'VALID' ? 0 : w.pads[i]! + w.pads[i + w.kernel.length]!;
  const span = d + pads - w.dilations[i]! * (k - 1) - 1;
  let size = Math.floor(span / stride) + 1;
  if (w.ceil) {
    size = Math.ceil(span / stride) + 1;
    // a last window that would start in the padding after the data is dropped
    if ((size - 1) * stride >= d + (w.auto === 'VALID' ? 0 : w.pads[i]!)) size--;
  }
  return Math.max(0, size);
}

function spatial(
  node: GraphNode,
  input: StaticShape,
  channels: Dimension,
  kernel: readonly Dimension[],
): StaticShape {
  const w = windowOf(node, kernel);
  return [input[0] ?? null, channels, ...input.slice(2).map((d, i) => along(d, w, i))];
}

export function convolution(
  node: GraphNode,
  input: StaticShape | undefined,
  weight: StaticShape | undefined,
): StaticShape | undefined {
  const rank = input?.length ?? weight?.length;
  if (rank === undefined) return undefined;
  const kernel = node.ints('kernel_shape') ?? weight?.slice(2) ?? new Array<Dimension>(rank - 2).fill(null);
  return spatial(node, input ?? new Array<Dimension>(rank).fill(null), weight?.[0] ?? null, kernel);
}

export function pooling(node: GraphNode, input: StaticShape | undefined): StaticShape | undefined {
  const kernel = node.ints('kernel_shape');
  if (input === undefined || kernel === undefined) return undefined;
  return spatial(node, input, input[1] ?? null, kernel);
}

export function transposedConvolution(
  node: GraphNode,
  input: StaticShape | undefined,
  weight: StaticShape | undefined,
): StaticShape | undefined {
  if (input === undefined) return undefined;
  const kernel = node.ints('kernel_shape') ?? weight?.slice(2);
  const perGroup = weight?.[1] ?? null;
  const channels = typeof perGroup === 'number' ? perGroup * node.int('group', 1) : null;
  const given = node.ints('output_shape');
  const extra = node.ints('output_padding');
  const size = input.slice(2).map((d, i): Dimension => {
    if (given !== undefined) return given[given.length === input.length ? i + 2 : i] ?? null;
    const k = kernel?.[i];
    if (typeof d !== 'number' || typeof k !== 'number' || kernel === undefined) return null;
    const w = windowOf(node, kernel);
    if (w.auto.startsWith('SAME')) return d * w.strides[i]!;
    const pads = w.auto === 'VALID' ? 0 : w.pads[i]! + w.pads[i + kernel.length]!;
    return w.strides[i]! * (d - 1) + (extra?.[i] ?? 0) + w.dilations[i]! * (k - 1) + 1 - pads;
  });
  return [input[0] ?? null, channels, ...size];
}
