// Networks whose numbers are unusual: far from one, not numbers, vectors as weights, nothing to round.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { encode, parseFormat } from '../format/index.ts';
import { attribute, type Feeds, float32Tensor, Graph, readModel, serializeModel } from '../model/index.ts';
import { inType } from '../model/networks.fixture.ts';
import { compareOutputs, exportModel, prepareGraph, quantize } from './index.ts';

const random = new Random(3);
const drawn = (dims: number[], scale = 1): ReturnType<typeof float32Tensor> =>
  float32Tensor(
    dims,
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => scale * random.normal()),
  );

/** x [n,16] through the steps to y; an operand is a constant or the name of a value. */
function network(
  ...steps: [op: string, ...operands: (ReturnType<typeof float32Tensor> | string)[]][]
): Graph {
  const graph = new Graph();
  graph.opsets.set('', 21);
  graph.inputs.push({ name: 'x', type: { type: 'float32', shape: ['n', 16] } });
  graph.outputs.push({ name: 'y', type: { type: 'float32' } });
  let at = 'x';
  steps.forEach(([op, ...operands], i) => {
    const more = operands.map((o, j) => (typeof o === 'string' ? o : graph.addConstant(`c${i}.${j}`, o)));
    const output = i === steps.length - 1 ? 'y' : `v${i}`;
    graph.addNode({ op, name: `n${i}`, inputs: [at, ...more], outputs: [output] });
    at = output;
  });
  return graph;
}

const batches = (): Feeds[] => Array.from({ length: 4 }, () => ({ x: drawn([8, 16]) }));
const scalar = (x: number): ReturnType<typeof float32Tensor> => float32Tensor([], [x]);

async function sqnrOf(source: Graph, weights: string, activations: string): Promise<number> {
  const { graph } = await prepareGraph(source);
  const data = batches();
  const { model } = await quantize(graph, { weights, activations }, data);
  await exportModel(model, { samples: data.slice(0, 1) });
  return (await compareOutputs(graph, model.graph, data)).sqnr;
}

for (const k of [1e25, 1e-25]) {
  test(`activations of magnitude ${k} are fitted as others are`, async () => {
    const make = (): Graph =>
      network(
        ['MatMul', drawn([16, 16])],
        ['Tanh'],
        ['Mul', scalar(k)],
        ['Relu'],
        ['MatMul', drawn([16, 8])],
      );
    expect(await sqnrOf(make(), 'int8@channel', 'fp32')).toBeGreaterThan(40);
    expect(await sqnrOf(make(), 'int8@channel', 'int8@tensor')).toBeGreaterThan(30);
  });
}

test('a row of weights of magnitude 1e30 keeps its codes', async () => {
  const weight = drawn([16, 8]);
  for (let i = 0; i < 16; i++) (weight.data as Float32Array)[i * 8 + 3]! *= 1e30;
  expect(await sqnrOf(network(['MatMul', weight]), 'int8@channel', 'fp32')).toBeGreaterThan(35);
});

test('a vector as weight takes vector formats', async () => {
  for (const weights of ['int8@v4:u8', 'int8@channel', 'int8@tensor', 'fp4e2m1@v16:u4'])
    expect(await sqnrOf(network(['MatMul', drawn([16])]), weights, 'fp32')).toBeGreaterThan(10);
});

test('two exports to one path at once both end, and leave nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quantize-hostile-'));
  try {
    const { graph } = await prepareGraph(network(['MatMul', drawn([16, 8])]));
    const { model } = await quantize(graph, { weights: 'int8@channel' }, batches());
    const path = join(folder, 'm.onnx');
    const made = await Promise.all([exportModel(model, { path }), exportModel(model, { path })]);
    expect(readdirSync(folder)).toEqual(['m.onnx']);
    for (const { bytes } of made) expect(Buffer.compare(bytes, readFileSync(path))).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a static scale on a vector that is multiplied loads in ONNX Runtime', async () => {
  const source = network(['MatMul', drawn([16, 16])], ['Relu'], ['MatMul', drawn([16, 8])]);
  source.inputs[0] = { name: 'x', type: { type: 'float32', shape: [16] } };
  const { graph } = await prepareGraph(source);
  const data = Array.from({ length: 4 }, () => ({ x: drawn([16]) }));
  const { model } = await quantize(graph, { weights: 'int8@channel', activations: 'int8@tensor' }, data);
  const { statistics } = await exportModel(model, { samples: data });
  expect(statistics.compared.outputs!.maxDifference).toBe(0);
});

