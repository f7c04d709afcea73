// Node attributes as plain values with their ONNX kind; whatever is not interpreted keeps its protobuf message.
// Refuses to be changed in place: an attribute is replaced, so the message it was read from still describes it.

import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
} from 'onnx-buf';
import type { Tensor } from './tensor.ts';
import { encodeTensor } from './tensor-proto.ts';

export type Attribute = { readonly source?: AttributeProto | undefined } & (
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: GraphProto }
  | { readonly kind: 'graphs'; readonly value: readonly GraphProto[] }
  | { readonly kind: 'opaque'; readonly source: AttributeProto }
);

/** Makers of attributes, e.g. `attribute.int(1)`, `attribute.ints([2, 2])`, `attribute.float(1e-5)`. */
export const attribute = {
  int: (value: number | bigint): Attribute => ({ kind: 'int', value: BigInt(value) }),
  ints: (value: readonly (number | bigint)[]): Attribute => ({
    kind: 'ints',
    value: value.map(v => BigInt(v)),
  }),
  float: (value: number): Attribute => ({ kind: 'float', value }),
  floats: (value: readonly number[]): Attribute => ({ kind: 'floats', value: [...value] }),
  string: (value: string): Attribute => ({ kind: 'string', value }),
  strings: (value: readonly string[]): Attribute => ({ kind: 'strings', value: [...value] }),
  tensor: (value: Tensor): Attribute => ({ kind: 'tensor', value }),
  graph: (value: GraphProto): Attribute => ({ kind: 'graph', value }),
};

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads an attribute; `readTensor` decodes tensors so that the caller can name their place in errors. */
export function decodeAttribute(
  proto: AttributeProto,
  readTensor: (proto: NonNullable<AttributeProto['t']>) => Tensor,
): Attribute {
  if (proto.refAttrName !== '') return { kind: 'opaque', source: proto };
  switch (kindOf(proto)) {
    case AttributeType.INT:
      return { kind: 'int', value: proto.i, source: proto };
    case AttributeType.INTS:
      return { kind: 'ints', value: proto.ints, source: proto };
    case AttributeType.FLOAT:
      return { kind: 'float', value: proto.f, source: proto };
    case AttributeType.FLOATS:
      return { kind: 'floats', value: proto.floats, source: proto };
    case AttributeType.STRING:
      return { kind: 'string', value: decoder.decode(proto.s), source: proto };
    case AttributeType.STRINGS:
      return { kind: 'strings', value: proto.strings.map(s => decoder.decode(s)), source: proto };
    case AttributeType.TENSOR:
      return proto.t === undefined
        ? { kind: 'opaque', source: proto }
        : { kind: 'tensor', value: readTensor(proto.t) };
    case AttributeType.GRAPH:
      return proto.g === undefined
        ? { kind: 'opaque', source: proto }
        : { kind: 'graph', value: proto.g, source: proto };
    case AttributeType.GRAPHS:
      return { kind: 'graphs', value: proto.graphs, source: proto };
    default:
      return { kind: 'opaque', source: proto };
  }
}

/** Files of IR version 1 leave `type` out: the field that is present tells. */
function kindOf(proto: AttributeProto): AttributeType {
  if (proto.type !== AttributeType.UNDEFINED) return proto.type;
  if (Object.hasOwn(proto, 'i')) return AttributeType.INT;
  if (Object.hasOwn(proto, 'f')) return AttributeType.FLOAT;
  if (Object.hasOwn(proto, 's')) return AttributeType.STRING;
  if (proto.t !== undefined) return AttributeType.TENSOR;
  if (proto.g !== undefined) return AttributeType.GRAPH;
  if (proto.ints.length > 0) return AttributeType.INTS;
  if (proto.floats.length > 0) return AttributeType.FLOATS;
  if (proto.strings.length > 0) return AttributeType.STRINGS;
  return AttributeType.UNDEFINED;
}

export function encodeAttribute(name: string, value: Attribute): AttributeProto {
  if (value.source !== undefined) return value.source;
  const proto = create(AttributeProtoSchema, { name });
  switch (value.kind) {
    case 'int':
      proto.type = AttributeType.INT;
      proto.i = value.value;
      break;
    case 'ints':
      proto.type = AttributeType.INTS;
      proto.ints = [...value.value];
      break;
    case 'float':
      proto.type = AttributeType.FLOAT;
      proto.f = value.value;
      break;
    case 'floats':
      proto.type = AttributeType.FLOATS;
      proto.floats = [...value.value];
      break;
    case 'string':
      proto.type = AttributeType.STRING;
      proto.s = encoder.encode(value.value) as Uint8Array<ArrayBuffer>;
      break;
    case 'strings':
      proto.type = AttributeType.STRINGS;
      proto.strings = value.value.map(s => encoder.encode(s) as Uint8Array<ArrayBuffer>);
      break;
    case 'tensor':
      proto.type = AttributeType.TENSOR;
      proto.t = encodeTensor('', value.value);
      break;
    case 'graph':
      proto.type = AttributeType.GRAPH;
      proto.g = value.value;
      break;
    case 'graphs':
      proto.type = AttributeType.GRAPHS;
      proto.graphs = [...value.value];
      break;
  }
  return proto;
}
