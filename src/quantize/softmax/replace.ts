// Replaces the Softmax nodes of attention by calls of the Softermax function.
// Refuses Softmax nodes whose result feeds no matrix product (a classifier's last one: its answers are probabilities to be
// read, not operands) and those over another axis than the last.

import type { Softermax } from '../../format/index.ts';
import type { Graph, GraphNode } from '../../model/index.ts';
import { functionDomain, type LocalFunctions } from '../export/functions.ts';
import { softermaxFunction } from './body.ts';

/** One replaced node. */
export interface SoftmaxReplacement {
  node: string;
  /** The value it makes: names it in a file too, where nodes may be nameless. */
  output: string;
  model: Softermax;
  /** Scores seen on calibration data, in units of log2: largest, and smallest row maximum; undefined without data. */
  range: { high: number; lowestPeak: number } | undefined;
}

export interface SoftmaxChoice {
  taken: GraphNode[];
  left: { node: string; reason: string }[];
}

const passThrough = new Set([
  ...['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity', 'Dropout', 'Cast', 'Slice'],
  ...['Expand', 'QuantizeLinear', 'DequantizeLinear', 'Split', 'Gather'],
]);

/** Operators that give their first input's elements. */
const movesOnly = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity', 'Slice']);

/** Softmax nodes of attention, in execution order, and the others with the reason they stay. */
export function chooseSoftmax(graph: Graph): SoftmaxChoice {
  const taken: GraphNode[] = [];
  const left: { node: string; reason: string }[] = [];
  for (const node of graph.order()) {
    if (node.op !== 'Softmax' || node.domain !== '') continue;
    const axis = node.int('axis', -1);
    const rank = graph.shapeOf(node.inputs[0]!)?.length;
    if (axis !== -1 && axis + 1 !== rank)
      left.push({ node: node.name, reason: `axis ${axis} is not the last` });
    else if (!feedsProduct(graph, node)) left.push({ node: node.name, reason: 'feeds no matrix product' });
    else taken.push(node);
  }
  return { taken, left };
}

function feedsProduct(graph: Graph, node: GraphNode): boolean {
  const seen = new Set<GraphNode>();
  const stack = [node];
  while (stack.length > 0) {
    for (const output of stack.pop()!.outputs) {
      for (const user of graph.consumers(output)) {
        if (user.domain === '' && (user.op === 'MatMul' || user.op === 'Gemm' || user.op === 'Einsum'))
          return true;
        if (seen.has(user) || user.domain !== '' || !passThrough.has(user.op)) continue;
        seen.add(user);
        stack.push(user);
      }
    }
  }
  return false;
}

/** Puts the function's call in the node's place; name and output stay. */
export function replaceSoftmax(
  graph: Graph,
  node: GraphNode,
  model: Softermax,
  functions: LocalFunctions,
): void {
  const op = functions.define(softermaxFunction(model));
  graph.replaceNode(node, {
    ...{ op, domain: functionDomain, inputs: node.inputs.slice(0, 1), attributes: {} },
  });
}

/** True for a call of the function made here. */
export function isSoftermaxCall(node: GraphNode): boolean {
  return node.domain === functionDomain && /^Softermax(_\d+)?$/.test(node.op);
}

/**
 * Step of a value that is a Softermax output, reshaped or moved at most: its integers are codes already, so a quantizer with
 * this scale changes nothing. Undefined for other values.
 */
export function softermaxUnit(
  graph: Graph,
  value: string,
  replaced: readonly SoftmaxReplacement[],
): number | undefined {
  for (let node = graph.producer(value); node !== undefined; node = graph.producer(node.inputs[0]!)) {
    if (isSoftermaxCall(node)) {
      const { name } = node;
      const found = replaced.find(r => r.node === name);
      return found === undefined ? undefined : 2 ** -found.model.parameters.output.fractionBits;
    }
    if (node.domain !== '' || !movesOnly.has(node.op)) return undefined;
  }
  return undefined;
}
