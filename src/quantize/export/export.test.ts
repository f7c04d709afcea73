// Exported models against the quantizer: every layout and format bit for bit in ONNX Runtime, planted faults found.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.ts';
import { decode, encode, parseFormat, quantizeDequantize, type TensorLayout } from '../../format/index.ts';
import {
  type Attribute,
  alreadyQuantized,
  attribute,
  elementCount,
  float32Tensor,
  Graph,
  makeTensor,
  readModel,
  runGraphOnce,
  serializeModel,
} from '../../model/index.ts';
import { coarseFor, insertActivationQuantizer } from '../activations.ts';
import type { QuantizedModel } from '../quantize.ts';
import { compareCodes, compareDecoded, exportModel } from './index.ts';

interface Layer {
  op: 'Conv' | 'ConvTranspose' | 'MatMul' | 'Gemm';
  input: number[];
  shape: number[];
  layout?: Omit<TensorLayout, 'name'>;
  attributes?: Record<string, Attribute>;
  bias?: boolean;
}

const conv = { channelAxis: 0, reductionAxis: 1 };
const layers: Record<string, Layer> = {
  convolution: {
    op: 'Conv',
    input: [2, 40, 5, 5],
    shape: [6, 40, 3, 3],
    layout: { shape: [6, 40, 3, 3], ...conv },
  },
  'convolution of one short vector': {
    ...{ op: 'Conv', input: [1, 3, 5, 5], shape: [6, 3, 3, 3] },
    layout: { shape: [6, 3, 3, 3], ...conv },
  },
  'pointwise of whole vectors': {
    ...{ op: 'Conv', input: [1, 32, 2, 2], shape: [7, 32, 1, 1] },
    layout: { shape: [7, 32, 1, 1], ...conv },
  },
  grouped: {
    ...{ op: 'Conv', input: [1, 36, 4, 4], shape: [4, 18, 3, 3] },
    ...{ layout: { shape: [4, 18, 3, 3], ...conv }, attributes: { group: attribute.int(2) } },
  },
  'depthwise in one vector': {
    ...{ op: 'Conv', input: [1, 8, 5, 5], shape: [8, 1, 3, 3] },
    ...{ layout: { shape: [8, 9], ...conv }, attributes: { group: attribute.int(8) } },
  },
  'depthwise in two vectors': {
    ...{ op: 'Conv', input: [1, 8, 7, 7], shape: [8, 1, 5, 5] },
    ...{ layout: { shape: [8, 25], ...conv }, attributes: { group: attribute.int(8) } },
  },
  transposed: {
    ...{ op: 'ConvTranspose', input: [1, 20, 3, 3], shape: [20, 5, 2, 2] },
    ...{ layout: { shape: [20, 5, 2, 2], channelAxis: 1, reductionAxis: 0 } },
  },
  product: {
    ...{ op: 'MatMul', input: [2, 3, 50], shape: [50, 9] },
    ...{ layout: { shape: [50, 9], channelAxis: 1, reductionAxis: 0 } },
  },
  'batched product': {
    ...{ op: 'MatMul', input: [2, 3, 20], shape: [2, 20, 5] },
    ...{ layout: { shape: [2, 20, 5], channelAxis: 2, reductionAxis: 1 } },
  },
  'product of one vector': {
    ...{ op: 'MatMul', input: [3, 7], shape: [7, 5] },
    ...{ layout: { shape: [7, 5], channelAxis: 1, reductionAxis: 0 } },
  },
  'transposed product with bias': {
    ...{ op: 'Gemm', input: [3, 37], shape: [11, 37], bias: true },
    ...{ layout: { shape: [11, 37], ...conv }, attributes: { transB: attribute.int(1) } },
  },
};

const formats = [
  ...['int4@tensor', 'int4@channel', 'int8@channel', 'int4@v16', 'int8@v16', 'int4@v16:u4', 'int3@v16:u6'],
  ...['int8@v16:u8', 'int6@v16:u10', 'int12@v16:u4', 'int4@v16:fp8e4m3', 'int4@v1', 'int2@v4:u4'],
  ...['mxfp4e2m1', 'mxint8', 'mxfp6e3m2', 'fp4e2m1@v16:u4', 'fp4e2m1@channel', 'fp8e4m3@channel'],
  ...[
    'fp8e5m2@v16',
    'fp16',
    'bf16@tensor',
    'fp16@v16:u4',
    'lns8g8@channel',
    'lns6g4@v16',
    'fix2.6',
    'fix1.23',
  ],
  ...['ufix1.20', 'fp32'],
];

function values(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, (_, i) =>
    i % 37 === 5 ? 0 : random.between(-1, 1) * 2 ** Math.round(random.between(-4, 2)),
  );
}

