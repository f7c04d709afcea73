import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  TensorProto_DataLocation as DataLocation,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { largestDifference, networks, noise, smallNetwork, spread } from './networks.fixture.ts';
import { readModel, readModelFile } from './read.ts';
import { runGraphOnce } from './session.ts';
import { serializeModel, writeModelFile } from './write.ts';

interface Parts {
  nodes?: { op: string; inputs?: string[]; outputs?: string[]; name?: string }[];
  initializers?: Partial<TensorProto>[];
  inputs?: string[];
  outputs?: string[];
  opset?: number;
}

function bytesOf({ nodes = [], initializers = [], inputs = ['x'], outputs = ['y'], opset = 13 }: Parts) {
  const value = (name: string) => create(ValueInfoProtoSchema, { name });
  const graph = create(GraphProtoSchema, {
    name: 'g',
    node: nodes.map(n =>
      create(NodeProtoSchema, {
        name: n.name ?? '',
        opType: n.op,
        input: n.inputs ?? ['x'],
        output: n.outputs ?? ['y'],
      }),
    ),
    initializer: initializers.map(t =>
      Object.assign(create(TensorProtoSchema, { name: 'w', dataType: 1, dims: [2n] }), t),
    ),
    input: inputs.map(value),
    output: outputs.map(value),
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph }));
}

const refusal = (parts: Parts): (() => void) => {
  return () => void readModel(bytesOf(parts), { file: 'm.onnx' });
};

describe('what a graph must be', () => {
  const relu = { op: 'Relu' };
  test('a plain graph is read', () => {
    expect(readModel(bytesOf({ nodes: [relu] })).nodes.size).toBe(1);
  });
  test.each<[string, Parts, RegExp]>([
    [
      'a value made twice',
      { nodes: [relu, { op: 'Abs' }] },
      /m\.onnx, node 'Abs_1': value 'y' is made twice/,
    ],
    ['an input made again', { nodes: [{ op: 'Relu', outputs: ['x'] }], outputs: ['x'] }, /'x' is made twice/],
    [
      'a missing producer',
      { nodes: [{ op: 'Relu', inputs: ['xx'] }] },
      /'xx' is used but nothing makes it; did you mean 'x'/,
    ],
    ['a missing output', { nodes: [relu], outputs: ['z'] }, /'z' is used but nothing makes it/],
    ['an output twice', { nodes: [relu], outputs: ['y', 'y'] }, /output 'y' is listed twice/],
    ['an input twice', { nodes: [relu], inputs: ['x', 'x'] }, /input 'x' is listed twice/],
    ['no output', { nodes: [relu], outputs: [] }, /no outputs/],
    [
      'a cycle',
      {
        nodes: [
          { op: 'Add', inputs: ['x', 'b'], outputs: ['a'], name: 'first' },
          { op: 'Relu', inputs: ['a'], outputs: ['b'], name: 'second' },
          { op: 'Abs', inputs: ['a'], outputs: ['y'] },
        ],
      },
      /node '(first|second)': the graph has a cycle/,
    ],
    ['a node that feeds itself', { nodes: [{ op: 'Relu', inputs: ['y'] }] }, /cycle/],
    ['a node without operator', { nodes: [{ op: '' }] }, /no operator/],
    ['an old operator set', { nodes: [relu], opset: 6 }, /uses operator set 6; expected 7 to/],
    ['a future operator set', { nodes: [relu], opset: 999 }, /uses operator set 999/],
    [
      'an initializer twice',
      { nodes: [relu], initializers: [{ floatData: [1, 2] }, { floatData: [1, 2] }] },
      /initializer 'w' is given twice/,
    ],
    [
      'too little data',
      { nodes: [relu], initializers: [{ floatData: [1] }] },
      /node 'w': tensor of float32\[2\] has 1 stored elements; expected 2/,
    ],
    [
      'too little raw data',
      { nodes: [relu], initializers: [{ rawData: new Uint8Array(7) }] },
      /has 7 bytes of raw data; expected 8/,
    ],
    [
      'a negative dimension',
      { nodes: [relu], initializers: [{ dims: [-1n] }] },
      /dimension 0 of a tensor is -1/,
    ],
    ['an absurd dimension', { nodes: [relu], initializers: [{ dims: [2n ** 62n] }] }, /absurdly large/],
    [
      'absurd dimensions',
      { nodes: [relu], initializers: [{ dims: [2n ** 20n, 2n ** 19n], rawData: new Uint8Array(4) }] },
      /has 4 bytes of raw data; expected 2199023255552/,
    ],
    ['an unknown type', { nodes: [relu], initializers: [{ dataType: 77 }] }, /data type 77/],
  ])('%s is refused', (_, parts, message) => {
    expect(refusal(parts)).toThrow(InputError);
    expect(refusal(parts)).toThrow(message);
  });
});

