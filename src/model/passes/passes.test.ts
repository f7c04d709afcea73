import { describe, expect, test } from 'vitest';
import { type Attribute, attribute } from '../attribute.ts';
import { Graph } from '../graph.ts';
import { drawnText, largestDifference, networks, noise, smallNetwork, spread } from '../networks.fixture.ts';
import { readModelFile } from '../read.ts';
import { runGraphOnce } from '../session.ts';
import { float32Tensor, type Tensor, toFloat32 } from '../tensor.ts';
import { explicitPads } from './explicit-pads.ts';
import { foldAffine } from './fold-affine.ts';
import { foldConstants } from './fold-constants.ts';
import { removeIdentities } from './identity.ts';

const { int, ints, float } = attribute;

interface Step {
  op: string;
  /** Operands after the running value; 'computed:NAME' puts the constant behind an Abs, which foldAffine cannot see through. */
  operands?: (Tensor | string)[];
  /** The running value is the second operand. */
  second?: boolean;
  attributes?: Record<string, Attribute>;
}

/** A chain of operators from x to y. */
function chain(dims: number[], steps: Step[], more: { inputs?: Record<string, number[]> } = {}): Graph {
  const graph = new Graph();
  graph.opsets.set('', 13);
  const inputs = { x: dims, ...more.inputs };
  graph.inputs = Object.entries(inputs).map(([name, shape]) => ({ name, type: { type: 'float32', shape } }));
  let value = 'x';
  steps.forEach(({ op, operands = [], second = false, attributes }, i) => {
    const names = operands.map((o, j) => (typeof o === 'string' ? o : graph.addConstant(`k${i}_${j}`, o)));
    const output = i === steps.length - 1 ? 'y' : `v${i}`;
    const all = second ? [...names, value] : [value, ...names];
    graph.addNode({ op, name: `n${i}`, inputs: all, outputs: [output], attributes });
    value = output;
  });
  graph.outputs = [{ name: 'y', type: { type: 'float32' } }];
  return graph;
}

/** Folds, then compares both graphs on noise. @returns operators that are left, largest output and largest difference */
async function folded(graph: Graph, feeds: Record<string, Tensor>) {
  const before = await runGraphOnce(graph, feeds, { optimization: 'disabled' });
  const statistics = foldAffine(graph);
  const after = await runGraphOnce(graph, feeds, { optimization: 'disabled' });
  const size = toFloat32(before['y']!).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const difference = largestDifference(before['y']!, after['y']!) / size;
  return { ops: graph.order().map(n => n.op), statistics, difference, size };
}

const positive = (dims: number[], seed: number): Tensor =>
  float32Tensor(dims, toFloat32(spread(dims, seed)).map(Math.abs));
const norm = (channels: number, seed: number): Step => ({
  op: 'BatchNormalization',
  operands: [
    spread([channels], seed),
    spread([channels], seed + 1),
    spread([channels], seed + 2),
    positive([channels], seed + 3),
  ],
});
const conv = (
  m: number,
  c: number,
  seed: number,
  bias = false,
  attributes: Record<string, Attribute> = {},
): Step => ({
  op: 'Conv',
  operands: [spread([m, c, 3, 3], seed), ...(bias ? [spread([m], seed + 9)] : [])],
  attributes: { pads: ints([1, 1, 1, 1]), ...attributes },
});

