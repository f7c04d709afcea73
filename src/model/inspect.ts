// What a model holds, in plain data: operators, weights, the operands a quantizer may touch and what it leaves.
// Refuses to change the model.

import type { Graph } from './graph.ts';
import { requireGraph } from './graph.ts';
import type { Dimension, GraphValue } from './graph-types.ts';
import { foldAffine } from './passes/fold-affine.ts';
import { removeIdentities } from './passes/identity.ts';
import { singlePrecision, singlePrecisionNote } from './passes/single-precision.ts';
import { type QuantizableKind, quantizable } from './quantizable.ts';
import { alreadyQuantized } from './quantized.ts';
import type { Shapes } from './shapes.ts';
import { elementCount, type NumericArray, type Tensor } from './tensor.ts';

export interface ValueSummary {
  name: string;
  /** An ONNX element type, or undefined for values that are no tensors. */
  type: string | undefined;
  shape: readonly Dimension[] | undefined;
}

export interface QuantizableSummary {
  node: string;
  kind: QuantizableKind;
  /** Undefined for a product of two activations, and for weights that are computed. */
  weight: string | undefined;
  /** An operand is computed from constants alone: `quantize` folds it to a weight where its size is known. */
  computedWeight: boolean;
  shape: readonly number[] | undefined;
  elements: number;
  channelAxis: number | undefined;
  reductionAxis: number | undefined;
  group: number;
  depthwise: boolean;
  first: boolean;
  last: boolean;
  output: readonly number[] | undefined;
  macs: number | undefined;
}

export interface ModelSummary {
  file: string | undefined;
  opset: number;
  domains: Record<string, number>;
  irVersion: number;
  producer: string;
  inputs: ValueSummary[];
  outputs: ValueSummary[];
  nodes: number;
  operators: { op: string; domain: string; count: number }[];
  functions: number;
  weights: { type: string; tensors: number; elements: number; bytes: number }[];
  weightBytes: number;
  quantizable: QuantizableSummary[];
  /** Weights of quantizable operators, each counted once, and their share of all float32 elements. */
  quantizableElements: number;
  quantizableShare: number;
  /** Undefined when the shape of any quantizable output is not known. */
  macs: number | undefined;
  left: { reason: string; warn: boolean; count: number; nodes: string[] }[];
  /** What folding of scales and shifts would do and what it would leave. */
  folding: { done: Record<string, number>; left: { node: string; reason: string }[] };
  /** That the model computes in another floating-point type, and that what is told of operators holds after conversion. */
  precision: string | undefined;
  /** Why the model counts as quantized, or undefined. */
  alreadyQuantized: string | undefined;
}

/** @param shapes shapes of values from a run; without them multiply-accumulates come from the declared shapes */
export function inspectModel(graph: Graph, shapes?: Shapes): ModelSummary {
  requireGraph('the model to inspect', graph);
  const single = graph.clone();
  const precision = singlePrecisionNote(singlePrecision(single));
  const found = quantizable(single, shapes);
  const trial = single.clone();
  removeIdentities(trial);
  const folding = foldAffine(trial);
  const computed = computedConstants(graph);
  const rows = found.nodes.map((x): QuantizableSummary => {
    const { node, kind, weight, group, depthwise, first, last, macs } = x;
    const elements = weight === undefined ? 0 : elementCount(weight.shape);
    const axes = { channelAxis: weight?.channelAxis, reductionAxis: weight?.reductionAxis };
    return {
      ...{ node: node.name, kind, weight: weight?.name, shape: weight?.shape, elements, ...axes },
      computedWeight: weight === undefined && x.activations.some(a => computed.has(a.value)),
      ...{ group, depthwise, first, last, output: shapes?.get(node.outputs[0]!), macs },
    };
  });
  const once = new Map(rows.flatMap(x => (x.weight === undefined ? [] : [[x.weight, x.elements] as const])));
  const quantizableElements = [...once.values()].reduce((a, b) => a + b, 0);
  const weights = weightsOf(graph);
  const converted = weightsOf(single);
  const floats = converted.find(x => x.type === 'float32')?.elements ?? 0;
  const source = graph.modelSource;
  return {
    file: graph.file,
    opset: graph.opset,
    domains: Object.fromEntries([...graph.opsets].filter(([domain]) => domain !== '')),
    irVersion: Number(source?.irVersion ?? 0n),
    producer: [source?.producerName, source?.producerVersion].filter(Boolean).join(' '),
    inputs: graph.inputs.map(summaryOf),
    outputs: graph.outputs.map(summaryOf),
    nodes: graph.nodes.size,
    operators: operatorsOf(graph),
    functions: graph.functions.length,
    weights,
    weightBytes: weights.reduce((a, b) => a + b.bytes, 0),
    quantizable: rows,
    quantizableElements,
    quantizableShare: floats === 0 ? 0 : quantizableElements / floats,
    macs: rows.reduce<number | undefined>(
      (sum, { macs }) => (sum === undefined || macs === undefined ? undefined : sum + macs),
      0,
    ),
    left: leftOf(found.left),
    folding: { done: folding.done, left: folding.left },
    precision,
    alreadyQuantized: alreadyQuantized(graph),
  };
}

/** Values of nodes that depend on constants alone. */
function computedConstants(graph: Graph): Set<string> {
  const values = new Set<string>();
  for (const node of graph.order()) {
    const { inputs, captures, domain, hasBody } = node;
    if (domain !== '' || hasBody || captures.length > 0 || /^(Random|Multinomial|Bernoulli)/.test(node.op))
      continue;
    if (!inputs.every(x => x === '' || values.has(x) || graph.constant(x) !== undefined)) continue;
    for (const output of node.outputs) values.add(output);
  }
  return values;
}

function summaryOf({ name, type }: GraphValue): ValueSummary {
  return { name, type: type?.type, shape: type?.shape };
}

function operatorsOf(graph: Graph): ModelSummary['operators'] {
  const counts = new Map<string, ModelSummary['operators'][number]>();
  for (const { op, domain } of graph.nodes) {
    const key = `${domain}:${op}`;
    const entry = counts.get(key) ?? { op, domain, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
}

function bytesOf(tensor: Tensor): number {
  if (tensor.type === 'string') return (tensor.data as Uint8Array[]).reduce((a, b) => a + b.length, 0);
  return (tensor.data as NumericArray).byteLength;
}

function weightsOf(graph: Graph): ModelSummary['weights'] {
  const byType = new Map<string, ModelSummary['weights'][number]>();
  for (const tensor of graph.constants.values()) {
    const entry = byType.get(tensor.type) ?? { type: tensor.type, tensors: 0, elements: 0, bytes: 0 };
    entry.tensors++;
    entry.elements += elementCount(tensor.dims);
    entry.bytes += bytesOf(tensor);
    byType.set(tensor.type, entry);
  }
  return [...byType.values()].sort((a, b) => b.bytes - a.bytes);
}

function leftOf(
  left: readonly { node: { name: string }; reason: string; warn: boolean }[],
): ModelSummary['left'] {
  const byReason = new Map<string, ModelSummary['left'][number]>();
  for (const { node, reason, warn } of left) {
    const entry = byReason.get(reason) ?? { reason, warn, count: 0, nodes: [] };
    entry.count++;
    if (warn || entry.nodes.length < 8) entry.nodes.push(node.name);
    byReason.set(reason, entry);
  }
  return [...byReason.values()].sort((a, b) => Number(b.warn) - Number(a.warn) || b.count - a.count);
}
