// A second description of the post-processing unit for the proof: scale and codes by comparing with every rounding threshold,
// no reciprocal, no quotient; loops instead of trees and instances. The registers are those of the unit.
// Refuses to be small or fast: it is only ever compared with the first.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { widthOf } from '../rtl/net.ts';
import type { Channel } from '../unit.ts';
import type { PpuPlan } from './options.ts';

/**
 * One module with the ports of the unit, and outputs `state_NAME`: what the reciprocal holds while a scale is valid, and with
 * `all` also what maximum and scale do, from the lanes that travel with them.
 */
export function ppuReference(
  name: string,
  plan: PpuPlan,
  input: Channel,
  output: Channel,
  states: 'reciprocal' | 'all',
): RtlFile {
  const { vector: v, inputBits, multiplierBits, magnitudeBits: bits, codeBits, scaleBits } = plan;
  const { signed, top, scaleTop, fraction, shift } = plan;
  const entry = (s: number): number => (s === 0 ? 0 : Math.ceil(2 ** plan.reciprocalShift / s));
  const reciprocals = Array.from({ length: 2 ** scaleBits }, (_, s) => entry(s));
  const rw = widthOf(0, Math.max(...reciprocals));
  const wide = inputBits + multiplierBits + 2;
  const limit = 2 ** bits - 1;
  // thresholds carry one bit below the fraction: (2n + 1) · d · 2^fraction against 2 · value
  const tw = bits + Math.max(scaleBits, widthOf(0, top)) + 3;
  const move = (to: string, from: string): string =>
    signed ? `      ${to}_negative <= ${from}_negative;\n` : '';
  const text = `// ${name}, described a second time: rounding by comparison with every threshold.
module ${name} (
  input wire clk, input wire rst,
  input wire in_valid, output wire in_ready,
${input.fields.map(f => `  input wire [${f.lanes * f.bits - 1}:0] in_${f.name},`).join('\n')}
  output wire out_valid, input wire out_ready,
${output.fields.map(f => `  output wire [${f.lanes * f.bits - 1}:0] out_${f.name},`).join('\n')}
  output wire [${rw - 1}:0] state_reciprocal_q${
    states === 'all'
      ? `,
  output wire [${bits - 1}:0] state_max_q,
  output wire [${scaleBits - 1}:0] state_scale_q`
      : ''
  }
);
  reg coarse_valid, max_valid, scale_valid, code_valid;
  reg [${v * bits - 1}:0] coarse_value, max_value, scale_value;
${signed ? `  reg [${v - 1}:0] coarse_negative, max_negative, scale_negative;` : ''}
  reg [${bits - 1}:0] max_q;
  reg [${scaleBits - 1}:0] scale_q, code_scale;
  reg [${rw - 1}:0] reciprocal_q;
  reg [${v * codeBits - 1}:0] codes_q;

  // backpressure from the end to the start
  wire room_code = out_ready || !code_valid;
  wire room_scale = room_code || !scale_valid;
  wire room_max = room_scale || !max_valid;
  wire room_coarse = room_max || !coarse_valid;
  assign in_ready = room_coarse;

  integer i, n, b;
  // coarse scaling: shift and add, then round half up and limit
  reg signed [${wide - 1}:0] sum, one;
  reg [${v * bits - 1}:0] value;
  reg [${v - 1}:0] negative;
  always @* begin
    value = 0;
    negative = 0;
    for (i = 0; i < ${v}; i = i + 1) begin
      one = $signed(in_x[i*${inputBits} +: ${inputBits}]);
      sum = 0;
      for (b = 0; b < ${multiplierBits}; b = b + 1)
        if (in_c[i*${multiplierBits} + b]) sum = sum + (one <<< b);
      sum = (sum + ${wide}'sd${2 ** (shift - 1)}) >>> ${shift};
      negative[i] = sum < 0;
      if (sum < 0) sum = ${signed ? '-sum' : '0'};
      value[i*${bits} +: ${bits}] = (sum > ${limit}) ? ${bits}'d${limit} : sum[${bits - 1}:0];
    end
  end

  // largest magnitude: whoever is smaller than a neighbour takes its value, near ones first
  reg [${v * bits - 1}:0] pool;
  wire [${bits - 1}:0] largest = pool[${bits - 1}:0];
  integer l, s;
  always @* begin
    pool = coarse_value;
    for (s = 1; s < ${v}; s = s * 2)
      for (l = 0; l + s < ${v}; l = l + 2 * s)
        if (pool[l*${bits} +: ${bits}] < pool[(l+s)*${bits} +: ${bits}]) pool[l*${bits} +: ${bits}] = pool[(l+s)*${bits} +: ${bits}];
  end

  // the scale is the number of thresholds passed: above n + 1/2, or on it with n odd
  reg [${scaleBits - 1}:0] scale;
  reg [${tw - 1}:0] threshold, twice;
  always @* begin
    scale = 0;
    twice = {max_q, 1'b0};
    for (n = 0; n < ${scaleTop}; n = n + 1) begin
      threshold = (2 * n + 1) * ${top * 2 ** fraction};
      if (twice > threshold || (twice == threshold && n % 2 == 1)) scale = n + 1;
    end
    // left at nothing, so that no net of a register has a second name
    twice = 0;
    threshold = 0;
  end
${table('reciprocal', 'scale')}
${states === 'all' ? allStates() : ''}
${table('reciprocal_now', states === 'all' ? 'scale_then' : 'scale_q')}
  assign state_reciprocal_q = scale_valid ? reciprocal_now : reciprocal_q;

  // codes in the same way, the step being the scale
  reg [${v * codeBits - 1}:0] codes;
  reg [${codeBits - 1}:0] code;
  reg [${tw - 1}:0] bound, double, step;
  integer j, k;
  always @* begin
    codes = 0;
    step = scale_q;
    step = step << ${fraction};
    for (j = 0; j < ${v}; j = j + 1) begin
      code = 0;
      double = {scale_value[j*${bits} +: ${bits}], 1'b0};
      bound = step;
      for (k = 0; k < ${top}; k = k + 1) begin
        if (double > bound || (double == bound && k % 2 == 1)) code = k + 1;
        bound = bound + (step << 1);
      end
      if (scale_q == 0) code = 0;
      codes[j*${codeBits} +: ${codeBits}] = ${signed ? 'scale_negative[j] ? -code : code' : 'code'};
    end
    double = 0;
    bound = 0;
    step = 0;
    code = 0;
  end

  always @(posedge clk) begin
    if (room_coarse) coarse_valid <= in_valid;
    if (room_coarse && in_valid) begin
      coarse_value <= value;
${signed ? '      coarse_negative <= negative;' : ''}
    end
    if (room_max) max_valid <= coarse_valid;
    if (room_max && coarse_valid) begin
      max_value <= coarse_value;
${move('max', 'coarse')}      max_q <= largest;
    end
    if (room_scale) scale_valid <= max_valid;
    if (room_scale && max_valid) begin
      scale_value <= max_value;
${move('scale', 'max')}      scale_q <= scale;
      reciprocal_q <= reciprocal;
    end
    if (room_code) code_valid <= scale_valid;
    if (room_code && scale_valid) begin
      codes_q <= codes;
      code_scale <= scale_q;
    end
    if (rst) begin
      coarse_valid <= 1'b0;
      max_valid <= 1'b0;
      scale_valid <= 1'b0;
      code_valid <= 1'b0;
    end
  end
  assign out_valid = code_valid;
  assign out_codes = codes_q;
  assign out_scale = code_scale;
endmodule
`;
  return { name: `${name}_reference.v`, text };

  /** Maximum and scale again, from the lanes held beside them. */
  function allStates(): string {
    return `  reg [${bits - 1}:0] max_then, max_before;
  reg [${scaleBits - 1}:0] scale_then;
  reg [${tw - 1}:0] twice_then;
  integer p;
  always @* begin
    max_then = 0;
    max_before = 0;
    for (p = 0; p < ${v}; p = p + 1) begin
      if (max_value[p*${bits} +: ${bits}] > max_then) max_then = max_value[p*${bits} +: ${bits}];
      if (scale_value[p*${bits} +: ${bits}] > max_before) max_before = scale_value[p*${bits} +: ${bits}];
    end
    scale_then = 0;
    twice_then = {max_before, 1'b0};
    for (p = 0; p < ${scaleTop}; p = p + 1)
      if (twice_then > (2 * p + 1) * ${top * 2 ** fraction} || (twice_then == (2 * p + 1) * ${top * 2 ** fraction} && p % 2 == 1))
        scale_then = p + 1;
    twice_then = 0;
  end
  assign state_max_q = max_valid ? max_then : max_q;
  assign state_scale_q = scale_valid ? scale_then : scale_q;`;
  }

  /** ceil(2^shift / code), in one expression a code. */
  function table(to: string, code: string): string {
    const entries = reciprocals.map((r, s) => `      (${code} == ${s} ? ${rw}'d${r} : ${rw}'d0)`);
    return `  wire [${rw - 1}:0] ${to} =\n${entries.join(' |\n')};`;
  }
}
