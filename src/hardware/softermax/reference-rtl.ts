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

/** Module NAME: the highest whole step that some score reaches, as a row of steps reached. */
function steps(
  name: string,
  shape: { lanes: number; bits: number; fraction: number; half: number; narrow: number },
): string {
  const { lanes, bits, fraction, half, narrow } = shape;
  const lane = Array.from({ length: lanes }, (_, i) => i);
  const step = Array.from({ length: 2 * half }, (_, i) => i + 1 - half);
  const constant = (k: number): string => `${k < 0 ? '-' : ''}${narrow}'sd${Math.abs(k)}`;
  const count = step.length;
  return `module ${name} (input wire [${lanes * bits - 1}:0] x, output wire signed [${narrow - 1}:0] y);
${lane
  .map(
    i => `  wire signed [${narrow - 1}:0] x_${i} = $signed(x[${(i + 1) * bits - 1}:${i * bits}]);
  wire signed [${narrow - 1}:0] up_${i} = (x_${i} + ${constant(2 ** fraction - 1)}) >>> ${fraction};
  wire [${narrow - 1}:0] short_${i} = ${constant(half)} - up_${i};
  wire [${count - 1}:0] reached_${i} = {${count}{1'b1}} >> short_${i};`,
  )
  .join('\n')}
  wire [${count - 1}:0] reached = ${lane.map(i => `reached_${i}`).join(' | ')};
${step
  .map(
    (k, j) =>
      `  wire signed [${narrow - 1}:0] top_${j} = reached[${j}] ? ${constant(k)} : ${j === 0 ? constant(-half) : `top_${j - 1}`};`,
  )
  .join('\n')}
  assign y = top_${count - 1};
endmodule
`;
}

/** Module NAME: the upper bits of the lanes added up, each lane to the nearest that is left. */
function addUp(name: string, shape: { lanes: number; wide: number; cut: number; total: number }): string {
  const { lanes, wide, cut, total } = shape;
  let left = Array.from({ length: lanes }, (_, i) => `part_${i}`);
  const lines = left.map(
    (part, i) => `  wire [${total - 1}:0] ${part} = u[${(i + 1) * wide - 1}:${i * wide + cut}];`,
  );
  while (left.length > 1) {
    const next: string[] = [];
    for (let i = 0; i < left.length; i += 2) {
      const [a, b] = [left[i]!, left[i + 1]];
      next.push(b === undefined ? a : `${a}_`);
      if (b !== undefined) lines.push(`  wire [${total - 1}:0] ${a}_ = ${a} + ${b};`);
    }
    left = next;
  }
  return `module ${name} (input wire [${lanes * wide - 1}:0] u, output wire [${total - 1}:0] y);
${lines.join('\n')}
  assign y = ${left[0]};
endmodule
`;
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
  const text = `${steps(`${name}_top`, { lanes: v, bits, fraction: format.fractionBits, half, narrow })}
${addUp(`${name}_total`, { lanes: v, wide, cut: unnormed.fractionBits - addendFraction, total })}
// ${name}, described a second time: loops over lanes, the maximum by steps, no lines and no shifters.
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
  wire signed [${narrow - 1}:0] slice_top;
  ${name}_top u_top (.x(in_x), .y(slice_top));
  wire [${total - 1}:0] total;
  ${name}_total u_total (.u(u), .y(total));
  reg signed [${narrow - 1}:0] top, x, floor, distance, rise;
  reg [${wide - 1}:0] line;
  reg [${v * wide - 1}:0] u;
  reg [${v * held - 1}:0] next_code;
  reg far;
  reg [${shiftBits - 1}:0] near;
  reg [${total - 1}:0] slice, biased, kept, grown;
  always @* begin
    // the highest step that some score reaches
    top = slice_top;
    if (row_maximum > top) top = row_maximum;
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
    slice = total;
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