describe('foldAffine folds, outputs unchanged', () => {
  const image = [2, 4, 5, 6];
  test.each<[string, number[], Step[], string[]]>([
    ['a normalization into a convolution', image, [conv(3, 4, 1), norm(3, 20)], ['Conv']],
    ['a normalization into one with bias', image, [conv(3, 4, 1, true), norm(3, 20)], ['Conv']],
    ['into a grouped convolution', image, [conv(6, 2, 1, true, { group: int(2) }), norm(6, 20)], ['Conv']],
    ['into a depthwise convolution', image, [conv(8, 1, 1, true, { group: int(4) }), norm(8, 20)], ['Conv']],
    [
      'into a transposed convolution of two groups',
      image,
      [
        {
          op: 'ConvTranspose',
          operands: [spread([4, 3, 2, 2], 3), spread([6], 4)],
          attributes: { group: int(2) },
        },
        norm(6, 20),
      ],
      ['ConvTranspose'],
    ],
    [
      'into a transposed convolution of four groups without bias',
      image,
      [
        { op: 'ConvTranspose', operands: [spread([4, 2, 3, 3], 3)], attributes: { group: int(4) } },
        norm(8, 20),
      ],
      ['ConvTranspose'],
    ],
    [
      'a chain of Mul, Add, Sub, Div in both orders',
      image,
      [
        conv(3, 4, 1, true),
        { op: 'Mul', operands: [spread([3, 1, 1], 5)] },
        { op: 'Add', operands: [spread([1, 3, 1, 1], 6)], second: true },
        { op: 'Sub', operands: [spread([3, 1, 1], 7)], second: true },
        { op: 'Sub', operands: [spread([1], 8)] },
        { op: 'Div', operands: [spread([3, 1, 1], 9)] },
        norm(3, 20),
      ],
      ['Conv'],
    ],
    [
      'into Gemm with transB, alpha and beta',
      [4, 7],
      [
        {
          op: 'Gemm',
          operands: [spread([5, 7], 1), spread([5], 2)],
          attributes: { transB: int(1), alpha: float(0.5), beta: float(3) },
        },
        { op: 'Mul', operands: [spread([5], 3)] },
        { op: 'Add', operands: [spread([1, 5], 4)] },
        norm(5, 20),
      ],
      ['Gemm'],
    ],
    [
      'into Gemm with transA and a scalar bias',
      [7, 4],
      [
        {
          op: 'Gemm',
          operands: [spread([7, 5], 1), spread([1], 2)],
          attributes: { transA: int(1), beta: float(-2) },
        },
        { op: 'Mul', operands: [spread([5], 3)] },
      ],
      ['Gemm'],
    ],
    [
      'a scale into MatMul, not the shift behind it',
      [2, 4, 7],
      [
        { op: 'MatMul', operands: [spread([7, 5], 1)] },
        { op: 'Mul', operands: [spread([5], 2)] },
        { op: 'Add', operands: [spread([5], 3)] },
      ],
      ['MatMul', 'Add'],
    ],
  ])('%s', async (_, dims, steps, left) => {
    const { ops, difference, size } = await folded(chain(dims, steps), { x: noise(dims, 3) });
    expect(ops).toEqual(left);
    expect(size).toBeGreaterThan(0.1);
    expect(difference).toBeLessThan(3e-6);
  });

  test('weights that two operators share get a copy', async () => {
    const graph = chain([1, 3, 5, 5], [conv(3, 3, 1), norm(3, 20), { op: 'Relu' }]);
    const shared = graph.node('n0')!.inputs[1]!;
    graph.removeNode(graph.node('n2')!);
    graph.addNode({ op: 'Conv', inputs: ['v1', shared], outputs: ['y'] });
    const { ops, difference } = await folded(graph, { x: noise([1, 3, 5, 5], 3) });
    expect(ops).toEqual(['Conv', 'Conv']);
    expect(difference).toBeLessThan(3e-6);
  });
});

