// A second description of the LNS conversion for the proof: the leading one found by a loop, the remainder as a count of
// midpoints passed, signed comparisons instead of bit tests. Refuses to be small or fast.

import type { RtlFile } from '../../synthesis/rtl.ts';

export interface ConvertShape {
  bits: number;
  gamma: number;
  accumulator: number;
  offsetBits: number;
  fractionBits: number;
  midpoints: readonly number[];
}

/** The ports and registers of the unit `name`. */
export function convertReference(name: string, shape: ConvertShape): RtlFile {
  const { bits, gamma, accumulator: a, offsetBits, fractionBits: f, midpoints } = shape;
  const top = 2 ** (bits - 1) - 1;
  const text = `// ${name}, described a second time.
module ${name} (
  input wire clk, input wire rst,
  input wire in_valid, output wire in_ready,
  input wire [${a - 1}:0] in_sum, input wire [${offsetBits - 1}:0] in_offset,
  output wire out_valid, input wire out_ready, output wire [${bits - 1}:0] out_code
);
  reg code_valid;
  reg [${bits - 1}:0] code_q;
  reg [${a - 1}:0] size;
  reg [${a + f - 1}:0] normal; // ${f} bits below the size; the leading one ends at the top
  reg [${f - 1}:0] mantissa;
  reg signed [31:0] exponent;
  reg [${bits - 1}:0] next;
  integer k, lead;
  always @* begin
    size = $signed(in_sum) < 0 ? -in_sum : in_sum;
    lead = 0;
    for (k = 1; k < ${a}; k = k + 1) if (size[k]) lead = k;
    normal = {size, ${f}'d0} << (${a - 1} - lead);
    mantissa = normal[${a + f - 2}:${a - 1}];
    exponent = lead * ${gamma} + $signed(in_offset);
${midpoints.map(m => `    if (mantissa >= ${m}) exponent = exponent + 1;`).join('\n')}
    next = 0;
    if (size != 0 && exponent > -${gamma}) begin
      if (exponent < 1) next = 1;
      else if (exponent > ${top}) next = ${top};
      else next = exponent[${bits - 1}:0];
      next[${bits - 1}] = $signed(in_sum) < 0;
    end
  end
  assign in_ready = out_ready || !code_valid;
  always @(posedge clk) begin
    if (in_ready) code_valid <= in_valid;
    if (in_ready && in_valid) code_q <= next;
    if (rst) code_valid <= 1'b0;
  end
  assign out_valid = code_valid;
  assign out_code = code_q;
endmodule
`;
  return { name: `${name}_reference.v`, text };
}
