// The floating-point maximum: sign-magnitude patterns become ordered integers by one row of XOR gates.

import type { RtlFile } from '../../synthesis/rtl.ts';
import type { FloatFormat } from './format.ts';
import { floatModule } from './module.ts';

/** Combinational module NAME_max(a, b) -> y: the larger pattern, -0 below +0. */
export function floatMaximum(format: FloatFormat): RtlFile {
  const { name, bits } = format;
  const module = `${name}_max`;
  const key = (x: string): string =>
    `  wire [${bits - 1}:0] key_${x} = {~${x}[${bits - 1}], ${x}[${bits - 2}:0] ^ {${bits - 1}{${x}[${bits - 1}]}}};`;
  return floatModule(format, module, {
    header: [`// Larger of two ${name} patterns in the total order of sign and magnitude.`],
    operands: ['a', 'b'],
    body: [key('a'), key('b'), '  assign y = (key_a > key_b) ? a : b;'],
  });
}
