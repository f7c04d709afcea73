// Parameters of Softermax: the number formats of every stage, in the product's notation, and the sizes of its tables.
// Refuses combinations the arithmetic does not cover. Source: Stevens et al., DAC 2021, Table I; what the paper leaves
// open (rounding, table widths, the reciprocal's shift) is settled here and in docs/softermax.md.

import { UsageError } from '../../core/errors.ts';
import { type FixedElement, parseFormat } from '../notation.ts';

export interface SoftermaxOptions {
  /** Elements of a slice: the lanes of the unit. The running sum depends on it. Default 16. */
  vector?: number | undefined;
  /** Scores, signed; the lowest code stands for a masked score (minus infinity). Default `fix6.2`. */
  input?: string | undefined;
  /** 2^(x - max), unsigned with one integer bit. Default `ufix1.15`. */
  unnormed?: string | undefined;
  /** Running sum. Default `ufix10.6`. */
  sum?: string | undefined;
  /** Fraction bits a numerator keeps on its way into the sum of its slice. Default 10. */
  addendFraction?: number | undefined;
  /** Segments of the power of two; with as many fraction bits as they index, a plain table. Default 4. */
  powerSegments?: number | undefined;
  /** Mantissa of the reciprocal. Default `ufix1.7`. */
  reciprocal?: string | undefined;
  /** Segments of the reciprocal, and bits of the place within one. Default 8 and 4. */
  reciprocalSegments?: number | undefined;
  reciprocalPlace?: number | undefined;
  /** Fraction bits a numerator keeps as operand of the normalising product. Default 12. */
  operandFraction?: number | undefined;
  /** Default `ufix1.7`. */
  output?: string | undefined;
}

export interface SoftermaxParameters {
  vector: number;
  input: FixedElement;
  unnormed: FixedElement;
  sum: FixedElement;
  addendFraction: number;
  powerSegments: number;
  reciprocal: FixedElement;
  reciprocalSegments: number;
  reciprocalPlace: number;
  operandFraction: number;
  output: FixedElement;
}

/** Defaults filled in: the paper's formats. @throws UsageError for a combination the arithmetic does not cover */
export function softermaxParameters(options: SoftermaxOptions = {}): SoftermaxParameters {
  const input = fixed('input', options.input ?? 'fix6.2', true);
  const unnormed = fixed('unnormed', options.unnormed ?? 'ufix1.15', false);
  const sum = fixed('sum', options.sum ?? 'ufix10.6', false);
  const parameters: SoftermaxParameters = {
    ...{ vector: options.vector ?? 16, input, unnormed, sum },
    addendFraction: options.addendFraction ?? Math.max(sum.fractionBits, Math.min(10, unnormed.fractionBits)),
    powerSegments: options.powerSegments ?? 4,
    reciprocal: fixed('reciprocal', options.reciprocal ?? 'ufix1.7', false),
    reciprocalSegments: options.reciprocalSegments ?? 8,
    reciprocalPlace: options.reciprocalPlace ?? 4,
    operandFraction: options.operandFraction ?? Math.min(12, unnormed.fractionBits),
    output: fixed('output', options.output ?? 'ufix1.7', false),
  };
  const { reciprocal, output, addendFraction, operandFraction } = parameters;
  within('vector', parameters.vector, 1, 1024);
  within('input integer bits', input.integerBits, 2, 8);
  within('input fraction bits', input.fractionBits, 0, 8);
  within('unnormed integer bits', unnormed.integerBits, 1, 1);
  within('unnormed fraction bits', unnormed.fractionBits, 4, 15);
  within('sum integer bits', sum.integerBits, 1, 14);
  within('sum fraction bits', sum.fractionBits, 2, Math.min(10, unnormed.fractionBits));
  within('addendFraction', addendFraction, sum.fractionBits, unnormed.fractionBits);
  powerOfTwo('powerSegments', parameters.powerSegments, 256);
  within('reciprocal integer bits', reciprocal.integerBits, 1, 1);
  within('reciprocal fraction bits', reciprocal.fractionBits, 4, 12);
  powerOfTwo('reciprocalSegments', parameters.reciprocalSegments, 64);
  within('reciprocalPlace', parameters.reciprocalPlace, 0, 8);
  within('operandFraction', operandFraction, 4, unnormed.fractionBits);
  within('output integer bits', output.integerBits, 1, 1);
  within('output fraction bits', output.fractionBits, 4, 15);
  within(
    'operandFraction + reciprocal fraction bits',
    operandFraction + reciprocal.fractionBits - 1,
    output.fractionBits,
    30,
  );
  return parameters;
}

function fixed(name: string, text: string, signed: boolean): FixedElement {
  const { element } = parseFormat(text);
  if (element.kind === 'fixed' && element.signed === signed) return element;
  throw new UsageError(`softermax ${name} '${text}'`, {
    expected: signed
      ? 'a signed fixed-point format such as fix6.2'
      : 'an unsigned fixed-point format such as ufix1.15',
  });
}

function within(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new UsageError(`softermax ${name} ${value}`, {
    expected: low === high ? `${low}` : `${low} to ${high}`,
  });
}

function powerOfTwo(name: string, value: number, high: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= high && (value & (value - 1)) === 0) return;
  throw new UsageError(`softermax ${name} ${value}`, { expected: `a power of two up to ${high}` });
}
