// Mutated real and generated ONNX files: every one is read as a graph that can be written and read again, or refused
// with an InputError. Seeded; a failure names the mutant.

import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema, type TensorProto, TensorProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { networks, smallNetwork } from './networks.fixture.ts';
import { foldAffine } from './passes/fold-affine.ts';
import { removeIdentities } from './passes/identity.ts';
import { quantizable } from './quantizable.ts';
import { alreadyQuantized } from './quantized.ts';
import { readModel } from './read.ts';
import { serializeModel } from './write.ts';

type Mutation = (bytes: Uint8Array<ArrayBuffer>, random: Random) => Uint8Array<ArrayBuffer>;

/** Structure stands in the first and last parts of a file: weights fill the middle. */
function place(length: number, random: Random): number {
  const edge = Math.min(length, 4096);
  const kind = random.below(3);
  if (kind === 0) return random.below(edge);
  return kind === 1 ? length - 1 - random.below(edge) : random.below(length);
}

const onProto =
  (change: (model: ModelProto, random: Random) => void): Mutation =>
  (bytes, random) => {
    const model = fromBinary(ModelProtoSchema, bytes);
    change(model, random);
    return toBinary(ModelProtoSchema, model);
  };

function tensorsOf(model: ModelProto): TensorProto[] {
  const nodes = model.graph!.node.flatMap(n => n.attribute.flatMap(a => (a.t === undefined ? [] : [a.t])));
  return [...model.graph!.initializer, ...nodes];
}

const absurd = [-1n, 0n, 1n, 7n, 65537n, 2n ** 31n, 2n ** 40n, 2n ** 53n, 2n ** 62n, -(2n ** 63n)];

const mutations: Record<string, Mutation> = {
  truncate: (bytes, random) => bytes.slice(0, place(bytes.length, random)),
  flip: (bytes, random) => {
    const out = bytes.slice();
    for (let n = 1 + random.below(4); n > 0; n--) {
      const at = place(out.length, random);
      out[at] = out[at]! ^ (1 << random.below(8));
    }
    return out;
  },
  overwrite: (bytes, random) => {
    const out = bytes.slice();
    const at = place(out.length, random);
    for (let i = at; i < Math.min(out.length, at + 1 + random.below(12)); i++) out[i] = random.below(256);
    return out;
  },
  length: (bytes, random) => {
    const out = bytes.slice();
    let at = place(out.length, random);
    while (at < out.length - 1 && (out[at]! & 7) !== 2) at++;
    if (at < out.length - 1) out[at + 1] = random.pick([0, 1, 127, 128, 255, (out[at + 1]! + 1) & 255]);
    return out;
  },
  splice: (bytes, random) => {
    const from = place(bytes.length, random);
    const piece = bytes.subarray(from, from + random.below(64));
    const to = place(bytes.length, random);
    const out = new Uint8Array(bytes.length + piece.length);
    out.set(bytes.subarray(0, to));
    out.set(piece, to);
    out.set(bytes.subarray(to), to + piece.length);
    return out;
  },
  dims: onProto((model, random) => {
    const tensor = random.pick(tensorsOf(model));
    if (tensor.dims.length === 0 || random.below(4) === 0) tensor.dims.push(random.pick(absurd));
    else tensor.dims[random.below(tensor.dims.length)] = random.pick(absurd);
  }),
  type: onProto((model, random) => {
    random.pick(tensorsOf(model)).dataType = random.below(40) - 4;
  }),
  wiring: onProto((model, random) => {
    const names = model.graph!.node.flatMap(n => n.output);
    const node = random.pick(model.graph!.node);
    const side = random.below(2) === 0 ? node.input : node.output;
    if (random.below(5) === 0) side.length = 0;
    else side[random.below(side.length + 1)] = random.pick([...names, '', 'nowhere']);
  }),
  attributes: onProto((model, random) => {
    const a = random.pick(model.graph!.node.flatMap(n => n.attribute));
    const kind = random.below(4);
    if (kind === 0) a.i = random.pick(absurd);
    else if (kind === 1) a.ints = [random.pick(absurd), ...a.ints];
    else if (kind === 2) a.type = random.below(16);
    else a.t = create(TensorProtoSchema, { dims: [random.pick(absurd)], dataType: random.below(20) });
  }),
  operators: onProto((model, random) => {
    const ops = [
      'Conv',
      'ConvTranspose',
      'MatMul',
      'Gemm',
      'BatchNormalization',
      'Identity',
      'Constant',
      'If',
      '',
    ];
    random.pick(model.graph!.node).opType = random.pick(ops);
    for (const entry of model.opsetImport) if (random.below(8) === 0) entry.version = random.pick(absurd);
  }),
};

test('mutated files are refused with an InputError or read as graphs', () => {
  const sources = [
    new Uint8Array(readFileSync(networks.classifier.path)),
    serializeModel(smallNetwork()),
    serializeModel(smallNetwork(9)),
  ];
  const kinds = Object.keys(mutations);
  const outcome = { read: 0, refused: 0, slowest: 0 };
  const end = performance.now() + 6000;
  let i = 0;
  for (; performance.now() < end; i++) {
    const random = new Random(i);
    // The small networks twice as often as the classifier, whose weights make a mutant slow.
    const source = sources[i % sources.length]!;
    const kind = kinds[Math.floor(i / sources.length) % kinds.length]!;
    const bytes = mutations[kind]!(source, random);
    const start = performance.now();
    try {
      const graph = readModel(bytes, { file: 'mutant.onnx' });
      const nodes = graph.nodes.size;
      const again = readModel(serializeModel(graph));
      expect(again.nodes.size).toBe(nodes);
      quantizable(graph);
      alreadyQuantized(graph);
      removeIdentities(graph);
      foldAffine(graph);
      readModel(serializeModel(graph));
      outcome.read++;
    } catch (error) {
      if (!(error instanceof InputError)) throw new Error(`mutant ${i} (${kind})`, { cause: error });
      expect(error.message).not.toContain('\n');
      outcome.refused++;
    }
    outcome.slowest = Math.max(outcome.slowest, performance.now() - start);
  }
  expect(i).toBeGreaterThan(3 * kinds.length);
  expect(outcome.read).toBeGreaterThan(0);
  expect(outcome.refused).toBeGreaterThan(0);
  if (process.env['BITWRIGHT_FUZZ_LOG']) console.log({ mutants: i, ...outcome });
}, 30_000);