describe('foldAffine leaves, with the reason', () => {
  const image = [1, 4, 5, 6];
  test.each<[string, Step[], RegExp, Record<string, number[]>?]>([
    [
      'a computed bias',
      [{ op: 'Conv', operands: [spread([3, 4, 3, 3], 1), 'b'] }, norm(3, 20)],
      /bias before it is not one constant per channel/,
      { b: [3] },
    ],
    [
      'one value per column',
      [conv(3, 4, 1), { op: 'Mul', operands: [spread([6], 5)] }],
      /\[6\] is not one value per channel/,
    ],
    [
      'a constant that widens the output',
      [conv(1, 4, 1), { op: 'Add', operands: [spread([3, 1, 1], 5)] }],
      /not one value per channel/,
    ],
    [
      'a constant divided by the value',
      [conv(3, 4, 1), { op: 'Div', operands: [spread([1], 5)], second: true }],
      /divides a constant/,
    ],
    [
      'division by zero',
      [conv(3, 4, 1), { op: 'Div', operands: [float32Tensor([3, 1, 1], [1, 0, 2])] }],
      /not finite/,
    ],
    ['a normalization after an activation', [conv(3, 4, 1), { op: 'Relu' }, norm(3, 20)], /follows Relu/],
  ])('%s', (_, steps, reason, inputs) => {
    const graph = chain(image, steps, inputs === undefined ? {} : { inputs });
    const before = graph.nodes.size;
    const { left, changed } = foldAffine(graph);
    expect(changed).toBe(0);
    expect(graph.nodes.size).toBe(before);
    expect(left.map(x => x.reason).join()).toMatch(reason);
  });

  test('a value with other users, and one that is an output', () => {
    const graph = chain(image, [conv(3, 4, 1), norm(3, 20)]);
    graph.addNode({ op: 'Relu', inputs: ['v0'], outputs: ['z'] });
    graph.outputs.push({ name: 'z', type: { type: 'float32' } });
    expect(foldAffine(graph)).toMatchObject({
      changed: 0,
      left: [{ reason: expect.stringMatching('other users') }],
    });
    const other = chain(image, [conv(3, 4, 1), norm(3, 20)]);
    other.outputs.push({ name: 'v0', type: { type: 'float32' } });
    expect(foldAffine(other)).toMatchObject({
      changed: 0,
      left: [{ reason: expect.stringMatching('graph output') }],
    });
  });

  test('a Gemm bias that differs by row', () => {
    const gemm = { op: 'Gemm', operands: [spread([7, 5], 1), spread([4, 1], 2)] };
    const graph = chain([4, 7], [gemm, { op: 'Mul', operands: [spread([5], 3)] }]);
    expect(foldAffine(graph).changed).toBe(0);
  });
});

describe('real networks keep their outputs', () => {
  test('detector on a drawn picture: the same text is found', async () => {
    const graph = readModelFile(networks.detector.path);
    const feeds = { x: drawnText(128, 256) };
    const [name] = graph.outputs.map(x => x.name);
    const before = (await runGraphOnce(graph, feeds))[name!]!;
    const map = toFloat32(before);
    const text = map.reduce((n, x) => n + (x > 0.6 ? 1 : 0), 0);
    // Neither all nothing nor all text: the outputs depend on what the folded layers compute.
    expect(text).toBeGreaterThan(map.length / 100);
    expect(text).toBeLessThan(map.length / 2);
    const constants = await foldConstants(graph);
    removeIdentities(graph);
    const affine = foldAffine(graph);
    expect(constants.changed + affine.changed).toBeGreaterThan(20);
    const after = (await runGraphOnce(graph, feeds))[name!]!;
    expect(largestDifference(before, after)).toBeLessThan(2e-3);
  });

  test.each(['recogniser', 'classifier'] as const)('%s', async name => {
    const { path, dims } = networks[name];
    const graph = readModelFile(path);
    const feeds = { x: noise(dims, 4) };
    const before = await runGraphOnce(graph, feeds);
    await foldConstants(graph);
    removeIdentities(graph);
    expect(foldAffine(graph).changed).toBeGreaterThan(5);
    const after = await runGraphOnce(graph, feeds);
    for (const [output, tensor] of Object.entries(before)) {
      expect(largestDifference(tensor, after[output]!)).toBeLessThan(1e-4);
    }
  });
});

describe('explicitPads', () => {
  test.each([
    'SAME_UPPER',
    'SAME_LOWER',
    'VALID',
  ])('%s: outputs unchanged for any window and stride', async mode => {
    for (const [kernel, strides, dilations] of [
      [
        [3, 3],
        [1, 1],
        [1, 1],
      ],
      [
        [2, 4],
        [1, 1],
        [1, 1],
      ],
      [
        [3, 2],
        [2, 3],
        [1, 1],
      ],
      [
        [1, 5],
        [3, 2],
        [1, 1],
      ],
      [
        [4, 1],
        [2, 1],
        [1, 1],
      ],
    ] as const) {
      const graph = chain(
        [1, 2, 9, 10],
        [
          {
            op: 'Conv',
            operands: [spread([3, 2, ...kernel], 4)],
            attributes: {
              auto_pad: attribute.string(mode),
              ...{ strides: ints([...strides]), dilations: ints([...dilations]) },
            },
          },
        ],
      );
      const feeds = { x: noise([1, 2, 9, 10], 3) };
      const before = (await runGraphOnce(graph, feeds))['y']!;
      expect(explicitPads(graph).done).toEqual({ Conv: 1 });
      expect(graph.order()[0]!.attributes.has('auto_pad')).toBe(false);
      const after = (await runGraphOnce(graph, feeds))['y']!;
      expect([kernel, after.dims, largestDifference(before, after)]).toEqual([kernel, before.dims, 0]);
    }
  });

  test('a strided window over open dimensions keeps its automatic padding', () => {
    const graph = chain(
      [1, 2, 9, 10],
      [
        {
          op: 'Conv',
          operands: [spread([3, 2, 3, 3], 4)],
          attributes: { auto_pad: attribute.string('SAME_UPPER'), strides: ints([2, 2]) },
        },
      ],
    );
    graph.inputs[0] = { name: 'x', type: { type: 'float32', shape: [1, 2, 'h', 'w'] } };
    expect(explicitPads(graph).left).toEqual([
      { node: 'n0', reason: 'its padding depends on sizes that only a run tells' },
    ]);
  });
});

