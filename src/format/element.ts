// One element: its code range, its largest value, the value of a code and the code nearest to a value.
// All arithmetic is exact or one float32 operation, so that kernels and ONNX Runtime can equal it bit for bit.

import { shown } from '../core/arguments.ts';
import { UsageError } from '../core/errors.ts';
import type { Element, FloatElement, FloatName, LnsElement } from './notation.ts';

/** Layout of a floating-point element: 1 sign bit, exponent bits, mantissa bits, bias, largest finite value. */
export interface FloatSpec {
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  max: number;
}

/** OCP 8-bit, 6-bit and 4-bit formats (fp8e4m3 without infinities), IEEE fp16 and fp32, bfloat16. */
export const floatSpecs: Record<FloatName, FloatSpec> = {
  fp32: { exponentBits: 8, mantissaBits: 23, bias: 127, max: 3.4028234663852886e38 },
  fp16: { exponentBits: 5, mantissaBits: 10, bias: 15, max: 65504 },
  bf16: { exponentBits: 8, mantissaBits: 7, bias: 127, max: 3.3895313892515355e38 },
  fp8e4m3: { exponentBits: 4, mantissaBits: 3, bias: 7, max: 448 },
  fp8e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, max: 57344 },
  fp6e2m3: { exponentBits: 2, mantissaBits: 3, bias: 1, max: 7.5 },
  fp6e3m2: { exponentBits: 3, mantissaBits: 2, bias: 3, max: 28 },
  fp4e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, max: 6 },
};

export type CodeArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Bits of one element. */
export function elementBits(element: Element): number {
  switch (element.kind) {
    case 'int':
    case 'lns':
      return element.bits;
    case 'fixed':
      return element.integerBits + element.fractionBits;
    case 'float': {
      const spec = floatSpecs[element.name];
      return 1 + spec.exponentBits + spec.mantissaBits;
    }
  }
  throw noElement(element);
}

function noElement(element: unknown): UsageError {
  return new UsageError(`the element is ${shown(element)}`, {
    expected: "an element, as parseFormat('int4').element",
  });
}

/** True when negative values exist. */
export function elementSigned(element: Element): boolean {
  if (element.kind === 'float' || element.kind === 'lns') return true;
  if (element.signed === undefined) throw noElement(element);
  return element.signed;
}

/** Lowest and highest code of an integer or fixed-point element. */
export function codeRange(element: Element): { low: number; high: number } {
  if (element.kind === 'int') {
    const high = element.signed ? 2 ** (element.bits - 1) - 1 : 2 ** element.bits - 1;
    return { low: element.signed ? -high : 0, high };
  }
  const bits = elementBits(element);
  if (element.kind === 'fixed' && element.signed)
    return { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 };
  return { low: 0, high: 2 ** bits - 1 };
}

/** Largest representable magnitude before scaling: 7 for int4, 448 for fp8e4m3, 2^(127/8) for lns8g8. */
export function elementMax(element: Element): number {
  switch (element.kind) {
    case 'int':
      return codeRange(element).high;
    case 'fixed':
      return codeRange(element).high * 2 ** -element.fractionBits;
    case 'float':
      return floatSpecs[element.name].max;
    case 'lns':
      return lnsValue(element, 2 ** (element.bits - 1) - 1);
  }
  throw noElement(element);
}

