// Cross-layer equalization (Nagel et al. 2019, section 4.1): where nothing but positive-homogeneous operators stands between
// two weighted ones, a factor moves from each output channel of the first to the same input channel of the second, so that
// both have equal ranges. Factors are powers of two, so the network's outputs keep every bit.
// Refuses paths whose operators are not homogeneous (HardSwish, Sigmoid, Clip...) or branch: `left` says why.

import { float32Tensor, type Graph, type QuantizableNode, quantizable, toFloat32 } from '../model/index.ts';

export interface EqualizedPair {
  first: string;
  second: string;
  channels: number;
  /** Channels whose factor is not 1, and the largest factor either way, in octaves. */
  moved: number;
  octaves: number;
}

export interface EqualizeStatistics {
  pairs: EqualizedPair[];
  /** Weighted operators whose output cannot be scaled, with the reason. */
  left: { node: string; reason: string }[];
}

export interface EqualizeOptions {
  /** Passes over all pairs, 1..100; factors of a chain settle after a few. Default 10. */
  passes?: number | undefined;
}

/** Operators with f(s x) = s f(x) for s > 0, channel by channel. */
const homogeneous = new Set([
  ...['Relu', 'LeakyRelu', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool'],
  ...['Identity', 'Dropout'],
]);

/** Equalizes in place. Weights shared by several operators are left. */
export function equalize(graph: Graph, options: EqualizeOptions = {}): EqualizeStatistics {
  const { passes = 10 } = options;
  const { nodes } = quantizable(graph);
  const byName = new Map(nodes.map(n => [n.node.name, n]));
  const statistics: EqualizeStatistics = { pairs: [], left: [] };
  const links: { first: QuantizableNode; second: QuantizableNode; factors: Float64Array }[] = [];
  for (const first of nodes) {
    if (first.weight === undefined) continue;
    const second = partner(graph, first, byName);
    if (typeof second === 'string') statistics.left.push({ node: first.node.name, reason: second });
    else links.push({ first, second, factors: new Float64Array(channelsOf(first)).fill(1) });
  }
  for (let pass = 0; pass < passes; pass++) {
    let changed = false;
    for (const link of links) changed = step(graph, link.first, link.second, link.factors) || changed;
    if (!changed) break;
  }
  for (const { first, second, factors } of links) {
    const octaves = [...factors].map(x => Math.abs(Math.log2(x)));
    statistics.pairs.push({
      ...{ first: first.node.name, second: second.node.name, channels: factors.length },
      ...{ moved: octaves.filter(o => o > 0).length, octaves: Math.max(0, ...octaves) },
    });
  }
  return statistics;
}

function channelsOf(found: QuantizableNode): number {
  return found.weight!.shape[found.weight!.channelAxis]!;
}

/** The weighted operator whose input channels are this one's outputs, or why there is none. */
function partner(
  graph: Graph,
  first: QuantizableNode,
  byName: ReadonlyMap<string, QuantizableNode>,
): QuantizableNode | string {
  if (first.kind !== 'conv' && first.kind !== 'gemm') return `${first.node.op} outputs are not scaled`;
  const unusual = unscalable(graph, first);
  if (unusual !== undefined) return unusual;
  let value = first.node.outputs[0]!;
  let flattened = first.kind === 'gemm';
  let pooled = flattened;
  for (;;) {
    if (graph.isOutput(value)) return 'its values are an output of the network';
    const users = graph.consumers(value);
    if (users.length !== 1) return `its values go to ${users.length} operators`;
    const user = users[0]!;
    const second = byName.get(user.name);
    if (second !== undefined) {
      if (second.weight === undefined || user.inputs[0] !== value)
        return `it meets another activation in ${user.op}`;
      const dense = second.kind === 'conv' && second.group === 1 && !flattened;
      const each = second.depthwise && second.weight.shape[1] === 1 && second.group === channelsOf(second);
      const matrix = second.kind === 'gemm' && flattened;
      if (!dense && !(each && !flattened) && !matrix)
        return `${user.op} '${user.name}' mixes channels in groups`;
      const inputs = each ? channelsOf(second) : second.weight.shape[second.weight.reductionAxis]!;
      if (inputs !== channelsOf(first)) return `${user.op} '${user.name}' sees several features of a channel`;
      return matrix ? (unscalable(graph, second) ?? second) : shared(graph, second) ? sharedReason : second;
    }
    if (user.domain === '' && homogeneous.has(user.op)) {
      if (user.op.startsWith('Global')) pooled = true;
    } else if (user.is('Flatten') && pooled && user.int('axis', 1) === 1) flattened = true;
    else if (user.is('Flatten') || user.is('Reshape')) return `${user.op} '${user.name}' rearranges channels`;
    else return `${user.op} '${user.name}' is not positive-homogeneous`;
    value = user.outputs[0]!;
  }
}

const sharedReason = 'its weight is shared';

function shared(graph: Graph, found: QuantizableNode): boolean {
  return (
    graph.consumers(found.weight!.name).length !== 1 || graph.constant(found.weight!.name)?.type !== 'float32'
  );
}

/** Why rows (and bias) of an operator cannot be scaled in place. */
function unscalable(graph: Graph, found: QuantizableNode): string | undefined {
  if (shared(graph, found)) return sharedReason;
  if (found.kind === 'gemm' && (found.node.int('transA', 0) !== 0 || found.weight!.input !== 1))
    return 'its operands are turned';
  const bias = found.node.inputs[2];
  if (!bias) return undefined;
  const constant = graph.constant(bias);
  const fits = constant?.type === 'float32' && constant.data.length === channelsOf(found);
  return fits && graph.consumers(bias).length === 1 ? undefined : 'its bias is not one constant per channel';
}

/** One update of a pair. @returns whether any factor changed */
function step(graph: Graph, first: QuantizableNode, second: QuantizableNode, factors: Float64Array): boolean {
  const rows = read(graph, first.weight!.name);
  const columns = read(graph, second.weight!.name);
  const out = (found: QuantizableNode, index: number): number =>
    along(found.weight!.shape, found.weight!.channelAxis, index);
  const into = (index: number): number =>
    second.depthwise ? out(second, index) : along(second.weight!.shape, second.weight!.reductionAxis, index);
  const ranges = (data: Float32Array, channel: (i: number) => number): Float64Array => {
    const r = new Float64Array(factors.length);
    for (let i = 0; i < data.length; i++) {
      const c = channel(i);
      r[c] = Math.max(r[c]!, Math.abs(data[i]!));
    }
    return r;
  };
  const r1 = ranges(rows, i => out(first, i));
  const r2 = ranges(columns, into);
  const by = Float64Array.from(r1, (a, c) => {
    const b = r2[c]!;
    return a > 1e-12 && b > 1e-12 ? 2 ** Math.round(Math.max(-24, Math.min(24, Math.log2(b / a) / 2))) : 1;
  });
  if (by.every(x => x === 1)) return false;
  for (let i = 0; i < rows.length; i++) rows[i]! *= by[out(first, i)]!;
  for (let i = 0; i < columns.length; i++) columns[i]! /= by[into(i)]!;
  write(graph, first.weight!.name, rows);
  write(graph, second.weight!.name, columns);
  const bias = first.node.inputs[2];
  if (bias) {
    const values = read(graph, bias);
    for (let c = 0; c < values.length; c++) values[c]! *= by[c]!;
    write(graph, bias, values);
  }
  for (let c = 0; c < by.length; c++) factors[c]! *= by[c]!;
  return true;
}

/** Coordinate along an axis of the element at a flat index. */
function along(shape: readonly number[], axis: number, index: number): number {
  let inner = 1;
  for (let a = shape.length - 1; a > axis; a--) inner *= shape[a]!;
  return Math.floor(index / inner) % shape[axis]!;
}

function read(graph: Graph, name: string): Float32Array {
  return toFloat32(graph.constant(name)!).slice();
}

function write(graph: Graph, name: string, values: Float32Array): void {
  graph.setConstant(name, float32Tensor(graph.constant(name)!.dims, values));
}
