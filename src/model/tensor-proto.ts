// TensorProto to Tensor and back. Every element type and both encodings (raw_data and the typed fields) are read.
// Refuses dimensions that the stored bytes do not fill, before anything is allocated; writes raw_data always.

import { create } from '@bufbuild/protobuf';
import { TensorProto_DataLocation as DataLocation, type TensorProto, TensorProtoSchema } from 'onnx-buf';
import { type ErrorPlace, InputError } from '../core/errors.ts';
import { type ExternalData, externalReference } from './external.ts';
import {
  arrayClass,
  bitsOf,
  type DataType,
  dataTypeOf,
  dataTypes,
  elementCount,
  type NumericArray,
  storageLength,
  type Tensor,
} from './tensor.ts';

export interface TensorPlace {
  file?: string | undefined;
  /** Name of the tensor or of the node that holds it. */
  node: string;
}

/**
 * Decodes a tensor; raw data that is aligned becomes a view of the file's bytes, other data a copy.
 * @param external reader of external data; without it such tensors are refused
 * @throws InputError for unknown types, negative or absurd dimensions, and data that does not fill them
 */
export function decodeTensor(proto: TensorProto, place: TensorPlace, external?: ExternalData): Tensor {
  const at: ErrorPlace = { file: place.file, node: place.node };
  const type = dataTypeOf(proto.dataType);
  if (type === undefined) {
    throw new InputError(`tensor has data type ${proto.dataType}`, { ...at, expected: '1 to 26' });
  }
  if (proto.segment !== undefined) throw new InputError('segmented tensors are not supported', at);
  const dims = checkedDims(proto.dims, at);
  const count = elementCount(dims);
  if (proto.dataLocation === DataLocation.EXTERNAL) {
    if (external === undefined) {
      throw new InputError('tensor keeps its data in another file', {
        ...at,
        expected: 'a model read from a path',
      });
    }
    if (type === 'string') throw new InputError('string tensors cannot keep their data in another file', at);
    const bytes = external.read(externalReference(proto, at), byteLength(type, count), at);
    return { type, dims, data: fromRaw(type, count, bytes) };
  }
  if (type === 'string') {
    if (proto.stringData.length !== count) throw wrongCount(type, dims, proto.stringData.length, at);
    return { type, dims, data: proto.stringData };
  }
  if (proto.rawData.length > 0 || Object.hasOwn(proto, 'rawData')) {
    if (proto.rawData.length !== byteLength(type, count)) {
      throw new InputError(
        `tensor of ${type}[${dims.join(',')}] has ${proto.rawData.length} bytes of raw data`,
        {
          ...at,
          expected: `${byteLength(type, count)}`,
        },
      );
    }
    return { type, dims, data: fromRaw(type, count, proto.rawData) };
  }
  return { type, dims, data: fromFields(type, dims, count, proto, at) };
}

function checkedDims(dims: readonly bigint[], at: ErrorPlace): number[] {
  if (dims.length > 64)
    throw new InputError(`tensor has ${dims.length} dimensions`, { ...at, expected: 'at most 64' });
  const out = dims.map(Number);
  const bad = out.findIndex(d => d < 0);
  if (bad >= 0)
    throw new InputError(`dimension ${bad} of a tensor is ${out[bad]}`, { ...at, expected: 'at least 0' });
  if (elementCount(out) > 2 ** 40 || out.some(d => d > 2 ** 40)) {
    throw new InputError(`tensor of [${out.join(',')}] is absurdly large`, {
      ...at,
      expected: 'at most 2^40 elements',
    });
  }
  return out;
}

/** Bytes `count` elements take in raw_data. */
function byteLength(type: DataType, count: number): number {
  return Math.ceil((count * bitsOf(type)) / 8);
}

function fromRaw(type: Exclude<DataType, 'string'>, count: number, bytes: Uint8Array): NumericArray {
  const Class = arrayClass(type);
  const length = storageLength(type, count);
  const size = Class.BYTES_PER_ELEMENT;
  if (bytes.byteOffset % size === 0) return new Class(bytes.buffer as ArrayBuffer, bytes.byteOffset, length);
  const copy = new Uint8Array(length * size);
  copy.set(bytes);
  return new Class(copy.buffer, 0, length);
}

function fromFields(
  type: Exclude<DataType, 'string'>,
  dims: readonly number[],
  count: number,
  proto: TensorProto,
  at: ErrorPlace,
): NumericArray {
  const length = storageLength(type, count);
  const source = fieldOf(type, proto);
  if (source.length !== length) throw wrongCount(type, dims, source.length, at);
  const out = new (arrayClass(type))(length);
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    for (let i = 0; i < length; i++) out[i] = source[i] as bigint;
  } else {
    for (let i = 0; i < length; i++) out[i] = Number(source[i]);
  }
  return out;
}

function fieldOf(type: Exclude<DataType, 'string'>, proto: TensorProto): readonly (number | bigint)[] {
  switch (type) {
    case 'float32':
    case 'complex64':
      return proto.floatData;
    case 'float64':
    case 'complex128':
      return proto.doubleData;
    case 'int64':
      return proto.int64Data;
    case 'uint32':
    case 'uint64':
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

function wrongCount(type: DataType, dims: readonly number[], have: number, at: ErrorPlace): InputError {
  return new InputError(`tensor of ${type}[${dims.join(',')}] has ${have} stored elements`, {
    ...at,
    expected: `${storageLength(type, elementCount(dims))}`,
  });
}

/** The raw bytes of a tensor that is not of strings (a view of its data). */
export function rawBytes(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const data = tensor.data as NumericArray;
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** @param source message the tensor was read from: its documentation and metadata are kept */
export function encodeTensor(name: string, tensor: Tensor, source?: TensorProto): TensorProto {
  const proto = create(TensorProtoSchema, {
    name,
    dataType: dataTypes[tensor.type],
    dims: tensor.dims.map(d => BigInt(d)),
  });
  if (source !== undefined) {
    if (source.docString !== '') proto.docString = source.docString;
    proto.metadataProps = source.metadataProps;
  }
  if (tensor.type === 'string') proto.stringData = tensor.data as Uint8Array<ArrayBuffer>[];
  else proto.rawData = rawBytes(tensor);
  return proto;
}
