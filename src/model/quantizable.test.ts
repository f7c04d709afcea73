import { create } from '@bufbuild/protobuf';
import { FunctionProtoSchema, GraphProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { attribute } from './attribute.ts';
import { Graph } from './graph.ts';
import { networks, smallNetwork, spread } from './networks.fixture.ts';
import { quantizable } from './quantizable.ts';
import { alreadyQuantized } from './quantized.ts';
import { readModelFile } from './read.ts';

const { int } = attribute;

describe('quantizable', () => {
  test('layouts, ends and multiply-accumulates of a small network', () => {
    const shapes = new Map([
      ['c', [1, 4, 4, 4]],
      ['r', [1, 4, 4, 4]],
      ['d', [1, 5]],
      ['y', [1, 3]],
    ]);
    const { nodes, left } = quantizable(smallNetwork(), shapes);
    const brief = nodes.map(({ node, kind, weight, group, first, last, macs }) => ({
      ...{ node: node.name, kind, weight: weight?.name, group, first, last, macs },
      axes: [weight?.channelAxis, weight?.reductionAxis],
    }));
    expect(brief).toEqual([
      // 64 outputs of 2x3x3 products
      {
        node: 'conv',
        kind: 'conv',
        weight: 'w1',
        group: 1,
        first: true,
        last: false,
        macs: 1152,
        axes: [0, 1],
      },
      // 64 inputs, each to 3x2x2 places
      {
        node: 'up',
        kind: 'convTranspose',
        weight: 'w2',
        group: 2,
        first: false,
        last: false,
        macs: 768,
        axes: [1, 0],
      },
      {
        node: 'dense',
        kind: 'matmul',
        weight: 'w3',
        group: 1,
        first: false,
        last: false,
        macs: 30,
        axes: [1, 0],
      },
      {
        node: 'head',
        kind: 'gemm',
        weight: 'w4',
        group: 1,
        first: false,
        last: true,
        macs: 15,
        axes: [0, 1],
      },
    ]);
    expect(left.map(x => x.node.op)).toEqual(['BatchNormalization', 'Relu', 'GlobalAveragePool', 'Flatten']);
    expect(left.some(x => x.warn)).toBe(false);
    expect(quantizable(smallNetwork()).nodes[0]!.macs).toBeUndefined();
  });

  test('the recogniser: depthwise layers, and products of two activations in its attention blocks', () => {
    const { nodes } = quantizable(readModelFile(networks.recogniser.path));
    expect(nodes.filter(x => x.depthwise).length).toBeGreaterThan(5);
    const dynamic = nodes.filter(x => x.weight === undefined);
    // Two blocks of attention, each queries by keys and probabilities by values.
    expect(dynamic.length).toBe(4);
    for (const x of dynamic) expect(x.activations.map(a => a.reductionAxis)).toEqual([-1, -2]);
    expect(nodes.filter(x => x.first).length).toBeGreaterThanOrEqual(1);
    expect(nodes.at(-1)!.last).toBe(true);
  });

  const one = (
    op: string,
    constants: Record<string, number[]>,
    more: Partial<Parameters<Graph['addNode']>[0]> = {},
  ) => {
    const graph = new Graph();
    graph.opsets.set('', 13);
    graph.inputs = [
      { name: 'x', type: { type: 'float32', shape: [4, 6] } },
      { name: 'w', type: { type: 'float32' } },
    ];
    const names = Object.entries(constants).map(([name, dims]) => graph.addConstant(name, spread(dims, 1)));
    graph.addNode({ op, inputs: ['x', ...names], outputs: ['y'], ...more });
    graph.outputs = [{ name: 'y', type: { type: 'float32', shape: [4, 5] } }];
    return graph;
  };

  test('Gemm and MatMul with the constant on either side', () => {
    const left = one('Gemm', { k: [3, 4] }, { inputs: ['k', 'x'], attributes: { transA: int(0) } });
    expect(quantizable(left).nodes[0]).toMatchObject({
      weight: { input: 0, channelAxis: 0, reductionAxis: 1 },
      activations: [{ input: 1, reductionAxis: -2 }],
    });
    const turned = one(
      'Gemm',
      { k: [4, 3] },
      { inputs: ['k', 'x'], attributes: { transA: int(1), transB: int(1) } },
    );
    expect(quantizable(turned).nodes[0]).toMatchObject({
      weight: { input: 0, channelAxis: 1, reductionAxis: 0 },
      activations: [{ input: 1, reductionAxis: -1 }],
    });
    expect(quantizable(one('MatMul', { k: [6, 5] })).nodes[0]).toMatchObject({
      macs: 120,
      weight: { channelAxis: 1 },
    });
  });

  test.each<[string, Graph, RegExp]>([
    ['computed weights', one('Conv', {}, { inputs: ['x', 'w'] }), /computed weights/],
    ['a missing operand', one('MatMul', {}, { inputs: ['x'] }), /lacks an operand/],
    ['an absurd group', one('Conv', { k: [4, 2, 3, 3] }, { attributes: { group: int(3) } }), /has group 3/],
    ['a recurrent node', one('LSTM', { k: [1, 8, 6], r: [1, 8, 2] }), /recurrent \(LSTM\)/],
    [
      'another domain',
      one('FusedMatMul', { k: [6, 5] }, { domain: 'com.microsoft' }),
      /domain com\.microsoft/,
    ],
    ['Einsum', one('Einsum', { k: [6, 5] }), /Einsum is not covered/],
  ])('%s is left with a warning', (_, graph, reason) => {
    const { nodes, left } = quantizable(graph);
    expect(nodes).toEqual([]);
    expect(left[0]).toMatchObject({ warn: true, reason: expect.stringMatching(reason) });
  });

  test('control flow and local functions are left with a warning', () => {
    const body = create(GraphProtoSchema, {
      node: [create(NodeProtoSchema, { opType: 'Relu', input: ['x'], output: ['z'] })],
      output: [create(ValueInfoProtoSchema, { name: 'z' })],
    });
    const branches = { then_branch: attribute.graph(body), else_branch: attribute.graph(body) };
    const control = one('If', {}, { inputs: ['w'], attributes: branches });
    expect(quantizable(control).left[0]).toMatchObject({
      warn: true,
      reason: expect.stringMatching(/control flow \(If\)/),
    });
    const local = one('Mine', {}, { domain: 'own' });
    local.functions = [create(FunctionProtoSchema, { name: 'Mine', domain: 'own' })];
    expect(quantizable(local).left[0]!.reason).toMatch(/model-local function own\.Mine/);
  });
});

describe('alreadyQuantized', () => {
  test('float networks are not', () => {
    expect(alreadyQuantized(smallNetwork())).toBeUndefined();
    for (const { path } of Object.values(networks))
      expect(alreadyQuantized(readModelFile(path))).toBeUndefined();
  });

  test.each([
    ['DequantizeLinear', ''],
    ['QLinearConv', ''],
    ['MatMulNBits', 'com.microsoft'],
    ['QGemm', 'com.microsoft'],
  ])('a model with %s is, and the node is named', (op, domain) => {
    const graph = smallNetwork();
    graph.replaceUses('d', 'q');
    graph.addNode({ op, domain, name: 'culprit', inputs: ['d', 'b4'], outputs: ['q'] });
    expect(alreadyQuantized(graph)).toMatch(
      `the model is quantized already (1 ${op}; node 'culprit' is ${op})`,
    );
  });

  test('a quantizing operator inside a local function counts', () => {
    const graph = smallNetwork();
    const node = [create(NodeProtoSchema, { opType: 'QuantizeLinear', name: 'inner' })];
    graph.functions = [create(FunctionProtoSchema, { name: 'Mine', domain: 'own', node })];
    expect(alreadyQuantized(graph)).toMatch(/Mine\/inner/);
  });

  test('an operator of that name in a foreign domain does not', () => {
    const graph = smallNetwork();
    graph.addNode({ op: 'DequantizeLinear', domain: 'mine', inputs: ['d'], outputs: ['q'] });
    expect(alreadyQuantized(graph)).toBeUndefined();
  });
});
