// GraphProto to Graph, with the checks that make the result a graph: one maker a value, no missing value, no cycle.
// Refuses sparse initializers. Bodies of control flow stay protobuf messages; only the names they use are collected.

import { create } from '@bufbuild/protobuf';
import {
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  type TypeProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { type Attribute, decodeAttribute } from './attribute.ts';
import type { ExternalData } from './external.ts';
import { Graph } from './graph.ts';
import type { Dimension, GraphValue, ValueType } from './graph-types.ts';
import { GraphNode } from './node.ts';
import { dataTypeOf, makeTensor, type Tensor } from './tensor.ts';
import { decodeTensor } from './tensor-proto.ts';

export interface GraphSurroundings {
  file?: string | undefined;
  opsets: Map<string, number>;
  functions: FunctionProto[];
  external?: ExternalData | undefined;
  /** Names of an enclosing graph that a body may use. */
  outer?: ReadonlySet<string> | undefined;
}

/** Builds the graph. @throws InputError naming the node or value of the first problem */
export function graphFromProto(proto: GraphProto, around: GraphSurroundings): Graph {
  const { file } = around;
  const graph = new Graph();
  graph.file = file;
  graph.name = proto.name;
  graph.opsets = new Map(around.opsets);
  graph.functions = around.functions;
  const { node: _n, initializer: _i, input: _in, output: _o, valueInfo: _v, ...rest } = proto;
  graph.graphSource = Object.assign(create(GraphProtoSchema), rest);
  if (proto.sparseInitializer.length > 0) {
    throw new InputError('sparse initializers are not supported', {
      file,
      node: proto.sparseInitializer[0]!.values?.name,
    });
  }
  const inputNames = new Map<string, ValueInfoProto>();
  for (const input of proto.input) {
    if (input.name === '' || inputNames.has(input.name)) {
      throw new InputError(
        `graph input '${input.name}' is ${input.name === '' ? 'nameless' : 'listed twice'}`,
        {
          file,
        },
      );
    }
    inputNames.set(input.name, input);
  }
  for (const initializer of proto.initializer) {
    const { name } = initializer;
    if (name === '' || graph.constants.has(name)) {
      throw new InputError(`initializer '${name}' is ${name === '' ? 'nameless' : 'given twice'}`, { file });
    }
    const tensor = decodeTensor(initializer, { file, node: name }, around.external);
    graph.setConstant(name, tensor, {
      from: 'initializer',
      source: initializer,
      input: inputNames.get(name),
    });
  }
  graph.inputs = proto.input.filter(x => !graph.constants.has(x.name)).map(x => graphValue(x, file));
  addNodes(graph, proto, around);
  graph.outputs = proto.output.map(x => graphValue(x, file));
  for (const info of [...proto.valueInfo, ...proto.output]) {
    const type = valueTypeOf(info.type, info.name, file);
    if (type !== undefined) graph.types.set(info.name, type);
    else if (info.type !== undefined) graph.otherTypes.set(info.name, info.type);
  }
  checkGraph(graph, around.outer);
  return graph;
}

function addNodes(graph: Graph, proto: GraphProto, around: GraphSurroundings): void {
  const { file } = around;
  const used = new Set<string>();
  for (const node of proto.node) if (node.name !== '') used.add(node.name);
  const taken = new Set<string>();
  const suffixes = new Map<string, number>();
  let index = 0;
  for (const node of proto.node) {
    let name = node.name;
    if (name === '' || taken.has(name)) {
      const stem = name === '' ? `${node.opType}_${index}` : name;
      name = stem;
      let i = suffixes.get(stem) ?? 1;
      while (taken.has(name) || used.has(name)) name = `${stem}_${i++}`;
      suffixes.set(stem, i);
    }
    taken.add(name);
    index++;
    if (node.opType === '') throw new InputError('node has no operator', { file, node: name });
    const captures = new Set<string>();
    const attributes = attributesOf(node, name, around);
    for (const a of attributes.values()) {
      const bodies = a.kind === 'graph' ? [a.value] : a.kind === 'graphs' ? a.value : [];
      for (const body of bodies) {
        collectFreeNames(body, [], captures, defined => graph.reserve(defined));
      }
    }
    const value = new GraphNode({
      name,
      op: node.opType,
      domain: node.domain === 'ai.onnx' ? '' : node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes,
      captures: [...captures],
      source: node,
    });
    const tensor = constantOf(value, file);
    if (tensor === undefined) graph.insert(value);
    else {
      const output = node.output[0]!;
      if (graph.has(output)) throw new InputError(`value '${output}' is made twice`, { file, node: name });
      graph.setConstant(output, tensor, { from: 'node', node: value });
    }
  }
}

function attributesOf(node: NodeProto, name: string, around: GraphSurroundings): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const proto of node.attribute) {
    if (attributes.has(proto.name)) {
      throw new InputError(`attribute '${proto.name}' is given twice`, { file: around.file, node: name });
    }
    attributes.set(
      proto.name,
      decodeAttribute(proto, t => decodeTensor(t, { file: around.file, node: name }, around.external)),
    );
  }
  return attributes;
}

