// Second descriptions of the exponential and the divider, with the registers of their pipelines: shift and add, whole shifts,
// comparisons instead of borrows, rounding by comparison with one half. Nets that name register bits are called as in the unit. Refuses to be small or fast.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { type ExponentialBase, exponentialName, planExponential } from './exponential.ts';
import type { FloatFormat } from './format.ts';
import { floatAdderReference, floatMaximumReference } from './reference.ts';

/** The files of a unit with every floating-point piece that is described a second time replaced by that. */
export function describedAgain(files: readonly RtlFile[], format: FloatFormat): RtlFile[] {
  const { name } = format;
  return files.map(file => {
    if (file.name === `${name}_add.v`) return floatAdderReference(format);
    if (file.name === `${name}_max.v`) return floatMaximumReference(format);
    const piece = new RegExp(`^${name}_(exp|divide)(?:_(\\d+))?\\.v$`).exec(file.name);
    if (piece === null) return file;
    const stages = Number(piece[2] ?? 0);
    return piece[1] === 'divide'
      ? floatDividerReference(format, stages)
      : floatExponentialReference(format, 'e', stages as 0 | 1 | 2);
  });
}

const range = (width: number): string => (width > 1 ? `[${width - 1}:0] ` : '');

/** NAME_exp…: as floatExponentialUnit. */
export function floatExponentialReference(
  format: FloatFormat,
  base: ExponentialBase,
  stages: 0 | 1 | 2 = 0,
): RtlFile {
  const plan = planExponential(format, base);
  const { exponentBits: e, mantissaBits: m, bits, bias, maxCode } = format;
  const module = exponentialName(format, base, stages);
  const { fraction, address, factor, productBits, shift, farField, argumentBits } = plan;
  const pad = farField - 1 - shift;
  const width = productBits + Math.max(pad, 0);
  const low = fraction - address;
  const field = e + 2;
  const held = (on: boolean, list: readonly [string, number, string][]): string =>
    list
      .map(([reg, w, from]) =>
        on
          ? `  reg ${range(w)}${reg};\n  always @(posedge clk) if (en) ${reg} <= ${from};`
          : `  wire ${range(w)}${reg} = ${from};`,
      )
      .join('\n');
  const ones = Array.from({ length: plan.factorBits }, (_, k) => k).filter(
    k => Math.floor(factor / 2 ** k) % 2 === 1,
  );
  const text = `// ${module}, described a second time.
module ${module} (
${stages > 0 ? '  input wire clk, input wire en,' : ''}
  input wire [${bits - 1}:0] a, output reg [${bits - 1}:0] y
);
  wire [${e - 1}:0] field_a = a[${bits - 2}:${m}];
  wire [${productBits - 1}:0] significand = {1'b1, a[${m - 1}:0]};
  wire [${productBits - 1}:0] product = ${ones.map(k => `(significand << ${k})`).join(' + ')};
  wire [${e - 1}:0] amount = ${farField - 1} - field_a;
  wire [2:0] flags = {a[${bits - 1}], field_a >= ${farField}, field_a == 0};
${held(stages === 2, [
  ['product_q', productBits, 'product'],
  ['amount_q', e, 'amount'],
  ['flags_q', 3, 'flags'],
])}
  wire [${width - 1}:0] padded = ${pad > 0 ? `{product_q, ${pad}'d0}` : 'product_q'};
  wire [${width - 1}:0] moved = padded >> amount_q;
  wire [${argumentBits - 1}:0] size = flags_q[0] ? 0 : moved${pad < 0 ? ` >> ${-pad}` : ''};
  wire [${argumentBits - 1}:0] argument = flags_q[2] ? -size : size;
${held(stages >= 1, [
  ['argument_q', argumentBits, 'argument'],
  ['ends_q', 2, 'flags_q[2:1]'],
])}
  reg [${fraction + 1}:0] start, slope, rise;
  reg signed [${field + m - 1}:0] value;
  integer k;
  always @* begin
    case (argument_q[${fraction - 1}:${low}])
${plan.base
  .map((entry, i) => {
    const label = i === plan.base.length - 1 ? 'default' : `${i}`;
    return `      ${label}: begin start = ${entry}; slope = ${plan.slope[i]}; end`;
  })
  .join('\n')}
    endcase
    rise = height(slope, argument_q[${low - 1}:0]);
    rise = start + rise + 4;
    value = $signed({argument_q[${argumentBits - 1}:${fraction}], ${m}'d0}) + ${bias * 2 ** m} + $signed({1'b0, rise[${fraction}:3]});
    if (value < ${2 ** m} || ends_q == 2'b11) y = 0;
    else if (ends_q[0] || value > ${maxCode}) y = ${maxCode};
    else y = value[${bits - 1}:0];
  end
  function [${fraction + 1}:0] height(input [${fraction + 1}:0] by, input [${low - 1}:0] place);
    reg [${fraction + low + 1}:0] sum;
    integer n;
    begin
      sum = 0;
      for (n = 0; n < ${low}; n = n + 1) sum = sum + ((by & {${fraction + 2}{place[n]}}) << n);
      height = sum >> ${low};
    end
  endfunction
endmodule
`;
  return { name: `${module}.v`, text };
}

/** NAME_divide…: as floatDivider. */
export function floatDividerReference(format: FloatFormat, stages = 0): RtlFile {
  const { name, exponentBits: e, mantissaBits: m, bits, bias, maxCode } = format;
  const module = stages === 0 ? `${name}_divide` : `${name}_divide_${stages}`;
  const rows = m + 3;
  const after = new Set(
    Array.from({ length: stages }, (_, i) => Math.round(((i + 1) * (rows + 2)) / (stages + 1))),
  );
  const widths: Record<string, number> = {
    ...{ sign: 1, zero: 1, infinite: 1, exponent: e + 2, divisor: m + 1, rest: m + 2, quotient: 0 },
  };
  const now: Record<string, string> = {
    sign: `(a[${bits - 1}] != b[${bits - 1}])`,
    zero: `(a[${bits - 2}:${m}] == 0)`,
    infinite: `(b[${bits - 2}:${m}] == 0)`,
    exponent: 'place',
    divisor: 'b_one',
    rest: 'a_one',
    quotient: '',
  };
  const lines: string[] = [];
  for (let row = 0; row < rows + 2; row++) {
    if (after.has(row)) {
      for (const key of Object.keys(now)) {
        const width = key === 'quotient' ? Math.min(row, rows) : widths[key]!;
        if (width === 0) continue;
        lines.push(
          `  reg ${range(width)}${key}_s${row};`,
          `  always @(posedge clk) if (en) ${key}_s${row} <= ${now[key]};`,
        );
        now[key] = `${key}_s${row}`;
      }
    }
    if (row >= rows) continue;
    const last = row === rows - 1;
    lines.push(
      `  wire fits_${row} = ${now['rest']} >= ${now['divisor']};`,
      `  wire [${m + 1}:0] less_${row} = ${now['rest']} - (fits_${row} ? ${now['divisor']} : 0);`,
      `  wire [${m + 1}:0] next_${row} = less_${row}${last ? '' : ' << 1'};`,
      `  wire [${row}:0] quotient_${row} = ${row === 0 ? 'fits_0' : `{${now['quotient']}, fits_${row}}`};`,
    );
    now['rest'] = `next_${row}`;
    now['quotient'] = `quotient_${row}`;
  }
  const width = m + 4;
  const text = `// ${module}, described a second time.
module ${module} (
${stages > 0 ? '  input wire clk, input wire en,' : ''}
  input wire [${bits - 1}:0] a, input wire [${bits - 1}:0] b, output reg [${bits - 1}:0] y
);
  wire [${e + 1}:0] place = a[${bits - 2}:${m}] + ${bias} - b[${bits - 2}:${m}];
  wire [${m}:0] b_one = {1'b1, b[${m - 1}:0]};
  wire [${m + 1}:0] a_one = {1'b1, a[${m - 1}:0]};
${lines.join('\n')}
  reg [${width - 1}:0] word;
  reg signed [${e + 1}:0] field;
  reg signed [${e + m + 1}:0] value;
  always @* begin
    word = {${now['quotient']}, ${now['rest']} != 0};
    field = ${now['exponent']};
    if (!word[${width - 1}]) begin
      word = word << 1;
      field = field - 1;
    end
    value = {field, word[${width - 2}:3]};
    if (word[2:0] > 4 || (word[2:0] == 4 && word[3])) value = value + 1;
    y = 0;
    if (!${now['zero']}) begin
      if (${now['infinite']} || value > ${maxCode}) y = ${maxCode};
      else if (value >= ${2 ** m}) y = value[${bits - 1}:0];
      if (y != 0) y[${bits - 1}] = ${now['sign']};
    end
  end
endmodule
`;
  return { name: `${module}.v`, text };
}
