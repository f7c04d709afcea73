// A model in another floating-point type, converted, gives what ONNX Runtime gives for the model itself.

import { create } from '@bufbuild/protobuf';
import { GraphProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { attribute } from '../attribute.ts';
import { Graph } from '../graph.ts';
import { inType, largestDifference, noise, smallNetwork, spread, tensorIn } from '../networks.fixture.ts';
import { readModel } from '../read.ts';
import { runGraphOnce } from '../session.ts';
import { type DataType, dataTypes, float32Tensor, makeTensor, type Tensor, toFloat32 } from '../tensor.ts';
import { serializeModel } from '../write.ts';
import { singlePrecision, singlePrecisionNote } from './single-precision.ts';

/** Dense layers with a constant made by an operator, a cast there and back, and a mask: all of it exists for float64. */
function denseNetwork(type: DataType): Graph {
  const graph = new Graph();
  graph.opsets.set('', 17);
  graph.inputs = [{ name: 'x', type: { type: 'float32', shape: ['n', 6] } }];
  const w = graph.addConstant('w', spread([6, 5], 1));
  const v = graph.addConstant('v', spread([5, 4], 2));
  const length = graph.addConstant('length', makeTensor('int64', [1], BigInt64Array.of(5n)));
  const half = { value: attribute.tensor(tensorIn(type, float32Tensor([1], [0.5]))) };
  const cast = (name: DataType) => ({ to: attribute.int(dataTypes[name]) });
  graph.addNode({ op: 'MatMul', inputs: ['x', w], outputs: ['a'] });
  graph.addNode({ op: 'ConstantOfShape', inputs: [length], outputs: ['h'], attributes: half });
  graph.addNode({ op: 'Add', inputs: ['a', 'h'], outputs: ['b'] });
  graph.addNode({ op: 'Cast', inputs: ['b'], outputs: ['c'], attributes: cast('float32') });
  graph.addNode({ op: 'Tanh', inputs: ['c'], outputs: ['d'] });
  graph.addNode({ op: 'Cast', inputs: ['d'], outputs: ['e'], attributes: cast(type) });
  graph.addNode({ op: 'MatMul', inputs: ['e', v], outputs: ['f'] });
  graph.addNode({ op: 'Softmax', inputs: ['f'], outputs: ['y'] });
  graph.outputs = [{ name: 'y', type: { type: 'float32', shape: ['n', 4] } }];
  return readModel(serializeModel(inType(graph, type)));
}

const float32Of = (t: Tensor): Tensor => float32Tensor(t.dims, toFloat32(t));

async function difference(graph: Graph, type: DataType, dims: number[]): Promise<number> {
  // one input for both, representable in either type
  const x = tensorIn(type, noise(dims, 7));
  const own = await runGraphOnce(graph, { x });
  const converted = graph.clone();
  const { types, left } = singlePrecision(converted);
  expect([types, left]).toEqual([[type], undefined]);
  const again = readModel(serializeModel(converted));
  expect([again.inputs[0]!.type!.type, again.outputs[0]!.type!.type]).toEqual(['float32', 'float32']);
  expect([...again.constants.values()].filter(t => t.type === type)).toEqual([]);
  const mine = await runGraphOnce(again, { x: float32Of(x) });
  expect(mine['y']!.type).toBe('float32');
  return largestDifference(mine['y']!, float32Of(own['y']!));
}

test('a float16 convolution network agrees with itself in ONNX Runtime within float16', async () => {
  const graph = readModel(serializeModel(inType(smallNetwork(), 'float16')));
  const x = tensorIn('float16', noise([2, 2, 6, 6], 7));
  const largest = Math.max(...toFloat32((await runGraphOnce(graph, { x }))['y']!).map(Math.abs));
  const off = await difference(graph, 'float16', [2, 2, 6, 6]);
  expect(off).toBeGreaterThan(0);
  expect(off).toBeLessThan(largest * 2 ** -8);
});

test('a float16 and a float64 network of dense layers agree with themselves', async () => {
  expect(await difference(denseNetwork('float16'), 'float16', [3, 6])).toBeLessThan(2 ** -8);
  expect(await difference(denseNetwork('float64'), 'float64', [3, 6])).toBeLessThan(2 ** -20);
});

test('inputs and outputs in float32 with the inside in float16: the casts go', async () => {
  const graph = denseNetwork('float16');
  const outer = { to: attribute.int(dataTypes.float16) };
  const [first] = graph.order();
  graph.inputs = [{ name: 'x', type: { type: 'float32', shape: ['n', 6] } }];
  graph.addNode({ op: 'Cast', name: 'enter', inputs: ['x'], outputs: ['x16'], attributes: outer });
  graph.setInput(first!, 0, 'x16');
  const { types, constants } = singlePrecision(graph);
  expect([types, constants]).toEqual([['float16'], 3]);
  expect(graph.node('enter')!.op).toBe('Identity');
  await runGraphOnce(graph, { x: noise([1, 6], 1) });
});

test('numbers beyond float32 become its largest, infinities stay', () => {
  const graph = denseNetwork('float64');
  const mask = Float64Array.of(-1.7e308, 1e300, Number.NEGATIVE_INFINITY, 0);
  graph.setConstant('mask', makeTensor('float64', [4], mask));
  const result = singlePrecision(graph);
  expect(result.clamped).toBe(2);
  const most = 3.4028234663852886e38;
  expect([...(graph.constant('mask')!.data as Float32Array)]).toEqual([-most, most, -Infinity, 0]);
  expect(singlePrecisionNote(result)).toBe(
    'computes in float64: converted to float32, inputs and outputs included; 2 constants beyond the range of float32 are set to its largest',
  );
});

test('what is float32, only stored in float16, quantized or hidden in a body stays as it is', () => {
  const stored = smallNetwork();
  stored.addConstant('table', makeTensor('float16', [2], Uint16Array.of(1, 2)));
  const before = serializeModel(stored);
  expect(singlePrecisionNote(singlePrecision(stored))).toBeUndefined();
  expect(serializeModel(stored)).toEqual(before);

  const quantized = denseNetwork('float16');
  quantized.addNode({ op: 'DynamicQuantizeLinear', inputs: ['c'], outputs: ['q', 's', 'z'] });
  expect(singlePrecision(quantized).types).toEqual([]);

  const looped = denseNetwork('float16');
  const body = attribute.graph(create(GraphProtoSchema, { name: 'body' }));
  looped.addNode({ op: 'Loop', name: 'again', inputs: ['', ''], outputs: ['l'], attributes: { body } });
  const result = singlePrecision(looped);
  expect(singlePrecisionNote(result)).toBe(
    "computes in float16 and cannot be converted to float32: node 'again' (Loop) holds a graph of its own",
  );
  expect(looped.inputs[0]!.type!.type).toBe('float16');
});
