// What an LNS MAC is asked for and the widths, tables and ranges that follow.
// Refuses formats that are not logarithmic and accumulators that one vector could overflow.

import { UsageError } from '../../core/errors.ts';
import { parseFormat, printFormat } from '../../format/notation.ts';
import { integerParameter } from '../parameters.ts';
import type { UnitParameters } from '../unit.ts';

export interface LnsMacPlan {
  /** Element bits B, base factor gamma = 2^remainderBits. */
  bits: number;
  gamma: number;
  remainderBits: number;
  lanes: number;
  /** Entries L of the conversion table, 1 .. gamma: remainder bits above log2(L) are looked up, the rest is Mitchell's. */
  lut: number;
  binBits: number;
  /** Remainder bits left to Mitchell: 2^(r/gamma) ~ 1 + r/gamma. */
  mitchellBits: number;
  /** Lowest power of two a product keeps: products are integers in units of 2^drop, truncated. */
  drop: number;
  /** Largest quotient of a product. */
  topQuotient: number;
  /** Bits of a product in units of 2^drop. */
  termBits: number;
  /** Fraction bits of the constants 2^(m/L), and the constants. */
  constantBits: number;
  constants: number[];
  /** Bits of the result, and of a bin's register. */
  accumulator: number;
  /**
   * Bits a bin saturates to: one less than its register has. With one bin, which is the result, all of them, and its
   * register has one more.
   */
  binWidth: number;
  /**
   * What a bin starts from, in units of 2^drop; the constants' rounding takes it off again. Its bits alternate: a sum near
   * zero is then far from every carry, and no bit much higher than its size moves when its sign does. Bins saturate with it.
   * 0 with one bin, which is read without constants.
   */
  bias: number;
  /** The upper bits of each bin, which seldom move, have an enable: for flows with clock gates. */
  enables: boolean;
  format: string;
}

/** Checks parameters and derives the datapath. @throws UsageError, one line */
export function planLnsMac(parameters: UnitParameters): LnsMacPlan {
  const text = String(parameters['format'] ?? 'lns8g8');
  const format = parseFormat(text);
  const { element, scaling } = format;
  if (element.kind !== 'lns' || scaling.kind === 'vector') {
    throw new UsageError(`lns-mac cannot take the format ${text}`, {
      expected: 'a logarithmic element such as lns8g8',
    });
  }
  const { bits, gamma } = element;
  const remainderBits = Math.log2(gamma);
  const lanes = integer(parameters, 'lanes', 1, 256, 32);
  const lut = integer(parameters, 'lut', 1, gamma, gamma);
  if (!Number.isInteger(Math.log2(lut))) {
    throw new UsageError(`lns-mac lut ${lut}`, { expected: `a power of two from 1 to ${gamma}` });
  }
  const accumulator = integer(parameters, 'accumulator', 8, 48, 24);
  const top = 2 * (2 ** (bits - 1) - 1);
  const topQuotient = Math.floor(top / gamma);
  // one vector of largest products, with its sign and the bias, must fit
  const reach = Math.ceil(top / gamma + Math.log2(lanes + (lut > 1 ? 3 : 0))) + 1;
  const binWidth = lut > 1 ? accumulator - 1 : accumulator;
  const least = Math.max(0, reach - binWidth);
  const drop = integer(parameters, 'drop', 0, topQuotient, Math.max(least, topQuotient + 1 - keptQuotients));
  if (drop < least) {
    throw new UsageError(`lns-mac drop ${drop} with ${accumulator} accumulator bits`, {
      expected: `at least ${least}, so that one vector cannot overflow`,
    });
  }
  const binBits = Math.log2(lut);
  const constantBits = integer(parameters, 'constantBits', 4, 16, 8);
  return {
    bits,
    gamma,
    remainderBits,
    lanes,
    lut,
    binBits,
    mitchellBits: remainderBits - binBits,
    drop,
    topQuotient,
    termBits: topQuotient - drop + 1,
    constantBits,
    constants: Array.from({ length: lut }, (_, m) => Math.round(2 ** (m / lut + constantBits))),
    accumulator,
    binWidth,
    bias: lut === 1 ? 0 : Math.floor(2 ** (topQuotient - drop + 3) / 3),
    enables: integer(parameters, 'enables', 0, 1, 0) === 1,
    format: printFormat(format),
  };
}

/** Quotients kept by default: 14 octaves below the largest product. docs/lns.md has the error by octaves kept. */
const keptQuotients = 14;

function integer(
  parameters: UnitParameters,
  name: string,
  low: number,
  high: number,
  fallback: number,
): number {
  return integerParameter('lns-mac', parameters, name, { low, high, fallback });
}
