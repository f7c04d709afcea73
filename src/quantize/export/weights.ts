// Writes a quantized weight as codes and scales with the operators that decode it, under the name the graph already uses.
// Two-level scales are two DequantizeLinear: scale codes times the coarse scale, then codes times that.
// Refuses nothing; what the file cannot hold as codes stays float32 (`form` says so).

import {
  type Format,
  geometry,
  powerScaleValue,
  printFormat,
  type TensorLayout,
  valueTable,
} from '../../format/index.ts';
import {
  type Attribute,
  attribute,
  type DataType,
  elementCount,
  float32Tensor,
  type Graph,
  int64Tensor,
  type NumericArray,
} from '../../model/index.ts';
import type { QuantizedWeight } from '../quantize.ts';
import { type LocalFunctions, lookupFunction, scaleVectorsFunction } from './functions.ts';
import { codesTensor, elementStorage, scaleStorage } from './storage.ts';

/** How one weight lies in the file. */
export interface WeightStatistics {
  node: string;
  constant: string;
  format: string;
  shape: readonly number[];
  /** Tensor types of codes and scales as stored; scales of a two-level format are the codes' type and float32. */
  codes: DataType;
  scales: string;
  /** Operators from codes to weight. */
  form: string;
  /** The stored type has more bits than the format's element or scale. */
  wider: boolean;
  elements: number;
  /** Bytes of codes, scales and tables. */
  bytes: number;
}

/** Replaces the decoded constant by its codes. */
export function writeWeight(
  graph: Graph,
  weight: QuantizedWeight,
  functions: LocalFunctions,
): WeightStatistics {
  const { quantized, constant } = weight;
  const { format } = quantized;
  const place = placeOf(weight);
  const storage = elementStorage(format.element);
  const base = {
    ...{ node: weight.node, constant, format: printFormat(format), shape: weight.shape },
    elements: elementCount(weight.shape),
  };
  if (storage.reading === 'values' || base.elements === 0) {
    return {
      ...base,
      codes: 'float32',
      scales: 'none',
      form: 'constant',
      wider: false,
      bytes: 4 * base.elements,
    };
  }
  const writer = new Writer(graph, constant, functions);
  graph.removeConstant(constant);
  const codes = writer.constant('codes', codesTensor(storage.type, place.shape, quantized.codes));
  const scale = writeScale(writer, weight, place, storage.factor);
  const reshape = place.shape.length !== weight.shape.length;
  const target = reshape ? undefined : constant;
  let value: string;
  if (storage.reading === 'linear') {
    value = writer.node('DequantizeLinear', [codes, scale.name!], scale.attributes, target);
  } else {
    const table = storage.reading === 'lookup';
    const last = scale.name === undefined ? target : undefined;
    value = table
      ? writer.call(lookupFunction, [codes, writer.constant('table', tableTensor(format))], {}, last)
      : writer.node('Cast', [codes], { to: attribute.int(1) }, last);
    if (scale.name !== undefined) {
      const { block_size: width, axis } = scale.attributes;
      value =
        width === undefined
          ? writer.node('Mul', [value, scale.name], {}, target)
          : writer.call(scaleVectorsFunction, [value, scale.name], { axis: axis!, width }, target);
    }
  }
  if (reshape) {
    writer.node('Reshape', [value, writer.constant('shape', int64Tensor(weight.shape))], {}, constant);
  }
  return {
    ...{ ...base, codes: storage.type, scales: scale.type, form: writer.form.join(' + ') },
    ...{ wider: isWider(format), bytes: writer.bytes },
  };
}

/** The shape codes are stored in, and the axes the scales run along. */
interface Place {
  shape: readonly number[];
  channelAxis: number | undefined;
  reductionAxis: number | undefined;
  /** Vectors cover whole channels: one scale a channel serves, and codes keep the weight's own shape. */
  perChannel: boolean;
}

/** Codes keep the weight's shape where the scales can be said in it, else they take the codec's flatter shape. */
function placeOf({ quantized, shape }: QuantizedWeight): Place {
  const { layout, format } = quantized;
  const axes = {
    channelAxis: positive(layout, 'channelAxis'),
    reductionAxis: positive(layout, 'reductionAxis'),
  };
  const same = layout.shape.length === shape.length && layout.shape.every((d, i) => d === shape[i]);
  if (same) return { shape, ...axes, perChannel: false };
  const first = axes.channelAxis === 0 && layout.shape[0] === shape[0];
  const { kind } = format.scaling;
  if (kind === 'none' || kind === 'tensor' || (kind === 'channel' && first))
    return { shape, ...axes, perChannel: false };
  const whole = layout.shape.length === 2 && geometry(layout, format).blocks === 1;
  if (first && whole) return { shape, ...axes, perChannel: true };
  return { shape: layout.shape, ...axes, perChannel: false };
}

function positive(layout: TensorLayout, which: 'channelAxis' | 'reductionAxis'): number | undefined {
  const axis = layout[which];
  return axis === undefined || axis >= 0 ? axis : axis + layout.shape.length;
}

