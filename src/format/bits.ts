// Bits a format really takes: elements, scale codes and coarse scales, exact for a given layout.
// Refuses nothing; without a layout it gives the limit for large tensors.

import { elementBits } from './element.ts';
import { geometry, type TensorLayout } from './layout.ts';
import { type FormatLike, formatOf } from './notation.ts';
import { scaleBits } from './scale-code.ts';

/** Total bits of a tensor in a format: elements, vector scales, fp32 coarse scales. */
export function storageBits(notation: FormatLike, layout: TensorLayout): number {
  const format = formatOf(notation);
  const g = geometry(layout, format);
  const elements = g.count * elementBits(format.element);
  const { scaling } = format;
  if (scaling.kind === 'none') return elements;
  if (scaling.kind !== 'vector') return elements + 32 * g.groups;
  const coarse = scaling.scale.kind === 'uint' || scaling.scale.kind === 'fp8e4m3' ? 32 * g.channels : 0;
  return elements + g.groups * scaleBits(scaling.scale) + coarse;
}

/**
 * Effective bits per element, scales included. With a layout exact for that tensor (short last vectors, coarse
 * scales); without one the limit for large tensors, N + M/V.
 */
export function bitsPerElement(notation: FormatLike, layout?: TensorLayout): number {
  const format = formatOf(notation);
  if (layout === undefined) {
    const { scaling } = format;
    const perVector = scaling.kind === 'vector' ? scaleBits(scaling.scale) / scaling.width : 0;
    return elementBits(format.element) + perVector;
  }
  const g = geometry(layout, format);
  return g.count === 0 ? elementBits(format.element) : storageBits(format, layout) / g.count;
}