/** One layer in several formats side by side, as the quantizer leaves it: weight w0 makes output y0, and so on. */
function modelOf(layer: Layer, ...notations: string[]): QuantizedModel {
  const graph = new Graph();
  graph.opsets.set('', 21);
  graph.inputs.push({ name: 'x', type: { type: 'float32', shape: layer.input } });
  const data = values(elementCount(layer.shape), 3);
  const bias = layer.bias === true ? [graph.addConstant('b', float32Tensor([11], values(11, 4)))] : [];
  const { op, attributes, shape } = layer;
  const weights = notations.map((notation, i) => {
    const constant = `w${i}`;
    const quantized = encode(data, { ...layer.layout!, name: constant }, parseFormat(notation));
    graph.setConstant(constant, float32Tensor(shape, decode(quantized)));
    const name = `layer${i}`;
    graph.addNode({ op, name, inputs: ['x', constant, ...bias], outputs: [`y${i}`], attributes });
    graph.outputs.push({ name: `y${i}`, type: { type: 'float32' } });
    return { node: name, constant, shape, quantized };
  });
  return { graph, weights, activations: [] };
}

const feedOf = (dims: readonly number[], seed = 9) => ({
  x: float32Tensor(dims, values(elementCount(dims), seed)),
});

describe('weights', () => {
  for (const [name, layer] of Object.entries(layers)) {
    it(`${name}: every format decodes to the same bits in ONNX Runtime, outputs too`, async () => {
      const samples = [feedOf(layer.input)];
      const { statistics, graph } = await exportModel(modelOf(layer, ...formats), { samples });
      const count = elementCount(layer.shape);
      const kept = formats.flatMap((f, i) => (graph.constant(`w${i}`) === undefined ? [] : [f]));
      expect(kept).toEqual(['ufix1.20', 'fp32']);
      expect(statistics.compared.codes).toBe(formats.length * count);
      expect(statistics.compared.decoded).toBe((formats.length - 2) * count);
      expect(statistics.compared.outputs).toMatchObject({ samples: 1, maxDifference: 0 });
      expect(statistics.compared.outputs!.maxOutput).toBeGreaterThan(0);
    });
  }

  it('stores integer two-level weights as integers in two standard operators', async () => {
    const { graph, statistics } = await exportModel(modelOf(layers['convolution']!, 'int4@v16:u4'));
    expect(graph.functions).toEqual([]);
    expect([...graph.nodes].map(n => n.op).sort()).toEqual(['Conv', 'DequantizeLinear', 'DequantizeLinear']);
    expect(graph.constant('w0/codes')!.type).toBe('int4');
    expect(graph.constant('w0/scale_codes')!).toMatchObject({ type: 'uint4', dims: [6, 3, 3, 3] });
    // 2160 codes and 162 scale codes of half a byte, 6 coarse scales of 4 bytes
    expect(statistics.weightBytes).toBe(1080 + 81 + 24);
    expect(statistics.weights[0]!.wider).toBe(false);
    expect(alreadyQuantized(graph)).toContain('DequantizeLinear');
  });

  it('says when the stored type is wider than the format', async () => {
    const expected = {
      ...{ 'int3@channel': true, 'int8@channel': false, 'int4@v16:u6': true, 'int6@v16:u4': true },
      ...{ mxfp6e3m2: true, mxfp4e2m1: false, 'int8@v16:u8': false },
    };
    const model = modelOf(layers['convolution']!, ...Object.keys(expected));
    const { statistics } = await exportModel(model);
    expect(Object.fromEntries(statistics.weights.map(w => [w.format, w.wider]))).toEqual(expected);
  });
});

