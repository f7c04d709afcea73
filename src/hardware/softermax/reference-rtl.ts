// Second descriptions of both units, for the SAT proof: behavioural loops and whole tables instead of trees, lines and shifters.
// Registers have the names of the first description; besides they share the values of the tables. Refuses nothing.

import { reciprocalMantissa, type Softermax } from '../../format/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import type { Channel } from '../unit.ts';
import { heldCode } from './unnormed-rtl.ts';

function ports(input: Channel, output: Channel): string[] {
  const list = ['input wire clk', 'input wire rst'];
  for (const c of [input, output]) {
    const into = c.direction === 'in';
    const line = (name: string, width: number, asInput: boolean): string =>
      `${asInput ? 'input wire' : 'output reg'} [${width - 1}:0] ${c.name}_${name}`;
    list.push(line('valid', 1, into), line('ready', 1, !into));
    for (const f of c.fields) list.push(line(f.name, f.lanes * f.bits, into));
  }
  return list;
}

export function unnormedReference(name: string, model: Softermax, input: Channel, output: Channel): RtlFile {
  const { vector: v, input: format, unnormed, sum, addendFraction } = model.parameters;
  const bits = format.integerBits + format.fractionBits;
  const wide = unnormed.fractionBits + 1;
  const sumBits = sum.integerBits + sum.fractionBits;
  const max = output.fields[1]!.bits;
  const half = 2 ** (format.integerBits - 1);
  const narrow = bits + 2;
  const dropBits = Math.ceil(Math.log2(sumBits + 1));
  const total = Math.max(sumBits, addendFraction + 2 + Math.ceil(Math.log2(v))) + 1;
  const drop = addendFraction - sum.fractionBits;
  const fractions = 2 ** format.fractionBits;
  const { shiftBits, bits: held } = heldCode(model);
  const table = Array.from(
    { length: fractions },
    (_, f) => `        ${f === fractions - 1 ? 'default' : f}: line = ${model.numerator(f, 0)};`,
  );
  const text = `// ${name}, described a second time: loops over lanes, no trees, no shared maximum.
module ${name} (
  ${ports(input, output).join(',\n  ')}
);
  reg slice_valid;
  reg [${v * held - 1}:0] held_code;
  reg signed [${max - 1}:0] held_maximum, row_maximum;
  reg [${dropBits - 1}:0] held_drop;
  reg held_last;
  reg [${sumBits - 1}:0] row_sum;
  integer i;
  reg signed [${narrow - 1}:0] top, x, up, floor, distance, rise;
  reg [${wide - 1}:0] line;
  reg [${v * wide - 1}:0] u;
  reg [${v * held - 1}:0] next_code;
  reg far;
  reg [${shiftBits - 1}:0] near;
  reg [${total - 1}:0] slice, biased, kept, grown;
  always @* begin
    top = row_maximum;
    for (i = 0; i < ${v}; i = i + 1) begin
      x = $signed(in_x[i*${bits} +: ${bits}]);
      up = x + ${fractions - 1};
      up = up >>> ${format.fractionBits};
      if (up > top) top = up;
    end
    next_code = 0;
    for (i = 0; i < ${v}; i = i + 1) begin
      x = $signed(in_x[i*${bits} +: ${bits}]);
      floor = x >>> ${format.fractionBits};
      distance = top - floor;
      far = x == ${model.masked} || distance >= ${2 ** shiftBits};
      near = distance[${shiftBits - 1}:0];
      next_code[i*${held} +: ${held}] = {far, near${format.fractionBits === 0 ? '' : `, x[${format.fractionBits - 1}:0]`}};
    end
    u = 0;
    for (i = 0; i < ${v}; i = i + 1) begin
      near = held_code[i*${held}+${format.fractionBits} +: ${shiftBits}];
      ${
        format.fractionBits === 0
          ? `line = ${model.numerator(0, 0)};`
          : `case (held_code[i*${held} +: ${format.fractionBits}])
${table.join('\n')}
      endcase`
      }
      if (held_code[i*${held}+${held - 1}]) line = 0;
      u[i*${wide} +: ${wide}] = line >> near;
    end
    rise = top - row_maximum;
    slice = 0;
    for (i = ${v - 1}; i >= 0; i = i - 1)
      slice = slice + u[i*${wide + 0} + ${unnormed.fractionBits - addendFraction} +: ${wide - (unnormed.fractionBits - addendFraction)}];
    biased = slice + ${drop === 0 ? 0 : 2 ** (drop - 1)};
    biased = biased >> ${drop};
    kept = row_sum >> held_drop;
    grown = kept + biased;
    if (grown > ${2 ** sumBits - 1}) grown = ${2 ** sumBits - 1};
    in_ready = !slice_valid || out_ready;
    out_valid = slice_valid;
    out_u = u;
    out_maximum = held_maximum;
    out_sum = grown[${sumBits - 1}:0];
    out_last = held_last;
  end
  always @(posedge clk) begin
    if (rst) begin
      slice_valid <= 0;
      row_maximum <= -${half};
      row_sum <= 0;
    end else begin
      if (slice_valid && out_ready) row_sum <= held_last ? 0 : grown;
      if (in_ready) slice_valid <= in_valid;
      if (in_valid && in_ready) row_maximum <= in_last ? -${half} : top;
    end
    if (in_valid && in_ready) begin
      held_code <= next_code;
      held_maximum <= top;
      held_drop <= rise > ${2 ** dropBits - 1} ? ${2 ** dropBits - 1} : rise;
      held_last <= in_last;
    end
  end
endmodule
`;
  return { name: `${name}.reference.v`, text };
}

