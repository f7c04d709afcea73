// Folds per-channel scale and shift that follow a linear operator into its weights and bias: BatchNormalization, and
// Mul, Div, Add, Sub by constants. Computed in double precision, rounded once to float32.
// Refuses where the value between the two is used elsewhere, is an output, or where the constant is not per channel.

import type { Graph } from '../graph.ts';
import type { GraphNode } from '../node.ts';
import { elementCount, float32Tensor, type Tensor } from '../tensor.ts';
import { did, newStatistics, type PassStatistics } from './statistics.ts';

/** y = scale * x + shift on each output channel; undefined means 1 or 0. */
interface Affine {
  scale: Float64Array | undefined;
  shift: Float64Array | undefined;
}

interface Linear {
  node: GraphNode;
  weight: Tensor;
  channels: number;
  /** Axis of the channels in the output and its rank; rank is undefined where any works (MatMul). */
  axis: number;
  rank: number | undefined;
}

/**
 * Folds until nothing is left to fold, so chains (Conv, BatchNormalization, Mul, Add) go into one operator.
 * Weights that other nodes share get a copy.
 */
export function foldAffine(graph: Graph): PassStatistics {
  const statistics = newStatistics('foldAffine');
  for (const first of graph.order()) {
    if (!graph.nodes.has(first)) continue;
    let linear = linearOf(graph, first);
    while (linear !== undefined) {
      const output = linear.node.outputs[0]!;
      const users = graph.consumers(output);
      if (users.length !== 1) break;
      const user = users[0]!;
      const affine = affineOf(graph, user, output, linear);
      if (affine === undefined) break;
      const reason =
        typeof affine === 'string'
          ? affine
          : graph.isOutput(output)
            ? 'the value before it is a graph output'
            : cannotShift(graph, linear, affine);
      if (reason !== undefined) {
        statistics.left.push({ node: user.name, reason });
        break;
      }
      linear = apply(graph, linear, user, affine as Affine);
      did(statistics, `${user.op} into ${linear.node.op}`);
    }
  }
  for (const node of graph.order()) {
    if (node.is('BatchNormalization') && !statistics.left.some(x => x.node === node.name)) {
      const maker = graph.producer(node.inputs[0]!);
      const reason =
        maker === undefined || linearOf(graph, maker) === undefined
          ? `it follows ${maker?.op ?? 'an input'}, not an operator with constant weights`
          : 'the value before it has other users';
      statistics.left.push({ node: node.name, reason });
    }
  }
  graph.removeUnused();
  return statistics;
}

function linearOf(graph: Graph, node: GraphNode): Linear | undefined {
  if (node.domain !== '' || node.outputs.length !== 1) return undefined;
  const weight = graph.constant(node.inputs[1]);
  if (weight === undefined || weight.type !== 'float32') return undefined;
  const rank = weight.dims.length;
  const group = node.int('group', 1);
  if (group < 1 || weight.dims[0]! % group !== 0) return undefined;
  if (node.op === 'Conv' && rank >= 3) return { node, weight, channels: weight.dims[0]!, axis: 1, rank };
  if (node.op === 'ConvTranspose' && rank >= 3) {
    return { node, weight, channels: weight.dims[1]! * group, axis: 1, rank };
  }
  if (node.op === 'MatMul' && rank === 2)
    return { node, weight, channels: weight.dims[1]!, axis: -1, rank: undefined };
  if (node.op === 'Gemm' && rank === 2) {
    return { node, weight, channels: weight.dims[node.int('transB', 0) ? 0 : 1]!, axis: 1, rank: 2 };
  }
  return undefined;
}

/** The affine map a user applies; undefined when it is another operator, a string when it is one but cannot fold. */
function affineOf(graph: Graph, user: GraphNode, value: string, linear: Linear): Affine | string | undefined {
  if (user.domain !== '' || user.captures.includes(value)) return undefined;
  if (user.op === 'BatchNormalization') return batchNormalization(graph, user, value, linear);
  if (!['Mul', 'Add', 'Sub', 'Div'].includes(user.op)) return undefined;
  if (user.inputs[0] === user.inputs[1]) return undefined;
  const second = user.inputs[0] === value;
  const operand = graph.constant(user.inputs[second ? 1 : 0]);
  if (operand === undefined) return undefined;
  if (operand.type !== 'float32') return `its constant is ${operand.type}`;
  const values = perChannel(operand, linear, graph.shapeOf(value)?.length);
  if (values === undefined) return `its constant [${operand.dims.join(',')}] is not one value per channel`;
  const none = { scale: undefined, shift: undefined };
  switch (user.op) {
    case 'Mul':
      return { ...none, scale: values };
    case 'Div':
      return second ? { ...none, scale: values.map(x => 1 / x) } : 'it divides a constant by the value';
    case 'Add':
      return { ...none, shift: values };
    default:
      return second
        ? { ...none, shift: values.map(x => -x) }
        : { scale: new Float64Array(linear.channels).fill(-1), shift: values };
  }
}

