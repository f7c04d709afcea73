// What the floating-point modules compute, on bit patterns. Doubles are exact or innocuously double-rounded here:
// a sum, product or quotient of values with p <= 24 bits rounded first to 53 >= 2p + 2 bits and then to p is the same.

import { type FloatFormat, floatToNumber, numberToFloat, twoTo } from './format.ts';

export function floatMultiply(format: FloatFormat, a: number, b: number): number {
  return numberToFloat(format, floatToNumber(format, a) * floatToNumber(format, b));
}

export function floatAdd(format: FloatFormat, a: number, b: number): number {
  return numberToFloat(format, floatToNumber(format, a) + floatToNumber(format, b));
}

/** a / b; 0 / b is +0 for every b, and x / 0 is the largest finite value with the sign of the quotient. */
export function floatDivide(format: FloatFormat, a: number, b: number): number {
  const x = floatToNumber(format, a);
  const y = floatToNumber(format, b);
  if (x === 0) return 0;
  if (y !== 0) return numberToFloat(format, x / y);
  const half = 2 ** (format.bits - 1);
  return format.maxCode + (a >= half !== b >= half ? half : 0);
}

/** The larger pattern in the total order -max .. -0 < +0 .. +max; subnormals are compared as they are. */
export function floatMax(format: FloatFormat, a: number, b: number): number {
  return orderKey(format, a) > orderKey(format, b) ? a : b;
}

function orderKey(format: FloatFormat, code: number): number {
  const half = twoTo(format.bits - 1);
  return code >= half ? half - 1 - code : code;
}
