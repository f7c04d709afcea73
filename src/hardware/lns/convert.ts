// The conversion of an integer sum back to a logarithmic code: leading one for the quotient, midpoints between
// neighbouring constants for the remainder (LNS-Madam, post-processing). Refuses real scales: `offset` adds their
// logarithm, in steps of 1/gamma.

import type { Random } from '../../core/random.ts';
import { normaliseLeft } from '../float/shift.ts';
import { Module, net, stage } from '../rtl/index.ts';
import type { Batch, Channel, Unit, UnitParameters } from '../unit.ts';
import { convertReference } from './convert-reference.ts';
import { planLnsMac } from './options.ts';

/** Bits of the logarithm's offset, two's complement. */
const offsetBits = 10;
/** Fraction bits of the normalised sum that midpoints are compared with. */
const fractionBits = 10;

interface Plan {
  bits: number;
  gamma: number;
  remainderBits: number;
  accumulator: number;
  format: string;
  /** ceil(2^((r + 1/2)/gamma) × 2^fractionBits) - 2^fractionBits: from here on the remainder is r + 1. */
  midpoints: number[];
}

/** Exponent of a code for a positive integer, before the offset: nearest in the logarithm, to 2^-10 of the mantissa. */
export function lnsExponent(gamma: number, magnitude: number): number {
  const lead = Math.floor(Math.log2(magnitude));
  const fraction = Math.floor((magnitude / 2 ** lead - 1) * 2 ** fractionBits);
  return lead * gamma + midpointsOf(gamma).filter(x => fraction >= x).length;
}

function midpointsOf(gamma: number): number[] {
  return Array.from({ length: gamma }, (_, r) =>
    Math.ceil((2 ** ((r + 0.5) / gamma) - 1) * 2 ** fractionBits),
  );
}

function golden(plan: Plan, batch: Batch): Batch {
  const { bits, gamma } = plan;
  const half = 2 ** (bits - 1);
  const { sum, offset } = batch.fields as Record<string, Float64Array>;
  const code = new Float64Array(batch.count);
  for (let t = 0; t < batch.count; t++) {
    const s = sum![t]!;
    if (s === 0) continue;
    const e = lnsExponent(gamma, Math.abs(s)) + offset![t]!;
    // more than an octave below the smallest code is zero, the octave above that is the smallest code
    if (e <= -gamma) continue;
    code[t] = (s < 0 ? half : 0) + Math.min(Math.max(e, 1), half - 1);
  }
  return { count: batch.count, fields: { code } };
}

function stimuli({ accumulator, gamma }: Plan, random: Random, count: number): Batch {
  const sum = new Float64Array(count);
  const offset = new Float64Array(count);
  for (let t = 0; t < count; t++) {
    const size = random.below(accumulator);
    let magnitude = random.below(2 ** Math.min(size, 30)) * 2 ** Math.max(size - 30, 0);
    // near a midpoint, or a power of two
    if (random.below(2) === 0) {
      const middle = 2 ** (size - 1 + (random.below(2 * gamma) + 0.5) / (2 * gamma));
      magnitude = Math.floor(middle) + random.below(5) - 2;
    }
    magnitude = Math.min(Math.max(magnitude, 0), 2 ** (accumulator - 1) - 1);
    sum[t] = random.below(2) === 0 ? magnitude : -magnitude - random.below(2);
    offset[t] = random.below(2 ** offsetBits) - 2 ** (offsetBits - 1);
    if (random.below(3) > 0)
      offset[t] = random.below(2 * gamma) - Math.floor(size * gamma * random.uniform());
  }
  return { count, fields: { sum, offset } };
}

