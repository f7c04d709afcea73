// Tensors as the model room holds them: an ONNX element type, dimensions and one flat array in row-major order.
// Refuses data whose length does not agree with the dimensions. 4-bit and 2-bit types stay packed as ONNX packs them
// (first element in the low bits); float16, bfloat16 and float8 stay as their bit patterns.

import { InputError } from '../core/errors.ts';

/** ONNX element types by the number `TensorProto.DataType` gives them. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
} as const;

export type DataType = keyof typeof dataTypes;

const typeByNumber = new Map<number, DataType>(
  Object.entries(dataTypes).map(([name, number]) => [number, name as DataType]),
);

/** The element type with this `TensorProto.DataType` number, or undefined. */
export function dataTypeOf(number: number): DataType | undefined {
  return typeByNumber.get(number);
}

export type NumericArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;

/** Strings are kept as the bytes of the file (ONNX does not promise UTF-8). */
export type TensorData = NumericArray | Uint8Array[];

/** An immutable tensor: replace it, do not write into `data` (it may be a view of the file's bytes). */
export interface Tensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

type ArrayConstructor = {
  new (length: number): NumericArray;
  new (buffer: ArrayBuffer, offset: number, length: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
};

const arrays: Record<Exclude<DataType, 'string'>, ArrayConstructor> = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  float64: Float64Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  bfloat16: Uint16Array,
  float8e4m3fn: Uint8Array,
  float8e4m3fnuz: Uint8Array,
  float8e5m2: Uint8Array,
  float8e5m2fnuz: Uint8Array,
  uint4: Uint8Array,
  int4: Uint8Array,
  float4e2m1: Uint8Array,
  float8e8m0: Uint8Array,
  uint2: Uint8Array,
  int2: Uint8Array,
} as Record<Exclude<DataType, 'string'>, ArrayConstructor>;

/** The array class that holds this type. */
export function arrayClass(type: Exclude<DataType, 'string'>): ArrayConstructor {
  return arrays[type];
}

/** Bits one element takes in a file: 4 for int4, 64 for complex64; 0 for strings. */
export function bitsOf(type: DataType): number {
  if (type === 'string') return 0;
  if (type === 'uint4' || type === 'int4' || type === 'float4e2m1') return 4;
  if (type === 'uint2' || type === 'int2') return 2;
  if (type === 'complex64' || type === 'complex128') return type === 'complex64' ? 64 : 128;
  return arrays[type].BYTES_PER_ELEMENT * 8;
}

/** Length of the flat array that holds `count` elements of `type` (packed types share bytes, complex takes two). */
export function storageLength(type: DataType, count: number): number {
  switch (type) {
    case 'uint4':
    case 'int4':
    case 'float4e2m1':
      return Math.ceil(count / 2);
    case 'uint2':
    case 'int2':
      return Math.ceil(count / 4);
    case 'complex64':
    case 'complex128':
      return count * 2;
    default:
      return count;
  }
}

/** Product of the dimensions; 1 for a scalar. NaN-free: absurd products come out as Infinity or above 2^53. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const d of dims) count *= d;
  return count;
}

/** A tensor after checking its length. @throws InputError when data and dimensions disagree */
export function makeTensor(type: DataType, dims: readonly number[], data: TensorData): Tensor {
  const length = storageLength(type, elementCount(dims));
  if (data.length !== length) {
    throw new InputError(`tensor of ${type}[${dims.join(',')}] has ${data.length} stored elements`, {
      expected: `${length}`,
    });
  }
  if (type === 'string' ? !Array.isArray(data) : !(data instanceof arrays[type])) {
    throw new InputError(`tensor of ${type} is held in ${(data as object).constructor.name}`, {
      expected: type === 'string' ? 'Uint8Array[]' : arrays[type].name,
    });
  }
  return { type, dims: [...dims], data };
}

export function float32Tensor(dims: readonly number[], values: ArrayLike<number>): Tensor {
  return makeTensor(
    'float32',
    dims,
    values instanceof Float32Array ? values : Float32Array.from(Array.from(values)),
  );
}

