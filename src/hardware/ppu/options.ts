// What a post-processing unit is asked for, and the widths that follow. Refuses output formats that are not integers with
// an integer vector scale of 2 to 8 bits.

import { UsageError, unknownWord } from '../../core/errors.ts';
import { codeRange } from '../../format/element.ts';
import { isShorthand, parseFormat, parseShorthand, printFormat } from '../../format/notation.ts';
import { integerParameter } from '../parameters.ts';
import { widthOf } from '../rtl/net.ts';
import type { UnitParameters } from '../unit.ts';

export interface PpuPlan {
  /** Output format, canonical: intN@vV:uM or uintN@vV:uM. */
  format: string;
  vector: number;
  /** Bits of an accumulator coming in, of its coarse multiplier, and of the fraction kept below one code step. */
  inputBits: number;
  multiplierBits: number;
  fraction: number;
  /** Output code: bits, sign, largest magnitude. Unsigned outputs pass through a ReLU. */
  codeBits: number;
  signed: boolean;
  top: number;
  scaleBits: number;
  scaleTop: number;
  /** y = round(x · c / 2^shift): what the coarse multiplier leaves. Magnitudes below 2^magnitudeBits. */
  shift: number;
  magnitudeBits: number;
  /** Scale reciprocal: ceil(2^reciprocalShift / s), exact for every quotient the unit meets. */
  reciprocalShift: number;
  /** The constant ceil(2^constantShift / top) that divides by the largest code. */
  constantShift: number;
}

const names = ['format', 'vector', 'inputBits', 'multiplierBits', 'fraction'];

/** @throws UsageError, one line */
export function planPpu(parameters: UnitParameters): PpuPlan {
  for (const name of Object.keys(parameters)) {
    if (!names.includes(name)) throw unknownWord('parameter of ppu', name, names);
  }
  const integer = (name: string, low: number, high: number, fallback: number): number =>
    integerParameter('ppu', parameters, name, { low, high, fallback });
  const vector = integer('vector', 1, 256, 16);
  const text = String(parameters['format'] ?? '4/4/4/6');
  const format = isShorthand(text) ? parseShorthand(text, { vector }).activation : parseFormat(text);
  const { element, scaling } = format;
  const spelled = printFormat(format);
  const refuse = (expected: string): UsageError =>
    new UsageError(`ppu cannot make the output format ${spelled}`, { expected });
  if (element.kind !== 'int' || element.bits > 8) throw refuse('intN or uintN elements of at most 8 bits');
  if (scaling.kind !== 'vector' || scaling.scale.kind !== 'uint')
    throw refuse('an integer vector scale, @vN:uM');
  if (scaling.width !== vector) throw refuse(`vectors of ${vector} elements, as --vector says`);
  const scaleBits = scaling.scale.bits;
  if (scaleBits < 2 || scaleBits > 8) throw refuse('vector scales of 2 to 8 bits');
  const top = codeRange(element).high;
  const scaleTop = 2 ** scaleBits - 1;
  const fraction = integer('fraction', 1, 8, 4);
  const inputBits = integer('inputBits', 4, 40, 24);
  const multiplierBits = integer('multiplierBits', 1, 16, 8);
  const magnitudeBits = widthOf(0, top * scaleTop) + fraction;
  if (magnitudeBits + 1 > inputBits) {
    throw new UsageError(`ppu ${spelled} from accumulators of ${inputBits} bits`, {
      expected: `--input-bits of at least ${magnitudeBits + 1}`,
    });
  }
  // numerators have the magnitude less all fraction bits but one: twice the quotient is floored, then rounded
  const numeratorBits = magnitudeBits - fraction + 1;
  return {
    format: spelled,
    vector,
    inputBits,
    multiplierBits,
    fraction,
    codeBits: element.bits,
    signed: element.signed,
    top,
    scaleBits,
    scaleTop,
    shift: multiplierBits + inputBits - 1 - magnitudeBits,
    magnitudeBits,
    reciprocalShift: numeratorBits + scaleBits,
    constantShift: numeratorBits + widthOf(0, top),
  };
}
