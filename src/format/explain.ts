// What a notation means, in figures and words: codes, range, bits, scales. The `format` command prints it.

import { bitsPerElement } from './bits.ts';
import { codeRange, codeValue, elementBits, elementMax, elementSigned } from './element.ts';
import {
  type Element,
  type FormatLike,
  formatOf,
  printElement,
  printFormat,
  type Scaling,
} from './notation.ts';
import { scaleBits } from './scale-code.ts';

export interface FormatFacts {
  notation: string;
  element: string;
  elementBits: number;
  signed: boolean;
  /** Number of distinct values, and the smallest and largest positive one before scaling. */
  values: number;
  minPositive: number;
  max: number;
  scaling: string;
  vector: number | null;
  scaleBits: number;
  /** For large tensors; N + M/V. */
  bitsPerElement: number;
  /** One sentence each. */
  notes: string[];
}

/** The facts of one format. */
export function explainFormat(notation: FormatLike): FormatFacts {
  const format = formatOf(notation);
  const { element, scaling } = format;
  return {
    notation: printFormat(format),
    element: printElement(element),
    elementBits: elementBits(element),
    signed: elementSigned(element),
    values: countValues(element),
    minPositive: minPositive(element),
    max: elementMax(element),
    scaling: scaling.kind === 'vector' ? `vector of ${scaling.width}` : scaling.kind,
    vector: scaling.kind === 'vector' ? scaling.width : null,
    scaleBits: scaling.kind === 'none' ? 0 : scaling.kind === 'vector' ? scaleBits(scaling.scale) : 32,
    bitsPerElement: bitsPerElement(format),
    notes: [describeElement(element), describeScaling(scaling)],
  };
}

function countValues(element: Element): number {
  const bits = elementBits(element);
  if (element.kind === 'int' || element.kind === 'fixed') {
    const { low, high } = codeRange(element);
    return high - low + 1;
  }
  if (element.kind === 'lns') return 2 ** bits - 1;
  // both zeros count once; NaN and infinity patterns are not values
  const special = { fp32: 2 ** 24, fp16: 2 ** 11, bf16: 2 ** 8, fp8e5m2: 8, fp8e4m3: 2 } as Record<
    string,
    number
  >;
  return 2 ** bits - 1 - (special[element.name] ?? 0);
}

function minPositive(element: Element): number {
  return codeValue(element, 1);
}

function describeElement(element: Element): string {
  switch (element.kind) {
    case 'int': {
      const { low, high } = codeRange(element);
      return `${element.signed ? 'signed' : 'unsigned'} integer codes ${low} to ${high}${element.signed ? ', symmetric' : ''}`;
    }
    case 'fixed':
      return `fixed point, ${element.integerBits} integer bits${element.signed ? ' with the sign' : ''}, ${element.fractionBits} fraction bits, steps of 2^-${element.fractionBits}`;
    case 'float':
      return `floating point ${element.name}, rounded to nearest even, saturating at ${elementMax(element)}`;
    case 'lns':
      return `logarithmic, 1 sign and ${element.bits - 1} exponent bits e, value 2^(e/${element.gamma}); e = 0 is zero`;
  }
}

function describeScaling(scaling: Scaling): string {
  switch (scaling.kind) {
    case 'none':
      return 'no scale';
    case 'tensor':
      return 'one fp32 scale for the tensor';
    case 'channel':
      return 'one fp32 scale for each output channel';
    case 'vector': {
      const set = `each vector of ${scaling.width} elements along the reduction dimension (the last may be short)`;
      if (scaling.scale.kind === 'fp32') return `one fp32 scale for ${set}`;
      if (scaling.scale.kind === 'e8m0') return `a power-of-two scale (e8m0, 8 bits) for ${set}`;
      const code =
        scaling.scale.kind === 'uint'
          ? `an unsigned ${scaling.scale.bits}-bit integer scale`
          : 'an fp8e4m3 scale';
      return `${code} for ${set}, times one fp32 scale for each channel (or the tensor when it has none)`;
    }
  }
}