/** An int64 tensor of these values (numbers or bigints); one-dimensional unless `dims` are given. */
export function int64Tensor(values: readonly (number | bigint)[], dims?: readonly number[]): Tensor {
  return makeTensor('int64', dims ?? [values.length], BigInt64Array.from(values.map(v => BigInt(v))));
}

/** The same elements under other dimensions. @throws InputError when the counts differ */
export function reshaped(tensor: Tensor, dims: readonly number[]): Tensor {
  return makeTensor(tensor.type, dims, tensor.data);
}

/** Packs one code per element (4-bit or 2-bit types, low bits first) into a tensor. */
export function packCodes(
  type: 'int4' | 'uint4' | 'float4e2m1' | 'int2' | 'uint2',
  dims: readonly number[],
  codes: ArrayLike<number>,
): Tensor {
  const bits = bitsOf(type);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const packed = new Uint8Array(storageLength(type, codes.length));
  for (let i = 0; i < codes.length; i++) {
    const slot = Math.floor(i / perByte);
    packed[slot] = packed[slot]! | ((codes[i]! & mask) << ((i % perByte) * bits));
  }
  if (codes.length !== elementCount(dims)) {
    throw new InputError(`${codes.length} codes for a ${type}[${dims.join(',')}] tensor`, {
      expected: `${elementCount(dims)}`,
    });
  }
  return makeTensor(type, dims, packed);
}

/** One code per element of a packed tensor: sign-extended for int4 and int2, else unsigned (float4e2m1: bit patterns). */
export function unpackCodes(tensor: Tensor): Int8Array {
  const bits = bitsOf(tensor.type);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const signed = tensor.type === 'int4' || tensor.type === 'int2';
  const packed = tensor.data as Uint8Array;
  const codes = new Int8Array(elementCount(tensor.dims));
  for (let i = 0; i < codes.length; i++) {
    const raw = (packed[Math.floor(i / perByte)]! >> ((i % perByte) * bits)) & mask;
    codes[i] = signed && raw >= 1 << (bits - 1) ? raw - (1 << bits) : raw;
  }
  return codes;
}

/** Value of an IEEE binary16 bit pattern. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

/**
 * The elements as float32: a view for float32 tensors, a converted copy for float16, bfloat16, float64, integers and bool.
 * @throws InputError for strings, complex and the 8-bit or narrower codes that the format room decodes
 */
export function toFloat32(tensor: Tensor): Float32Array {
  const { type, data } = tensor;
  if (type === 'float32') return data as Float32Array;
  if (type === 'int4' || type === 'uint4' || type === 'int2' || type === 'uint2') {
    return Float32Array.from(unpackCodes(tensor));
  }
  if (type === 'float16') return Float32Array.from(data as Uint16Array, halfToNumber);
  if (type === 'bfloat16') {
    return Float32Array.from(data as Uint16Array, bits => {
      bitView[0] = bits << 16;
      return floatView[0]!;
    });
  }
  if (type === 'string' || type.startsWith('complex') || type.startsWith('float8') || type === 'float4e2m1') {
    throw new InputError(`cannot read ${type} elements as float32`);
  }
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  return out;
}

/** The elements as JavaScript numbers (64-bit integers are rounded to the nearest double). */
export function toNumbers(tensor: Tensor): number[] {
  if (
    tensor.type === 'float64' ||
    tensor.type === 'int64' ||
    tensor.type === 'uint64' ||
    tensor.type === 'int32' ||
    tensor.type === 'uint32'
  ) {
    return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  }
  return Array.from(toFloat32(tensor));
}

/**
 * @param what holds the values, in words
 * @param place of an element, in words
 * @throws InputError at the first NaN or infinity of floating-point values (other types know none)
 */
export function requireFinite(
  what: string,
  data: Tensor['data'],
  file: string | undefined,
  place = (element: number): string => `at element ${element}`,
): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  let bad = 0;
  while (bad < data.length && Number.isFinite(data[bad])) bad++;
  if (bad === data.length) return;
  throw new InputError(`${what} holds ${String(data[bad])} ${place(bad)}`, {
    file,
    expected: 'finite numbers',
  });
}
