// Second descriptions of the floating-point adder and maximum for proofs, and the rounding both end in: the leading one found
// by a loop, what is cut compared with one half, exponents as signed integers. Refuses to be small or fast.

import type { RtlFile } from '../../synthesis/rtl.ts';
import type { FloatFormat } from './format.ts';

/**
 * Statements that round to nearest even and pack. `word` (width bits) times 2^-(width - 1) is the significand once its leading
 * one is moved to the top; `place` is the exponent field that top bit stands for. Leaves `code`.
 */
export function roundByHalf(
  format: FloatFormat,
  { word, width, place, sign }: { word: string; width: number; place: string; sign: string },
): { declarations: string; statements: string } {
  const { exponentBits: e, mantissaBits: m, bits, maxCode } = format;
  const cut = width - 1 - m;
  const wide = e + 4 + m;
  return {
    declarations: `
  integer at;
  integer lead;
  reg [${width - 1}:0] moved;
  reg [${cut - 1}:0] rest;
  reg signed [${e + 3}:0] field;
  reg signed [${wide - 1}:0] packed_code;
  reg [${bits - 1}:0] code;`,
    statements: `
    lead = 0;
    for (at = 1; at < ${width}; at = at + 1) if (${word}[at]) lead = at;
    moved = ${word} << (${width - 1} - lead);
    field = $signed(${place}) + lead - ${width - 1};
    rest = moved[${cut - 1}:0];
    packed_code = {field, moved[${width - 2}:${cut}]};
    if (rest > ${cut}'d${2 ** (cut - 1)} || (rest == ${cut}'d${2 ** (cut - 1)} && moved[${cut}])) packed_code = packed_code + 1;
    if (${word} == 0 || packed_code < ${2 ** m}) code = 0;
    else begin
      code = (packed_code > ${maxCode}) ? ${bits - 1}'d${maxCode} : packed_code[${bits - 2}:0];
      code[${bits - 1}] = ${sign};
    end`,
  };
}

/** Combinational module NAME_add(a, b) -> y. */
export function floatAdderReference(format: FloatFormat): RtlFile {
  const { name, exponentBits: e, mantissaBits: m, bits } = format;
  const w = m + 4;
  const round = roundByHalf(format, {
    ...{ word: 'total', width: w + 1, place: 'top_place', sign: `large[${bits - 1}]` },
  });
  const text = `// ${name}_add, described a second time.
module ${name}_add (
  input wire [${bits - 1}:0] a, input wire [${bits - 1}:0] b, output wire [${bits - 1}:0] y
);
  reg [${bits - 1}:0] large, small;
  reg [${w}:0] big, little, aligned, back, total;
  reg [${e - 1}:0] distance;
  reg signed [${e + 2}:0] top_place;${round.declarations}
  always @* begin
    if (a[${bits - 2}:0] >= b[${bits - 2}:0]) begin large = a; small = b; end
    else begin large = b; small = a; end
    // significands with three bits below; subnormals count as zero
    big = (large[${bits - 2}:${m}] == 0) ? 0 : {2'b01, large[${m - 1}:0], 3'b000};
    little = (small[${bits - 2}:${m}] == 0) ? 0 : {2'b01, small[${m - 1}:0], 3'b000};
    distance = large[${bits - 2}:${m}] - small[${bits - 2}:${m}];
    aligned = little >> distance;
    back = aligned << distance;
    // what alignment lost makes the lowest bit one
    if (back != little) aligned[0] = 1'b1;
    if (large[${bits - 1}] == small[${bits - 1}]) total = big + aligned;
    else total = big - aligned;
    top_place = {3'b000, large[${bits - 2}:${m}]} + 1;${round.statements}
  end
  assign y = code;
endmodule
`;
  return { name: `${name}_add.v`, text };
}

/** Combinational module NAME_max(a, b) -> y: signs first, then magnitudes. */
export function floatMaximumReference({ name, bits }: FloatFormat): RtlFile {
  const text = `// ${name}_max, described a second time.
module ${name}_max (
  input wire [${bits - 1}:0] a, input wire [${bits - 1}:0] b, output reg [${bits - 1}:0] y
);
  always @* begin
    if (a[${bits - 1}] != b[${bits - 1}]) y = a[${bits - 1}] ? b : a;
    else if (a[${bits - 1}]) y = (a[${bits - 2}:0] < b[${bits - 2}:0]) ? a : b;
    else y = (a[${bits - 2}:0] > b[${bits - 2}:0]) ? a : b;
  end
endmodule
`;
  return { name: `${name}_max.v`, text };
}
