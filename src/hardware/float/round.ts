// Verilog text shared by the floating-point modules: header, and the rounding that ends each of them.
// Rounds to nearest even, flushes below the smallest normal to +0, saturates at the largest finite value.

import type { FloatFormat } from './format.ts';

/** A literal of `width` bits in hexadecimal. */
export function hex(width: number, value: number): string {
  return `${width}'h${value.toString(16)}`;
}

/** First comment lines of a module: what it computes and in which arithmetic. */
export function floatHeader(format: FloatFormat, what: string): string[] {
  const { name, exponentBits, mantissaBits } = format;
  return [
    `// ${what}, ${name}: 1 sign, ${exponentBits} exponent, ${mantissaBits} mantissa bits. Round to nearest even; subnormals are zero;`,
    '// overflow saturates to the largest finite value; the top exponent is an ordinary binade (no infinity, no NaN).',
  ];
}

/**
 * Lines that round and pack. `exponent` is a net of exponentBits + 2 bits, two's complement, the biased exponent of the
 * normalised significand; `fraction` mantissaBits wide; `guard`, `sticky`, `sign`, `zero` one-bit expressions.
 * Nets not named otherwise have these names.
 */
export function roundAndPack(
  format: FloatFormat,
  named: Partial<Record<'exponent' | 'fraction' | 'guard' | 'sticky' | 'sign' | 'zero', string>> = {},
): string[] {
  const own = {
    exponent: 'exponent',
    fraction: 'fraction',
    guard: 'guard',
    sticky: 'sticky',
    sign: 'sign',
    zero: 'zero',
  };
  const nets = { ...own, ...named };
  const { exponentBits: e, mantissaBits: m, bits, maxCode } = format;
  const width = e + m + 2;
  return [
    `  wire round_up = ${nets.guard} & (${nets.sticky} | ${nets.fraction}[0]);`,
    `  wire [${width - 1}:0] rounded = {${nets.exponent}, ${nets.fraction}} + {${width - 1}'d0, round_up};`,
    `  wire tiny = ${nets.zero} | rounded[${width - 1}] | ~|rounded[${width - 2}:${m}];`,
    `  wire huge = rounded[${width - 2}:0] > ${hex(width - 1, maxCode)};`,
    `  wire [${bits - 2}:0] magnitude = huge ? ${hex(bits - 1, maxCode)} : rounded[${bits - 2}:0];`,
    `  assign y = {${nets.sign}, magnitude} & {${bits}{~tiny}};`,
  ];
}
