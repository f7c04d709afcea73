// A second description of the vector MAC for the SAT proof: behavioural loops, shift-and-add products, the same registers.
// Refuses to be small or fast: it is only ever compared with the first.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { widthOf } from '../rtl/net.ts';
import type { Channel } from '../unit.ts';
import type { VectorMacPlan } from './options.ts';

/** The same ports and registers as the generated unit, everything else written another way. */
export function vectorMacReference(
  name: string,
  plan: VectorMacPlan,
  input: Channel,
  output: Channel,
): RtlFile[] {
  const { weight, activation, options, productBits, shift } = plan;
  const v = options.vector;
  const signed = plan.dot.low < 0;
  const dw = widthOf(plan.dot.low, plan.dot.high);
  const pw = widthOf(plan.partial.low, plan.partial.high);
  const sw = widthOf(0, plan.scaleTop);
  const kw = widthOf(0, plan.productTop) + 1;
  const scaled = productBits > 0;
  const range = (bits: number): string => (bits === 1 ? '' : `[${bits - 1}:0] `);
  const fields = input.fields.map(f => ({ name: `in_${f.name}`, bits: f.lanes * f.bits }));
  const held = options.inputRegister;
  const from = (field: string): string => `${held ? 'held' : 'in'}_${field}`;
  const extend = (text: string, bits: number, to: number, isSigned: boolean): string =>
    to === bits
      ? text
      : to < bits
        ? `${text}[0 +: ${to}]`
        : `{{${to - bits}{${isSigned ? `${text}[${bits - 1}]` : "1'b0"}}}, ${text}}`;
  const wx = extend('one_w', weight.bits, dw, weight.low < 0);
  const top = activation.low < 0 ? activation.bits - 1 : activation.bits;
  const sum = output.fields[0]!.bits;
  const source = scaled ? 'partial' : 'dot';
  const sourceWidth = scaled ? pw : dw;
  const extendedSource =
    sourceWidth === 1
      ? `{{${sum - 1}{${signed ? `${source}_q` : "1'b0"}}}, ${source}_q}`
      : extend(`${source}_q`, sourceWidth, sum, signed);
  const scaleOf = [weight.scaleBits > 0 ? from('ws') : '', activation.scaleBits > 0 ? from('as') : ''].filter(
    x => x !== '',
  );
  // narrow products bit by bit; wide ones by the language's own operator, which SAT can still match
  const at = `term[i*${dw} +: ${dw}]`;
  const ax = extend('one_a', activation.bits, dw, activation.low < 0);
  const product =
    Math.min(weight.bits, activation.bits) > 5
      ? `      ${at} = $signed(${wx}) * $signed(${ax});`
      : `      ${at} = ${dw}'d0;
      for (b = 0; b < ${top}; b = b + 1)
        if (one_a[b]) ${at} = ${at} + (${wx} << b);
      ${activation.low < 0 ? `if (one_a[${top}]) ${at} = ${at} - (${wx} << ${top});` : ''}`;
  const text = `// Second description of ${name}: loops, shift and add.
module ${name} (
  input wire clk, input wire rst,
  input wire in_valid, output wire in_ready,
${fields.map(f => `  input wire ${range(f.bits)}${f.name},`).join('\n')}
  output wire out_valid, input wire out_ready, output wire ${range(sum)}out_acc
);
${held ? fields.map(f => `  reg ${range(f.bits)}${f.name.replace('in_', 'held_')};`).join('\n') : ''}
  reg operand_valid;
  reg dot_valid, dot_last;
  reg ${range(dw)}dot_q;
  reg ${range(sw)}scale_q;
  reg partial_valid, partial_last;
  reg ${range(pw)}partial_q;
  reg ${range(sum)}acc_q;
  reg acc_full, acc_fresh;

  // backpressure from the end to the start
  wire room_acc = out_ready || !acc_full;
  wire room_partial = ${scaled ? 'room_acc || !partial_valid' : 'room_acc'};
  wire room_dot = room_partial || !dot_valid;
  wire room_operand = ${held ? 'room_dot || !operand_valid' : 'room_dot'};
  assign in_ready = room_operand;

  // the dot product, one bit of an activation after the other
  reg [${v * dw - 1}:0] term;
  reg [${weight.bits - 1}:0] one_w;
  reg [${activation.bits - 1}:0] one_a;
  integer i, b, s;
  always @* begin
    for (i = 0; i < ${v}; i = i + 1) begin
      one_w = ${from('w')}[i*${weight.bits} +: ${weight.bits}];
      one_a = ${from('a')}[i*${activation.bits} +: ${activation.bits}];
${product}
    end
    for (s = 1; s < ${v}; s = s * 2)
      for (i = 0; i + s < ${v}; i = i + 2 * s)
        term[i*${dw} +: ${dw}] = term[i*${dw} +: ${dw}] + term[(i+s)*${dw} +: ${dw}];
  end
${scaled ? scaleText() : ''}
  always @(posedge clk) begin
${
  held
    ? `    if (room_operand) operand_valid <= in_valid;
    if (room_operand && in_valid) begin
${fields.map(f => `      ${f.name.replace('in_', 'held_')} <= ${f.name};`).join('\n')}
    end
    if (rst) operand_valid <= 1'b0;`
    : ''
}
    if (room_dot) dot_valid <= ${held ? 'operand_valid' : 'in_valid'};
    if (room_dot && ${held ? 'operand_valid' : 'in_valid'}) begin
      dot_last <= ${from('last')};
      ${scaled ? 'scale_q <= rounded;' : ''}
      ${shift > 0 ? `if (rounded != ${sw}'d0) ` : ''}dot_q <= term[${dw - 1}:0];
    end
