// Which values cannot be negative, from the operators that make them. Refuses to look at data.

import { type Graph, toFloat32 } from '../model/index.ts';
import { isSoftermaxCall } from './softmax/replace.ts';

const always = new Set([
  'Relu',
  'Sigmoid',
  'HardSigmoid',
  'Softmax',
  'Abs',
  'Exp',
  'Softplus',
  'ReduceL1',
  'ReduceL2',
]);
const inherit = new Set([
  ...[
    'Reshape',
    'Transpose',
    'Squeeze',
    'Unsqueeze',
    'Flatten',
    'Slice',
    'Split',
    'Identity',
    'Dropout',
    'Gather',
  ],
  ...[
    'MaxPool',
    'AveragePool',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'ReduceMean',
    'ReduceMax',
    'ReduceSum',
    'Sqrt',
  ],
]);
const both = new Set(['Mul', 'Add', 'Max', 'Concat', 'Div']);

/** True when every element of `value` is known to be zero or more. */
export function nonNegative(graph: Graph, value: string, depth = 64): boolean {
  const constant = graph.constant(value);
  if (constant !== undefined) {
    return constant.type === 'float32' && toFloat32(constant).every(x => x >= 0);
  }
  const node = graph.producer(value);
  if (node === undefined || depth === 0) return false;
  if (isSoftermaxCall(node)) return true;
  if (node.domain !== '') return false;
  if (always.has(node.op)) return true;
  if (node.op === 'Clip') {
    const low = node.float('min') ?? lowOf(graph, node.inputs[1]);
    return low !== undefined && low >= 0;
  }
  if (inherit.has(node.op)) return nonNegative(graph, node.inputs[0]!, depth - 1);
  if (node.op === 'Mul' && node.inputs[0] === node.inputs[1]) return true;
  if (both.has(node.op)) return node.inputs.every(x => nonNegative(graph, x, depth - 1));
  return false;
}

function lowOf(graph: Graph, value: string | undefined): number | undefined {
  const tensor = graph.constant(value);
  return tensor === undefined ? undefined : toFloat32(tensor)[0];
}