describe('foldConstants and growth', () => {
  test('a ConstantOfShape of known small shape folds; a product of two vectors that would fill memory does not', async () => {
    const graph = new Graph();
    graph.opsets.set('', 21);
    graph.inputs = [{ name: 'x', type: { type: 'float32', shape: ['n', 4] } }];
    graph.outputs = [{ name: 'y', type: { type: 'float32' } }];
    graph.setConstant('shape', { type: 'int64', dims: [2], data: BigInt64Array.of(4n, 4n) } as Tensor);
    graph.addNode({ op: 'ConstantOfShape', name: 'fill', inputs: ['shape'], outputs: ['w'] });
    graph.addNode({ op: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['h'] });
    graph.setConstant('column', spread([100_000, 1], 1));
    graph.setConstant('row', spread([1, 100_000], 2));
    graph.addNode({ op: 'Mul', name: 'outer', inputs: ['column', 'row'], outputs: ['large'] });
    graph.addNode({ op: 'ReduceMax', name: 'most', inputs: ['large'], outputs: ['m'] });
    graph.addNode({ op: 'Add', name: 'sum', inputs: ['h', 'm'], outputs: ['y'] });
    const { done, left } = await foldConstants(graph);
    expect(done).toEqual({ ConstantOfShape: 1 });
    expect(graph.constant('w')?.dims).toEqual([4, 4]);
    expect(left.map(x => x.node)).toEqual(['outer']);
  });
});

describe('removeIdentities', () => {
  test('removes Identity and idle Dropout, keeps names of outputs', async () => {
    const graph = smallNetwork();
    for (const [from, op] of [
      ['c', 'Identity'],
      ['r', 'Dropout'],
      ['y', 'Identity'],
    ] as const) {
      graph.replaceUses(from, `${from}_id`);
      graph.addNode({ op, inputs: [from], outputs: [`${from}_id`] });
    }
    graph.outputs = [{ name: 'y_id', type: { type: 'float32' } }];
    const feeds = { x: noise([1, 2, 6, 6], 1) };
    const before = await runGraphOnce(graph, feeds);
    const { done, left } = removeIdentities(graph);
    expect(done).toEqual({ Identity: 1, Dropout: 1 });
    expect(left).toEqual([{ node: expect.any(String), reason: 'it makes a graph output' }]);
    const after = await runGraphOnce(graph, feeds);
    expect(largestDifference(before['y_id']!, after['y_id']!)).toBe(0);
  });

  test('keeps a Dropout whose mask is used or that may be training', () => {
    const graph = chain([1, 4], [{ op: 'Dropout' }, { op: 'Relu' }]);
    const node = graph.node('n0')!;
    graph.replaceNode(node, { outputs: ['v0', 'mask'] });
    graph.outputs.push({ name: 'mask', type: { type: 'bool' } });
    expect(removeIdentities(graph)).toMatchObject({ changed: 0, left: [{ reason: 'its mask is used' }] });
    const training = chain([1, 4], [{ op: 'Dropout', operands: ['r', 't'] }, { op: 'Relu' }], {
      inputs: { r: [], t: [] },
    });
    expect(removeIdentities(training)).toMatchObject({
      changed: 0,
      left: [{ reason: 'it may be in training mode' }],
    });
  });
});
