// Softermax, integer for integer: slices of V scores, integer maximum, 2^(x - max), running sum that shifts when the maximum
// rises, reciprocal with a shift, normalisation. Every rounding is written out; docs/softermax.md lists them.
// Refuses rows of no elements. Source: Stevens et al., DAC 2021 (arXiv 2103.09301).

import { InputError } from '../../core/errors.ts';
import { roundHalfEven } from '../element.ts';
import { type SoftermaxOptions, type SoftermaxParameters, softermaxParameters } from './parameters.ts';
import { type PowerTable, powerFraction, powerTable } from './power.ts';
import { type ReciprocalTable, reciprocalMantissa, reciprocalTable } from './reciprocal.ts';

/** What the first unit hands to the second for one row. */
export interface Unnormed {
  /** Numerator codes, one an element. */
  numerators: Uint16Array;
  /** Running maximum (an integer, not a code) after each slice; the last is the row's. */
  maxima: Int16Array;
  /** Running sum after each slice; the last is the row's. */
  sums: Int32Array;
}

export class Softermax {
  readonly parameters: SoftermaxParameters;
  readonly power: PowerTable;
  readonly reciprocals: ReciprocalTable;
  /** Codes: the masked one (lowest), and the largest. */
  readonly masked: number;
  readonly highest: number;
  private readonly fractions: Int32Array;

  constructor(options: SoftermaxOptions = {}) {
    const parameters = softermaxParameters(options);
    this.parameters = parameters;
    this.power = powerTable(parameters);
    this.reciprocals = reciprocalTable(parameters);
    const { integerBits, fractionBits } = parameters.input;
    this.masked = -(2 ** (integerBits + fractionBits - 1));
    this.highest = -this.masked - 1;
    this.fractions = Int32Array.from({ length: 2 ** fractionBits }, (_, f) => powerFraction(this.power, f));
  }

  /** Code of a score: round half to even of score / scale in float32, saturated; what QuantizeLinear gives. */
  code(score: number, scale: number): number {
    const code = roundHalfEven(Math.fround(score / scale));
    return Math.min(this.highest, Math.max(this.masked, code));
  }

  /** Numerator of a score code under an integer maximum not below it: floor of line(fraction) >> (maximum - floor(x)). */
  numerator(code: number, maximum: number): number {
    if (code === this.masked) return 0;
    const { fractionBits } = this.parameters.input;
    const whole = code >> fractionBits;
    const shift = maximum - whole;
    return shift > 31 ? 0 : this.fractions[code - (whole << fractionBits)]! >> shift;
  }

  /**
   * One slice: new maximum, numerators from `offset` on, new sum.
   * The sum of a slice is exact over numerators cut to `addendFraction` bits, rounded half up to the format of the running
   * sum, added to the running sum after that was shifted down (floor); it saturates.
   */
  slice(
    codes: ArrayLike<number>,
    from: number,
    to: number,
    state: { maximum: number; sum: number },
    numerators: Uint16Array,
  ): void {
    const { input, unnormed, sum: format, addendFraction } = this.parameters;
    let top = this.masked;
    for (let i = from; i < to; i++) top = Math.max(top, codes[i]!);
    const maximum = Math.max(state.maximum, -(-top >> input.fractionBits));
    const cut = unnormed.fractionBits - addendFraction;
    let total = 0;
    for (let i = from; i < to; i++) {
      const u = this.numerator(codes[i]!, maximum);
      numerators[i] = u;
      total += u >> cut;
    }
    const drop = addendFraction - format.fractionBits;
    const rounded = drop === 0 ? total : (total + (1 << (drop - 1))) >> drop;
    const kept = state.sum >> Math.min(31, maximum - state.maximum);
    state.sum = Math.min(2 ** (format.integerBits + format.fractionBits) - 1, kept + rounded);
    state.maximum = maximum;
  }

  /** Maximum and sum a row starts with. */
  start(): { maximum: number; sum: number } {
    return { maximum: this.masked / 2 ** this.parameters.input.fractionBits, sum: 0 };
  }

  /** The first unit over a row of score codes. @throws InputError for an empty row */
  unnormed(codes: ArrayLike<number>): Unnormed {
    const { vector } = this.parameters;
    const { length } = codes;
    if (length === 0) throw new InputError('softermax of an empty row', { expected: 'at least one score' });
    const slices = Math.ceil(length / vector);
    const numerators = new Uint16Array(length);
    const maxima = new Int16Array(slices);
    const sums = new Int32Array(slices);
    const state = this.start();
    for (let k = 0; k < slices; k++) {
      this.slice(codes, k * vector, Math.min(length, (k + 1) * vector), state, numerators);
      maxima[k] = state.maximum;
      sums[k] = state.sum;
    }
    return { numerators, maxima, sums };
  }

  /** Reciprocal of a sum code: mantissa and place of the leading one; mantissa 0 for a row with every score masked. */
  reciprocal(sum: number): { mantissa: number; lead: number } {
    return sum === 0 ? { mantissa: 0, lead: 0 } : reciprocalMantissa(this.reciprocals, sum);
  }

  /**
   * One output code: the numerator shifted by (row maximum - slice maximum) and by the reciprocal's shift in one floor, cut to
   * `operandFraction` bits, times the mantissa, rounded half up.
   */
  output(numerator: number, rise: number, reciprocal: { mantissa: number; lead: number }): number {
    const { unnormed, sum, operandFraction, reciprocal: format, output } = this.parameters;
    // An unmasked row sums to at least one half: its leading one is at sum.fractionBits - 1 or above.
    const shift = rise + Math.max(0, reciprocal.lead - (sum.fractionBits - 1));
    const operand = numerator >> Math.min(31, shift + unnormed.fractionBits - operandFraction);
    const drop = operandFraction + format.fractionBits - 1 - output.fractionBits;
    const product = operand * reciprocal.mantissa;
    return drop === 0 ? product : (product + (1 << (drop - 1))) >> drop;
  }

  /** Output codes of a row. */
  normalize({ numerators, maxima, sums }: Unnormed): Uint16Array {
    const { vector } = this.parameters;
    const last = maxima.length - 1;
    const reciprocal = this.reciprocal(sums[last]!);
    const out = new Uint16Array(numerators.length);
    for (let i = 0; i < out.length; i++) {
      const rise = maxima[last]! - maxima[Math.floor(i / vector)]!;
      out[i] = this.output(numerators[i]!, rise, reciprocal);
    }
    return out;
  }

  /** Score codes of a row to output codes; value = code * 2^-(output fraction bits). */
  row(codes: ArrayLike<number>): Uint16Array {
    return this.normalize(this.unnormed(codes));
  }
}

/** Score scale that turns exp into 2^x: ln 2 * 2^-fraction as float32, so that code = round(score * log2(e) * 2^fraction). */
export function scoreScale(parameters: SoftermaxParameters): number {
  return Math.fround(Math.LN2 / 2 ** parameters.input.fractionBits);
}
