// Graph to ONNX bytes. What was read and not touched is written with its documentation and metadata.
// Refuses more than 2 GiB in one message: such models go to a file with their weights beside it.

import { basename } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  TensorProto_DataLocation as DataLocation,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type TypeProto,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { requireText } from '../core/arguments.ts';
import { InputError } from '../core/errors.ts';
import { writeAtomic, writeFileAtomic } from '../core/files.ts';
import { packageVersion } from '../core/places.ts';
import { attribute, encodeAttribute } from './attribute.ts';
import type { Graph } from './graph.ts';
import { requireGraph } from './graph.ts';
import type { GraphValue, ValueType } from './graph-types.ts';
import { GraphNode } from './node.ts';
import { dataTypes, type NumericArray } from './tensor.ts';
import { encodeTensor } from './tensor-proto.ts';

/** Bytes of weights that fit into one message with the rest of a model. */
export const messageLimit = 2 ** 31 - 2 ** 20;

/** The model as ONNX bytes, weights inside. @throws InputError past the 2 GiB that protobuf allows */
export function serializeModel(graph: Graph): Uint8Array<ArrayBuffer> {
  requireGraph('the model to write', graph);
  const size = weightBytes(graph);
  if (size > messageLimit) {
    throw new InputError(`${size} bytes of weights do not fit into one ONNX message`, {
      file: graph.file,
      expected: 'a file with external data',
    });
  }
  return toBinary(ModelProtoSchema, modelToProto(graph));
}

export interface WriteOptions {
  /** 'auto' (default) puts weights beside the model only when they do not fit into it; 'always' any of 1 KiB or more; 'never' none. */
  externalData?: 'auto' | 'always' | 'never' | undefined;
}

/**
 * Writes the model to `path`, atomically. With external data, weights go to `path` + '.data' in the same folder, each
 * aligned to 4096 bytes.
 * @throws InputError when the place cannot be written
 */
export function writeModelFile(graph: Graph, path: string, options: WriteOptions = {}): void {
  requireGraph('the model to write', graph);
  requireText('the path of the model', path, 'a file to write');
  const { externalData = 'auto' } = options;
  if (externalData === 'never' || (externalData === 'auto' && weightBytes(graph) <= messageLimit)) {
    writeFileAtomic(path, serializeModel(graph));
    return;
  }
  const proto = modelToProto(graph, 'initializers');
  let model = new Uint8Array();
  writeAtomic(`${path}.data`, weights => {
    let offset = 0;
    for (const tensor of proto.graph!.initializer) {
      const bytes = tensor.rawData;
      if (bytes.length < 1024 || tensor.dataType === dataTypes.string) continue;
      const start = Math.ceil(offset / 4096) * 4096;
      if (start > offset) weights.write(new Uint8Array(start - offset));
      weights.write(bytes);
      offset = start + bytes.length;
      const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
      tensor.externalData = [
        entry('location', `${basename(path)}.data`),
        entry('offset', String(start)),
        entry('length', String(bytes.length)),
      ];
      tensor.dataLocation = DataLocation.EXTERNAL;
      delete (tensor as { rawData?: unknown }).rawData;
    }
    model = toBinary(ModelProtoSchema, proto);
  });
  writeFileAtomic(path, model);
}

/** Bytes of all constants together. */
export function weightBytes(graph: Graph): number {
  requireGraph('the model', graph);
  let bytes = 0;
  for (const { type, data } of graph.constants.values()) {
    if (type !== 'string') bytes += (data as NumericArray).byteLength;
  }
  return bytes;
}

/** IR version that an operator set came with. */
function irVersionOf(opset: number): number {
  if (opset >= 25) return 12;
  if (opset >= 23) return 11;
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  if (opset >= 15) return 8;
  if (opset >= 12) return 7;
  if (opset >= 11) return 6;
  if (opset >= 10) return 5;
  return 4;
}

