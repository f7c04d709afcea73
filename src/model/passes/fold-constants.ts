// Replaces nodes that depend on constants alone by their values, computed by ONNX Runtime itself.
// Refuses random operators, bodies, foreign domains, and results far larger than what they came from.

import { Graph } from '../graph.ts';
import { inferShapes, knownShapes } from '../infer.ts';
import type { GraphNode } from '../node.ts';
import { Session } from '../session.ts';
import { elementCount } from '../tensor.ts';
import { did, newStatistics, type PassStatistics } from './statistics.ts';

const random = /^(Random|Multinomial|Bernoulli|Dropout)/;
/** Operators whose output may be far larger than their inputs, folded only where its shape is known beforehand. */
const growing = new Set([
  'ConstantOfShape',
  'Expand',
  'Tile',
  'Range',
  'OneHot',
  'Resize',
  'Upsample',
  'Pad',
  'EyeLike',
]);
const quantizing = new Set(['QuantizeLinear', 'DequantizeLinear']);

export interface FoldConstantsOptions {
  /** Elements a folded value may have beyond those of its inputs; default 1 million. */
  maxGrowth?: number | undefined;
  signal?: AbortSignal | undefined;
}

export async function foldConstants(
  graph: Graph,
  options: FoldConstantsOptions = {},
): Promise<PassStatistics> {
  const statistics = newStatistics('foldConstants');
  const foldable: GraphNode[] = [];
  const values = new Set<string>();
  const shapes = knownShapes(inferShapes(graph));
  const limit = (node: GraphNode): number =>
    node.inputs.reduce((n, x) => n + elementCount(graph.constant(x)?.dims ?? shapes.get(x) ?? [1]), 0) * 4 +
    (options.maxGrowth ?? 1_000_000);
  const sizeOf = (node: GraphNode): number | undefined => {
    const dims = node.outputs.filter(x => x !== '').map(x => shapes.get(x));
    return dims.includes(undefined) ? undefined : dims.reduce((n, d) => n + elementCount(d!), 0);
  };
  const fixed = (x: string): boolean => x === '' || values.has(x) || graph.constants.has(x);
  for (const node of graph.order()) {
    if (node.inputs.every(fixed) && node.captures.length === 0) {
      if (node.domain !== '' || node.hasBody || random.test(node.op) || quantizing.has(node.op)) {
        statistics.left.push({ node: node.name, reason: `${node.op} is not folded` });
        continue;
      }
      const size = sizeOf(node);
      if (size === undefined ? growing.has(node.op) : size > limit(node)) {
        statistics.left.push({ node: node.name, reason: `${node.op} may make a much larger constant` });
      } else {
        foldable.push(node);
        for (const x of node.outputs) values.add(x);
      }
    }
  }
  const inside = new Set(foldable);
  const wanted = [...values].filter(
    x => x !== '' && (graph.isOutput(x) || graph.consumers(x).some(user => !inside.has(user))),
  );
  if (wanted.length > 0) {
    const part = partOf(graph, foldable, wanted);
    const session = await Session.create(part, { optimization: 'disabled', signal: options.signal });
    try {
      const results = await session.run({});
      for (const name of wanted) {
        const node = graph.producer(name)!;
        if (elementCount(results[name]!.dims) > limit(node)) {
          statistics.left.push({ node: node.name, reason: 'its value is much larger than its inputs' });
          delete results[name];
        }
      }
      for (const node of foldable) {
        if (!node.outputs.some(x => results[x] !== undefined && !graph.isOutput(x))) continue;
        const kept = node.outputs.some(
          x => x !== '' && (results[x] === undefined || graph.isOutput(x)) && wanted.includes(x),
        );
        if (kept) continue;
        graph.removeNode(node);
        for (const x of node.outputs) if (results[x] !== undefined) graph.setConstant(x, results[x]);
        did(statistics, node.op);
      }
    } finally {
      await session.close();
    }
  }
  graph.removeUnused();
  return statistics;
}

function partOf(graph: Graph, nodes: readonly GraphNode[], wanted: readonly string[]): Graph {
  const part = new Graph();
  part.file = graph.file;
  part.opsets = new Map([['', graph.opset]]);
  for (const node of nodes) {
    for (const x of node.inputs) {
      const constant = graph.constant(x);
      if (constant !== undefined && !part.constants.has(x)) part.setConstant(x, constant);
    }
  }
  for (const node of nodes) {
    part.addNode({
      op: node.op,
      name: node.name,
      inputs: node.inputs,
      outputs: node.outputs,
      attributes: Object.fromEntries(node.attributes),
    });
  }
  for (const name of wanted) part.outputs.push({ name, type: undefined });
  return part;
}