export function normalReference(name: string, model: Softermax, input: Channel, output: Channel): RtlFile {
  const { vector: v, unnormed, sum, reciprocal, output: format, operandFraction } = model.parameters;
  const wide = unnormed.fractionBits + 1;
  const narrow = format.fractionBits + 1;
  const sumBits = sum.integerBits + sum.fractionBits;
  const max = input.fields[1]!.bits;
  const { reciprocals } = model;
  const index = reciprocals.segmentBits + reciprocals.placeBits;
  const table = Array.from(
    { length: 2 ** index },
    (_, i) =>
      `      ${i === 2 ** index - 1 ? 'default' : i}: mantissa = ${reciprocalMantissa(reciprocals, 2 ** index + i).mantissa};`,
  );
  const drop = operandFraction + reciprocal.fractionBits - 1 - format.fractionBits;
  const text = `// ${name}, described a second time: the reciprocal as one table, lanes as a loop.
module ${name} (
  ${ports(input, output).join(',\n  ')}
);
  integer i;
  reg [${Math.ceil(Math.log2(sumBits + 1)) - 1}:0] lead;
  reg [${index + sumBits}:0] normal;
  reg [${reciprocal.fractionBits}:0] mantissa;
  reg [${max + 1}:0] shift;
  reg [${wide - 1}:0] operand;
  reg [${operandFraction + 2 + reciprocal.fractionBits}:0] product;
  reg [${v * narrow - 1}:0] held_y, next_y;
  reg slice_valid;
  always @* begin
    lead = 0;
    for (i = 1; i < ${sumBits}; i = i + 1) if (in_sum[i]) lead = i;
    normal = {${index + 1}'d0, in_sum} << (${index + sumBits} - lead);
    case (normal[${index + sumBits - 1}:${sumBits}])
${table.join('\n')}
    endcase
    if (in_sum == 0) mantissa = 0;
    shift = in_row_maximum - in_maximum;
    shift = shift[${max - 1}:0];
    if (lead > ${sum.fractionBits - 1}) shift = shift + lead - ${sum.fractionBits - 1};
    next_y = 0;
    for (i = 0; i < ${v}; i = i + 1) begin
      operand = in_u[i*${wide} +: ${wide}];
      operand = operand >> ${unnormed.fractionBits - operandFraction};
      operand = operand >> shift;
      product = operand * mantissa + ${drop === 0 ? 0 : 2 ** (drop - 1)};
      product = product >> ${drop};
      next_y[i*${narrow} +: ${narrow}] = product[${narrow - 1}:0];
    end
    in_ready = !slice_valid || out_ready;
    out_valid = slice_valid;
    out_y = held_y;
  end
  always @(posedge clk) begin
    if (rst) slice_valid <= 0;
    else if (in_ready) slice_valid <= in_valid;
    if (in_valid && in_ready) held_y <= next_y;
  end
endmodule
`;
  return { name: `${name}.reference.v`, text };
}
