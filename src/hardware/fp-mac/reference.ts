// Second descriptions of the modules of a fused floating-point MAC, for proofs: products by shift and add, the largest exponent
// by steps, every aligned product negated in its own lane, rounding by comparison with one half. The top is that of the unit.
// Refuses to be small or fast: it is only ever compared with the first.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { floatAdderReference, roundByHalf } from '../float/reference.ts';
import type { FpMacPlan } from './options.ts';

/** Files of the second description, by the names of those they stand for. */
export function fpMacReference(name: string, plan: FpMacPlan): RtlFile[] {
  return plan.sum === 'fused'
    ? [
        floatAdderReference(plan.accumulate),
        product(`${name}_product`, plan),
        products(`${name}_products`, `${name}_product`, plan),
        sum(`${name}_sum`, plan),
        normalise(`${name}_normalise`, plan),
      ]
    : [floatAdderReference(plan.accumulate), packed(`${name}_product`, plan)];
}

/** Statements that split w and a into significands s_w, s_a and exponents e_w, e_a, and multiply: size, field, negative. */
function multiply({ format, subnormals }: FpMacPlan): { declarations: string; statements: string } {
  const { exponentBits: e, mantissaBits: f, bits } = format;
  const p = 2 * f + 2;
  const split = (x: string): string => `
    e_${x} = ${x}[${bits - 2}:${f}];
    s_${x} = {e_${x} != 0, ${x}[${f - 1}:0]};${
      subnormals
        ? `\n    none_${x} = s_${x} == 0;\n    if (e_${x} == 0) e_${x} = 1;`
        : `\n    none_${x} = e_${x} == 0;`
    }`;
  return {
    declarations: `
  integer k;
  reg [${e}:0] e_w, e_a, field_sum;
  reg [${p - 1}:0] s_w, s_a, exact;
  reg differ, none_w, none_a;`,
    statements: `${split('w')}${split('a')}
    exact = 0;
    for (k = 0; k <= ${f}; k = k + 1) exact = exact + ((s_w << k) & {${p}{s_a[k]}});
    field_sum = e_w + e_a;
    differ = w[${bits - 1}] != a[${bits - 1}];`,
  };
}

function product(name: string, plan: FpMacPlan): RtlFile {
  const { exponentBits: e, mantissaBits: f, bits } = plan.format;
  const { declarations, statements } = multiply(plan);
  const text = `// ${name}, described a second time: shift and add.
module ${name} (
  input wire [${bits - 1}:0] w, input wire [${bits - 1}:0] a,
  output reg [${2 * f + 1}:0] size, output reg [${e}:0] exponent, output reg negative
);${declarations}
  always @* begin${statements}
    size = exact;
    exponent = field_sum;
    negative = differ;
    if (none_w || none_a) begin
      size = 0;
      exponent = 0;
      negative = 0;
    end
  end
endmodule
`;
  return { name: `${name}.v`, text };
}

/** Widest exponent for which every value is a step of its own. */
const stepBits = 6;