test('softermax in a file whose nodes have no names', async () => {
  const named = network(['MatMul', drawn([16, 16])], ['Softmax'], ['MatMul', drawn([16, 8])], ['Relu']);
  const proto = fromBinary(ModelProtoSchema, serializeModel(named));
  for (const node of proto.graph!.node) node.name = '';
  const { graph } = await prepareGraph(readModel(toBinary(ModelProtoSchema, proto)));
  const options = { weights: 'int8@channel', activations: 'int8@tensor', softmax: 'softermax' };
  const { model } = await quantize(graph, options, batches());
  const { statistics } = await exportModel(model, { samples: batches().slice(0, 1) });
  expect(statistics.compared.softmax!.real).toBe(8 * 16);
});

test('what is not a number on calibration data is refused with its place', async () => {
  const { graph } = await prepareGraph(
    network(['MatMul', drawn([16, 16])], ['Log'], ['MatMul', drawn([16, 8])]),
  );
  await expect(quantize(graph, { weights: 'int8@channel' }, batches())).rejects.toThrow(
    /node 'n2': its input holds NaN on calibration data/,
  );
  const both = { weights: 'int8@channel', activations: 'int8@tensor' };
  await expect(quantize(graph, both, batches())).rejects.toThrow(/value 'v1' holds NaN/);
  await expect(compareOutputs(graph, graph, batches())).rejects.toThrow(/output 'y' .* holds NaN/);
});

test('masked scores of minus infinity on both sides are no error', async () => {
  const mask = Float32Array.from({ length: 16 }, (_, i) => (i < 4 ? Number.NEGATIVE_INFINITY : 0));
  const graph = network(['MatMul', drawn([16, 16])], ['Add', float32Tensor([16], mask)]);
  const { sqnr, top1 } = await compareOutputs(graph, graph, batches());
  expect([sqnr, top1]).toEqual([Number.POSITIVE_INFINITY, 100]);
});

test('nothing to round is an error that says why', async () => {
  await expect(prepareGraph(network(['Relu']))).rejects.toThrow(/nothing to quantize; expected a MatMul/);
  const whole = network(
    ['Cast'],
    ['MatMul', { type: 'int32', dims: [16, 2], data: new Int32Array(32) } as never],
  );
  await expect(prepareGraph(whole)).rejects.toThrow(/nothing to quantize: MatMul has int32 weights/);
  const { graph } = await prepareGraph(network(['Transpose'], ['MatMul', 'x']));
  await expect(quantize(graph, { weights: 'int8@channel' }, batches())).rejects.toThrow(
    /none of its 1 products has constant weights; expected an activation format/,
  );
});

test('a float64 network is quantized in float32, and one with a hidden part says what to do', async () => {
  const make = (): Graph => network(['MatMul', drawn([16, 16])], ['Tanh'], ['MatMul', drawn([16, 8])]);
  const source = inType(make(), 'float64');
  const { graph, precision } = await prepareGraph(source);
  expect(precision).toMatchObject({ types: ['float64'], constants: 2 });
  const data = batches();
  const { model } = await quantize(graph, { weights: 'int8@channel' }, data);
  const { bytes } = await exportModel(model, { samples: data.slice(0, 1) });
  expect((await compareOutputs(graph, readModel(bytes!), data)).sqnr).toBeGreaterThan(35);

  const body = attribute.graph(create(GraphProtoSchema, { name: 'body' }));
  source.addNode({ op: 'Loop', name: 'again', inputs: ['', ''], outputs: ['l'], attributes: { body } });
  await expect(prepareGraph(source)).rejects.toThrow(
    "computes in float64 and cannot be converted to float32: node 'again' (Loop) holds a graph of its own; expected a model exported in float32",
  );
});

test('options that nobody reads are refused, with the nearest name', async () => {
  const { graph } = await prepareGraph(network(['MatMul', drawn([16, 8])]));
  const typo = { weights: 'int8@channel', activation: 'int8@tensor' } as never;
  await expect(quantize(graph, typo, batches())).rejects.toThrow(/'activation'.*did you mean 'activations'/);
  await expect(quantize(graph, {} as never, batches())).rejects.toThrow(/without a format of weights/);
  const { model } = await quantize(graph, { weights: 'int8@channel' }, batches());
  await expect(exportModel(model, 'model.onnx' as never)).rejects.toThrow(
    'options of exportModel are "model.onnx"; expected an object such as { path: … }',
  );
  const layout = { shape: [16], reductionAxis: 0 };
  const code = (options: object) => () =>
    encode(new Float32Array(16), layout, parseFormat('int4@v16'), options);
  expect(code({ cliping: { method: 'mse' } })).toThrow(/'cliping'.*did you mean 'clipping'/);
  expect(code({ clipping: 'mse' })).toThrow(
    'clipping is "mse"; expected an object such as { method: \'mse\' }',
  );
  expect(code({ clipping: { method: 'msee' } })).toThrow(
    /unknown clipping method 'msee'.*did you mean 'mse'/,
  );
  expect(code({ order: 'papr' })).toThrow(/unknown order 'papr'/);
  expect(code({ clipping: { method: 'percentile', percent: 99 }, scaleChoice: 'search' })).not.toThrow();
});
