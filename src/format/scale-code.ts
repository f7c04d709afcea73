// One stored scale: the code of a vector scale over its coarse scale, and the float32 multiplier a code stands for.
// uM integers and fp8e4m3 multiply an fp32 coarse scale; e8m0 is a power of two alone (OCP MX).

import { codeValue, exponentOf, floatSpecs, nearestCode, roundHalfEven } from './element.ts';
import type { Element, ScaleFormat } from './notation.ts';

/** Bits of one vector scale. */
export function scaleBits(scale: ScaleFormat): number {
  return scale.kind === 'fp32' ? 32 : scale.kind === 'uint' ? scale.bits : 8;
}

/** Largest scale code value: 2^M - 1, or 448 for fp8e4m3. */
export function scaleTop(format: ScaleFormat): number {
  return format.kind === 'uint' ? 2 ** format.bits - 1 : floatSpecs.fp8e4m3.max;
}

const e4m3 = { kind: 'float', name: 'fp8e4m3' } as const;

/** Code of the vector scale `s` over the coarse scale: round(s / coarse), ties to even, saturating. */
export function scaleCode(s: number, coarse: number, format: ScaleFormat): number {
  if (!(coarse > 0) || s === 0) return 0;
  const ratio = Math.fround(s / coarse);
  if (format.kind === 'uint') return Math.min(roundHalfEven(ratio), scaleTop(format));
  return nearestCode(e4m3, Math.min(ratio, 448));
}

/** float32 scale a code stands for. */
export function scaleValue(code: number, coarse: number, format: ScaleFormat): number {
  return Math.fround((format.kind === 'uint' ? code : codeValue(e4m3, code)) * coarse);
}

/** floor(log2) of the largest power of two in the element's range (OCP MX section 6.3); integers hold 1.x. */
export function elementTopExponent(element: Element): number {
  return element.kind === 'float' ? exponentOf(floatSpecs[element.name].max) : 0;
}

/** Value of one integer step under an e8m0 scale: OCP MXINT8 counts in 2^-6, so intN in 2^-(N-2), uintN in 2^-(N-1). */
function powerScaleUnit(element: Element): number {
  return element.kind === 'int' ? 2 ** -(element.bits - (element.signed ? 2 : 1)) : 1;
}

/** Multiplier of an e8m0 code. */
export function powerScaleValue(code: number, element: Element): number {
  return Math.fround(2 ** (code - 127) * powerScaleUnit(element));
}