function modelToProto(graph: Graph, constants: 'as-read' | 'initializers' = 'as-read'): ModelProto {
  const { modelSource } = graph;
  const model = create(ModelProtoSchema);
  if (modelSource === undefined) {
    model.producerName = 'bitwright';
    model.producerVersion = packageVersion();
  } else Object.assign(model, modelSource);
  const before = modelSource?.irVersion ?? 0n;
  const needed = BigInt(irVersionOf(graph.opset));
  model.irVersion = before > needed || (before < 4n && graph.opset <= 9 && before > 0n) ? before : needed;
  model.opsetImport = [...graph.opsets].map(([domain, version]) =>
    create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
  );
  model.functions = graph.functions;
  model.graph = graphToProto(graph, { constants, constantsAreInputs: model.irVersion < 4n });
  return model;
}

interface GraphWriteOptions {
  constants?: 'as-read' | 'initializers';
  /** IR versions before 4: every initializer is listed among the inputs. */
  constantsAreInputs?: boolean;
}

/** The graph as a message (the body of a model or of a control-flow node). */
export function graphToProto(graph: Graph, options: GraphWriteOptions = {}): GraphProto {
  const proto = create(GraphProtoSchema);
  Object.assign(proto, graph.graphSource ?? {});
  proto.name = graph.name === '' ? 'graph' : graph.name;
  proto.node = [];
  proto.initializer = [];
  proto.input = graph.inputs.map(x => valueToProto(x, graph));
  proto.output = graph.outputs.map(x => valueToProto(x, graph));
  for (const [name, tensor] of graph.constants) {
    const origin = graph.origins.get(name);
    if (origin?.from === 'node' && options.constants !== 'initializers') {
      const node = new GraphNode({
        name: origin.node?.name ?? name,
        op: 'Constant',
        inputs: [],
        outputs: [name],
        attributes: new Map([['value', attribute.tensor(tensor)]]),
        source: origin.node?.source,
      });
      proto.node.push(nodeToProto(node));
      continue;
    }
    proto.initializer.push(encodeTensor(name, tensor, origin?.source));
    if (options.constantsAreInputs === true) {
      proto.input.push(valueToProto({ name, type: { type: tensor.type, shape: tensor.dims } }, graph));
    } else if (origin?.input !== undefined && (graph.modelSource?.irVersion ?? 0n) >= 4n) {
      proto.input.push(origin.input);
    }
  }
  for (const node of graph.order()) proto.node.push(nodeToProto(node));
  const listed = new Set([...graph.inputs, ...graph.outputs].map(x => x.name));
  proto.valueInfo = [];
  const add = (name: string, value: GraphValue): void => {
    if (graph.producer(name) !== undefined && !listed.has(name))
      proto.valueInfo.push(valueToProto(value, graph));
  };
  for (const [name, type] of graph.types) add(name, { name, type });
  for (const name of graph.otherTypes.keys()) add(name, { name, type: undefined });
  return proto;
}

function nodeToProto(node: GraphNode): NodeProto {
  const proto = create(NodeProtoSchema);
  Object.assign(proto, node.source ?? {});
  if (node.source?.name !== '') proto.name = node.name;
  proto.opType = node.op;
  proto.input = [...node.inputs];
  proto.output = [...node.outputs];
  proto.attribute = [...node.attributes].map(([name, value]) => encodeAttribute(name, value));
  if (node.domain !== '' || node.source !== undefined) proto.domain = node.domain;
  return proto;
}

function valueToProto(value: GraphValue, graph: Graph): ValueInfoProto {
  if (value.source !== undefined) return value.source;
  const proto = create(ValueInfoProtoSchema, { name: value.name });
  const type = value.type === undefined ? graph.otherTypes.get(value.name) : typeToProto(value.type);
  if (type !== undefined) proto.type = type;
  return proto;
}

function typeToProto({ type, shape }: ValueType): TypeProto {
  const tensor = create(TypeProto_TensorSchema, { elemType: dataTypes[type] });
  if (shape !== undefined) {
    tensor.shape = create(TensorShapeProtoSchema, {
      dim: shape.map(d => {
        const dim = create(TensorShapeProto_DimensionSchema);
        if (typeof d === 'number') dim.value = { case: 'dimValue', value: BigInt(d) };
        else if (d !== null) dim.value = { case: 'dimParam', value: d };
        return dim;
      }),
    });
  }
  return create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } });
}
