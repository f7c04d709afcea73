// 2^x and e^x for formats of at most 10 mantissa bits: x to fixed point, a table with linear interpolation for the
// fraction, the integer part into the exponent. Within one unit in the last place (docs/float.md has the measured error).
// Refuses wider formats: a table would not do.

import { UsageError } from '../../core/errors.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import { unusedLines } from '../rtl/module.ts';
import type { FloatFormat } from './format.ts';
import { floatModule } from './module.ts';
import { floatHeader, hex } from './round.ts';

export type ExponentialBase = '2' | 'e';

/** The integers of the unit: everything the RTL and the model share. */
export interface ExponentialPlan {
  /** Fraction bits of the fixed-point argument and of the table: mantissaBits + 3. */
  fraction: number;
  /** Address bits of the table. */
  address: number;
  /** 2^(i/2^address) - 1 in units of 2^-fraction, and the difference to the next entry. */
  base: number[];
  slope: number[];
  /** log2(e) in `factorBits - 1` fraction bits; 1 for base 2. */
  factor: number;
  factorBits: number;
  /** Width of significand × factor, and the right shift that leaves `fraction` bits when the exponent field is 0. */
  productBits: number;
  shift: number;
  /** First exponent field at which |x log2(base)| surely leaves the range of the exponent. */
  farField: number;
  /** Bits of the fixed-point argument with its sign. */
  argumentBits: number;
}

/** @throws UsageError for formats with more than 10 mantissa bits */
export function planExponential(format: FloatFormat, base: ExponentialBase): ExponentialPlan {
  const { mantissaBits: m, exponentBits: e, bias, name } = format;
  if (m > 10) {
    throw new UsageError(`no exponential unit for ${name}`, {
      expected: 'at most 10 mantissa bits: fp16, bf16, fp8',
    });
  }
  const fraction = m + 3;
  const address = Math.ceil(m / 2);
  const entry = (i: number): number => Math.round((2 ** (i / 2 ** address) - 1) * 2 ** fraction);
  const table = Array.from({ length: 2 ** address + 1 }, (_, i) => entry(i));
  const factorBits = base === '2' ? 1 : m + e + 2;
  const factor = base === '2' ? 1 : Math.round(Math.LOG2E * 2 ** (factorBits - 1));
  return {
    fraction,
    address,
    base: table.slice(0, -1),
    slope: table.slice(1).map((next, i) => next - table[i]!),
    factor,
    factorBits,
    productBits: m + 1 + factorBits,
    shift: m + (factorBits - 1) + bias - fraction,
    // |x| >= 2^e leaves every normal exponent: the field range is 2^e wide and centred
    farField: bias + e,
    argumentBits: e + 2 + fraction,
  };
}

/** What NAME_exp or NAME_exp2 computes. */
export function floatExponential(format: FloatFormat, base: ExponentialBase, code: number): number {
  const plan = planExponential(format, base);
  const { mantissaBits: m, bits, bias, maxCode } = format;
  const half = 2 ** (bits - 1);
  const negative = code >= half;
  const field = Math.floor((code % half) / 2 ** m);
  if (field >= plan.farField) return negative ? 0 : maxCode;
  const significand = field === 0 ? 0 : 2 ** m + (code % 2 ** m);
  const magnitude = Math.floor(significand * plan.factor * 2 ** (field - plan.shift));
  const t = negative ? -magnitude : magnitude;
  const n = Math.floor(t / 2 ** plan.fraction);
  const f = t - n * 2 ** plan.fraction;
  const lowBits = plan.fraction - plan.address;
  const i = Math.floor(f / 2 ** lowBits);
  const line = Math.floor((plan.slope[i]! * (f % 2 ** lowBits)) / 2 ** lowBits);
  const mantissa = Math.floor((plan.base[i]! + line + 4) / 8);
  const packed = (n + bias) * 2 ** m + mantissa;
  if (packed < 2 ** m) return 0;
  return Math.min(packed, maxCode);
}

/** NAME_exp2 or NAME_exp, and _STAGES when it has any. */
export function exponentialName({ name }: FloatFormat, base: ExponentialBase, stages: number): string {
  return `${name}_exp${base === '2' ? '2' : ''}${stages === 0 ? '' : `_${stages}`}`;
}

