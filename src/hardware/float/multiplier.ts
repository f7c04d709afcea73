// The floating-point multiplier: one integer multiplier, one normalising multiplexer, rounding.

import type { RtlFile } from '../../synthesis/rtl.ts';
import type { FloatFormat } from './format.ts';
import { floatModule } from './module.ts';
import { floatHeader, roundAndPack } from './round.ts';

/** Combinational module NAME_multiply(a, b) -> y. */
export function floatMultiplier(format: FloatFormat): RtlFile {
  const { name, exponentBits: e, mantissaBits: m, bits, bias } = format;
  const module = `${name}_multiply`;
  const p = 2 * m + 2;
  return floatModule(format, module, {
    header: floatHeader(format, 'Product'),
    operands: ['a', 'b'],
    body: [
      `  wire [${e - 1}:0] exponent_a = a[${bits - 2}:${m}];`,
      `  wire [${e - 1}:0] exponent_b = b[${bits - 2}:${m}];`,
      '  wire zero = ~|exponent_a | ~|exponent_b;',
      `  wire [${p - 1}:0] product = {${m + 1}'d0, 1'b1, a[${m - 1}:0]} * {${m + 1}'d0, 1'b1, b[${m - 1}:0]};`,
      `  wire top = product[${p - 1}];`,
      `  wire [${m - 1}:0] fraction = top ? product[${2 * m}:${m + 1}] : product[${2 * m - 1}:${m}];`,
      `  wire guard = top ? product[${m}] : product[${m - 1}];`,
      `  wire sticky = |product[${m - 2}:0] | (top & product[${m - 1}]);`,
      `  wire [${e + 1}:0] exponent = {2'd0, exponent_a} + {2'd0, exponent_b} + {${e + 1}'d0, top} - ${e + 2}'d${bias};`,
      `  wire sign = a[${bits - 1}] ^ b[${bits - 1}];`,
      ...roundAndPack(format),
    ],
  });
}
