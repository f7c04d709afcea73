// A model that computes in float16, bfloat16 or float64 becomes one that computes in float32: its constants, inputs, outputs,
// casts and the types its operators make. Refuses, with the reason, what hides types from it: bodies, functions, sequences;
// weights that are only stored in another type, and quantized models, stay as they are.

import type { TypeProto } from 'onnx-buf';
import { type Attribute, attribute } from '../attribute.ts';
import type { Graph } from '../graph.ts';
import type { GraphValue, ValueType } from '../graph-types.ts';
import { alreadyQuantized } from '../quantized.ts';
import { type DataType, dataTypeOf, dataTypes, makeTensor, type Tensor, toFloat32 } from '../tensor.ts';

export interface SinglePrecision {
  /** Types that computed; empty when the model computed in float32 already. */
  types: DataType[];
  /** Constants converted. */
  constants: number;
  /** Finite elements outside the range of float32, set to its largest number of their sign. */
  clamped: number;
  /** Why the model stays as it is although it computes in other types. */
  left: string | undefined;
}

const others: readonly DataType[] = ['float16', 'bfloat16', 'float64'];
const isOther = (type: DataType | undefined): boolean => type !== undefined && others.includes(type);

/** Operators whose constant operands make a model compute in their type. */
const products = /^(Conv|ConvTranspose|MatMul|Gemm)$/;
/** Attributes that name a type. */
const typeAttributes = ['to', 'dtype', 'output_dtype', 'output_datatype', 'stash_type', 'softmax_precision'];

/** Converts in place. Results agree with the model's own within the precision of its type. */
export function singlePrecision(graph: Graph): SinglePrecision {
  const result: SinglePrecision = { types: computedTypes(graph), constants: 0, clamped: 0, left: undefined };
  if (result.types.length === 0) return result;
  result.left = hiddenTypes(graph);
  if (result.left !== undefined) return result;
  const single = (tensor: Tensor): Tensor => {
    if (!isOther(tensor.type)) return tensor;
    const data = toFloat32(tensor);
    result.constants++;
    if (tensor.type === 'float64') result.clamped += clamp(data, tensor.data as Float64Array);
    return makeTensor('float32', tensor.dims, data);
  };
  for (const [name, tensor] of [...graph.constants]) {
    if (isOther(tensor.type)) graph.setConstant(name, single(tensor));
  }
  graph.inputs = graph.inputs.map(singleValue);
  graph.outputs = graph.outputs.map(singleValue);
  for (const [name, type] of graph.types) graph.types.set(name, singleType(type));
  for (const node of graph.order()) {
    const changes: Record<string, Attribute> = {};
    for (const [name, a] of node.attributes) {
      if (a.kind === 'tensor' && isOther(a.value.type)) changes[name] = attribute.tensor(single(a.value));
      const named = a.kind === 'int' && node.domain === '' && typeAttributes.includes(name);
      if (named && isOther(dataTypeOf(Number(a.value)))) changes[name] = attribute.int(dataTypes.float32);
    }
    const attributes = { ...Object.fromEntries(node.attributes), ...changes };
    if (node.is('Cast') && attributes['to']?.kind === 'int' && attributes['to'].value === 1n) {
      const nothingToDo = graph.typeOf(node.inputs[0] ?? '')?.type === 'float32';
      if (nothingToDo) graph.replaceNode(node, { op: 'Identity', attributes: {} });
      else graph.replaceNode(node, { attributes });
    } else if (Object.keys(changes).length > 0) graph.replaceNode(node, { attributes });
  }
  return result;
}

/** One line for the reader of a converted model, or of one that could not be; undefined when there is nothing to tell. */
export function singlePrecisionNote({ types, clamped, left }: SinglePrecision): string | undefined {
  if (types.length === 0) return undefined;
  const what = `computes in ${types.join(' and ')}`;
  if (left !== undefined) return `${what} and cannot be converted to float32: ${left}`;
  const more =
    clamped === 0 ? '' : `; ${clamped} constants beyond the range of float32 are set to its largest`;
  return `${what}: converted to float32, inputs and outputs included${more}`;
}

function computedTypes(graph: Graph): DataType[] {
  if (alreadyQuantized(graph) !== undefined) return [];
  const found = new Set<DataType>();
  for (const { type } of [...graph.inputs, ...graph.outputs]) if (isOther(type?.type)) found.add(type!.type);
  for (const node of graph.nodes) {
    if (node.domain !== '' || !products.test(node.op)) continue;
    for (const input of node.inputs) {
      const type = graph.constant(input)?.type;
      if (isOther(type)) found.add(type!);
    }
  }
  return others.filter(type => found.has(type));
}

/** What keeps the types of some values out of sight. */
function hiddenTypes(graph: Graph): string | undefined {
  const functions = new Set(graph.functions.map(f => `${f.domain}/${f.name}`));
  for (const node of graph.nodes) {
    if (node.hasBody) return `node '${node.name}' (${node.op}) holds a graph of its own`;
    if (functions.has(`${node.domain}/${node.op}`))
      return `node '${node.name}' calls a function of the model`;
  }
  const other = [...graph.otherTypes].find(([, type]) => holdsOther(type));
  const port = [...graph.inputs, ...graph.outputs].find(
    x => x.type === undefined && x.source?.type !== undefined && holdsOther(x.source.type),
  );
  const name = other?.[0] ?? port?.name;
  return name === undefined ? undefined : `value '${name}' is no tensor`;
}

/** A sequence, map or optional with one of the types inside. */
function holdsOther({ value }: TypeProto): boolean {
  if (value.case === 'tensorType' || value.case === 'sparseTensorType')
    return isOther(dataTypeOf(value.value.elemType));
  if (value.case === 'sequenceType' || value.case === 'optionalType')
    return value.value.elemType !== undefined && holdsOther(value.value.elemType);
  return value.case === 'mapType' && value.value.valueType !== undefined && holdsOther(value.value.valueType);
}

const singleType = (type: ValueType): ValueType => (isOther(type.type) ? { ...type, type: 'float32' } : type);

function singleValue(value: GraphValue): GraphValue {
  if (!isOther(value.type?.type)) return value;
  return { name: value.name, type: singleType(value.type!) };
}

/** Infinities that rounding made become the largest number. @returns how many */
function clamp(data: Float32Array, exact: Float64Array): number {
  const most = 3.4028234663852886e38;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i]) || !Number.isFinite(exact[i])) continue;
    data[i] = Math.sign(exact[i]!) * most;
    count++;
  }
  return count;
}
