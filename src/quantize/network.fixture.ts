// A small network with every kind of layer the quantizer tells apart, and batches for it.

import { Random } from '../core/random.ts';
import { attribute, type Feeds, float32Tensor, Graph } from '../model/index.ts';

/** x [n,3,8,8] to scores [n,5]: convolution, depthwise, pointwise, dense; rectifiers between; channels of uneven range. */
export function smallNetwork(seed = 1): Graph {
  const random = new Random(seed);
  const graph = new Graph();
  graph.name = 'small';
  graph.opsets.set('', 21);
  graph.inputs.push({ name: 'x', type: { type: 'float32', shape: ['n', 3, 8, 8] } });
  graph.outputs.push({ name: 'scores', type: { type: 'float32', shape: ['n', 5] } });
  const weight = (name: string, dims: number[]): string => {
    const inner = dims.slice(1).reduce((a, b) => a * b, 1);
    const data = new Float32Array(dims[0]! * inner);
    for (let m = 0; m < dims[0]!; m++) {
      const range = Math.exp(1.2 * random.normal()) / Math.sqrt(inner);
      for (let i = 0; i < inner; i++) data[m * inner + i] = range * random.normal();
    }
    return graph.addConstant(name, float32Tensor(dims, data));
  };
  const bias = (name: string, n: number): string =>
    graph.addConstant(
      name,
      float32Tensor(
        [n],
        Float32Array.from({ length: n }, () => 0.2 * random.normal()),
      ),
    );
  const pads = { pads: attribute.ints([1, 1, 1, 1]) };
  const add = (op: string, name: string, inputs: string[], attributes = {}): string => {
    const output = name === 'dense' ? 'scores' : `${name}.out`;
    graph.addNode({ op, name, inputs, outputs: [output], attributes });
    return output;
  };
  let at = add('Conv', 'stem', ['x', weight('stem.w', [8, 3, 3, 3]), bias('stem.b', 8)], pads);
  at = add('Relu', 'relu1', [at]);
  at = add('Conv', 'depth', [at, weight('depth.w', [8, 1, 3, 3]), bias('depth.b', 8)], {
    ...pads,
    group: attribute.int(8),
  });
  at = add('Relu', 'relu2', [at]);
  at = add('Conv', 'point', [at, weight('point.w', [16, 8, 1, 1])]);
  at = add('Relu', 'relu3', [at]);
  at = add('GlobalAveragePool', 'pool', [at]);
  at = add('Flatten', 'flat', [at]);
  add('Gemm', 'dense', [at, weight('dense.w', [5, 16]), bias('dense.b', 5)], { transB: attribute.int(1) });
  return graph;
}

/** Batches of smooth random images. */
export function smallBatches(count: number, size = 4, seed = 7): Feeds[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const data = new Float32Array(size * 3 * 64);
    for (let plane = 0; plane < size * 3; plane++) {
      const [a, b, c] = [random.normal(), random.normal(), random.normal()];
      for (let i = 0; i < 64; i++) {
        data[plane * 64 + i] =
          a * Math.cos((i % 8) * 0.6 + b) + c * Math.sin((i >> 3) * 0.5) + 0.3 * random.normal();
      }
    }
    return { x: float32Tensor([size, 3, 8, 8], data) };
  });
}
