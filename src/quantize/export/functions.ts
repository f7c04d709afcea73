// ONNX model-local functions of domain `bitwright`, made of standard operators only, for what DequantizeLinear cannot say.
// Refuses to define one name twice with different bodies: the second gets a number.

import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type FunctionProto,
  FunctionProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
} from 'onnx-buf';
import { type Attribute, attribute, encodeAttribute, type Graph } from '../../model/index.ts';

export const functionDomain = 'bitwright';

/** An attribute of a body node that takes the value of an attribute of the function. */
export interface AttributeReference {
  reference: string;
}

export interface BodyNode {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Record<string, Attribute | AttributeReference> | undefined;
}

export interface FunctionBody {
  name: string;
  doc: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Integer attributes. */
  attributes?: readonly string[] | undefined;
  nodes: readonly BodyNode[];
}

/** The local functions of one graph; each is added when first asked for. */
export class LocalFunctions {
  private readonly names = new Map<string, string>();
  private readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
    graph.functions = [...graph.functions];
  }

  /** Adds a call node. @returns the name of the function, which may carry a number */
  call(
    body: FunctionBody,
    inputs: readonly string[],
    outputs: readonly string[],
    options: { name: string; attributes?: Record<string, Attribute> | undefined },
  ): string {
    const name = this.define(body);
    this.graph.addNode({
      ...{ op: name, domain: functionDomain, name: options.name, inputs, outputs },
      attributes: options.attributes,
    });
    return name;
  }

  /** Adds the function when it is not there. @returns its name */
  define(body: FunctionBody): string {
    const key = JSON.stringify(body, (_, value) =>
      typeof value === 'bigint' ? `${value}n` : tensorKey(value),
    );
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const taken = new Set(this.graph.functions.filter(f => f.domain === functionDomain).map(f => f.name));
    let name = body.name;
    for (let i = 2; taken.has(name); i++) name = `${body.name}_${i}`;
    this.names.set(key, name);
    this.graph.functions.push(functionProto(body, name, this.graph.opset));
    this.graph.opsets.set(functionDomain, 1);
    return name;
  }
}

function tensorKey(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>, String) : value;
}

function functionProto(body: FunctionBody, name: string, opset: number): FunctionProto {
  return create(FunctionProtoSchema, {
    ...{ name, domain: functionDomain, docString: body.doc },
    ...{ input: [...body.inputs], output: [...body.outputs], attribute: [...(body.attributes ?? [])] },
    node: body.nodes.map(nodeProto),
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })],
  });
}

function nodeProto(node: BodyNode, index: number): NodeProto {
  return create(NodeProtoSchema, {
    ...{ name: `${node.op}_${index}`, opType: node.op, input: [...node.inputs], output: [...node.outputs] },
    attribute: Object.entries(node.attributes ?? {}).map(([name, value]) =>
      'reference' in value
        ? create(AttributeProtoSchema, { name, refAttrName: value.reference, type: AttributeType.INT })
        : encodeAttribute(name, value),
    ),
  });
}

/** Lookup(codes, table): the value of each code; codes are unsigned integers below the table's length. */
export const lookupFunction: FunctionBody = {
  name: 'Lookup',
  doc: 'Value of each code in a table.',
  inputs: ['codes', 'table'],
  outputs: ['values'],
  nodes: [
    { op: 'Cast', inputs: ['codes'], outputs: ['index'], attributes: { to: attribute.int(6) } },
    {
      ...{ op: 'Gather', inputs: ['table', 'index'], outputs: ['values'] },
      attributes: { axis: attribute.int(0) },
    },
  ],
};

/** ScaleVectors<axis, width>(values, scales): each run of `width` elements along `axis` times its scale. */
export const scaleVectorsFunction: FunctionBody = {
  name: 'ScaleVectors',
  doc: 'Multiplies every run of width elements along axis (the last may be short) by its scale.',
  inputs: ['values', 'scales'],
  outputs: ['scaled'],
  attributes: ['axis', 'width'],
  nodes: [
    { op: 'Shape', inputs: ['values'], outputs: ['shape'] },
    { op: 'Constant', inputs: [], outputs: ['at'], attributes: { value_int: { reference: 'axis' } } },
    { op: 'Constant', inputs: [], outputs: ['run'], attributes: { value_int: { reference: 'width' } } },
    { op: 'Constant', inputs: [], outputs: ['zero'], attributes: { value_int: attribute.int(0) } },
    { op: 'Constant', inputs: [], outputs: ['one'], attributes: { value_int: attribute.int(1) } },
    { op: 'Gather', inputs: ['shape', 'at'], outputs: ['length'] },
    { op: 'Range', inputs: ['zero', 'length', 'one'], outputs: ['place'] },
    { op: 'Div', inputs: ['place', 'run'], outputs: ['vector'] },
    {
      ...{ op: 'Gather', inputs: ['scales', 'vector'], outputs: ['spread'] },
      attributes: { axis: { reference: 'axis' } },
    },
    { op: 'Mul', inputs: ['values', 'spread'], outputs: ['scaled'] },
  ],
};