describe('faults', () => {
  it('finds one flipped code, scale code or coarse scale', async () => {
    const model = modelOf(layers['convolution']!, 'int4@v16:u4');
    const { bytes } = await exportModel(model);
    for (const [name, what] of [
      ['w0/codes', /code 20 in the exported file/],
      ['w0/scale_codes', /scale code 20 in the exported file/],
      ['w0/gamma', /scale 1 in the exported file/],
    ] as const) {
      const graph = readModel(bytes);
      const tensor = graph.constant(name)!;
      const data = tensor.data.slice() as Uint8Array;
      if (name === 'w0/gamma') data[1] = data[1]! * 1.0000002;
      else data[10] = data[10]! ^ 1;
      graph.setConstant(name, makeTensor(tensor.type, tensor.dims, data));
      const again = readModel(serializeModel(graph));
      expect(() => compareCodes(again, model.weights)).toThrow(what);
      await expect(compareDecoded(again, model)).rejects.toThrow(/decodes to/);
    }
    expect(compareCodes(readModel(bytes), model.weights)).toMatchObject({
      codes: 2160,
      scaleCodes: 162,
      scales: 6,
    });
  });

  it('puts weights beside the model past a limit, and ONNX Runtime runs the pair wherever it lies', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitwright-export-'));
    try {
      const model = modelOf(
        {
          ...layers['product']!,
          shape: [512, 64],
          input: [3, 512],
          layout: { shape: [512, 64], channelAxis: 1, reductionAxis: 0 },
        },
        'int4@v16:u4',
        'int8@channel',
      );
      const x = float32Tensor([3, 512], values(1536, 5));
      const options = { path: join(folder, 'a', 'model.onnx'), samples: [{ x }], messageLimit: 10_000 };
      const { statistics } = await exportModel(model, options);
      expect(readdirSync(join(folder, 'a')).sort()).toEqual(['model.onnx', 'model.onnx.data']);
      expect(statistics.dataPath).toBe(join(folder, 'a', 'model.onnx.data'));
      expect(statistics.compared.outputs?.maxDifference).toBe(0);
      renameSync(join(folder, 'a'), join(folder, 'b'));
      const moved = join(folder, 'b', 'model.onnx');
      const session = await InferenceSession.create(moved, { graphOptimizationLevel: 'disabled' });
      const feeds = { x: new OrtTensor('float32', x.data as Float32Array, [3, 512]) };
      const got = await session.run(feeds);
      await session.release();
      const want = await runGraphOnce(model.graph, { x });
      for (const [name, tensor] of Object.entries(want)) {
        const a = got[name]!.data as Float32Array;
        (tensor.data as Float32Array).forEach((y, j) => {
          expect(Math.abs(y - a[j]!)).toBeLessThan(1e-3);
        });
      }
      const small = await exportModel(model, { ...options, messageLimit: 1 << 20 });
      expect(small.statistics.dataPath).toBe(undefined);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('leaves no file when outputs are not those of the evaluation graph', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitwright-export-'));
    try {
      const model = modelOf(layers['product']!, 'int4@v16:u4');
      const path = join(folder, 'sub', 'model.onnx');
      const samples = [feedOf(layers['product']!.input)];
      const good = await exportModel(model, { path, samples });
      expect(readdirSync(join(folder, 'sub'))).toEqual(['model.onnx']);
      expect(good.statistics.bytes).toBe(good.bytes.length);
      const wrong = model.graph.clone();
      const held = (wrong.constant('w0')!.data as Float32Array).slice();
      held[3] = held[3]! + 0.5;
      wrong.setConstant('w0', float32Tensor([50, 9], held));
      const other = join(folder, 'sub', 'other.onnx');
      await expect(exportModel({ ...model, graph: wrong }, { path: other, samples })).rejects.toThrow(
        /outputs of the exported model differ by/,
      );
      expect(existsSync(other)).toBe(false);
      expect(readdirSync(join(folder, 'sub'))).toEqual(['model.onnx']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names the file that was asked for when nothing can be written, and a folder in its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitwright-export-'));
    try {
      const model = modelOf(layers['product']!, 'int4@v16:u4');
      writeFileSync(join(folder, 'file'), '');
      const below = join(folder, 'file', 'model.onnx');
      await expect(exportModel(model, { path: below })).rejects.toMatchObject({
        message: `${below}: cannot write (ENOTDIR)`,
        place: { file: below },
      });
      const taken = join(folder, 'taken.onnx');
      mkdirSync(taken);
      await expect(exportModel(model, { path: taken })).rejects.toMatchObject({
        message: `${taken}: cannot write (EISDIR)`,
      });
      expect(readdirSync(folder).sort()).toEqual(['file', 'taken.onnx']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses unknown formats', async () => {
    const model = modelOf(layers['product']!, 'int4@v16');
    await expect(exportModel(model, { format: 'gguf' as never })).rejects.toThrow(/qdq or matmulnbits/);
  });
});

describe('activations', () => {
  for (const [notation, offset, dims, axis] of [
    ['int8@tensor', 0, [2, 20, 3, 3], 1],
    ['int4@tensor', 0, [2, 20, 3, 3], 1],
    ['uint4@tensor', -0.75, [2, 20, 3, 3], 1],
    ['uint8@tensor', 0, [2, 20, 3, 3], 1],
    ['int12@tensor', 0, [5, 33], 1],
    ['int8@v16', 0, [2, 20, 3, 3], 1],
    ['int8@v16:u8', 0, [2, 20, 3, 3], 1],
    ['uint4@v16:u8', -0.75, [2, 20, 3, 3], 1],
    ['int4@v16:u4', 0, [4, 3, 16], 2],
    ['int8@v5:u6', 0, [5, 33], 1],
  ] as const) {
    it(`${notation}${offset === 0 ? '' : ' with an offset'} on [${dims}] equals the codec`, async () => {
      const format = parseFormat(notation);
      const graph = new Graph();
      graph.opsets.set('', 21);
      graph.inputs.push({ name: 'x', type: { type: 'float32', shape: dims } });
      const node = graph.addNode({ op: 'Identity', name: 'user', inputs: ['x'], outputs: ['y'] });
      graph.outputs.push({ name: 'y', type: { type: 'float32', shape: dims } });
      const coarse = coarseFor(format, 1.7); // below the peak: codes saturate
      const spec = { value: 'x', format, axis, rank: dims.length, coarse, offset };
      const activations = [insertActivationQuantizer(graph, spec, [node])];
      const feed = feedOf(dims);
      const { graph: exported, statistics } = await exportModel(
        { graph, weights: [], activations },
        { samples: [feed] },
      );
      expect(statistics.compared.outputs!.maxDifference).toBe(0);
      const fixed = notation.includes('@tensor');
      expect(exported.functions).toHaveLength(fixed ? 0 : 1);
      expect(statistics.activations[0]!.form).toMatch(fixed ? /QuantizeLinear/ : /^QuantizeDequantize_/);
      const { y } = await runGraphOnce(exported, feed, { optimization: 'disabled' });
      const { scaling } = format;
      const shifted = feed.x.data as Float32Array;
      const input = Float32Array.from(shifted, v => Math.fround(v - Math.fround(offset)));
      const dynamic = scaling.kind === 'vector' && scaling.scale.kind === 'fp32';
      const layout = { shape: dims, reductionAxis: axis };
      const wanted = quantizeDequantize(input, layout, format, dynamic ? {} : { coarse });
      const back = Float32Array.from(wanted, v => v + Math.fround(offset));
      expect(Array.from(y!.data as Float32Array, v => v + 0)).toEqual(Array.from(back, v => v + 0));
    });
  }

  it('shares one function among equal quantizers and passes coarse scales as inputs', async () => {
    const graph = new Graph();
    graph.opsets.set('', 21);
    const activations = [];
    for (const [i, peak] of [1, 2, 3].entries()) {
      graph.inputs.push({ name: `x${i}`, type: { type: 'float32', shape: [2, 20] } });
      const node = graph.addNode({ op: 'Identity', inputs: [`x${i}`], outputs: [`y${i}`] });
      graph.outputs.push({ name: `y${i}`, type: { type: 'float32' } });
      const format = parseFormat('int8@v16:u8');
      const spec = { value: `x${i}`, format, axis: 1, rank: 2, offset: 0, coarse: coarseFor(format, peak) };
      activations.push(insertActivationQuantizer(graph, spec, [node]));
    }
    const { x } = feedOf([2, 20]);
    const result = await exportModel(
      { graph, weights: [], activations },
      { samples: [{ x0: x, x1: x, x2: x }] },
    );
    expect(result.statistics.functions).toEqual({ QuantizeDequantize_int8_v16_u8_axis1_rank2: 3 });
    expect(result.graph.functions[0]!.input).toEqual(['x', 'gamma']);
    expect(result.graph.opsets.get('bitwright')).toBe(1);
  });
});

describe('matmulnbits', () => {
  for (const name of ['product', 'transposed product with bias', 'product of one vector']) {
    it(`${name}: same codes, close outputs`, async () => {
      const layer = layers[name]!;
      const model = modelOf(layer, 'int4@v16', 'int8@v32', 'int3@v16:u4');
      const samples = [feedOf(layer.input)];
      const exact = await exportModel(model, { format: 'matmulnbits', accuracyLevel: 0, samples });
      expect([...exact.graph.nodes].filter(n => n.op === 'MatMulNBits')).toHaveLength(3);
      expect(exact.statistics.compared.codes).toBe(3 * elementCount(layer.shape));
      const { maxDifference, maxOutput } = exact.statistics.compared.outputs!;
      expect(maxDifference).toBeLessThan(1e-5 * maxOutput);
      await exportModel(model, { format: 'matmulnbits', samples });
    });
  }

  it('says why a layer does not fit', async () => {
    for (const [layer, notation, reason] of [
      ['convolution', 'int4@v16', /belongs to Conv/],
      ['product', 'int4@channel', /has no vectors/],
      ['product', 'int4@v24', /vectors of 24 elements/],
      ['product', 'fp4e2m1@v16', /not a signed integer/],
      ['batched product', 'int4@v16', /3 dimensions/],
    ] as const) {
      await expect(exportModel(modelOf(layers[layer]!, notation), { format: 'matmulnbits' })).rejects.toThrow(
        reason,
      );
    }
  });
});
