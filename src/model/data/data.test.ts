import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { Graph } from '../graph.ts';
import { type DataType, elementCount, toFloat32, toNumbers } from '../tensor.ts';
import { type DataBatch, type DataOptions, openData } from './folder.ts';
import { imageSize, isWhole, readImage } from './image.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import { resized, written } from './numpy.fixture.ts';
import { checkPreprocessing } from './preprocess.ts';
import { resample } from './resample.ts';

const bytesOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(written[name]!, 'base64'));

/** A .npy file, version 1. */
function npy(descr: string, dims: readonly number[], data: ArrayBufferView, fortran = false): Uint8Array {
  const shape = `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`;
  const order = fortran ? 'True' : 'False';
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8]);
  return Buffer.concat([head, Buffer.from(text), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

const floats = (dims: readonly number[], first = 0): Uint8Array =>
  npy(
    '<f4',
    dims,
    Float32Array.from({ length: elementCount(dims) }, (_, i) => first + i),
  );

function model(...inputs: [string, DataType, (number | string | null)[]][]): Graph {
  const graph = new Graph();
  graph.inputs = inputs.map(([name, type, shape]) => ({ name, type: { type, shape } }));
  return graph;
}

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-data-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
function folder(files: Record<string, Uint8Array | string>): string {
  const path = join(root, `f${made++}`);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

async function all(path: string, graph: Graph, options?: DataOptions): Promise<DataBatch[]> {
  const out: DataBatch[] = [];
  for await (const batch of openData(path, graph, options).batches()) out.push(batch);
  return out;
}

describe('arrays that NumPy wrote', () => {
  test('types, byte orders, Fortran order and scalars', () => {
    const half = readNpy(bytesOf('f2'), 'a.npy');
    expect([half.type, half.dims]).toEqual(['float16', [2, 2]]);
    const [a, b, c, d] = toFloat32(half);
    expect([a, b, c]).toEqual([1.5, -2, 65504]);
    expect(d).toBeCloseTo(6e-8, 8);
    const fortran = readNpy(bytesOf('fortran'), 'a.npy');
    expect([fortran.type, fortran.dims]).toEqual(['int16', [2, 3, 4]]);
    expect(toNumbers(fortran)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect([...toFloat32(readNpy(bytesOf('big'), 'a.npy'))]).toEqual([0.5, 1.5, 2.5]);
    expect(readNpy(bytesOf('bool'), 'a.npy')).toMatchObject({ type: 'bool', data: Uint8Array.of(1, 0) });
    expect((readNpy(bytesOf('u8'), 'a.npy').data as BigUint64Array)[0]).toBe(2n ** 64n - 1n);
    expect(readNpy(bytesOf('scalar'), 'a.npy')).toMatchObject({ dims: [], data: Float64Array.of(3.25) });
  });

  test('a compressed archive', () => {
    const arrays = readNpz(bytesOf('npz'), 'a.npz');
    expect([...arrays.keys()]).toEqual(['x', 'y']);
    expect(arrays.get('x')).toMatchObject({ dims: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5) });
    expect(toNumbers(arrays.get('y')!)).toEqual([0, 1, 2]);
  });

  test.each([
    ['complex', /holds elements of type 'c16'/],
    ['record', /holds elements of type 'record'/],
  ])('%s elements are refused', (name, message) => {
    expect(() => readNpy(bytesOf(name), 'a.npy')).toThrow(message);
  });

  test('mutants are arrays or InputErrors', () => {
    const sources = ['f2', 'fortran', 'big', 'npz'].map(bytesOf);
    const random = new Random(5);
    let refused = 0;
    for (let i = 0; i < 4000; i++) {
      const source = sources[i % sources.length]!;
      const bytes = source.slice(0, random.below(4) === 0 ? random.below(source.length) : undefined);
      for (let n = random.below(4); n > 0 && bytes.length > 0; n--) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      try {
        if (i % sources.length === 3) readNpz(bytes, 'm.npz', 1 << 20);
        else readNpy(bytes, 'm.npy');
      } catch (error) {
        if (!(error instanceof InputError)) throw new Error(`mutant ${i}`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  test('headers that promise too much are refused before anything is allocated', () => {
    const small = new Float32Array(4);
    expect(() => readNpy(npy('<f4', [2 ** 40], small), 'a.npy')).toThrow(/promises float32\[1099511627776\]/);
    expect(() => readNpy(npy('<f4', [2 ** 40, 2 ** 40, 2 ** 40], small), 'a.npy')).toThrow(/promises/);
    const long = npy('<f4', [1], small);
    long[6] = 2;
    long.set([255, 255, 255, 255], 8);
    expect(() => readNpy(long, 'a.npy')).toThrow(InputError);
  });

  test('archives that unpack to far more than they are', () => {
    const zip = zipSync({ 'x.npy': npy('<f4', [1 << 18], new Float32Array(1 << 18)) });
    expect(readNpz(zip, 'a.npz').get('x')!.data.length).toBe(1 << 18);
    expect(() => readNpz(zip, 'a.npz', 1 << 19)).toThrow(/a\.npz: unpacks to more than 524288 bytes/);
    // The directory claims 4 GiB for an entry of 1 KiB.
    const directory = Buffer.from(zip).lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const lying = zip.slice();
    lying.set([255, 255, 255, 254], directory + 24);
    expect(() => readNpz(lying, 'a.npz', 2 ** 40)).toThrow(/entry 'x\.npy' claims/);
  });
});

describe('batches of arrays', () => {
  const graph = model(['x', 'float32', ['n', 2, 3]]);

  test('a large array is cut along its first axis, files in the order of their names', async () => {
    const path = folder({ 'b.npy': floats([1, 2, 3], 100), 'a.npy': floats([5, 2, 3]), 'notes.txt': 'x' });
    const batches = await all(path, graph, { batch: 2 });
    expect(batches.map(b => b.inputs['x']!.dims[0])).toEqual([2, 2, 1, 1]);
    expect(batches.flatMap(b => toNumbers(b.inputs['x']!)).slice(0, 30)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
    expect(batches.map(b => b.first)).toEqual([0, 2, 4, 5]);
    expect(batches.flatMap(b => b.names)).toEqual([
      'a.npy[0]',
      'a.npy[1]',
      'a.npy[2]',
      'a.npy[3]',
      'a.npy[4]',
      'b.npy',
    ]);
    expect(await all(path, graph, { batch: 2 })).toEqual(batches);
    expect((await all(path, graph, { samples: 3 })).flatMap(b => b.names).length).toBe(3);
  });

  test('only the part asked for is read: a 3 GiB array goes through in small batches', async () => {
    const path = folder({});
    const head = npy('<f4', [1 << 27, 2, 3], new Float32Array());
    writeFileSync(join(path, 'huge.npy'), head);
    truncateSync(join(path, 'huge.npy'), head.length + 2 ** 27 * 24);
    const source = openData(path, graph, { batch: 1024, samples: 4096 });
    let seen = 0;
    for await (const { inputs } of source.batches()) seen += inputs['x']!.data.length;
    expect(seen).toBe(4096 * 6);
  });

  test('a sample without batch axis, a model of fixed batch, other types, Fortran order', async () => {
    expect((await all(folder({ 'a.npy': floats([2, 3]) }), graph))[0]!.inputs['x']!.dims).toEqual([1, 2, 3]);
    const fixed = model(['x', 'float32', [2, 3]]);
    const parts = await all(folder({ 'a.npy': floats([6, 3]) }), fixed);
    expect(parts.map(b => b.inputs['x']!.dims)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    const ints = npy('|u1', [1, 2, 3], Uint8Array.of(1, 2, 3, 4, 5, 250));
    expect(toNumbers((await all(folder({ 'a.npy': ints }), graph))[0]!.inputs['x']!)).toEqual([
      1, 2, 3, 4, 5, 250,
    ]);
    const columns = npy(
      '<f8',
      [2, 2, 3],
      Float64Array.from({ length: 12 }, (_, i) => i),
      true,
    );
    const [first, second] = await all(folder({ 'a.npy': columns }), graph, { batch: 1 });
    expect(toNumbers(first!.inputs['x']!)).toEqual([0, 4, 8, 2, 6, 10]);
    expect(toNumbers(second!.inputs['x']!)).toEqual([1, 5, 9, 3, 7, 11]);
  });

  test('archives feed several inputs', async () => {
    const two = model(['x', 'float32', ['n', 2]], ['y', 'int64', ['n']]);
    const [batch] = await all(folder({ 'a.npz': bytesOf('npz') }), two, { batch: 2 });
    expect(batch!.inputs['x']!.dims).toEqual([2, 2]);
    expect(batch!.inputs['y']).toMatchObject({ type: 'int64', data: BigInt64Array.of(0n, 1n) });
  });

  test.each<[string, Record<string, Uint8Array | string>, Graph, RegExp]>([
    [
      'wrong shape',
      { 'a.npy': floats([4, 3, 3]) },
      graph,
      /a\.npy: input 'x' got float32\[4,3,3\]; expected float32\[n,2,3\]/,
    ],
    ['wrong rank', { 'a.npy': floats([4]) }, graph, /a\.npy: input 'x' got float32\[4\]/],
    ['no samples', { 'a.npy': floats([0, 2, 3]) }, graph, /a\.npy: array 'x' is empty/],
    [
      'not a multiple of the fixed batch',
      { 'a.npy': floats([5, 3]) },
      model(['x', 'float32', [2, 3]]),
      /a\.npy: input 'x' got/,
    ],
    [
      'wrong type',
      { 'a.npy': floats([1, 2]) },
      model(['x', 'int64', ['n', 2]]),
      /a\.npy: input 'x' got float32/,
    ],
    [
      'too large a value',
      { 'a.npy': npy('<i8', [1], BigInt64Array.of(2n ** 40n)) },
      model(['x', 'int32', ['n']]),
      /expected values of int32/,
    ],
    [
      'a .npy for two inputs',
      { 'a.npy': floats([1]) },
      model(['x', 'float32', [1]], ['y', 'float32', [1]]),
      /cannot feed 2 inputs; expected an \.npz archive with x, y/,
    ],
    [
      'a missing array',
      { 'a.npz': bytesOf('npz') },
      model(['z', 'float32', ['n', 2]]),
      /a\.npz: holds no array 'z'/,
    ],
    ['no array at all', { 'a.npy': 'hello, this is text' }, graph, /a\.npy, byte 0: is not a \.npy array/],
    ['no file', { 'readme.md': '' }, graph, /holds no data; expected \.npy/],
    [
      'arrays and pictures',
      { 'a.npy': floats([1, 2, 3]), 'b.png': '' },
      graph,
      /holds both arrays and pictures/,
    ],
    [
      'too few labels',
      { 'a.npy': floats([2, 2, 3]), 'labels.txt': '1\n' },
      graph,
      /labels\.txt: has 1 labels; expected 2/,
    ],
    [
      'two files of labels',
      { 'a.npy': floats([1, 2, 3]), 'labels.txt': '1', 'labels.csv': '' },
      graph,
      /labels\.txt and labels\.csv/,
    ],
    [
      'fractional labels',
      { 'a.npy': floats([1, 2, 3]), 'labels.npy': npy('<f4', [1], Float32Array.of(0.5)) },
      graph,
      /element 0 is 0\.5/,
    ],
    [
      'labels for files of several samples',
      { 'a.npy': floats([2, 2, 3]), 'labels.csv': 'a.npy,1' },
      graph,
      /labels\.npy or labels\.txt/,
    ],
  ])('%s is refused with the file and what was expected', async (_, files, wanted, message) => {
    const path = folder(files);
    await expect(all(path, wanted)).rejects.toThrow(InputError);
    await expect(all(path, wanted)).rejects.toThrow(message);
  });

  test('labels by place and by file', async () => {
    const one = { 'a.npy': floats([1, 2, 3]), 'b.npy': floats([1, 2, 3]) };
    const labels = async (files: Record<string, Uint8Array | string>) =>
      (await all(folder({ ...one, ...files }), graph)).flatMap(b => b.labels);
    expect(await labels({ 'labels.npy': npy('<i8', [2], BigInt64Array.of(7n, 3n)) })).toEqual([7, 3]);
    expect(await labels({ 'labels.txt': 'seven\r\nthree\r\n' })).toEqual(['seven', 'three']);
    expect(await labels({ 'labels.csv': 'file,label\nb.npy,3\n"a.npy","7"\n' })).toEqual([7, 3]);
    await expect(labels({ 'labels.csv': 'a.npy,7\n' })).rejects.toThrow(
      /labels\.csv: has no label for 'b\.npy'/,
    );
    await expect(labels({ 'labels.csv': 'a.npy,7,8\n' })).rejects.toThrow(/line 1: has 3 cells/);
  });
});

describe('pictures', () => {
  function png(width: number, height: number, colour: (x: number, y: number) => string): Buffer {
    const canvas = createCanvas(width, height);
    const context = canvas.getContext('2d');
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        context.fillStyle = colour(x, y);
        context.fillRect(x, y, 1, 1);
      }
    }
    return canvas.toBuffer('image/png');
  }
  const nchw = model(['x', 'float32', [null, 3, 2, 2]]);
  const square = png(2, 2, (x, y) => `rgb(${10 + x * 100}, ${20 + y * 100}, 30)`);

  test('layout, channel order, mean and deviation', async () => {
    const json = JSON.stringify({
      size: [2, 2],
      channels: 'BGR',
      scale: 1,
      mean: [30, 20, 10],
      std: [1, 100, 50],
    });
    const [batch] = await all(folder({ 'a.png': square, 'preprocess.json': json }), nchw);
    expect(batch!.inputs['x']!.dims).toEqual([1, 3, 2, 2]);
    expect(toNumbers(batch!.inputs['x']!)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 0, 2]);
    const nhwc = model(['x', 'float32', ['n', 2, 2, 3]]);
    const yaml = 'size: [2, 2]\nlayout: NHWC\nscale: 1\n';
    const [last] = await all(folder({ 'a.png': square, 'preprocess.yaml': yaml }), nhwc);
    expect(toNumbers(last!.inputs['x']!)).toEqual([10, 20, 30, 110, 20, 30, 10, 120, 30, 110, 120, 30]);
  });

  test('grey, fit, crop and no resizing', async () => {
    const wide = png(4, 2, x => (x === 1 || x === 2 ? 'white' : 'black'));
    const grey = model(['x', 'float32', ['n', 1, 2, 2]]);
    const values = async (more: string) => {
      const yaml = `size: [2, 2]\nchannels: GRAY\nfilter: nearest\n${more}`;
      return toNumbers(
        (await all(folder({ 'a.png': wide, 'preprocess.yml': yaml }), grey))[0]!.inputs['x']!,
      ).map(x => Math.round(x * 1000) / 1000);
    };
    expect(await values('resize: crop')).toEqual([1, 1, 1, 1]);
    // Half height: one row of the picture, one of padding.
    expect(await values('resize: fit\npad: 51')).toEqual([1, 0, 0.2, 0.2]);
    await expect(values('resize: none')).rejects.toThrow(/a\.png: is 4x2 pixels; expected 2x2/);
  });

  test('resampling equals Pillow', () => {
    const pixels = Float32Array.from({ length: 35 }, (_, i) => (i * 37) % 101);
    const source = { width: 7, height: 5, channels: 1, pixels };
    const close = (a: Float32Array, b: number[]) => {
      for (const [i, x] of a.entries()) expect(x).toBeCloseTo(b[i]!, 2);
    };
    close(resample(source, 3, 2, 'bilinear'), resized.down);
    close(resample(source, 9, 6, 'bilinear'), resized.up);
    expect.assertions(6 + 54);
  });

  test.each<[string, Record<string, Uint8Array | string>, RegExp]>([
    ['no declaration', { 'a.png': square }, /pictures without a declared preprocessing/],
    [
      'an unknown field',
      { 'a.png': square, 'preprocess.yaml': 'size: [2, 2]\nmeen: 1' },
      /preprocess\.yaml: unknown field 'meen'.*did you mean 'mean'/,
    ],
    [
      'a zero deviation',
      { 'a.png': square, 'preprocess.yaml': 'size: [2, 2]\nstd: 0' },
      /std is 0; expected non-zero numbers/,
    ],
    [
      'another size than the model',
      { 'a.png': square, 'preprocess.yaml': 'size: [3, 2]' },
      /preprocess\.yaml: input 'x' got float32\[1,3,3,2\]; expected float32\[\?,3,2,2\]/,
    ],
    ['a text', { 'a.png': 'no picture', 'preprocess.yaml': 'size: [2, 2]' }, /a\.png: is not a PNG or JPEG/],
    [
      'a truncated picture',
      { 'a.png': square.subarray(0, 30), 'preprocess.yaml': 'size: [2, 2]' },
      /a\.png: is cut short/,
    ],
    [
      'an absurd picture',
      { 'a.png': huge(square), 'preprocess.yaml': 'size: [2, 2]' },
      /a\.png: is 1000000x1000000 pixels/,
    ],
    ['broken YAML', { 'a.png': square, 'preprocess.yaml': 'size: [2, 2' }, /is neither YAML nor JSON/],
  ])('%s is refused', async (_, files, message) => {
    await expect(all(folder(files), nchw)).rejects.toThrow(InputError);
    await expect(all(folder(files), nchw)).rejects.toThrow(message);
  });

  function huge(bytes: Uint8Array): Uint8Array {
    const out = Buffer.from(bytes);
    out.writeUInt32BE(1_000_000, 16);
    out.writeUInt32BE(1_000_000, 20);
    return out;
  }

  test('the size of a JPEG stands in its header', () => {
    expect(imageSize(createCanvas(37, 21).toBuffer('image/jpeg'))).toEqual({ width: 37, height: 21 });
    for (const type of ['image/png', 'image/jpeg'] as const) {
      const bytes = createCanvas(37, 21).toBuffer(type as 'image/png');
      expect(isWhole(bytes)).toBe(true);
      for (let n = 30; n < bytes.length; n++)
        expect([n, isWhole(bytes.subarray(0, bytes.length - n + 29))]).toEqual([n, false]);
    }
  });

  test('defaults', () => {
    expect(checkPreprocessing({ size: [4, 6] }, 'p')).toEqual({
      ...{ size: [4, 6], layout: 'NCHW', channels: 'RGB', resize: 'stretch', filter: 'bilinear' },
      ...{ scale: 1 / 255, pad: 0, background: 255, mean: [0, 0, 0], std: [1, 1, 1] },
    });
  });
});

test('mutated pictures are decoded or refused', async () => {
  const canvas = createCanvas(24, 16);
  canvas.getContext('2d').fillRect(2, 3, 9, 8);
  const sources = [canvas.toBuffer('image/png'), canvas.toBuffer('image/jpeg')];
  const random = new Random(9);
  const path = folder({});
  let [read, refused] = [0, 0];
  for (let i = 0; i < 400; i++) {
    const source = sources[i % 2]!;
    const bytes = Buffer.from(
      source.subarray(0, random.below(3) === 0 ? random.below(source.length) : undefined),
    );
    for (let n = random.below(5); n > 0 && bytes.length > 0; n--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    writeFileSync(join(path, 'm.png'), bytes);
    try {
      const { width, height, pixels } = await readImage(join(path, 'm.png'));
      expect(pixels.length).toBe(width * height * 4);
      read++;
    } catch (error) {
      if (!(error instanceof InputError)) throw new Error(`mutant ${i}`, { cause: error });
      refused++;
    }
  }
  expect(Math.min(read, refused)).toBeGreaterThan(20);
});
