// How the codes of an element lie in an ONNX file: tensor type, and which operator turns them into numbers.
// Refuses nothing: what no type can hold is stored as decoded float32 values, and said so.

import type { CodeArray, Element, ScaleFormat } from '../../format/index.ts';
import { elementBits } from '../../format/index.ts';
import {
  type DataType,
  elementCount,
  makeTensor,
  type NumericArray,
  packCodes,
  type Tensor,
  unpackCodes,
} from '../../model/index.ts';

/**
 * `linear`: DequantizeLinear takes the codes. `cast`: Cast makes numbers of them. `lookup`: a table of values, read by a
 * model-local function. `values`: decoded numbers are stored.
 */
export type CodeReading = 'linear' | 'cast' | 'lookup' | 'values';

export interface CodeStorage {
  type: DataType;
  reading: CodeReading;
  /** Value of one step of the code: 2^-F for fixed point, else 1. */
  factor: number;
}

function integerType(bits: number, signed: boolean): DataType | undefined {
  if (bits <= 4) return signed ? 'int4' : 'uint4';
  if (bits <= 8) return signed ? 'int8' : 'uint8';
  if (bits <= 16) return signed ? 'int16' : 'uint16';
  return signed ? 'int32' : undefined; // DequantizeLinear takes no uint32
}

/** The narrowest storage for an element; int2, int3, int5 to int7 and the like take the next wider type. */
export function elementStorage(element: Element): CodeStorage {
  const values: CodeStorage = { type: 'float32', reading: 'values', factor: 1 };
  if (element.kind === 'int' || element.kind === 'fixed') {
    const type = integerType(elementBits(element), element.signed);
    const factor = element.kind === 'fixed' ? 2 ** -element.fractionBits : 1;
    return type === undefined ? values : { type, reading: 'linear', factor };
  }
  if (element.kind === 'lns') {
    return { type: integerType(element.bits, false)!, reading: 'lookup', factor: 1 };
  }
  switch (element.name) {
    case 'fp32':
      return values;
    case 'fp16':
      return { type: 'float16', reading: 'cast', factor: 1 };
    case 'bf16':
      return { type: 'bfloat16', reading: 'cast', factor: 1 };
    case 'fp8e4m3':
      return { type: 'float8e4m3fn', reading: 'linear', factor: 1 };
    case 'fp8e5m2':
      return { type: 'float8e5m2', reading: 'linear', factor: 1 };
    default:
      return { type: integerType(elementBits(element), false)!, reading: 'lookup', factor: 1 };
  }
}

/** Storage of coded vector scales; `lookup` for powers of two. */
export function scaleStorage(scale: Exclude<ScaleFormat, { kind: 'fp32' }>): CodeStorage {
  if (scale.kind === 'uint') return { type: integerType(scale.bits, false)!, reading: 'linear', factor: 1 };
  if (scale.kind === 'fp8e4m3') return { type: 'float8e4m3fn', reading: 'linear', factor: 1 };
  return { type: 'uint8', reading: 'lookup', factor: 1 };
}

/** Codes as a tensor of a storage type; bit patterns stay as they are. */
export function codesTensor(type: DataType, dims: readonly number[], codes: CodeArray): Tensor {
  switch (type) {
    case 'int4':
    case 'uint4':
      return packCodes(type, dims, codes);
    case 'int8':
      return makeTensor(type, dims, Int8Array.from(codes));
    case 'int16':
      return makeTensor(type, dims, Int16Array.from(codes));
    case 'int32':
      return makeTensor(type, dims, Int32Array.from(codes));
    case 'uint16':
    case 'float16':
    case 'bfloat16':
      return makeTensor(type, dims, Uint16Array.from(codes));
    default:
      return makeTensor(type, dims, Uint8Array.from(codes));
  }
}

/** The inverse of `codesTensor`: one code an element. */
export function storedCodes(tensor: Tensor): NumericArray {
  if (tensor.type !== 'int4' && tensor.type !== 'uint4') return tensor.data as NumericArray;
  const codes = unpackCodes(tensor);
  return codes.length === elementCount(tensor.dims) ? codes : codes.slice(0, elementCount(tensor.dims));
}
