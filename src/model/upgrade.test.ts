import { expect, test } from 'vitest';
import { type Attribute, attribute } from './attribute.ts';
import { Graph } from './graph.ts';
import { largestDifference, networks, noise } from './networks.fixture.ts';
import { foldAffine } from './passes/fold-affine.ts';
import { foldConstants } from './passes/fold-constants.ts';
import { readModelFile } from './read.ts';
import { runGraphOnce } from './session.ts';
import { upgradeOpset } from './upgrade.ts';

/** A model of one operator on a float32 input x. */
function single(
  opset: number,
  op: string,
  dims: number[],
  attributes: Record<string, Attribute>,
  outputs = 1,
): Graph {
  const graph = new Graph();
  graph.opsets.set('', opset);
  graph.inputs = [{ name: 'x', type: { type: 'float32', shape: dims } }];
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  graph.addNode({ op, inputs: ['x'], outputs: names, attributes });
  graph.outputs = names.map(name => ({
    name,
    type: { type: op === 'TopK' && name === 'y1' ? 'int64' : 'float32' },
  }));
  return graph;
}

const { int, ints, float, floats, string } = attribute;
const cases: [number, string, number[], Record<string, Attribute>, number?][] = [
  [9, 'Squeeze', [1, 4, 1, 5], { axes: ints([0, 2]) }],
  [7, 'Unsqueeze', [4, 5], { axes: ints([0, 3]) }],
  [9, 'ReduceMean', [2, 3, 4], { axes: ints([1, 2]), keepdims: int(0) }],
  [9, 'ReduceMax', [2, 3, 4], {}],
  [9, 'ReduceSum', [2, 3, 4], { axes: ints([-1]) }],
  [7, 'Clip', [2, 9], { min: float(-0.25), max: float(0.5) }],
  [7, 'Clip', [2, 9], { max: float(0.5) }],
  [9, 'Slice', [4, 6], { starts: ints([1, -3]), ends: ints([9223372036854775807n, -1]), axes: ints([0, 1]) }],
  [9, 'Pad', [2, 3], { pads: ints([1, 0, 0, 2]), value: float(1.5) }],
  [10, 'Pad', [3, 4], { pads: ints([1, 1, 1, 1]), mode: string('reflect') }],
  [9, 'TopK', [2, 7], { k: int(3) }, 2],
  [9, 'Split', [2, 6], { axis: int(1), split: ints([1, 3, 2]) }, 3],
  [9, 'Split', [2, 6], { axis: int(1) }, 3],
  [9, 'Softmax', [2, 3, 4], {}],
  [9, 'Softmax', [2, 3, 4], { axis: int(2) }],
  [11, 'LogSoftmax', [2, 3, 4], { axis: int(0) }],
  [9, 'Hardmax', [2, 3, 4], { axis: int(1) }],
  [7, 'Upsample', [1, 2, 3, 4], { scales: floats([1, 1, 2, 2]), mode: string('nearest') }],
  [7, 'Upsample', [1, 2, 3, 4], { scales: floats([1, 1, 2, 3]), mode: string('linear') }],
  [7, 'Dropout', [2, 3], { ratio: float(0.5) }],
];

test.each(
  cases,
)('operator set %i %s keeps its outputs at 21', async (opset, op, dims, attributes, outputs) => {
  const graph = single(opset, op, dims, attributes, outputs);
  const feeds = { x: noise(dims, 5) };
  const before = await runGraphOnce(graph, feeds);
  const statistics = upgradeOpset(graph);
  expect(graph.opset).toBe(21);
  expect(Object.keys(statistics.rewritten)).not.toEqual([]);
  const after = await runGraphOnce(graph, feeds);
  for (const name of Object.keys(before)) {
    expect(largestDifference(before[name]!, after[name]!)).toBeLessThanOrEqual(1e-6);
  }
});

test.each(Object.entries(networks))('%s: upgraded and folded, the outputs agree', async (_, {
  path,
  dims,
}) => {
  const graph = readModelFile(path);
  const feeds = { x: noise(dims, 7) };
  const before = await runGraphOnce(graph, feeds);
  upgradeOpset(graph);
  const upgraded = await runGraphOnce(graph, feeds);
  await foldConstants(graph);
  expect(foldAffine(graph).changed).toBeGreaterThan(30);
  const folded = await runGraphOnce(graph, feeds);
  for (const name of Object.keys(before)) {
    expect(largestDifference(before[name]!, upgraded[name]!)).toBeLessThanOrEqual(1e-6);
    expect(largestDifference(before[name]!, folded[name]!)).toBeLessThanOrEqual(1e-5);
  }
});

test.each([
  18, 20,
])('GroupNormalization of operator set %i has a scale a group, of 21 one a channel', async opset => {
  const dims = [2, 6, 3, 2];
  const graph = single(opset, 'GroupNormalization', dims, { num_groups: int(3), epsilon: float(1e-3) });
  const node = graph.order()[0]!;
  graph.setConstant('scale', noise([3], 7));
  graph.setConstant('bias', noise([3], 8));
  graph.setInputs(node, ['x', 'scale', 'bias']);
  const feeds = { x: noise(dims, 5) };
  const before = await runGraphOnce(graph, feeds);
  upgradeOpset(graph);
  const after = await runGraphOnce(graph, feeds);
  expect(largestDifference(before['y0']!, after['y0']!)).toBeLessThan(1e-6);
});

test('what has no equal is refused by name', () => {
  const graph = single(9, 'Dropout', [2, 3], {}, 2);
  expect(() => upgradeOpset(graph)).toThrow(/Dropout with a used mask has no equal in operator set 10/);
});
