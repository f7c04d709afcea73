// Which operators have operands that a quantizer may put into another format, and why the others have not.
// Refuses to choose formats: it only says where weights and activations stand and along which axis they are reduced.

import type { Graph } from './graph.ts';
import { requireGraph } from './graph.ts';
import type { Dimension } from './graph-types.ts';
import { inferShapes } from './infer.ts';
import type { GraphNode } from './node.ts';
import { elementCount } from './tensor.ts';

export type QuantizableKind = 'conv' | 'convTranspose' | 'matmul' | 'gemm';

export interface WeightLayout {
  /** Name of the constant. */
  name: string;
  shape: readonly number[];
  /** Axis of the output channels: 0 for Conv [M,C/g,kH,kW]; 1 for ConvTranspose [C,M/g,kH,kW]; last for MatMul [K,N]. */
  channelAxis: number;
  /** Axis summed over, along which vectors run. */
  reductionAxis: number;
}

export interface QuantizableOperand {
  /** Index among the node's inputs. */
  input: number;
  value: string;
  /** Axis summed over; negative axes count from the end (rank may be unknown). */
  reductionAxis: number;
}

export interface QuantizableNode {
  node: GraphNode;
  kind: QuantizableKind;
  /** The constant operand; undefined for a product of two activations. */
  weight: (WeightLayout & { input: number }) | undefined;
  /** Operands that are computed or fed: one beside a weight, two in a product of activations. */
  activations: readonly QuantizableOperand[];
  bias: string | undefined;
  /** Groups of a convolution; 1 otherwise. */
  group: number;
  depthwise: boolean;
  /** No other quantizable node feeds it. */
  first: boolean;
  /** Feeds no other quantizable node. */
  last: boolean;
  /** Multiply-accumulates of one run; undefined when the output shape is not known in numbers. */
  macs: number | undefined;
}

export interface LeftNode {
  node: GraphNode;
  reason: string;
  /** Deserves a warning: it would hold weights or work worth quantizing (control flow, recurrent, local function...). */
  warn: boolean;
}

export interface Quantizables {
  nodes: QuantizableNode[];
  left: LeftNode[];
}

const recurrent = new Set(['LSTM', 'GRU', 'RNN']);

/**
 * Lists quantizable nodes in execution order and all other nodes with the reason they are left.
 * @param shapes shapes of values where known in numbers (from a run, or `inferShapes` with the inputs' sizes); default what
 *   follows from the graph's own types
 */
export function quantizable(graph: Graph, shapes?: ReadonlyMap<string, readonly number[]>): Quantizables {
  requireGraph('the model of quantizable', graph);
  const nodes: QuantizableNode[] = [];
  const left: LeftNode[] = [];
  let inferred: ReadonlyMap<string, readonly Dimension[]> | undefined;
  const shapeOf = (value: string): readonly Dimension[] | undefined => {
    const known = shapes?.get(value) ?? graph.constant(value)?.dims;
    if (known !== undefined) return known;
    inferred ??= inferShapes(graph);
    return inferred.get(value) ?? graph.shapeOf(value);
  };
  const functions = new Set(graph.functions.map(f => `${f.domain}:${f.name}`));
  for (const node of graph.order()) {
    const found = describe(graph, node, shapeOf);
    if (typeof found === 'string') left.push({ node, reason: found, warn: true });
    else if (found !== undefined) nodes.push(found);
    else left.push(whyLeft(node, functions));
  }
  markEnds(graph, nodes);
  return { nodes, left };
}

function whyLeft(node: GraphNode, functions: ReadonlySet<string>): LeftNode {
  if (node.hasBody) return { node, reason: `control flow (${node.op}) stays in floating point`, warn: true };
  if (node.domain === '' && recurrent.has(node.op)) {
    return { node, reason: `recurrent (${node.op}) stays in floating point`, warn: true };
  }
  if (functions.has(`${node.domain}:${node.op}`)) {
    return { node, reason: `model-local function ${node.domain}.${node.op} stays as it is`, warn: true };
  }
  if (node.domain !== '') {
    return { node, reason: `operator of domain ${node.domain} stays as it is`, warn: true };
  }
  if (node.op === 'Einsum' || node.op === 'DeformConv' || node.op === 'Attention') {
    return { node, reason: `${node.op} is not covered`, warn: true };
  }
  return { node, reason: `${node.op} multiplies no matrices`, warn: false };
}

type ShapeOf = (value: string) => readonly Dimension[] | undefined;

function describe(graph: Graph, node: GraphNode, shapeOf: ShapeOf): QuantizableNode | string | undefined {
  if (node.domain !== '') return undefined;
  if (node.op === 'Conv' || node.op === 'ConvTranspose') return convolution(graph, node, shapeOf);
  if (node.op === 'MatMul' || node.op === 'Gemm') return product(graph, node, shapeOf);
  return undefined;
}

const common = { first: false, last: false, depthwise: false, group: 1 };