/** Parameters: format (lns8g8), accumulator (24). @throws UsageError */
export function lnsConvertUnit(parameters: UnitParameters): Unit {
  const mac = planLnsMac({ ...parameters, lanes: 1 });
  const { bits, gamma, remainderBits, accumulator, format } = mac;
  const plan: Plan = { bits, gamma, remainderBits, accumulator, format, midpoints: midpointsOf(gamma) };
  const input: Channel = {
    name: 'in',
    direction: 'in',
    fields: [
      { name: 'sum', lanes: 1, bits: accumulator, signed: true },
      { name: 'offset', lanes: 1, bits: offsetBits, signed: true },
    ],
  };
  const output: Channel = {
    name: 'out',
    direction: 'out',
    fields: [{ name: 'code', lanes: 1, bits, signed: false }],
  };
  const name = `lns_convert_${format}_a${accumulator}`;
  const m = new Module(name, [
    `Sum of ${accumulator} bits to ${format}: leading one, then ${gamma} midpoints in ${fractionBits} fraction bits; offset in steps of 1/${gamma}.`,
    'Above the largest code: saturated. Up to an octave below the smallest: the smallest. Below that, and 0: zero.',
  ]);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const a = accumulator;
  m.raw(
    `wire negative = in_sum[${a - 1}];`,
    `wire [${a - 1}:0] size = (in_sum ^ {${a}{negative}}) + {${a - 1}'d0, negative};`,
  );
  const normal = normaliseLeft('normal', 'size', a);
  m.raw(...normal.lines.map(line => line.trimStart()));
  const countBits = Math.ceil(Math.log2(a));
  const width = Math.max(offsetBits, countBits + remainderBits + 1) + 2;
  const word = normal.word;
  const available = Math.min(fractionBits, a - 1);
  if (a - 1 > available) m.unused(net(`${word}[${a - 2 - available}:0]`, a - 1 - available));
  const fraction = `{${word}[${a - 2}:${a - 1 - available}]${available < fractionBits ? `, ${fractionBits - available}'d0` : ''}}`;
  m.raw(
    `wire any = ${word}[${a - 1}];`,
    `wire [${fractionBits - 1}:0] fraction = ${fraction};`,
    ...plan.midpoints.map((x, r) => `wire above_${r} = fraction >= ${fractionBits}'d${x};`),
    `wire [${countBits - 1}:0] lead = ${countBits}'d${a - 1} - ${normal.side};`,
    // one 1 among the midpoints passed tells the remainder; passing the last is the next quotient
    `wire [${remainderBits}:0] remainder = ${plan.midpoints
      .map((_, r) => r)
      .reverse()
      .map(r => `above_${r} ? ${remainderBits + 1}'d${r + 1}`)
      .join(' : ')} : ${remainderBits + 1}'d0;`,
    `wire [${width - 1}:0] exponent = {${width - countBits - remainderBits}'d0, lead${remainderBits > 0 ? `, ${remainderBits}'d0` : ''}}`,
    `    + {${width - remainderBits - 1}'d0, remainder} + {{${width - offsetBits}{in_offset[${offsetBits - 1}]}}, in_offset};`,
    `wire low = exponent[${width - 1}] | ~|exponent[${width - 2}:0];`,
    `wire [${width - 1}:0] far = exponent + ${width}'d${gamma};`,
    `wire zero = ~any | far[${width - 1}] | ~|far[${width - 2}:0];`,
    `wire high = |exponent[${width - 2}:${bits - 1}];`,
    `wire [${bits - 2}:0] held = low ? ${bits - 1}'d1 : (exponent[${bits - 2}:0] | {${bits - 1}{high}});`,
    `wire [${bits - 1}:0] code = {negative, held} & {${bits}{~zero}};`,
  );
  const out = stage(m, {
    name: 'code',
    valid: i['valid']!,
    ready: o['ready']!,
    registers: [{ name: 'code_q', value: net('code', bits) }],
  });
  m.assign(i['ready']!, out.ready);
  m.assign(o['valid']!, out.valid);
  m.assign(o['code']!, out.out[0]!);
  return {
    kind: 'lns-convert',
    name,
    title: `LNS conversion of ${accumulator} bits to ${format}`,
    parameters: { format, accumulator },
    format,
    files: [m.file()],
    reference: [convertReference(name, { ...plan, offsetBits, fractionBits })],
    input,
    output,
    latency: 1,
    golden: batch => golden(plan, batch),
    stimuli: (random, count) => stimuli(plan, random, count),
    operationsPerTransaction: 1,
  };
}
