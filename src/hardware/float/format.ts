// Floating-point formats as the hardware computes them: widths, decode to a double, round from a double.
// Refuses infinities and NaN: results saturate to the largest finite value, the top exponent reads as an ordinary
// binade. Subnormal results are flushed to zero and every zero result is +0 (the choice of lean ML datapaths).

import { UsageError } from '../../core/errors.ts';
import { exponentOf, floatSpecs, roundHalfEven } from '../../format/element.ts';

/** 1 sign bit, `exponentBits`, `mantissaBits`; `maxCode` is the magnitude code of the largest finite value. */
export interface FloatFormat {
  name: string;
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  bits: number;
  maxCode: number;
}

/** Formats hardware can be generated for. `fp24` (8 exponent, 15 mantissa bits) only accumulates. */
const hardwareFloats = ['fp8e4m3', 'fp8e5m2', 'fp16', 'bf16', 'fp24', 'fp32'] as const;

/** @throws UsageError on a name hardware is not generated for */
export function floatFormat(name: string): FloatFormat {
  if (name === 'fp24') return build(name, 8, 15, 127, 254 * 2 ** 15 + (2 ** 15 - 1));
  const spec = (hardwareFloats as readonly string[]).includes(name)
    ? floatSpecs[name as keyof typeof floatSpecs]
    : undefined;
  if (spec === undefined)
    throw new UsageError(`no floating-point hardware for '${name}'`, {
      expected: `one of ${hardwareFloats.join(', ')}`,
    });
  const { exponentBits, mantissaBits, bias, max } = spec;
  const e = exponentOf(max);
  const maxCode = (e + bias) * 2 ** mantissaBits + (max / 2 ** e - 1) * 2 ** mantissaBits;
  return build(name, exponentBits, mantissaBits, bias, maxCode);
}

function build(
  name: string,
  exponentBits: number,
  mantissaBits: number,
  bias: number,
  maxCode: number,
): FloatFormat {
  return { name, exponentBits, mantissaBits, bias, bits: 1 + exponentBits + mantissaBits, maxCode };
}

/** Powers of two by table: they stand in the innermost loops of the golden models. */
const powers = Float64Array.from({ length: 3072 }, (_, i) => 2 ** (i - 2048));

/** 2^k for -2048 <= k < 1024; 0 below the smallest double. */
export function twoTo(k: number): number {
  return powers[k + 2048]!;
}

/** Value of a code, 0 <= code < 2^bits. Subnormals read as zero unless `subnormals`. */
export function floatToNumber(format: FloatFormat, code: number, subnormals = false): number {
  const { mantissaBits, bias, bits } = format;
  const half = twoTo(bits - 1);
  const unit = twoTo(mantissaBits);
  const magnitude = code >= half ? code - half : code;
  const field = Math.floor(magnitude / unit);
  const fraction = magnitude - field * unit;
  let value = 0;
  if (field > 0) value = (unit + fraction) * twoTo(field - bias - mantissaBits);
  else if (subnormals) value = fraction * twoTo(1 - bias - mantissaBits);
  return code >= half ? -value : value;
}

/**
 * The code nearest to `x`, ties to even: rounded to the mantissa with an unbounded exponent, then values below the
 * smallest normal become +0 and values above the largest finite value become that value.
 */
export function numberToFloat(format: FloatFormat, x: number): number {
  const { mantissaBits, bias, bits, maxCode } = format;
  const a = Math.abs(x);
  if (a === 0) return 0;
  const e = exponentOf(a);
  // exact either way: a power of two beyond the table's end is needed for tiny values only
  const steps = roundHalfEven(a * (e > -900 ? twoTo(mantissaBits - e) : 2 ** (mantissaBits - e)));
  const unit = twoTo(mantissaBits);
  const magnitude = (e + bias - 1) * unit + steps;
  if (magnitude < unit) return 0;
  return (x < 0 ? twoTo(bits - 1) : 0) + Math.min(magnitude, maxCode);
}