describe('bytes that are no model', () => {
  test('every truncation of a small file is refused or leaves a graph', () => {
    const bytes = serializeModel(smallNetwork());
    let refused = 0;
    for (let length = 0; length < bytes.length; length += 3) {
      try {
        readModel(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 6);
  });

  test('messages nested thousands deep are refused before they are decoded', () => {
    // model.graph = 7, graph.node = 1, node.attribute = 5, attribute.g = 6
    let bytes: Uint8Array = new Uint8Array();
    for (let i = 0; i < 4002; i++) bytes = wrap([6, 5, 1][i % 3]!, bytes);
    bytes = wrap(7, bytes);
    expect(() => readModel(bytes)).toThrow(/nest too deeply; expected at most 96/);
    // A type inside a type: value_info.type = 2, sequence_type = 4, elem_type = 1
    let type: Uint8Array = new Uint8Array();
    for (let i = 0; i < 4000; i++) type = wrap([1, 4][i % 2]!, type);
    expect(() => readModel(wrap(7, wrap(11, wrap(2, type))))).toThrow(/nest too deeply/);
  });

  test('many tiny objects are refused before they are made', () => {
    const empty = new Uint8Array(2 * 5000);
    for (let i = 0; i < empty.length; i += 2) empty[i] = 0x0a; // graph.node, empty
    expect(() => readModel(wrap(7, empty), { limits: { objects: 4000 } })).toThrow(/more than 4000 objects/);
  });

  test('other files', () => {
    expect(() => readModel(new Uint8Array())).toThrow(/is empty/);
    expect(() => readModel(new TextEncoder().encode('{"not": "onnx"}'))).toThrow(InputError);
    expect(() => readModel(new Uint8Array(100), { maxBytes: 50 })).toThrow(
      /has 100 bytes; expected at most 50/,
    );
    expect(() => readModelFile('/no/such/file.onnx')).toThrow(/cannot read \(ENOENT\)/);
    expect(() => readModelFile(tmpdir())).toThrow(/is not a file/);
  });
});

function wrap(field: number, content: Uint8Array): Uint8Array {
  const head = [field * 8 + 2];
  let length = content.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  const out = new Uint8Array(head.length + content.length);
  out.set(head);
  out.set(content, head.length);
  return out;
}

describe('external data', () => {
  let root: string;
  let folder: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'bitwright-model-'));
    folder = join(root, 'model');
    mkdirSync(folder);
    writeFileSync(join(root, 'secret.bin'), new Uint8Array(64));
    writeFileSync(join(folder, 'inside.bin'), new Uint8Array(Float32Array.of(5, 1.5, -2).buffer));
    mkdirSync(join(root, 'model-twin'));
    writeFileSync(join(root, 'model-twin', 'near.bin'), new Uint8Array(64));
    symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
    symlinkSync(join(root, 'model-twin'), join(folder, 'linked'));
    symlinkSync(join(folder, 'inside.bin'), join(folder, 'good-link.bin'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const read = (entries: Record<string, string>) => {
    const externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    const path = join(folder, 'm.onnx');
    const initializers = [{ externalData, dataLocation: DataLocation.EXTERNAL }];
    writeFileSync(path, bytesOf({ nodes: [{ op: 'Add', inputs: ['x', 'w'] }], initializers }));
    return readModelFile(path);
  };

  test('inside the folder it is read, through a link too', () => {
    const values = [1.5, -2];
    expect([...(read({ location: 'inside.bin', offset: '4' }).constant('w')!.data as Float32Array)]).toEqual(
      values,
    );
    expect([
      ...(read({ location: 'good-link.bin', offset: '4', length: '8' }).constant('w')!.data as Float32Array),
    ]).toEqual(values);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ location: '../secret.bin' }, /outside the model's folder/],
    [{ location: 'sub/../../secret.bin' }, /outside the model's folder/],
    [{ location: '..\\secret.bin' }, /outside the model's folder/],
    [{ location: '/etc/passwd' }, /outside the model's folder/],
    [{ location: 'C:\\secret.bin' }, /outside the model's folder/],
    [{ location: 'link.bin' }, /outside the model's folder/],
    [{ location: 'linked/near.bin' }, /outside the model's folder/],
    [{ location: 'inside.bin\0' }, /outside the model's folder/],
    [{ location: 'absent.bin' }, /cannot read external data 'absent\.bin' \(ENOENT\)/],
    [{ location: '.' }, /outside|not a file/],
    [{}, /names no location/],
    [
      { location: 'inside.bin', offset: '8' },
      /runs past the end of 'inside\.bin'; expected at most 12 bytes/,
    ],
    [{ location: 'inside.bin', offset: '9007199254740991' }, /runs past the end/],
    [{ location: 'inside.bin', offset: '-4' }, /offset is '-4'/],
    [{ location: 'inside.bin', offset: '1e3' }, /offset is '1e3'/],
    [{ location: 'inside.bin', length: '12' }, /length is 12; expected 8/],
  ])('%j is refused', (entries, message) => {
    expect(() => read(entries)).toThrow(InputError);
    expect(() => read(entries)).toThrow(message);
  });

  test('bytes without a folder have no external data', () => {
    const initializers = [
      {
        externalData: [create(StringStringEntryProtoSchema, { key: 'location', value: 'inside.bin' })],
        dataLocation: DataLocation.EXTERNAL,
      },
    ];
    expect(refusal({ nodes: [{ op: 'Add', inputs: ['x', 'w'] }], initializers })).toThrow(/in another file/);
  });

  test('a model written with its weights beside it reads back the same', async () => {
    const graph = smallNetwork();
    graph.setConstant('w3', spread([6, 500], 1));
    graph.setConstant('w4', spread([3, 500], 2));
    const path = join(folder, 'beside.onnx');
    writeModelFile(graph, path, { externalData: 'always' });
    const again = readModelFile(path);
    for (const [name, tensor] of graph.constants) expect(again.constant(name)).toEqual(tensor);
    const feeds = { x: noise([1, 2, 6, 6], 1) };
    const [a, b] = [await runGraphOnce(graph, feeds), await runGraphOnce(again, feeds)];
    expect(largestDifference(a['y']!, b['y']!)).toBe(0);
  });
});

test('real networks are written with unchanged weights, wiring and types', () => {
  for (const { path } of Object.values(networks)) {
    const graph = readModelFile(path);
    const again = readModel(serializeModel(graph));
    expect(again.constants.size).toBe(graph.constants.size);
    for (const [name, tensor] of graph.constants) {
      expect(again.constant(name)!.dims).toEqual(tensor.dims);
      expect(Buffer.compare(bytesOfTensor(again.constant(name)!), bytesOfTensor(tensor))).toBe(0);
    }
    const wiring = (g: typeof graph) => g.order().map(n => `${n.op} ${n.inputs.join()} ${n.outputs.join()}`);
    expect(wiring(again)).toEqual(wiring(graph));
    expect(again.inputs.map(x => x.type)).toEqual(graph.inputs.map(x => x.type));
  }
});

function bytesOfTensor(tensor: { data: unknown }): Buffer {
  const { buffer, byteOffset, byteLength } = tensor.data as Float32Array;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

describe('time grows with the size of the file, not with its square', () => {
  const many = 60_000;
  test.each<[string, () => Parts]>([
    [
      'nodes of one name',
      () => ({
        nodes: Array.from({ length: many }, (_, i) => ({
          ...{ op: 'Relu', name: 'same', inputs: [i === 0 ? 'x' : `v${i}`], outputs: [`v${i + 1}`] },
        })),
        outputs: [`v${many}`],
      }),
    ],
    [
      'many inputs and many nodes',
      () => ({
        inputs: Array.from({ length: many }, (_, i) => `x${i}`),
        nodes: Array.from({ length: many }, (_, i) => ({
          ...{ op: 'Relu', inputs: [`x${i}`], outputs: [i === 0 ? 'y' : `v${i}`] },
        })),
      }),
    ],
  ])(
    '%s',
    (_, parts) => {
      const bytes = bytesOf(parts());
      const graph = readModel(bytes);
      expect(graph.nodes.size).toBe(many);
      expect(new Set([...graph.nodes].map(n => n.name)).size).toBe(many);
    },
    20_000,
  );

  test('names of a million letters in an error', () => {
    const long = 'a'.repeat(1_000_000);
    const parts = { inputs: [`${long}x`], nodes: [{ op: 'Relu', inputs: [`${long}y`] }] };
    expect(refusal(parts)).toThrow(InputError);
    const short = { inputs: [long], nodes: [{ op: 'Relu', inputs: ['aaaa'] }] };
    expect(refusal(short)).toThrow(/'aaaa' is used but nothing makes it$/);
  });
});
