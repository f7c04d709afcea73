// The exported Softermax function in ONNX Runtime against the golden model, and which nodes it replaces.

import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Softermax, type SoftermaxOptions } from '../../format/index.ts';
import { attribute, float32Tensor, Graph, int64Tensor } from '../../model/index.ts';
import { LocalFunctions } from '../export/functions.ts';
import { chooseSoftmax, compareSoftmax, fitSoftermax, parseSoftmax, replaceSoftmax } from './index.ts';

/** q [b,h,n,8] times k [b,h,8,n], softmax, times v [b,h,n,8], softmax. */
function attention(axis = -1): Graph {
  const graph = new Graph();
  graph.opsets.set('', 21);
  for (const [name, shape] of [
    ['q', ['b', 2, 'n', 8]],
    ['k', ['b', 2, 8, 'n']],
    ['v', ['b', 2, 'n', 8]],
  ] as const) {
    graph.inputs.push({ name, type: { type: 'float32', shape } });
  }
  graph.addNode({ op: 'MatMul', name: 'scores', inputs: ['q', 'k'], outputs: ['s'] });
  graph.addNode({
    op: 'Softmax',
    name: 'sm',
    inputs: ['s'],
    outputs: ['p'],
    attributes: { axis: attribute.int(axis) },
  });
  graph.addNode({ op: 'Identity', name: 'id', inputs: ['p'], outputs: ['p2'] });
  graph.addNode({ op: 'MatMul', name: 'mix', inputs: ['p2', 'v'], outputs: ['o'] });
  graph.addNode({ op: 'Softmax', name: 'last', inputs: ['o'], outputs: ['y'] });
  graph.outputs.push({ name: 'y', type: { type: 'float32', shape: ['b', 2, 'n', 8] } });
  return graph;
}

test('takes the softmax that feeds a product, leaves the last one and other axes', () => {
  const choice = chooseSoftmax(attention());
  expect(choice.taken.map(n => n.name)).toEqual(['sm']);
  expect(choice.left).toEqual([{ node: 'last', reason: 'feeds no matrix product' }]);
  expect(chooseSoftmax(attention(2)).left[0]!.reason).toBe('axis 2 is not the last');
});

test.each<SoftermaxOptions>([
  {},
  { vector: 32 },
  { vector: 5, input: 'fix8.2', addendFraction: 6, operandFraction: 8 },
  { input: 'fix5.4', powerSegments: 4, addendFraction: 15 },
  {
    input: 'fix6.0',
    sum: 'ufix4.8',
    reciprocal: 'ufix1.10',
    reciprocalSegments: 16,
    output: 'ufix1.10',
    operandFraction: 15,
  },
])('ONNX Runtime gives the integers of the golden model: %o', async options => {
  const graph = attention();
  const model = new Softermax(options);
  replaceSoftmax(graph, graph.node('sm')!, model, new LocalFunctions(graph));
  const compared = await compareSoftmax(graph, [{ node: 'sm', output: 'p', model, range: undefined }], []);
  expect(compared.random).toBeGreaterThan(24 * 1024);
});

test('runs where the rank of the scores is not known before the run', async () => {
  const graph = attention();
  graph.inputs.push({ name: 'shape', type: { type: 'int64', shape: ['rank'] } });
  graph.addNode({ op: 'Reshape', name: 'again', inputs: ['s', 'shape'], outputs: ['s2'] });
  graph.setInput(graph.node('sm')!, 0, 's2');
  replaceSoftmax(graph, graph.node('sm')!, new Softermax(), new LocalFunctions(graph));
  const random = new Random(3);
  const feed = (dims: number[]) =>
    float32Tensor(
      dims,
      Float32Array.from({ length: 2 * 8 * 20 }, () => 3 * random.normal()),
    );
  const feeds = {
    q: feed([1, 2, 20, 8]),
    k: feed([1, 2, 8, 20]),
    v: feed([1, 2, 20, 8]),
    shape: int64Tensor([1, 2, 20, 20]),
  };
  const replaced = { node: 'sm', output: 'p', model: new Softermax(), range: undefined };
  expect((await compareSoftmax(graph, [replaced], [feeds])).real).toBe(2 * 20 * 20);
});

test('a model of another vector width is told apart', async () => {
  const graph = attention();
  replaceSoftmax(graph, graph.node('sm')!, new Softermax({ vector: 16 }), new LocalFunctions(graph));
  const other = { node: 'sm', output: 'p', model: new Softermax({ vector: 32 }), range: undefined };
  await expect(compareSoftmax(graph, [other], [])).rejects.toThrow(/golden model/);
});

test('options as text, and the fit of the input format', () => {
  expect(parseSoftmax('exact')).toBeUndefined();
  expect(parseSoftmax('softermax:fix7.2@v32')).toEqual({ input: 'fix7.2', vector: 32 });
  expect(() => parseSoftmax('softmax2')).toThrow(/expected exact, softermax/);
  expect(() => parseSoftmax('softermax:fix12.2')).toThrow(/2 to 8/);
  const bits = (high: number, lowestPeak: number): number =>
    fitSoftermax({}, { high, lowestPeak }).parameters.input.integerBits;
  expect([bits(20, 0), bits(31.75, 0), bits(32, 0), bits(64, 0), bits(5, -25), bits(500, 0)]).toEqual([
    6, 6, 7, 8, 7, 8,
  ]);
  expect(fitSoftermax({ input: 'fix6.2' }, { high: 90, lowestPeak: 0 }).parameters.input.integerBits).toBe(6);
});