function batchNormalization(graph: Graph, user: GraphNode, value: string, linear: Linear): Affine | string {
  if (user.inputs[0] !== value) return 'its parameters are computed';
  if (user.outputs.slice(1).some(x => x !== '') || user.int('training_mode', 0) !== 0)
    return 'it is in training mode';
  if (user.int('spatial', 1) === 0) return 'it is not spatial';
  if (linear.rank === undefined) {
    const rank = graph.shapeOf(value)?.length;
    if (rank !== 2)
      return rank === undefined ? 'the rank before it is not known' : 'its channel is not the last axis';
  }
  const parameters = user.inputs.slice(1, 5).map(x => graph.constant(x));
  const [gamma, beta, mean, variance] = parameters.map(x =>
    x?.type === 'float32' && x.data.length === linear.channels ? (x.data as Float32Array) : undefined,
  );
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) {
    return 'its parameters are not float32 constants of the channel count';
  }
  const epsilon = user.float('epsilon', 1e-5);
  const scale = new Float64Array(linear.channels);
  const shift = new Float64Array(linear.channels);
  for (let i = 0; i < scale.length; i++) {
    scale[i] = gamma[i]! / Math.sqrt(variance[i]! + epsilon);
    shift[i] = beta[i]! - mean[i]! * scale[i]!;
  }
  return { scale, shift };
}

/** One value per channel if the constant broadcasts so without widening the output; else undefined. */
function perChannel(
  constant: Tensor,
  linear: Linear,
  knownRank: number | undefined,
): Float64Array | undefined {
  const { dims } = constant;
  const rank = linear.rank ?? knownRank;
  if (dims.length > (rank ?? 1)) return undefined;
  // Position of the channel axis counted from the last dimension.
  const fromEnd = linear.axis < 0 ? 0 : rank! - 1 - linear.axis;
  for (let i = 0; i < dims.length; i++) {
    if (dims[i] !== 1 && dims.length - 1 - i !== fromEnd) return undefined;
  }
  const data = constant.data as Float32Array;
  if (data.length === 1) return new Float64Array(linear.channels).fill(data[0]!);
  return data.length === linear.channels ? Float64Array.from(data) : undefined;
}

function cannotShift(graph: Graph, linear: Linear, affine: Affine): string | undefined {
  const finite = (x: Float64Array | undefined): boolean => x?.every(v => Number.isFinite(v)) !== false;
  if (!finite(affine.scale) || !finite(affine.shift)) return 'its values are not finite';
  if (linear.node.op === 'MatMul' && affine.shift !== undefined) return 'MatMul has no bias';
  const biasName = linear.node.op === 'MatMul' ? undefined : linear.node.inputs[2];
  if (biasName) {
    const bias = graph.constant(biasName);
    const fits = bias?.type === 'float32' && (bias.data.length === 1 || isRow(bias, linear.channels));
    if (!fits) return 'the bias before it is not one constant per channel';
  }
  return undefined;
}

/** All the elements lie along the last axis. */
function isRow({ dims, data }: Tensor, length: number): boolean {
  return data.length === length && dims.at(-1) === length;
}

function apply(graph: Graph, linear: Linear, user: GraphNode, affine: Affine): Linear {
  const { node, channels } = linear;
  let { weight } = linear;
  const inputs = [...node.inputs];
  const attributes = Object.fromEntries(node.attributes);
  if (affine.scale !== undefined) {
    weight = scaled(linear, affine.scale);
    inputs[1] = place(graph, node, inputs[1]!, weight);
  }
  if (node.op !== 'MatMul') {
    const beta = node.op === 'Gemm' ? node.float('beta', 1) : 1;
    const old = inputs[2] ? graph.constant(inputs[2]) : undefined;
    const bias = new Float32Array(channels);
    for (let i = 0; i < channels; i++) {
      const before = old === undefined ? 0 : Number(old.data[old.data.length === 1 ? 0 : i]) * beta;
      bias[i] = before * (affine.scale?.[i] ?? 1) + (affine.shift?.[i] ?? 0);
    }
    if (old !== undefined || affine.shift !== undefined) {
      delete attributes['beta'];
      const tensor = float32Tensor([channels], bias);
      inputs[2] =
        old === undefined
          ? graph.addConstant(`${node.name}_bias`, tensor)
          : place(graph, node, inputs[2]!, tensor);
    }
  }
  const output = user.outputs[0]!;
  const before = node.outputs[0]!;
  graph.removeNode(user);
  const next = graph.replaceNode(node, { inputs, outputs: [output], attributes });
  graph.types.delete(before);
  return { ...linear, node: next, weight };
}

/** Replaces a constant if this node alone uses it, else adds a copy. */
function place(graph: Graph, node: GraphNode, name: string, tensor: Tensor): string {
  const users = graph.consumers(name);
  const alone =
    users.length === 1 &&
    users[0] === node &&
    node.inputs.filter(x => x === name).length === 1 &&
    !graph.isOutput(name) &&
    !graph.isCaptured(name);
  if (!alone) return graph.addConstant(`${name}_folded`, tensor);
  graph.setConstant(name, tensor);
  return name;
}

function scaled({ node, weight, channels }: Linear, scale: Float64Array): Tensor {
  const source = weight.data as Float32Array;
  const out = new Float32Array(source.length);
  const group = node.op === 'ConvTranspose' ? node.int('group', 1) : 1;
  const perGroup = channels / group;
  const channelFirst = node.op === 'Conv' || (node.op === 'Gemm' && node.int('transB', 0) !== 0);
  if (channelFirst) {
    const inner = source.length / channels;
    for (let i = 0; i < source.length; i++) out[i] = source[i]! * scale[Math.floor(i / inner)]!;
  } else {
    const inner = elementCount(weight.dims.slice(2));
    const rows = weight.dims[0]!;
    const rowsPerGroup = rows / group;
    for (let r = 0; r < rows; r++) {
      const base = Math.floor(r / rowsPerGroup) * perGroup;
      for (let j = 0; j < perGroup; j++) {
        const s = scale[base + j]!;
        const start = (r * perGroup + j) * inner;
        for (let k = start; k < start + inner; k++) out[k] = source[k]! * s;
      }
    }
  }
  return float32Tensor(weight.dims, out);
}
