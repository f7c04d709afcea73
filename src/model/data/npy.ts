// Reads NumPy .npy arrays, format versions 1 to 3: floats, integers and bool of either byte order, C or Fortran order.
// Refuses objects, strings, complex numbers and records, and headers that promise more than the file holds.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '../../core/errors.ts';
import { arrayClass, bitsOf, type DataType, elementCount, makeTensor, type Tensor } from '../tensor.ts';

const types: Record<string, Exclude<DataType, 'string'>> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};

export interface NpyHeader {
  type: Exclude<DataType, 'string'>;
  dims: number[];
  /** First axis varies fastest. */
  fortran: boolean;
  bigEndian: boolean;
  /** Byte where the elements start. */
  start: number;
  /** Bytes of one element and of all. */
  size: number;
  bytes: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const longestHeader = 1 << 20;

/**
 * Reads the header.
 * @param head the first bytes of the file; those of a header that is longer are asked for with `more`
 * @param total bytes the whole file has
 * @throws InputError naming file and byte
 */
function readNpyHeader(
  head: Uint8Array,
  total: number,
  file: string,
  more?: (length: number) => Uint8Array,
): NpyHeader {
  if (head.length < 10 || magic.some((b, i) => head[i] !== b)) {
    throw new InputError('is not a .npy array', { file, byte: 0, expected: 'the NumPy magic' });
  }
  const version = head[6]!;
  if (version < 1 || version > 3) {
    throw new InputError(`has .npy version ${version}`, { file, byte: 6, expected: '1 to 3' });
  }
  const textStart = version === 1 ? 10 : 12;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (total < textStart || head.length < textStart) {
    throw new InputError('ends inside its header', { file, byte: head.length });
  }
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = textStart + length;
  if (length > longestHeader) {
    throw new InputError(`has a header of ${length} bytes`, { file, byte: 8, expected: 'at most 1 MiB' });
  }
  if (start > total) throw new InputError('ends inside its header', { file, byte: total });
  const whole = start <= head.length ? head : (more?.(start) ?? head);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(whole.subarray(textStart, start));
  const at = { file, byte: textStart };
  const descr = /'descr'\s*:\s*(?:'([<>|=]?)([a-zA-Z?]\d*)'|(\[))/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  if (descr === null || order === null || shape === null) {
    throw new InputError('has a header that is not understood', {
      ...at,
      expected: 'descr, fortran_order and shape',
    });
  }
  const type = types[descr[2] === '?' ? 'b1' : (descr[2] ?? '')];
  if (type === undefined) {
    throw new InputError(`holds elements of type '${descr[3] === undefined ? descr[2] : 'record'}'`, {
      ...at,
      expected: `one of ${Object.keys(types).join(', ')}`,
    });
  }
  const dims = shape[1]!
    .split(',')
    .map(s => s.trim().replace(/L$/, ''))
    .filter(s => s !== '')
    .map(Number);
  const size = bitsOf(type) / 8;
  const bytes = elementCount(dims) * size;
  if (dims.length > 32 || !dims.every(Number.isSafeInteger) || !(bytes <= total - start)) {
    throw new InputError(`promises ${type}[${dims.slice(0, 32).join(',')}] but has ${total - start} bytes`, {
      file,
      byte: start,
      expected: `${bytes} bytes`,
    });
  }
  return { type, dims, fortran: order[1] === 'True', bigEndian: descr[1] === '>', start, size, bytes };
}

/** The array in these bytes. @throws InputError naming file and byte */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const header = readNpyHeader(bytes, bytes.length, file);
  return decode(header, bytes.slice(header.start, header.start + header.bytes), header.dims);
}

/** Makes a tensor of raw elements; swaps bytes in place where the file is big-endian, and turns Fortran order around. */
function decode(header: NpyHeader, raw: Uint8Array, dims: readonly number[]): Tensor {
  const { type, size } = header;
  if (header.bigEndian && size > 1) {
    for (let i = 0; i < raw.length; i += size) raw.subarray(i, i + size).reverse();
  }
  const elements = new (arrayClass(type))(raw.buffer as ArrayBuffer, raw.byteOffset, raw.length / size);
  if (!header.fortran || dims.length < 2) return makeTensor(type, dims, elements);
  const out = new (arrayClass(type))(elements.length);
  // Walks C order and keeps the Fortran place of the running index.
  const strides: number[] = [];
  let stride = 1;
  for (const d of dims) {
    strides.push(stride);
    stride *= d;
  }
  const index = new Array<number>(dims.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = elements[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return makeTensor(type, dims, out);
}

/** Part `start..start+count` of the first axis of a tensor: a view. */
export function sliceTensor(tensor: Tensor, start: number, count: number): Tensor {
  const inner = elementCount(tensor.dims.slice(1));
  const data = (tensor.data as Float32Array).subarray(start * inner, (start + count) * inner);
  return makeTensor(tensor.type, [count, ...tensor.dims.slice(1)], data);
}

/** An array file that stays on disk: parts of the first axis are read as they are asked for. */
export class NpyFile {
  readonly header: NpyHeader;
  private readonly path: string;
  private readonly maxBytes: number;
  private descriptor: number | undefined;
  private whole: Tensor | undefined;

  /** @throws InputError when the file cannot be read or is no array */
  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.maxBytes = maxBytes;
    try {
      this.descriptor = openSync(path, 'r');
      const total = fstatSync(this.descriptor).size;
      this.header = readNpyHeader(this.bytes(0, Math.min(total, 4096)), total, path, length =>
        this.bytes(0, length),
      );
    } catch (error) {
      this.close();
      if (error instanceof InputError) throw error;
      throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
        file: path,
      });
    }
  }

  /** The whole array. @throws InputError when it is larger than the limit */
  read(): Tensor {
    const { start, bytes, dims } = this.header;
    if (bytes > this.maxBytes) {
      throw new InputError(`has ${bytes} bytes`, { file: this.path, expected: `at most ${this.maxBytes}` });
    }
    this.whole ??= decode(this.header, this.bytes(start, bytes), dims);
    return this.whole;
  }

  /** Elements `start..start+count` of the first axis. In Fortran order the whole array is read and kept. */
  slice(start: number, count: number): Tensor {
    const { dims, fortran } = this.header;
    if (fortran && dims.length > 1) return sliceTensor(this.read(), start, count);
    const inner = elementCount(dims.slice(1)) * this.header.size;
    if (inner * count > this.maxBytes) {
      throw new InputError(`has ${inner} bytes a sample`, {
        file: this.path,
        expected: `at most ${this.maxBytes}`,
      });
    }
    const raw = this.bytes(this.header.start + start * inner, count * inner);
    return decode(this.header, raw, [count, ...dims.slice(1)]);
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    this.whole = undefined;
  }

  private bytes(from: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const got = readSync(this.descriptor!, out, done, Math.min(length - done, 1 << 28), from + done);
      if (got === 0) throw new InputError('ended early', { file: this.path, byte: from + done });
      done += got;
    }
    return out;
  }
}
