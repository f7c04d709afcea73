// The floating-point adder, single path: order by magnitude, align with sticky, add or subtract, normalise, round.

import type { RtlFile } from '../../synthesis/rtl.ts';
import type { FloatFormat } from './format.ts';
import { floatModule } from './module.ts';
import { floatHeader, roundAndPack } from './round.ts';
import { normaliseLeft, shiftRightSticky } from './shift.ts';

/** Combinational module NAME_add(a, b) -> y. Three bits below the mantissa (guard, round, sticky) round exactly. */
export function floatAdder(format: FloatFormat): RtlFile {
  const { name, exponentBits: e, mantissaBits: m, bits } = format;
  const module = `${name}_add`;
  const w = m + 4;
  const align = shiftRightSticky('align', 'little', w, 'distance', e);
  const normal = normaliseLeft('normal', 'total', w + 1);
  const countBits = Math.ceil(Math.log2(w + 1));
  const countPad = e + 2 - countBits;
  return floatModule(format, module, {
    header: floatHeader(format, 'Sum'),
    operands: ['a', 'b'],
    body: [
      `  wire swap = b[${bits - 2}:0] > a[${bits - 2}:0];`,
      `  wire [${bits - 1}:0] x = swap ? b : a;`,
      `  wire [${bits - 2}:0] z = swap ? a[${bits - 2}:0] : b[${bits - 2}:0];`,
      `  wire subtract = a[${bits - 1}] ^ b[${bits - 1}];`,
      `  wire big_one = |x[${bits - 2}:${m}];`,
      `  wire small_one = |z[${bits - 2}:${m}];`,
      `  wire [${w - 1}:0] big = {big_one, x[${m - 1}:0] & {${m}{big_one}}, 3'd0};`,
      `  wire [${w - 1}:0] little = {small_one, z[${m - 1}:0] & {${m}{small_one}}, 3'd0};`,
      `  wire [${e - 1}:0] distance = x[${bits - 2}:${m}] - z[${bits - 2}:${m}];`,
      ...align.lines,
      `  wire [${w}:0] addend = {1'b0, ${align.word}[${w - 1}:1], ${align.word}[0] | ${align.side}} ^ {${w + 1}{subtract}};`,
      `  wire [${w}:0] total = {1'b0, big} + addend + {${w}'d0, subtract};`,
      ...normal.lines,
      `  wire zero = ~${normal.word}[${w}];`,
      `  wire [${m - 1}:0] fraction = ${normal.word}[${w - 1}:${w - m}];`,
      `  wire sticky = |${normal.word}[2:0];`,
      `  wire [${e + 1}:0] exponent = {2'd0, x[${bits - 2}:${m}]} + ${e + 2}'d1 - {${countPad}'d0, ${normal.side}};`,
      ...roundAndPack(format, {
        guard: `${normal.word}[3]`,
        sign: `x[${bits - 1}]`,
      }),
    ],
  });
}