const encoder = new TextEncoder();

/** The value of a Constant node in any of its spellings; undefined for other nodes. */
function constantOf(node: GraphNode, file: string | undefined): Tensor | undefined {
  if (!node.is('Constant')) return undefined;
  if (node.outputs.length !== 1 || node.outputs[0] === '' || node.inputs.length > 0) {
    throw new InputError('a Constant has one output and no inputs', { file, node: node.name });
  }
  for (const [name, a] of node.attributes) {
    if (name === 'value' && a.kind === 'tensor') return a.value;
    if (name === 'value_float' && a.kind === 'float')
      return makeTensor('float32', [], Float32Array.of(a.value));
    if (name === 'value_floats' && a.kind === 'floats') {
      return makeTensor('float32', [a.value.length], Float32Array.from(a.value));
    }
    if (name === 'value_int' && a.kind === 'int') return makeTensor('int64', [], BigInt64Array.of(a.value));
    if (name === 'value_ints' && a.kind === 'ints') {
      return makeTensor('int64', [a.value.length], BigInt64Array.from(a.value));
    }
    if (name === 'value_string' && a.kind === 'string')
      return makeTensor('string', [], [encoder.encode(a.value)]);
    if (name === 'value_strings' && a.kind === 'strings') {
      return makeTensor(
        'string',
        [a.value.length],
        a.value.map(s => encoder.encode(s)),
      );
    }
  }
  throw new InputError('a Constant holds no value that is understood', {
    file,
    node: node.name,
    expected: 'a value attribute that is not sparse',
  });
}

/** Adds to `free` the names that neither a body nor one of the bodies around it defines; reports those it defines. */
function collectFreeNames(
  body: GraphProto,
  outer: readonly ReadonlySet<string>[],
  free: Set<string>,
  report: (defined: Set<string>) => void,
): void {
  const own = new Set<string>();
  for (const x of body.input) own.add(x.name);
  for (const x of body.initializer) own.add(x.name);
  for (const node of body.node) for (const x of node.output) own.add(x);
  report(own);
  const defined = [own, ...outer];
  const use = (name: string): void => {
    if (name !== '' && !defined.some(names => names.has(name))) free.add(name);
  };
  for (const node of body.node) {
    for (const x of node.input) use(x);
    for (const a of node.attribute) {
      for (const inner of a.g === undefined ? a.graphs : [a.g, ...a.graphs]) {
        collectFreeNames(inner, defined, free, report);
      }
    }
  }
  for (const x of body.output) use(x.name);
}

function checkGraph(graph: Graph, outer: ReadonlySet<string> | undefined): void {
  const known = new Set<string>([...graph.constants.keys(), ...graph.inputs.map(x => x.name)]);
  for (const node of graph.nodes) for (const x of node.outputs) known.add(x);
  const missing = (value: string, node?: string): InputError =>
    new InputError(`value '${value}' is used but nothing makes it`, {
      file: graph.file,
      node,
      nearest: known.size < 20_000 ? nearestSpelling(value, [...known]) : undefined,
    });
  for (const node of graph.nodes) {
    for (const x of [...node.inputs, ...node.captures]) {
      if (x !== '' && !known.has(x) && outer?.has(x) !== true) throw missing(x, node.name);
    }
  }
  if (graph.outputs.length === 0 && outer === undefined) {
    throw new InputError('the graph has no outputs', { file: graph.file });
  }
  const seen = new Set<string>();
  for (const output of graph.outputs) {
    if (!known.has(output.name) && outer?.has(output.name) !== true) throw missing(output.name);
    if (seen.has(output.name)) {
      throw new InputError(`graph output '${output.name}' is listed twice`, { file: graph.file });
    }
    seen.add(output.name);
  }
  graph.order();
}

function graphValue(info: ValueInfoProto, file: string | undefined): GraphValue {
  return { name: info.name, type: valueTypeOf(info.type, info.name, file), source: info };
}

/** Tensor type of a value; undefined when it has none or is not a tensor. */
function valueTypeOf(
  proto: TypeProto | undefined,
  name: string,
  file: string | undefined,
): ValueType | undefined {
  if (proto?.value.case !== 'tensorType') return undefined;
  const { elemType, shape } = proto.value.value;
  const type = dataTypeOf(elemType);
  if (type === undefined) {
    if (elemType === 0) return undefined;
    throw new InputError(`value has data type ${elemType}`, { file, node: name, expected: '1 to 26' });
  }
  if (shape === undefined) return { type };
  const dims: Dimension[] = shape.dim.map(d => {
    if (d.value.case === 'dimParam') return d.value.value === '' ? null : d.value.value;
    if (d.value.case !== 'dimValue') return null;
    const size = Number(d.value.value);
    if (size > 2 ** 40) {
      throw new InputError(`dimension ${d.value.value} of a value is absurd`, {
        file,
        node: name,
        expected: 'at most 2^40',
      });
    }
    return size < 0 ? null : size;
  });
  if (dims.length > 64) throw new InputError(`value has ${dims.length} dimensions`, { file, node: name });
  return { type, shape: dims };
}