function products(name: string, one: string, plan: FpMacPlan): RtlFile {
  const { lanes, format } = plan;
  const { exponentBits: e, mantissaBits: f, bits } = format;
  const p = 2 * f + 2;
  const part = (i: number, width: number): string => `[${(i + 1) * width - 1}:${i * width}]`;
  const lane = Array.from({ length: lanes }, (_, i) => i);
  const top = 2 ** (e + 1) - 1;
  const bySteps = `
${lane.map(i => `  wire [${top}:0] reached_${i} = {${top + 1}{1'b1}} >> (${e + 1}'d${top} - exponent${part(i, e + 1)});`).join('\n')}
  wire [${top}:0] reached = ${lane.map(i => `reached_${i}`).join(' | ')};
  integer k;
  always @* begin
    largest = 0;
    for (k = 1; k <= ${top}; k = k + 1) if (reached[k]) largest = k;
  end`;
  const byPairs = `
  reg [${lanes * (e + 1) - 1}:0] pool;
  integer i, s;
  always @* begin
    pool = exponent;
    for (s = 1; s < ${lanes}; s = s * 2)
      for (i = 0; i + s < ${lanes}; i = i + 2 * s)
        if (pool[i*${e + 1} +: ${e + 1}] < pool[(i+s)*${e + 1} +: ${e + 1}])
          pool[i*${e + 1} +: ${e + 1}] = pool[(i+s)*${e + 1} +: ${e + 1}];
    largest = pool[${e}:0];
  end`;
  const text = `// ${name}, described a second time: the largest exponent ${e + 1 <= stepBits ? 'by steps reached' : 'by exchange with neighbours'}.
module ${name} (
  input wire [${lanes * bits - 1}:0] w, input wire [${lanes * bits - 1}:0] a,
  output wire [${lanes * p - 1}:0] size, output wire [${lanes * (e + 1) - 1}:0] exponent,
  output wire [${lanes - 1}:0] negative, output reg [${e}:0] largest
);
${lane
  .map(
    i => `  ${one} lane_${i} (.w(w${part(i, bits)}), .a(a${part(i, bits)}), .size(size${part(i, p)}),
    .exponent(exponent${part(i, e + 1)}), .negative(negative[${i}]));`,
  )
  .join('\n')}
${e + 1 <= stepBits ? bySteps : byPairs}
endmodule
`;
  return { name: `${name}.v`, text };
}

function sum(name: string, plan: FpMacPlan): RtlFile {
  const { format, lanes, fraction, alignedBits, sumBits } = plan;
  const { exponentBits: e, mantissaBits: f } = format;
  const p = 2 * f + 2;
  const pad = fraction - 2 * f;
  const width = Math.max(alignedBits, p);
  const lines: string[] = [];
  let left = Array.from({ length: lanes }, (_, i) => `term_${i}`);
  left.forEach((term, i) => {
    const placed = `size[${(i + 1) * p - 1}:${i * p}]${pad > 0 ? `} << ${pad}` : '}'}`;
    lines.push(
      `  wire [${e}:0] distance_${i} = largest - exponent[${(i + 1) * (e + 1) - 1}:${i * (e + 1)}];`,
      `  wire [${width - 1}:0] placed_${i} = {${width}'d0, ${placed};`,
      `  wire [${width - 1}:0] moved_${i} = placed_${i} >> distance_${i};`,
      `  wire [${alignedBits}:0] aligned_${i} = moved_${i}${pad < 0 ? ` >> ${-pad}` : ''};`,
      `  wire [${alignedBits}:0] own_${i} = (aligned_${i} ^ {${alignedBits + 1}{negative[${i}]}}) + negative[${i}];`,
      `  wire [${sumBits}:0] ${term} = $signed(own_${i});`,
    );
  });
  while (left.length > 1) {
    const next: string[] = [];
    for (let i = 0; i < left.length; i += 2) {
      const [x, y] = [left[i]!, left[i + 1]];
      next.push(y === undefined ? x : `${x}_`);
      if (y !== undefined) lines.push(`  wire [${sumBits}:0] ${x}_ = ${x} + ${y};`);
    }
    left = next;
  }
  const text = `// ${name}, described a second time: whole shifts, every product negated in its lane.
module ${name} (
  input wire [${lanes * p - 1}:0] size, input wire [${lanes * (e + 1) - 1}:0] exponent, input wire [${lanes - 1}:0] negative,
  input wire [${e}:0] largest, output wire [${sumBits}:0] total
);
${lines.join('\n')}
  assign total = ${left[0]};
endmodule
`;
  return { name: `${name}.v`, text };
}

function normalise(name: string, plan: FpMacPlan): RtlFile {
  const { format, accumulate, fraction, sumBits } = plan;
  const { exponentBits: ae } = accumulate;
  const offset = accumulate.bias - 2 * format.bias - fraction + sumBits - 1;
  const round = roundByHalf(accumulate, {
    ...{ word: 'size', width: sumBits, place: 'place', sign: `total[${sumBits}]` },
  });
  const text = `// ${name}, described a second time.
module ${name} (
  input wire [${sumBits}:0] total, input wire [${format.exponentBits}:0] exponent, output wire [${accumulate.bits - 1}:0] y
);
  reg [${sumBits}:0] whole;
  reg [${sumBits - 1}:0] size;
  reg signed [${ae + 2}:0] place;${round.declarations}
  always @* begin
    whole = total;
    if ($signed(total) < 0) whole = -total;
    size = whole[${sumBits - 1}:0];
    place = $signed({1'b0, exponent}) + ${offset};${round.statements}
  end
  assign y = code;
endmodule
`;
  return { name: `${name}.v`, text };
}

/** A product in the accumulator's format (tree of adders). */
function packed(name: string, plan: FpMacPlan): RtlFile {
  const { format, accumulate } = plan;
  const { mantissaBits: f, bits } = format;
  const width = Math.max(2 * f + 2, accumulate.mantissaBits + 3);
  const { declarations, statements } = multiply(plan);
  const offset = accumulate.bias - 2 * format.bias + 1;
  const round = roundByHalf(accumulate, { word: 'wide', width, place: 'place', sign: 'differ' });
  const text = `// ${name}, described a second time.
module ${name} (
  input wire [${bits - 1}:0] w, input wire [${bits - 1}:0] a, output wire [${accumulate.bits - 1}:0] y
);
  reg [${width - 1}:0] wide;
  reg signed [${accumulate.exponentBits + 2}:0] place;${declarations}${round.declarations}
  always @* begin${statements}
    wide = exact;
    wide = wide << ${width - 2 * f - 2};
    if (none_w || none_a) wide = 0;
    place = $signed({1'b0, field_sum}) + ${offset};${round.statements}
  end
  assign y = code;
endmodule
`;
  return { name: `${name}.v`, text };
}
