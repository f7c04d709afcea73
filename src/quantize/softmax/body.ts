// Softermax as an ONNX model-local function of standard operators on int32 and uint32: plain ONNX Runtime computes the integers
// of the golden model. Slices run through a Scan, since the running sum's shifts make it depend on their order.
// Refuses nothing: parameters were checked before.

import { create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { reciprocalMantissa, type Softermax, scoreScale } from '../../format/index.ts';
import {
  type Attribute,
  attribute,
  type DataType,
  dataTypes,
  encodeAttribute,
  float32Tensor,
  int64Tensor,
  makeTensor,
} from '../../model/index.ts';
import type { BodyNode, FunctionBody } from '../export/functions.ts';

type Attributes = Record<string, Attribute>;

/** Collects nodes; each call gives the name of the node's first output. */
class Body {
  readonly nodes: BodyNode[] = [];
  private readonly prefix: string;
  private readonly known = new Map<string, string>();

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  add(op: string, inputs: string[], attributes: Attributes = {}, outputs?: string[]): string {
    const made = outputs ?? [`${this.prefix}${this.nodes.length}`];
    this.nodes.push({ op, inputs, outputs: made, attributes });
    return made[0]!;
  }

  constant(type: DataType, dims: number[], values: readonly number[]): string {
    const key = `${type} ${dims.join()} ${values.join()}`;
    let name = this.known.get(key);
    if (name === undefined) {
      const tensor =
        type === 'int64'
          ? { ...int64Tensor([...values]), dims }
          : type === 'float32'
            ? float32Tensor(dims, [...values])
            : makeTensor(type, dims, type === 'uint32' ? Uint32Array.from(values) : Int32Array.from(values));
      name = this.add('Constant', [], { value: attribute.tensor(tensor) });
      this.known.set(key, name);
    }
    return name;
  }

  int(value: number): string {
    return this.constant('int32', [], [value]);
  }

  axes(...values: number[]): string {
    return this.constant('int64', [values.length], values);
  }

  cast(value: string, type: DataType): string {
    return this.add('Cast', [value], { to: attribute.int(dataTypes[type]) });
  }

  /** value (uint32) >> count (int32, not negative); counts above 31 give 0 for values below 2^31. */
  shiftRight(value: string, count: string): string {
    const bounded = this.cast(this.add('Min', [count, this.int(31)]), 'uint32');
    return this.add('BitShift', [value, bounded], { direction: attribute.string('RIGHT') });
  }

  /** Floor of an int32 that is not negative by 2^bits. */
  floor(value: string, bits: number): string {
    return bits === 0 ? value : this.add('Div', [value, this.int(2 ** bits)]);
  }

  /** Rounds half up an int32 that is not negative by 2^bits. */
  nearest(value: string, bits: number): string {
    return bits === 0 ? value : this.floor(this.add('Add', [value, this.int(2 ** (bits - 1))]), bits);
  }
}

/** Function `Softermax(scores) -> probabilities` over the last axis. */
export function softermaxFunction(model: Softermax): FunctionBody {
  const { parameters } = model;
  const { input, unnormed, sum, reciprocal, output, operandFraction, vector } = parameters;
  const codes = 2 ** (input.integerBits + input.fractionBits);
  const keep = { keepdims: attribute.int(1) };
  const b = new Body('v');

  const shape = b.add('Shape', ['scores']);
  const width = b.add('Shape', ['scores'], { start: attribute.int(-1) });
  const rows = b.add('Flatten', ['scores'], { axis: attribute.int(-1) });
  const ratio = b.add('Div', [rows, b.constant('float32', [], [scoreScale(parameters)])]);
  const low = b.constant('float32', [], [model.masked]);
  const clipped = b.add('Clip', [b.add('Round', [ratio]), low, b.constant('float32', [], [model.highest])]);
  // Codes counted from the masked one, so that everything below is not negative.
  const code = b.add('Sub', [b.cast(clipped, 'int32'), b.int(model.masked)]);
  const v = b.axes(vector);
  const short = b.add('Mod', [b.add('Sub', [v, b.add('Mod', [width, v])]), v]);
  const pads = b.add('Concat', [b.axes(0, 0, 0), short], { axis: attribute.int(0) });
  const slices = b.add('Reshape', [b.add('Pad', [code, pads, b.int(0)]), b.axes(0, -1, vector)]);

  const line = Array.from({ length: codes }, (_, c) =>
    c === 0 ? 0 : model.numerator(c + model.masked, (c + model.masked) >> input.fractionBits),
  );
  const lines = b.add('Gather', [b.constant('uint32', [codes], line), slices]);
  const whole = b.floor(slices, input.fractionBits);
  const top = b.add('ReduceMax', [slices, b.axes(2)], keep);
  const ceiling = b.floor(b.add('Add', [top, b.int(2 ** input.fractionBits - 1)]), input.fractionBits);
  // State of each row, [rows, 1]: maximum and sum before the first slice.
  const zeros = b.add('Mul', [b.add('Slice', [code, b.axes(0), b.axes(1), b.axes(1)]), b.int(0)]);
  const scan = {
    body: attribute.graph(scanBody(model)),
    num_scan_inputs: attribute.int(3),
    scan_input_axes: attribute.ints([1, 1, 1]),
    scan_output_axes: attribute.ints([1, 1]),
  };
  b.add('Scan', [zeros, zeros, lines, whole, ceiling], scan, ['maximum', 'sum', 'numerators', 'maxima']);

  const powers = Array.from({ length: sum.integerBits + sum.fractionBits - 1 }, (_, i) => 2 ** (i + 1));
  const reached = b.cast(
    b.add('GreaterOrEqual', ['sum', b.constant('int32', [1, powers.length], powers)]),
    'int32',
  );
  const lead = b.add('ReduceSum', [reached, b.axes(1)], keep);
  const mantissa = mantissaNodes(b, model, lead);
  const rise = b.add('Sub', [b.add('Unsqueeze', ['maximum', b.axes(1)]), 'maxima']);
  const lift = b.add('Max', [b.add('Sub', [lead, b.int(sum.fractionBits - 1)]), b.int(0)]);
  const shift = b.add('Add', [
    b.add('Add', [rise, b.add('Unsqueeze', [lift, b.axes(1)])]),
    b.int(unnormed.fractionBits - operandFraction),
  ]);
  const operand = b.cast(b.shiftRight('numerators', shift), 'int32');
  const product = b.add('Mul', [operand, b.add('Unsqueeze', [mantissa, b.axes(1)])]);
  const drop = operandFraction + reciprocal.fractionBits - 1 - output.fractionBits;
  const integers = b.add('Reshape', [b.nearest(product, drop), b.axes(0, -1)]);
  const cut = b.add('Slice', [integers, b.axes(0), width, b.axes(1)]);
  const unit = b.constant('float32', [], [2 ** -output.fractionBits]);
  const values = b.add('Mul', [b.cast(cut, 'float32'), unit]);
  b.add('Reshape', [values, shape], { allowzero: attribute.int(1) }, ['probabilities']);
  return {
    name: 'Softermax',
    doc: `Softermax over the last axis: scores in fix${input.integerBits}.${input.fractionBits}, slices of ${vector}.`,
    inputs: ['scores'],
    outputs: ['probabilities'],
    nodes: b.nodes,
  };
}

/** Mantissa of 1/sum, [rows, 1]; 0 where the sum is 0. */
function mantissaNodes(b: Body, model: Softermax, lead: string): string {
  const { sum } = model.parameters;
  const table = model.reciprocals;
  const bits = table.segmentBits + table.placeBits;
  const wide = Math.max(sum.integerBits + sum.fractionBits, bits + 1);
  const mantissas = Array.from(
    { length: 2 ** bits },
    (_, i) => reciprocalMantissa(table, 2 ** bits + i).mantissa,
  );
  const up = b.cast(b.add('Sub', [b.int(wide - 1), lead]), 'uint32');
  const normal = b.add('BitShift', [b.cast('sum', 'uint32'), up], { direction: attribute.string('LEFT') });
  const fraction = b.add('Sub', [b.floor(b.cast(normal, 'int32'), wide - 1 - bits), b.int(2 ** bits)]);
  const index = b.add('Max', [fraction, b.int(0)]);
  const found = b.add('Gather', [b.constant('int32', [2 ** bits], mantissas), index]);
  return b.add('Mul', [found, b.add('Min', ['sum', b.int(1)])]);
}

/** One slice: (maximum, sum; lines, whole parts, ceiling of the slice) to (maximum, sum; numerators, maximum). */
function scanBody(model: Softermax): GraphProto {
  const { unnormed, sum, addendFraction } = model.parameters;
  const b = new Body('s');
  const next = b.add('Max', ['m', 'c'], {}, ['next']);
  const u = b.shiftRight('p', b.add('Sub', [next, 'w']));
  const cut = b.floor(b.cast(u, 'int32'), unnormed.fractionBits - addendFraction);
  const total = b.add('ReduceSum', [cut, b.axes(1)], { keepdims: attribute.int(1) });
  const rounded = b.nearest(total, addendFraction - sum.fractionBits);
  const kept = b.cast(b.shiftRight(b.cast('d', 'uint32'), b.add('Sub', [next, 'm'])), 'int32');
  const limit = b.int(2 ** (sum.integerBits + sum.fractionBits) - 1);
  b.add('Min', [b.add('Add', [kept, rounded]), limit], {}, ['grown']);
  b.add('Identity', [u], {}, ['u']);
  b.add('Identity', [next], {}, ['reached']);
  // The runtime wants the shapes of the body's outputs: any number of rows, and this many elements.
  const value = (name: string, type: DataType, elements: number) =>
    create(ValueInfoProtoSchema, {
      name,
      type: create(TypeProtoSchema, {
        value: {
          case: 'tensorType',
          value: create(TypeProto_TensorSchema, {
            elemType: dataTypes[type],
            shape: create(TensorShapeProtoSchema, {
              dim: [
                create(TensorShapeProto_DimensionSchema),
                create(TensorShapeProto_DimensionSchema, {
                  value: { case: 'dimValue', value: BigInt(elements) },
                }),
              ],
            }),
          }),
        },
      }),
    });
  const { vector } = model.parameters;
  return create(GraphProtoSchema, {
    name: 'slice',
    input: [
      ...[value('m', 'int32', 1), value('d', 'int32', 1), value('p', 'uint32', vector)],
      ...[value('w', 'int32', vector), value('c', 'int32', 1)],
    ],
    output: [
      ...[value('next', 'int32', 1), value('grown', 'int32', 1)],
      ...[value('u', 'uint32', vector), value('reached', 'int32', 1)],
    ],
    node: b.nodes.map((n, i) =>
      create(NodeProtoSchema, {
        ...{ name: `${n.op}_${i}`, opType: n.op, input: [...n.inputs], output: [...n.outputs] },
        attribute: Object.entries((n.attributes ?? {}) as Attributes).map(([k, a]) => encodeAttribute(k, a)),
      }),
    ),
  });
}