function convolution(graph: Graph, node: GraphNode, shapeOf: ShapeOf): QuantizableNode | string {
  if (!node.inputs[0] || !node.inputs[1] || !node.outputs[0]) return `${node.op} lacks an operand`;
  const weight = graph.constant(node.inputs[1]);
  if (weight === undefined) return `${node.op} with computed weights is not covered`;
  if (weight.type !== 'float32') return `${node.op} has ${weight.type} weights, not float32`;
  if (weight.dims.length < 3) return `${node.op} weights have ${weight.dims.length} dimensions`;
  const group = node.int('group', 1);
  const transposed = node.op === 'ConvTranspose';
  if (group < 1 || weight.dims[0]! % group !== 0)
    return `${node.op} of ${weight.dims[0]} channels has group ${group}`;
  const channels = transposed ? weight.dims[0]! : weight.dims[1]! * group;
  const outputs = transposed ? weight.dims[1]! * group : weight.dims[0]!;
  return {
    ...common,
    node,
    kind: transposed ? 'convTranspose' : 'conv',
    weight: {
      name: node.inputs[1]!,
      input: 1,
      shape: weight.dims,
      channelAxis: transposed ? 1 : 0,
      reductionAxis: transposed ? 0 : 1,
    },
    activations: [{ input: 0, value: node.inputs[0]!, reductionAxis: 1 }],
    bias: node.inputs[2] || undefined,
    group,
    depthwise: group > 1 && group === channels && outputs % group === 0,
    macs: transposed
      ? product2(known(shapeOf(node.inputs[0]!)), elementCount(weight.dims.slice(1)))
      : product2(known(shapeOf(node.outputs[0]!)), elementCount(weight.dims.slice(1))),
  };
}

function product(graph: Graph, node: GraphNode, shapeOf: ShapeOf): QuantizableNode | string {
  const [a, b] = node.inputs;
  if (!a || !b || !node.outputs[0]) return `${node.op} lacks an operand`;
  const constants = [graph.constant(a), graph.constant(b)];
  if (constants[0] !== undefined && constants[1] !== undefined)
    return `${node.op} of two constants: fold it first`;
  const side = constants[1] !== undefined ? 1 : constants[0] !== undefined ? 0 : undefined;
  const gemm = node.op === 'Gemm';
  const transA = gemm && node.int('transA', 0) !== 0;
  const transB = gemm && node.int('transB', 0) !== 0;
  const axes = [transA ? -2 : -1, transB ? -1 : -2];
  let weight: QuantizableNode['weight'];
  if (side !== undefined) {
    const tensor = constants[side]!;
    if (tensor.type !== 'float32') return `${node.op} has ${tensor.type} weights, not float32`;
    const rank = tensor.dims.length;
    if (rank === 0) return `${node.op} has a scalar weight`;
    const reductionAxis = rank === 1 ? 0 : rank + axes[side]!;
    const channelAxis = rank === 1 ? 0 : rank + (axes[side] === -1 ? -2 : -1);
    weight = { name: node.inputs[side]!, input: side, shape: tensor.dims, channelAxis, reductionAxis };
  }
  const activations = [0, 1]
    .filter(i => i !== side)
    .map(input => {
      const rank = shapeOf(node.inputs[input]!)?.length;
      return { input, value: node.inputs[input]!, reductionAxis: rank === 1 ? -1 : axes[input]! };
    });
  const inner = weight === undefined ? innerOf(shapeOf(a), axes[0]!) : weight.shape[weight.reductionAxis];
  const out = known(shapeOf(node.outputs[0]!));
  return {
    ...common,
    node,
    kind: gemm ? 'gemm' : 'matmul',
    weight,
    activations,
    bias: gemm ? node.inputs[2] || undefined : undefined,
    macs: inner === undefined ? undefined : product2(out, inner),
  };
}

function innerOf(shape: readonly Dimension[] | undefined, axis: number): number | undefined {
  const d = shape?.[shape.length === 1 ? 0 : shape.length + axis];
  return typeof d === 'number' ? d : undefined;
}

function known(shape: readonly Dimension[] | undefined): number | undefined {
  if (shape?.every((d): d is number => typeof d === 'number') !== true) return undefined;
  return elementCount(shape as readonly number[]);
}

function product2(a: number | undefined, b: number): number | undefined {
  return a === undefined ? undefined : a * b;
}

/** Marks nodes with no quantizable ancestor as first and those with no quantizable descendant as last. */
function markEnds(graph: Graph, nodes: QuantizableNode[]): void {
  const own = new Set(nodes.map(x => x.node));
  const order = graph.order();
  const after = new Set<GraphNode>();
  for (const node of order) {
    for (const input of [...node.inputs, ...node.captures]) {
      const maker = graph.producer(input);
      if (maker !== undefined && (own.has(maker) || after.has(maker))) after.add(node);
    }
  }
  const before = new Set<GraphNode>();
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    for (const output of node.outputs) {
      for (const user of graph.consumers(output)) {
        if (own.has(user) || before.has(user)) before.add(node);
      }
    }
  }
  for (const x of nodes) {
    x.first = !after.has(x.node);
    x.last = !before.has(x.node);
  }
}
