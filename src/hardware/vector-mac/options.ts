// What a vector MAC is asked for: formats, vector width, scale-product bits, accumulation depth; and the widths that follow.
// Refuses formats whose elements or scales are not integers, and accumulators beyond 52 bits.

import { UsageError, unknownWord } from '../../core/errors.ts';
import { codeRange } from '../../format/element.ts';
import { type Format, isShorthand, parseFormat, parseShorthand, printFormat } from '../../format/notation.ts';
import { integerParameter } from '../parameters.ts';
import { widthOf } from '../rtl/net.ts';
import type { UnitParameters } from '../unit.ts';

export interface VectorMacOptions {
  /** Shorthand W/A/ws/as, or weight and activation notation with a comma between. */
  format: string;
  /** Lanes V. */
  vector: number;
  /** Bits P the scale product is rounded to; undefined keeps it whole. */
  scaleBits: number | undefined;
  /** Most vectors accumulated before `last`. */
  depth: number;
  /** Also accept the code -2^(N-1), which encoding never makes. */
  fullRange: boolean;
  /** Register the operands first: one more pipeline stage. */
  inputRegister: boolean;
}

/** One operand: element bits and range, and the bits of its integer vector scale (0: coarse, no scale here). */
export interface Operand {
  bits: number;
  low: number;
  high: number;
  scaleBits: number;
}

/** Every width and range of the datapath, exact. */
export interface VectorMacPlan {
  options: VectorMacOptions;
  weight: Operand;
  activation: Operand;
  /** Bits and largest value of the whole scale product; 0 bits: no scale at all. */
  productBits: number;
  productTop: number;
  /** Bits dropped from the scale product by rounding, and the value it saturates at. */
  shift: number;
  scaleTop: number;
  /** Range of one dot product, of one scaled partial sum, and of the accumulator. */
  dot: { low: number; high: number };
  partial: { low: number; high: number };
  accumulator: { low: number; high: number; bits: number };
  /** For titles: as given, canonical. */
  format: string;
}

const most = { vector: 256, depth: 65536 };

/** Checks parameters and derives the datapath. @throws UsageError, one line */
export function planVectorMac(parameters: UnitParameters): VectorMacPlan {
  const options = readOptions(parameters);
  const { vector, depth } = options;
  const pair = readFormats(options.format, vector);
  const weight = operand('weight', pair.weight, options);
  const activation = operand('activation', pair.activation, options);
  const scaleBitsIn = weight.scaleBits + activation.scaleBits;
  const top = (bits: number): number => (bits === 0 ? 1 : 2 ** bits - 1);
  const productTop = top(weight.scaleBits) * top(activation.scaleBits);
  const rounded = options.scaleBits;
  if (rounded !== undefined && scaleBitsIn === 0) {
    throw new UsageError(`--scale-bits with ${options.format}`, {
      expected: 'a format with integer vector scales',
    });
  }
  if (rounded !== undefined && rounded > scaleBitsIn) {
    throw new UsageError(`a scale product of ${rounded} bits`, { expected: `1 to ${scaleBitsIn}` });
  }
  const shift = rounded === undefined ? 0 : scaleBitsIn - rounded;
  const scaleTop = roundScale(productTop, shift, rounded ?? scaleBitsIn);
  const ends = [weight.low * activation.low, weight.low * activation.high, weight.high * activation.low];
  ends.push(weight.high * activation.high);
  const dot = { low: vector * Math.min(...ends) + 0, high: vector * Math.max(...ends) + 0 };
  const partial = { low: dot.low * scaleTop + 0, high: dot.high * scaleTop };
  const low = partial.low * depth + 0;
  const high = partial.high * depth;
  if (!(low >= -(2 ** 51) && high < 2 ** 51)) {
    throw new UsageError(`vector-mac ${options.format}: sums of ${depth} vectors need more than 52 bits`, {
      expected: 'a smaller --depth, --vector or fewer bits',
    });
  }
  const accumulator = { low, high, bits: widthOf(low, high) };
  return {
    options,
    weight,
    activation,
    productBits: scaleBitsIn,
    productTop,
    shift,
    scaleTop,
    dot,
    partial,
    accumulator,
    format: isShorthand(options.format)
      ? options.format
      : `${printFormat(pair.weight)},${printFormat(pair.activation)}`,
  };
}

/**
 * The scale product as the hardware rounds it: the upper bits of `product`, ties up, saturated at 2^bits - 1. The power
 * of two dropped belongs to the coarse scale (VS-Quant section 5, "rounding"; the rule itself is ours).
 */
export function roundScale(product: number, shift: number, bits: number): number {
  if (shift === 0) return product;
  return Math.min(Math.floor((product + 2 ** (shift - 1)) / 2 ** shift), 2 ** bits - 1);
}

function readFormats(text: string, vector: number): { weight: Format; activation: Format } {
  if (isShorthand(text)) return parseShorthand(text, { vector });
  const parts = text.split(',');
  if (parts.length !== 2) {
    throw new UsageError(`vector-mac format '${text}'`, {
      expected: 'W/A/ws/as such as 4/4/4/6, or WEIGHT,ACTIVATION such as int4@v16:u4,uint4@v16:u6',
    });
  }
  return { weight: parseFormat(parts[0]!.trim()), activation: parseFormat(parts[1]!.trim()) };
}

function operand(what: string, format: Format, options: VectorMacOptions): Operand {
  const { element, scaling } = format;
  const refuse = (expected: string): never => {
    throw new UsageError(`vector-mac cannot take the ${what} format ${printFormat(format)}`, { expected });
  };
  if (element.kind !== 'int') return refuse('intN or uintN elements');
  let scaleBits = 0;
  if (scaling.kind === 'vector') {
    if (scaling.width !== options.vector) refuse(`vectors of ${options.vector} elements, as --vector says`);
    if (scaling.scale.kind !== 'uint') return refuse('integer vector scales uM, or a coarse scale');
    scaleBits = scaling.scale.bits;
  }
  const range = codeRange(element);
  const low = element.signed && options.fullRange ? -(2 ** (element.bits - 1)) : range.low;
  return { bits: element.bits, low, high: range.high, scaleBits };
}

const names = ['format', 'vector', 'scaleBits', 'depth', 'fullRange', 'inputRegister'];

function readOptions(parameters: UnitParameters): VectorMacOptions {
  for (const name of Object.keys(parameters)) {
    if (!names.includes(name)) throw unknownWord('parameter of vector-mac', name, names);
  }
  const integer = (name: string, low: number, high: number, fallback: number): number =>
    integerParameter('vector-mac', parameters, name, { low, high, fallback });
  return {
    format: String(parameters['format'] ?? '4/4/4/6'),
    vector: integer('vector', 1, most.vector, 16),
    scaleBits: parameters['scaleBits'] === undefined ? undefined : integer('scaleBits', 1, 32, 32),
    depth: integer('depth', 1, most.depth, 256),
    fullRange: parameters['fullRange'] === true,
    inputRegister: parameters['inputRegister'] === true,
  };
}
