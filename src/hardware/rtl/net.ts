// Verilog expressions that know their width, sign and exact range, so that every operand is written at the width it needs.
// Refuses an operation whose width is not explicit, and values of 2^53 and above.

import { BitwrightError } from '../../core/errors.ts';

/** An expression: a name or a parenthesised, self-contained text. Values lie in low..high (integers below 2^53). */
export interface Net {
  text: string;
  width: number;
  signed: boolean;
  low: number;
  high: number;
}

/** Fewest bits (at least 1) that hold low..high; signed when low is negative or asked for. */
export function widthOf(low: number, high: number, signed = low < 0): number {
  if (!(low <= high) || low < -(2 ** 52) || high >= 2 ** 53) {
    throw new BitwrightError(`range ${low} to ${high} of a wire`);
  }
  let bits = 1;
  if (signed) while (low < -(2 ** (bits - 1)) || high > 2 ** (bits - 1) - 1) bits++;
  else while (high > 2 ** bits - 1) bits++;
  return bits;
}

/** A net of all values of its width. */
export function net(text: string, width: number, signed = false): Net {
  const top = 2 ** (signed ? width - 1 : width) - 1;
  return { text, width, signed, low: signed ? -top - 1 : 0, high: top };
}

/** A net whose values are known to lie in a range, in the fewest bits. */
export function ranged(text: string, low: number, high: number, signed = low < 0): Net {
  return { text, width: widthOf(low, high, signed), signed, low, high };
}

/** A constant of a given width (default: the fewest bits). */
export function constant(value: number, width?: number, signed = value < 0): Net {
  const bits = width ?? widthOf(value, value, signed);
  const code = BigInt.asUintN(bits, BigInt(value)).toString(16);
  return { text: `${bits}'${signed ? 's' : ''}h${code}`, width: bits, signed, low: value, high: value };
}

/** True for a plain identifier, of which bits can be selected. */
function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}

/** Bits low .. low+width-1 of a named net, unsigned. */
export function slice(from: Net, low: number, width: number): Net {
  if (!isName(from.text)) throw new BitwrightError(`bits of the expression ${from.text}`);
  if (low < 0 || low + width > from.width) {
    throw new BitwrightError(`bits ${low} to ${low + width - 1} of ${from.text} (${from.width} bits)`);
  }
  if (from.width === 1) return net(from.text, 1);
  return net(`${from.text}[${width === 1 ? low : `${low + width - 1}:${low}`}]`, width);
}

/**
 * The same value in exactly `width` bits: sign or zero extension, or the lower bits when the range fits them.
 * @throws BitwrightError when the range does not fit
 */
export function resize(from: Net, width: number, signed = from.signed): Net {
  if (from.low < 0 && !signed) throw new BitwrightError(`${from.text} may be negative`);
  if (widthOf(from.low, from.high, signed) > width) {
    throw new BitwrightError(`${from.text} (${from.low} to ${from.high}) in ${width} bits`);
  }
  let { text } = from;
  const more = width - from.width;
  if (more < 0) text = slice(from, 0, width).text;
  else if (more > 0) {
    if (from.signed) {
      if (!isName(text)) throw new BitwrightError(`sign of the expression ${text}`);
      const sign = from.width === 1 ? text : `${text}[${from.width - 1}]`;
      text = `{{${more}{${sign}}}, ${text}}`;
    } else text = `{${more}'d0, ${text}}`;
  }
  const wasSigned = more === 0 && from.signed;
  if (signed && !wasSigned) text = `$signed(${text})`;
  if (!signed && wasSigned) text = `$unsigned(${text})`;
  return { text, width, signed, low: from.low, high: from.high };
}