interface WrittenScale {
  /** Undefined: a multiplier of 1 for what needs none. */
  name: string | undefined;
  type: string;
  /** Of DequantizeLinear: `axis`, `block_size`. */
  attributes: Record<string, Attribute>;
}

function writeScale(writer: Writer, weight: QuantizedWeight, place: Place, factor: number): WrittenScale {
  const { quantized } = weight;
  const { format, layout, scales, scaleCodes } = quantized;
  const { scaling, element } = format;
  const linear = elementStorage(element).reading === 'linear';
  const float = (dims: readonly number[], data: ArrayLike<number>, what = 'scale'): string =>
    writer.constant(what, float32Tensor(dims, data));
  if (scaling.kind === 'none') {
    return { name: linear ? float([], [factor]) : undefined, type: 'none', attributes: {} };
  }
  if (scaling.kind === 'tensor') return { name: float([], scales), type: 'float32', attributes: {} };
  if (scaling.kind === 'channel') {
    const axis = place.channelAxis!;
    const dims = linear ? [scales.length] : place.shape.map((d, i) => (i === axis ? d : 1));
    return {
      name: float(dims, scales),
      type: 'float32',
      attributes: linear ? { axis: attribute.int(axis) } : {},
    };
  }
  const g = geometry(layout, format);
  const channel = place.channelAxis;
  // A blocked DequantizeLinear of one block wants a block no longer than the axis.
  const block = Math.min(scaling.width, g.reduction);
  const attributes: Record<string, Attribute> = place.perChannel
    ? linear
      ? { axis: attribute.int(0) }
      : {}
    : { axis: attribute.int(place.reductionAxis!), block_size: attribute.int(block) };
  const dims = !place.perChannel
    ? g.scaleShape
    : linear
      ? [place.shape[0]!]
      : place.shape.map((d, i) => (i === 0 ? d : 1));
  if (scaling.scale.kind === 'fp32') return { name: float(dims, scales), type: 'float32', attributes };
  const storage = scaleStorage(scaling.scale);
  const codes = writer.constant('scale_codes', codesTensor(storage.type, dims, scaleCodes!));
  if (scaling.scale.kind === 'e8m0') {
    const table = Float32Array.from({ length: 256 }, (_, code) => powerScaleValue(code, element));
    const name = writer.call(lookupFunction, [codes, float([256], table, 'scale_table')], {});
    return { name, type: storage.type, attributes };
  }
  const coarse = float(scales.length === 1 && channel === undefined ? [] : [scales.length], scales, 'gamma');
  const along = channel === undefined ? {} : { axis: attribute.int(channel) };
  const name = writer.node('DequantizeLinear', [codes, coarse], along);
  return { name, type: `${storage.type} * float32`, attributes };
}

function tableTensor(format: Format) {
  const table = valueTable(format.element);
  return float32Tensor([table.length], table);
}

const storedBits: Partial<Record<DataType, number>> = { int4: 4, uint4: 4, int16: 16, uint16: 16, int32: 32 };

function isWider(format: Format): boolean {
  const { element, scaling } = format;
  const bits =
    element.kind === 'fixed'
      ? element.integerBits + element.fractionBits
      : element.kind === 'float'
        ? undefined
        : element.bits;
  const six = element.kind === 'float' && element.name.startsWith('fp6');
  const elementWider = six || (bits !== undefined && bits < (storedBits[elementStorage(element).type] ?? 8));
  if (scaling.kind !== 'vector' || scaling.scale.kind !== 'uint') return elementWider;
  return elementWider || scaling.scale.bits < (storedBits[scaleStorage(scaling.scale).type] ?? 8);
}

/** Adds constants and nodes named after one weight. */
class Writer {
  readonly form: string[] = [];
  bytes = 0;
  private readonly graph: Graph;
  private readonly stem: string;
  private readonly functions: LocalFunctions;

  constructor(graph: Graph, constant: string, functions: LocalFunctions) {
    this.graph = graph;
    this.stem = constant;
    this.functions = functions;
  }

  constant(what: string, tensor: ReturnType<typeof float32Tensor>): string {
    this.bytes += (tensor.data as NumericArray).byteLength;
    return this.graph.addConstant(`${this.stem}/${what}`, tensor);
  }

  node(op: string, inputs: string[], attributes: Record<string, Attribute>, output?: string): string {
    const name = output ?? this.graph.uniqueName(`${this.stem}/${op}`);
    this.graph.addNode({ op, name: `${this.stem}/${op}`, inputs, outputs: [name], attributes });
    this.form.push(op);
    return name;
  }

  call(
    body: typeof lookupFunction,
    inputs: string[],
    attributes: Record<string, Attribute>,
    output?: string,
  ): string {
    const name = output ?? this.graph.uniqueName(`${this.stem}/${body.name}`);
    this.functions.call(body, inputs, [name], { name: `${this.stem}/${body.name}`, attributes });
    this.form.push(body.name);
    return name;
  }
}