/** Combinational module NAME_exp2 or NAME_exp (a) -> y; with `stages` 1 or 2, NAME_exp_STAGES with clk and en. */
export function floatExponentialUnit(
  format: FloatFormat,
  base: ExponentialBase,
  stages: 0 | 1 | 2 = 0,
): RtlFile {
  const plan = planExponential(format, base);
  const { exponentBits: e, mantissaBits: m, bits, bias, maxCode } = format;
  const module = exponentialName(format, base, stages);
  const { fraction, address, productBits, shift, farField, argumentBits } = plan;
  // the product moves left by field, then `shift` bits are cut: a right shift by (farField - 1) - field of a word padded below
  const pad = farField - 1 - shift;
  const width = productBits + Math.max(pad, 0);
  const cut = Math.max(-pad, 0);
  const amountBits = Math.ceil(Math.log2(width + 1));
  const lowBits = fraction - address;
  const slopeBits = Math.max(...plan.slope).toString(2).length;
  const fixedBits = width - cut;
  const exponentBits = e + 2;
  const product =
    base === '2'
      ? `{1'b0, 1'b1, a[${m - 1}:0]}`
      : `{${plan.factorBits}'d0, 1'b1, a[${m - 1}:0]} * ${productBits}'d${plan.factor}`;
  const shifted = cut > 0 ? `moved[${width - 1}:${cut}]` : 'moved';
  const registered = (reg: string, bitCount: number, net: string): string[] =>
    bitCount === 0
      ? []
      : [
          `  reg ${bitCount > 1 ? `[${bitCount - 1}:0] ` : ''}${reg};`,
          `  always @(posedge clk) if (en) ${reg} <= ${net};`,
        ];
  const first = stages === 2;
  const second = stages >= 1;
  const lines = [
    `  wire [${e - 1}:0] field = a[${bits - 2}:${m}];`,
    `  wire zero = ~|field;`,
    `  wire far = field >= ${e}'d${farField};`,
    `  wire [${productBits - 1}:0] product = ${product};`,
    `  wire [${e - 1}:0] amount = ${e}'d${farField - 1} - field;`,
    ...(first
      ? [
          ...registered('product_q', productBits, 'product'),
          ...registered('amount_q', e, 'amount'),
          ...registered('flags_q', 3, `{a[${bits - 1}], far, zero}`),
        ]
      : [
          `  wire [${productBits - 1}:0] product_q = product;`,
          `  wire [${e - 1}:0] amount_q = amount;`,
          `  wire [2:0] flags_q = {a[${bits - 1}], far, zero};`,
        ]),
    `  wire [${width - 1}:0] padded = ${pad > 0 ? `{product_q, ${pad}'d0}` : 'product_q'};`,
    ...rightShift(width, e, amountBits),
    `  wire [${argumentBits - 1}:0] size = {${argumentBits - fixedBits}'d0, ${shifted} & {${fixedBits}{~flags_q[0]}}};`,
    `  wire [${argumentBits - 1}:0] argument = (size ^ {${argumentBits}{flags_q[2]}}) + {${argumentBits - 1}'d0, flags_q[2]};`,
    ...(second
      ? [...registered('argument_q', argumentBits, 'argument'), ...registered('ends_q', 2, 'flags_q[2:1]')]
      : [`  wire [${argumentBits - 1}:0] argument_q = argument;`, '  wire [1:0] ends_q = flags_q[2:1];']),
    `  wire [${address - 1}:0] segment = argument_q[${fraction - 1}:${lowBits}];`,
    `  reg [${fraction - 1}:0] start;`,
    `  reg [${slopeBits - 1}:0] slope;`,
    '  always @* begin',
    '    case (segment)',
    ...plan.base.map((entry, i) => {
      const label = i === plan.base.length - 1 ? 'default' : `${address}'d${i}`;
      return `      ${label}: begin start = ${fraction}'d${entry}; slope = ${slopeBits}'d${plan.slope[i]}; end`;
    }),
    '    endcase',
    '  end',
    `  wire [${slopeBits + lowBits - 1}:0] line = {${lowBits}'d0, slope} * {${slopeBits}'d0, argument_q[${lowBits - 1}:0]};`,
    `  wire [${fraction}:0] height = {1'b0, start} + {${fraction + 1 - slopeBits}'d0, line[${slopeBits + lowBits - 1}:${lowBits}]} + ${fraction + 1}'d4;`,
    `  wire [${exponentBits + m - 1}:0] packed_y = {argument_q[${argumentBits - 1}:${fraction}] + ${exponentBits}'d${bias}, ${m}'d0} + {${exponentBits + m - (m + 1)}'d0, height[${fraction}:3]};`,
    `  wire under = packed_y[${exponentBits + m - 1}] | ~|packed_y[${exponentBits + m - 2}:${m}] | (ends_q[0] & ends_q[1]);`,
    `  wire over = ends_q[0] | packed_y[${exponentBits + m - 2}:0] > ${hex(exponentBits + m - 1, maxCode)};`,
    `  wire [${bits - 2}:0] magnitude = over ? ${hex(bits - 1, maxCode)} : packed_y[${bits - 2}:0];`,
    `  assign y = {1'b0, magnitude & {${bits - 1}{~under}}};`,
    ...unusedLines([
      ...(cut > 0 ? [`moved[${cut - 1}:0]`] : []),
      ...[`line[${lowBits - 1}:0]`, 'height[2:0]'],
    ]),
  ];
  return floatModule(format, module, {
    header: floatHeader(format, base === '2' ? 'Power of two' : 'Exponential'),
    operands: ['a'],
    clocked: stages > 0,
    body: [...lines],
  });
}

/** Plain staged right shift of `padded` by amount_q into `moved`; amounts beyond the word give 0. */
function rightShift(width: number, fieldBits: number, amountBits: number): string[] {
  const stages = Math.min(fieldBits, amountBits);
  const lines: string[] = [];
  let current = 'padded';
  for (let k = stages - 1; k >= 0; k--) {
    const step = 2 ** k;
    const next = `moved_${step}`;
    const value = step >= width ? `${width}'d0` : `{${step}'d0, ${current}[${width - 1}:${step}]}`;
    lines.push(`  wire [${width - 1}:0] ${next} = amount_q[${k}] ? ${value} : ${current};`);
    current = next;
  }
  if (fieldBits > stages) {
    lines.push(`  wire beyond = |amount_q[${fieldBits - 1}:${stages}];`);
    lines.push(`  wire [${width - 1}:0] moved = ${current} & {${width}{~beyond}};`);
  } else lines.push(`  wire [${width - 1}:0] moved = ${current};`);
  return lines;
}
