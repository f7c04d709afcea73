// What a graph says of its values, nodes and constants.

import type { TensorProto, ValueInfoProto } from 'onnx-buf';
import type { Attribute } from './attribute.ts';
import type { GraphNode } from './node.ts';
import type { DataType } from './tensor.ts';

/** A number, the name of a symbolic dimension, or null when nothing is known. */
export type Dimension = number | string | null;

/** Type of a tensor value. `shape` is undefined when not even the rank is known. */
export interface ValueType {
  readonly type: DataType;
  readonly shape?: readonly Dimension[] | undefined;
}

/** An input or output of the graph. */
export interface GraphValue {
  readonly name: string;
  /** Undefined for values that are not tensors (sequences, maps, optionals); `source` then has the type. */
  readonly type: ValueType | undefined;
  readonly source?: ValueInfoProto | undefined;
}

export interface NodeFields {
  op: string;
  domain?: string | undefined;
  /** Hint for the node's name, made unique. */
  name?: string | undefined;
  inputs: readonly string[];
  /** Output names; each must be new. */
  outputs: readonly string[];
  attributes?: Record<string, Attribute> | undefined;
}

/** How a constant came: as an initializer or as a Constant node; it is written back the same way. */
export interface ConstantOrigin {
  readonly from: 'initializer' | 'node';
  readonly source?: TensorProto | undefined;
  readonly node?: GraphNode | undefined;
  /** The initializer was also listed among the inputs, as IR versions before 4 demand. */
  readonly input?: ValueInfoProto | undefined;
}
