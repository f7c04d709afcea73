// Static shapes against those ONNX Runtime makes, operators one by one.

import { describe, expect, test } from 'vitest';
import { type Attribute, attribute } from './attribute.ts';
import { Graph, inferShapes, int64Tensor, knownShapes, measureShapes } from './index.ts';
import { float32Tensor } from './tensor.ts';

interface Case {
  op: string;
  input: number[];
  attributes?: Record<string, Attribute>;
  constants?: (number[] | { dims: number[] })[];
  opset?: number;
  outputs?: number;
}

const ints = (...x: number[]) => attribute.ints(x);
const cases: Case[] = [
  {
    op: 'MaxPool',
    input: [1, 2, 9, 10],
    attributes: { kernel_shape: ints(3, 3), strides: ints(2, 2), ceil_mode: attribute.int(1) },
  },
  {
    op: 'MaxPool',
    input: [1, 2, 9, 10],
    attributes: {
      kernel_shape: ints(2, 3),
      strides: ints(3, 2),
      pads: ints(1, 1, 0, 1),
      ceil_mode: attribute.int(1),
    },
  },
  {
    op: 'AveragePool',
    input: [1, 2, 9, 10],
    attributes: { kernel_shape: ints(3, 2), strides: ints(2, 3), auto_pad: attribute.string('SAME_UPPER') },
  },
  {
    op: 'AveragePool',
    input: [1, 2, 9, 10],
    attributes: { kernel_shape: ints(3, 2), auto_pad: attribute.string('VALID') },
  },
  {
    op: 'Conv',
    input: [2, 4, 11, 7],
    constants: [{ dims: [6, 2, 3, 3] }],
    attributes: {
      group: attribute.int(2),
      dilations: ints(2, 1),
      strides: ints(2, 2),
      pads: ints(2, 1, 1, 0),
    },
  },
  {
    op: 'ConvTranspose',
    input: [2, 4, 5, 7],
    constants: [{ dims: [4, 3, 3, 2] }],
    attributes: {
      group: attribute.int(2),
      strides: ints(2, 3),
      pads: ints(1, 0, 1, 1),
      output_padding: ints(1, 0),
    },
  },
  { op: 'MatMul', input: [5, 1, 3, 4], constants: [{ dims: [2, 4, 6] }] },
  { op: 'MatMul', input: [3, 4], constants: [{ dims: [4] }] },
  {
    op: 'Gemm',
    input: [4, 3],
    constants: [{ dims: [5, 4] }],
    attributes: { transA: attribute.int(1), transB: attribute.int(1) },
  },
  { op: 'Add', input: [3, 1, 5], constants: [{ dims: [4, 1] }] },
  { op: 'Reshape', input: [2, 3, 4], constants: [[0, -1, 2]] },
  { op: 'Reshape', input: [2, 3, 4], constants: [[4, -1]] },
  { op: 'Flatten', input: [2, 3, 4], attributes: { axis: attribute.int(2) } },
  { op: 'Transpose', input: [2, 3, 4], attributes: { perm: ints(2, 0, 1) } },
  { op: 'Transpose', input: [2, 3, 4] },
  {
    op: 'Concat',
    input: [2, 3, 4],
    constants: [{ dims: [2, 5, 4] }],
    attributes: { axis: attribute.int(-2) },
  },
  {
    op: 'Slice',
    input: [6, 7, 8],
    constants: [
      [1, -1],
      [5, -8],
      [0, 2],
      [2, -3],
    ],
  },
  { op: 'Slice', input: [6, 7], constants: [[-3], [2 ** 40], [1]] },
  { op: 'ReduceMean', input: [2, 3, 4], constants: [[-1, 0]], attributes: { keepdims: attribute.int(0) } },
  { op: 'ReduceMax', input: [2, 3, 4] },
  { op: 'ArgMax', input: [2, 3, 4], attributes: { axis: attribute.int(-1), keepdims: attribute.int(0) } },
  { op: 'Squeeze', input: [1, 3, 1], constants: [[-1]] },
  { op: 'Squeeze', input: [1, 3, 1] },
  { op: 'Unsqueeze', input: [2, 3], constants: [[0, -1]] },
  { op: 'Gather', input: [5, 6], constants: [[1, -2, 0]], attributes: { axis: attribute.int(1) } },
  { op: 'Expand', input: [3, 1], constants: [[2, 1, 6]] },
  { op: 'Pad', input: [3, 4], constants: [[1, 0, 2, 3]] },
  { op: 'Split', input: [7, 2], attributes: { num_outputs: attribute.int(3) }, outputs: 3 },
  { op: 'Split', input: [7, 2], constants: [[3, 4]], outputs: 2 },
  { op: 'Tile', input: [2, 3], constants: [[2, 3]] },
  { op: 'Shape', input: [2, 3, 4], attributes: { start: attribute.int(-2) } },
  { op: 'Softmax', input: [2, 3] },
  { op: 'GlobalAveragePool', input: [2, 3, 4, 5] },
];

describe('operators', () => {
  test.each(cases.map((c, i) => [`${c.op} ${i}`, c] as const))('%s', async (_, c) => {
    const graph = new Graph();
    graph.opsets.set('', c.opset ?? 21);
    graph.inputs.push({ name: 'x', type: { type: 'float32', shape: c.input } });
    const constants = (c.constants ?? []).map((k, i) =>
      graph.addConstant(
        `c${i}`,
        Array.isArray(k)
          ? int64Tensor(k)
          : float32Tensor(k.dims, new Float32Array(k.dims.reduce((a, b) => a * b, 1))),
      ),
    );
    const outputs = Array.from({ length: c.outputs ?? 1 }, (_, i) => `y${i}`);
    graph.addNode({ op: c.op, inputs: ['x', ...constants], outputs, attributes: c.attributes ?? {} });
    for (const name of outputs) graph.addOutput(name);
    const x = float32Tensor(c.input, new Float32Array(c.input.reduce((a, b) => a * b, 1)));
    const actual = await measureShapes(graph, { x });
    const derived = inferShapes(graph);
    for (const name of outputs) expect(derived.get(name)).toEqual(actual.get(name));
    expect(knownShapes(derived).get('y0')).toEqual(actual.get('y0'));
  });
});

test('unknown operators and open dimensions stay unknown, names are carried', () => {
  const graph = new Graph();
  graph.opsets.set('', 21);
  graph.inputs.push({ name: 'x', type: { type: 'float32', shape: ['n', 4, -1] } });
  graph.addNode({ op: 'NonZero', inputs: ['x'], outputs: ['a'] });
  graph.addNode({ op: 'Relu', inputs: ['x'], outputs: ['b'] });
  graph.addNode({ op: 'Shape', inputs: ['b'], outputs: ['s'] });
  graph.addConstant('first', int64Tensor([0]));
  graph.addNode({ op: 'Gather', inputs: ['s', 'first'], outputs: ['n'] });
  graph.addConstant('rest', int64Tensor([-1, 2]));
  graph.addNode({
    op: 'Concat',
    inputs: ['n', 'rest'],
    outputs: ['t'],
    attributes: { axis: attribute.int(0) },
  });
  graph.addNode({ op: 'Reshape', inputs: ['b', 't'], outputs: ['c'] });
  const shapes = inferShapes(graph);
  expect(shapes.get('a')).toBe(undefined);
  expect(shapes.get('b')).toEqual(['n', 4, null]);
  expect(shapes.get('c')).toEqual(['n', null, 2]);
});
