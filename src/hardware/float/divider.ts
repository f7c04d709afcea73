// The floating-point divider: restoring rows, one quotient bit each, in as many pipeline stages as asked for.
// Refuses nothing: x / 0 is the largest finite value with the sign of the quotient, 0 / y is +0.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { unusedLines } from '../rtl/module.ts';
import type { FloatFormat } from './format.ts';
import { floatModule } from './module.ts';
import { floatHeader, hex, roundAndPack } from './round.ts';

/**
 * Module NAME_divide(a, b) -> y = a / b. With `stages` registers between the rows it is NAME_divide_STAGES and has clk
 * and en: y belongs to the operands of `stages` enabled clock edges before.
 */
export function floatDivider(format: FloatFormat, stages = 0): RtlFile {
  const { name, exponentBits: e, mantissaBits: m, bits, bias, maxCode } = format;
  const module = stages === 0 ? `${name}_divide` : `${name}_divide_${stages}`;
  const rows = m + 3;
  const lines = [
    `  wire sign_in = a[${bits - 1}] ^ b[${bits - 1}];`,
    `  wire zero_in = ~|a[${bits - 2}:${m}];`,
    `  wire infinite_in = ~|b[${bits - 2}:${m}];`,
    `  wire [${e + 1}:0] exponent_in = {2'd0, a[${bits - 2}:${m}]} - {2'd0, b[${bits - 2}:${m}]} + ${e + 2}'d${bias};`,
    `  wire [${m}:0] divisor_in = {1'b1, b[${m - 1}:0]};`,
    `  wire [${m + 1}:0] rest_in = {2'b01, a[${m - 1}:0]};`,
  ];
  // what travels down the rows: net names, replaced by registers at each stage boundary
  const state = {
    sign: 'sign_in',
    zero: 'zero_in',
    infinite: 'infinite_in',
    exponent: 'exponent_in',
    divisor: 'divisor_in',
    rest: 'rest_in',
    quotient: '',
  };
  const widths = { sign: 1, zero: 1, infinite: 1, exponent: e + 2, divisor: m + 1, rest: m + 2 };
  const boundaries = new Set(
    Array.from({ length: stages }, (_, i) => Math.round(((i + 1) * (rows + 2)) / (stages + 1))),
  );
  for (let row = 0; row < rows; row++) {
    if (boundaries.has(row)) lines.push(...register(state, widths, row));
    const { rest, divisor } = state;
    lines.push(
      `  wire [${m + 2}:0] trial_${row} = {1'b0, ${rest}} - {2'b0, ${divisor}};`,
      `  wire bit_${row} = ~trial_${row}[${m + 2}];`,
      `  wire [${m + 1}:0] kept_${row} = bit_${row} ? trial_${row}[${m + 1}:0] : ${rest};`,
    );
    const quotient = state.quotient === '' ? `bit_${row}` : `{${state.quotient}, bit_${row}}`;
    lines.push(`  wire [${row}:0] quotient_${row} = ${quotient};`);
    state.quotient = `quotient_${row}`;
    if (row === rows - 1) state.rest = `kept_${row}`;
    else {
      // the rest is below the divisor, so its top bit is free
      lines.push(`  wire [${m + 1}:0] rest_${row} = {kept_${row}[${m}:0], 1'b0};`);
      state.rest = `rest_${row}`;
    }
  }
  for (let row = rows; row < rows + 2; row++)
    if (boundaries.has(row)) lines.push(...register(state, widths, row, rows));
  const q = state.quotient;
  lines.push(
    `  wire top = ${q}[${m + 2}];`,
    `  wire [${m - 1}:0] fraction = top ? ${q}[${m + 1}:2] : ${q}[${m}:1];`,
    `  wire guard = top ? ${q}[1] : ${q}[0];`,
    `  wire sticky = |${state.rest} | (top & ${q}[0]);`,
    `  wire [${e + 1}:0] exponent = ${state.exponent} - {${e + 1}'d0, ~top};`,
  );
  const pack = roundAndPack(format, {
    sign: state.sign,
    zero: state.zero,
  });
  return floatModule(format, module, {
    header: floatHeader(format, 'Quotient'),
    operands: ['a', 'b'],
    clocked: stages > 0,
    body: [
      ...lines,
      ...pack.slice(0, -3),
      `  wire huge = ${state.infinite} | (~rounded[${e + m + 1}] & rounded[${e + m}:0] > ${hex(e + m + 1, maxCode)});`,
      `  wire [${bits - 2}:0] magnitude = huge ? ${hex(bits - 1, maxCode)} : rounded[${bits - 2}:0];`,
      `  assign y = {${state.sign}, magnitude} & {${bits}{~(tiny & ~${state.infinite} | ${state.zero})}};`,
      ...unusedLines(Array.from({ length: rows - 1 }, (_, row) => `kept_${row}[${m + 1}]`)),
    ],
  });
}

/** A row of registers for everything in flight; the state then names the registers. */
function register(
  state: Record<string, string>,
  widths: Readonly<Record<string, number>>,
  row: number,
  quotientBits = row,
): string[] {
  const lines: string[] = [];
  const moves: string[] = [];
  for (const key of Object.keys(state)) {
    const width = key === 'quotient' ? quotientBits : widths[key]!;
    if (width === 0) continue;
    const reg = `${key}_s${row}`;
    lines.push(`  reg ${width > 1 ? `[${width - 1}:0] ` : ''}${reg};`);
    moves.push(`    ${reg} <= ${state[key]};`);
    state[key] = reg;
  }
  return [...lines, '  always @(posedge clk) if (en) begin', ...moves, '  end'];
}
