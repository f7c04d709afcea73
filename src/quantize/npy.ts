// Reads .npy arrays and .npz archives (numeric types, C order). Refuses Fortran order, objects, and headers that promise
// more elements than the file holds.

import { unzipSync } from 'fflate';
import { InputError } from '../core/errors.ts';
import { type DataType, elementCount, makeTensor, type NumericArray, type Tensor } from '../model/index.ts';

const kinds: Record<string, { type: DataType; array: new (b: ArrayBuffer) => NumericArray; size: number }> = {
  f4: { type: 'float32', array: Float32Array, size: 4 },
  f8: { type: 'float64', array: Float64Array, size: 8 },
  i8: { type: 'int64', array: BigInt64Array, size: 8 },
  i4: { type: 'int32', array: Int32Array, size: 4 },
  i2: { type: 'int16', array: Int16Array, size: 2 },
  i1: { type: 'int8', array: Int8Array, size: 1 },
  u1: { type: 'uint8', array: Uint8Array, size: 1 },
  b1: { type: 'bool', array: Uint8Array, size: 1 },
};

/** @throws InputError naming file and byte */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 10 || magic.some((b, i) => bytes[i] !== b)) {
    throw new InputError('is not a .npy array', { file, byte: 0, expected: 'the NumPy magic' });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 : 10;
  const length = wide && bytes.length >= 12 ? view.getUint32(8, true) : view.getUint16(8, true);
  if (start + length > bytes.length)
    throw new InputError('ends inside its header', { file, byte: bytes.length });
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([<|=>]?)([a-z]\d)'/.exec(header);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header);
  const kind = descr === null || descr[1] === '>' ? undefined : kinds[descr[2]!];
  if (kind === undefined || shape === null || !/'fortran_order'\s*:\s*False/.test(header)) {
    throw new InputError('has a layout that is not read', {
      file,
      byte: start,
      expected: 'little-endian numbers in C order',
    });
  }
  const dims = shape[1]!
    .split(',')
    .map(s => s.trim())
    .filter(s => s !== '')
    .map(Number);
  const size = elementCount(dims) * kind.size;
  if (!(size <= bytes.length - start - length)) {
    throw new InputError(`promises ${dims.join('x')} elements but ends early`, { file, byte: bytes.length });
  }
  const body = bytes.slice(start + length, start + length + size);
  return makeTensor(kind.type, dims, new kind.array(body.buffer as ArrayBuffer));
}

/** Arrays of an archive by name without `.npy`. @throws InputError when it cannot be read or unpacks to more than 1 GiB */
export function readNpz(bytes: Uint8Array, file: string): Record<string, Tensor> {
  const out: Record<string, Tensor> = {};
  let total = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: entry => {
        total += entry.originalSize;
        if (total > 2 ** 30) throw new InputError('unpacks to more than 1 GiB', { file });
        return entry.name.endsWith('.npy');
      },
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`is not a readable .npz archive: ${(error as Error).message}`, { file });
  }
  for (const [name, content] of Object.entries(files)) {
    out[name.slice(0, -4)] = readNpy(content, `${file}:${name}`);
  }
  return out;
}
