// Encoding a float32 tensor to codes and scales and back: the plain TypeScript reference, exact to the bit.
// Refuses NaN and infinity. Every step is one float32 operation (Math.fround), as in the kernels and ONNX Runtime:
// code = saturate(roundHalfEven(fl(x / s))), value = fl(code * s), s = fl(scaleCode * coarse).

import { requireObject } from '../core/arguments.ts';
import { type CodeArray, codeArray, codeValue, elementBits, nearestCode, valueTable } from './element.ts';
import { forEachRun, geometry, type TensorLayout, vectorChannels } from './layout.ts';
import { type Format, type FormatLike, formatOf } from './notation.ts';
import { powerScaleValue, scaleValue } from './scale-code.ts';
import { chooseScales, type EncodeOptions } from './scales.ts';

/** A tensor in a number format. */
export interface Quantized {
  format: Format;
  layout: TensorLayout;
  /** One code an element, in the tensor's order (not packed): integers, or bit patterns for float and lns. */
  codes: CodeArray;
  /** fp32 scales; see ScaleSet. */
  scales: Float32Array;
  /** Scale code of each vector, in the order of `geometry(layout, format).scaleShape`; undefined when single-level. */
  scaleCodes: Uint8Array | Uint16Array | undefined;
}

/**
 * Encodes by the reference. Prefer `encode` of index.ts, which uses the kernels where one applies.
 * @throws InputError on NaN, infinity or a wrong element count; UsageError on a layout the format cannot use
 */
export function encodeReference(
  data: Float32Array,
  layout: TensorLayout,
  format: FormatLike,
  options: EncodeOptions = {},
): Quantized {
  const parsed = formatOf(format);
  const set = chooseScales(data, layout, parsed, options);
  return {
    format: parsed,
    layout,
    codes: quantizeElements(data, layout, parsed, set.divisor),
    scales: set.scales,
    scaleCodes: set.scaleCodes,
  };
}

/**
 * Codes of all elements under given divisors, one a group (see `geometry`): vectors in the order of scaleShape.
 * A divisor of 0 gives the code of zero.
 */
export function quantizeElements(
  data: Float32Array,
  layout: TensorLayout,
  format: FormatLike,
  divisor: Float32Array,
): CodeArray {
  const g = geometry(layout, format);
  const { element } = formatOf(format);
  const codes = codeArray(element, g.count);
  forEachRun(g, (start, step, length, group) => {
    const s = divisor[group]!;
    if (!(s > 0)) return;
    for (let j = 0, p = start; j < length; j++, p += step)
      codes[p] = nearestCode(element, Math.fround(data[p]! / s));
  });
  return codes;
}

/** @throws UsageError for what no encoder gave */
export function requireQuantized(q: unknown): void {
  requireObject('the tensor to decode', q, 'format', 'what encode gives');
}

/** Decodes by the reference: value of the code times the scale, one float32 product. */
export function decodeReference(q: Quantized): Float32Array {
  requireQuantized(q);
  const { element } = q.format;
  const g = geometry(q.layout, q.format);
  const effective = effectiveScales(q);
  const out = new Float32Array(g.count);
  const bits = elementBits(element);
  const table = bits <= 16 ? valueTable(element) : undefined;
  const mask = 2 ** bits - 1;
  forEachRun(g, (start, step, length, group) => {
    const s = effective[group]!;
    for (let j = 0, p = start; j < length; j++, p += step) {
      const code = q.codes[p]!;
      out[p] = (table === undefined ? codeValue(element, code) : table[code & mask]!) * s;
    }
  });
  return out;
}

/** float32 multiplier of each group: fl(scaleCode * coarse), the scale itself, or 1. What ONNX DequantizeLinear takes. */
export function effectiveScales(
  q: Pick<Quantized, 'format' | 'layout' | 'scales' | 'scaleCodes'>,
): Float32Array {
  requireQuantized(q);
  const { scaling, element } = q.format;
  if (scaling.kind === 'none') return Float32Array.of(1);
  if (scaling.kind !== 'vector' || scaling.scale.kind === 'fp32') return q.scales;
  const codes = q.scaleCodes!;
  const out = new Float32Array(codes.length);
  if (scaling.scale.kind === 'e8m0') {
    for (let v = 0; v < out.length; v++) out[v] = powerScaleValue(codes[v]!, element);
    return out;
  }
  const channelOf = vectorChannels(geometry(q.layout, q.format));
  for (let v = 0; v < out.length; v++)
    out[v] = scaleValue(codes[v]!, q.scales[channelOf[v]!]!, scaling.scale);
  return out;
}