${
  scaled
    ? `    if (room_partial) partial_valid <= dot_valid;
    if (room_partial && dot_valid) begin
      partial_last <= dot_last;
      partial_q <= scaled_sum;
    end
    if (rst) partial_valid <= 1'b0;`
    : ''
}
    if (room_acc) acc_full <= ${source}_valid && ${source}_last;
    if (room_acc && ${source}_valid) begin
      acc_fresh <= ${source}_last;
      if (acc_fresh) acc_q <= ${extendedSource};
      else acc_q <= acc_q + ${extendedSource};
    end
    if (rst) begin
      dot_valid <= 1'b0;
      acc_full <= 1'b0;
      acc_fresh <= 1'b1;
    end
  end
  assign out_valid = acc_full;
  assign out_acc = acc_q;
endmodule
`;
  return [{ name: `${name}_reference.v`, text }];

  function scaleText(): string {
    const dotBits =
      dw === 1 ? `{{${pw - 1}{${signed ? 'dot_q' : "1'b0"}}}, dot_q}` : extend('dot_q', dw, pw, signed);
    const product =
      scaleOf.length === 2
        ? `    for (k = 0; k < ${weight.scaleBits}; k = k + 1)
      if (${weight.scaleBits === 1 ? scaleOf[0] : `${scaleOf[0]}[k]`}) whole = whole + ({${kw}'d0, ${scaleOf[1]}} << k);`
        : `    whole = {${kw}'d0, ${scaleOf[0]}};`;
    const round =
      shift === 0
        ? `    rounded = whole[${sw - 1}:0];`
        : `    whole = (whole >> ${shift}) + {${kw - 1}'d0, whole[${shift - 1}]};
    rounded = (whole > ${kw}'d${plan.scaleTop}) ? ${sw}'d${plan.scaleTop} : whole[${sw - 1}:0];`;
    return `
  // the scale product, rounded by its first dropped bit
  reg [${kw - 1}:0] whole;
  reg ${range(sw)}rounded;
  reg ${range(pw)}scaled_sum;
  integer k;
  always @* begin
    whole = ${kw}'d0;
${product}
${round}
    scaled_sum = ${signed ? '$signed(' : '('}${dotBits}) * ${signed ? '$signed(' : '('}${extend('scale_q', sw, pw, false)});
  end
`;
  }
}