/** A zeroed array for `count` codes: the narrowest typed array; floats and lns hold bit patterns (unsigned). */
export function codeArray(element: Element, count: number): CodeArray {
  const bits = elementBits(element);
  const signed = element.kind === 'int' || element.kind === 'fixed' ? element.signed : false;
  if (bits <= 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (bits <= 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}

/** Round half to even, exact for every double. */
export function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** The code nearest to `y` (already divided by its scale), ties to even, saturating. `y` must be finite. */
export function nearestCode(element: Element, y: number): number {
  switch (element.kind) {
    case 'int': {
      const { low, high } = codeRange(element);
      return clamp(roundHalfEven(y), low, high);
    }
    case 'fixed': {
      const { low, high } = codeRange(element);
      return clamp(roundHalfEven(y * 2 ** element.fractionBits), low, high);
    }
    case 'float':
      return floatCode(element, y);
    case 'lns':
      return lnsCode(element, y);
  }
}

/** The value of a code before scaling, a float32. */
export function codeValue(element: Element, code: number): number {
  switch (element.kind) {
    case 'int':
      return code;
    case 'fixed':
      return Math.fround(code * 2 ** -element.fractionBits);
    case 'float':
      return floatValue(element, code);
    case 'lns': {
      const half = 2 ** (element.bits - 1);
      const e = code % half;
      const magnitude = e === 0 ? 0 : lnsValue(element, e);
      return code >= half ? -magnitude : magnitude;
    }
  }
}

/** Values of all codes 0 .. 2^bits-1 (codes of signed integers taken modulo 2^bits). Elements up to 16 bits. */
export function valueTable(element: Element): Float32Array {
  const bits = elementBits(element);
  const size = 2 ** bits;
  const table = new Float32Array(size);
  const signed = (element.kind === 'int' || element.kind === 'fixed') && element.signed;
  for (let u = 0; u < size; u++) table[u] = codeValue(element, signed && u >= size / 2 ? u - size : u);
  return table;
}

function clamp(x: number, low: number, high: number): number {
  // `+ 0` turns -0 into 0
  return Math.min(Math.max(x, low), high) + 0;
}

const scratch = new DataView(new ArrayBuffer(8));

/** floor(log2 a) of a positive finite double. */
export function exponentOf(a: number): number {
  scratch.setFloat64(0, a);
  const field = (scratch.getUint32(0) >>> 20) & 2047;
  return field > 0 ? field - 1023 : exponentOf(a * 2 ** 64) - 64;
}

function floatCode(element: FloatElement, y: number): number {
  const { exponentBits, mantissaBits, bias, max } = floatSpecs[element.name];
  const negative = y < 0 || Object.is(y, -0);
  const sign = negative ? 2 ** (exponentBits + mantissaBits) : 0;
  const a = Math.abs(y);
  if (a === 0) return sign;
  const minExponent = 1 - bias;
  const e = Math.max(exponentOf(a), minExponent);
  // number of steps of 2^(e - mantissaBits) in a: exact scaling, then one rounding
  const steps = roundHalfEven(scaleByPower(a, mantissaBits - e));
  const top = floatMagnitudeCode(max, mantissaBits, bias);
  const code = steps + (e - minExponent) * 2 ** mantissaBits;
  return sign + Math.min(code, top);
}

/** a * 2^k without intermediate overflow. */
function scaleByPower(a: number, k: number): number {
  return k > 1000 ? a * 2 ** 1000 * 2 ** (k - 1000) : a * 2 ** k;
}

function floatMagnitudeCode(a: number, mantissaBits: number, bias: number): number {
  const e = Math.max(exponentOf(a), 1 - bias);
  return a * 2 ** (mantissaBits - e) + (e - (1 - bias)) * 2 ** mantissaBits;
}

function floatValue(element: FloatElement, code: number): number {
  const { exponentBits, mantissaBits, bias } = floatSpecs[element.name];
  const half = 2 ** (exponentBits + mantissaBits);
  const negative = code >= half;
  const rest = negative ? code - half : code;
  const field = Math.floor(rest / 2 ** mantissaBits);
  const fraction = rest % 2 ** mantissaBits;
  const magnitude = isSpecial(element.name, field, fraction)
    ? element.name !== 'fp8e4m3' && fraction === 0
      ? Number.POSITIVE_INFINITY
      : Number.NaN
    : field === 0
      ? fraction * 2 ** (1 - bias - mantissaBits)
      : (fraction + 2 ** mantissaBits) * 2 ** (field - bias - mantissaBits);
  return negative ? -magnitude : magnitude;
}

/** Bit patterns of NaN and infinity, which encoding never makes: fp8e4m3 has one NaN, fp6 and fp4 have neither. */
function isSpecial(name: FloatName, field: number, fraction: number): boolean {
  const { exponentBits } = floatSpecs[name];
  if (name === 'fp8e4m3') return field === 15 && fraction === 7;
  return exponentBits >= 5 && field === 2 ** exponentBits - 1;
}

/** 2^(e/gamma) as a float32: the remainder constant in double times an exact power of two, rounded once. */
function lnsValue(element: LnsElement, e: number): number {
  const r = e % element.gamma;
  return Math.fround(2 ** (r / element.gamma) * 2 ** ((e - r) / element.gamma));
}

const midpointCache = new Map<number, Float64Array>();

/** 2^((r + 1/2)/gamma): where the nearest logarithm changes from remainder r to r + 1. */
function lnsMidpoints(gamma: number): Float64Array {
  let points = midpointCache.get(gamma);
  if (points === undefined) {
    points = Float64Array.from({ length: gamma }, (_, r) => 2 ** ((r + 0.5) / gamma));
    midpointCache.set(gamma, points);
  }
  return points;
}

/** Nearest in the logarithm; below half of the smallest magnitude the code is 0 (zero). */
function lnsCode(element: LnsElement, y: number): number {
  const half = 2 ** (element.bits - 1);
  const a = Math.abs(y);
  if (a < lnsValue(element, 1) / 2) return 0;
  const points = lnsMidpoints(element.gamma);
  const q = exponentOf(a);
  const mantissa = a * 2 ** -q;
  let low = 0;
  let high = element.gamma;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (points[mid]! <= mantissa) low = mid + 1;
    else high = mid;
  }
  const e = Math.min(Math.max(q * element.gamma + low, 1), half - 1);
  return y < 0 ? half + e : e;
}
