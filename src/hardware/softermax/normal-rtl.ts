// RTL of the normalisation unit: reciprocal of the row's sum once, then in every lane one shift and one product.
// One register stage, at the outputs. Refuses nothing: parameters were checked before.

import type { Softermax } from '../../format/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import { constant, Module, net, ranged, resize, slice } from '../rtl/index.ts';
import type { Channel } from '../unit.ts';
import { holdResult } from './hold.ts';
import { boundedShift } from './shift.ts';
import { maximumRange } from './unnormed-rtl.ts';

/** Combinational module NAME: sum to mantissa of its reciprocal and place of its leading one. */
function reciprocalModule(name: string, model: Softermax): RtlFile {
  const { sum, reciprocal } = model.parameters;
  const { segmentBits, placeBits, guardBits, intercept, slope } = model.reciprocals;
  const wide = sum.integerBits + sum.fractionBits;
  const index = segmentBits + placeBits;
  const leadBits = Math.max(1, Math.ceil(Math.log2(wide)));
  const m = new Module(name, [
    `1/sum: mantissa in [1/2, 1] by ${2 ** segmentBits} lines, and the place of the leading one. A sum of 0 gives mantissa 0.`,
  ]);
  const s = m.input('sum', wide);
  const mantissa = m.output('mantissa', reciprocal.fractionBits + 1);
  m.output('lead', leadBits);
  m.comment('normalise: the leading one to the top, halving the reach of the search each time');
  let word = s;
  const empty: string[] = [];
  for (let k = leadBits - 1; k >= 0; k--) {
    const step = 2 ** k;
    if (step >= wide) {
      empty.push("1'b0");
      continue;
    }
    const none = m.wire(`none_${step}`, net(`~|${slice(word, wide - step, step).text}`, 1));
    const moved = `{${slice(word, 0, wide - step).text}, ${step}'d0}`;
    word = m.wire(`normal_${step}`, net(`${none.text} ? ${moved} : ${word.text}`, wide));
    empty.push(none.text);
  }
  const zeros = m.wire('zeros', net(`{${empty.join(', ')}}`, leadBits));
  m.raw(`assign lead = ${leadBits}'d${wide - 1} - ${zeros.text};`);
  m.comment('line over the bits below the leading one');
  const have = Math.min(index, wide - 1);
  const bits = have === 0 ? '' : slice(word, wide - 1 - have, have).text;
  const padded = have < index ? `{${bits}, ${index - have}'d0}` : bits;
  const fraction = index === 0 ? constant(0) : m.wire('fraction', net(padded, index));
  const segment = segmentBits === 0 ? undefined : slice(fraction, placeBits, segmentBits);
  const pick = (label: string, entries: readonly number[]) => {
    const like = ranged('', 0, Math.max(...entries));
    return segment === undefined
      ? m.wire(label, constant(entries[0]!, like.width))
      : m.lookup(label, segment, entries, like);
  };
  const start = pick('intercept', intercept);
  let line = start;
  if (placeBits > 0) {
    const fall = pick('slope', slope);
    const width = Math.max(start.width, fall.width + placeBits);
    const product = m.wire(
      'fallen',
      net(
        `${resize(fall, width).text} * ${resize(net(slice(fraction, 0, placeBits).text, placeBits), width).text}`,
        width,
      ),
    );
    line = m.wire('line', net(`${resize(start, width).text} - ${product.text}`, width));
  }
  const have2 = slice(line, guardBits, Math.min(line.width - guardBits, mantissa.width));
  const value = resize(have2, mantissa.width);
  if (have < wide - 1) m.unused(slice(word, 0, wide - 1 - have));
  if (guardBits > 0) m.unused(slice(line, 0, guardBits));
  const above = line.width - guardBits - have2.width;
  if (above > 0) m.unused(slice(line, line.width - above, above));
  m.assign(
    mantissa,
    net(`${value.text} & {${mantissa.width}{${slice(word, wide - 1, 1).text}}}`, mantissa.width),
  );
  return m.file();
}

/** Combinational module NAME: one lane, numerator shifted, times the mantissa, rounded half up. */
function scaleModule(name: string, model: Softermax): RtlFile {
  const { unnormed, operandFraction, reciprocal, output } = model.parameters;
  const wide = unnormed.fractionBits + 1;
  const cut = unnormed.fractionBits - operandFraction;
  const bits = wide - cut;
  const scale = reciprocal.fractionBits + 1;
  const drop = operandFraction + reciprocal.fractionBits - 1 - output.fractionBits;
  const m = new Module(name, [
    `One lane: the numerator shifted and cut to ${operandFraction} fraction bits, times the reciprocal, rounded half up.`,
  ]);
  const u = m.input('u', wide);
  const shift = m.input('shift', shiftBits(model));
  const mantissa = m.input('mantissa', scale);
  const y = m.output('y', output.fractionBits + 1);
  const cutU = m.wire('numerator', slice(u, cut, bits));
  const operand = m.declare('operand', net('', bits));
  boundedShift(m, { name: 'shifted', value: cutU, by: shift, out: operand });
  const width = bits + scale;
  const product = m.wire(
    'product',
    net(`${resize(operand, width).text} * ${resize(mantissa, width).text}`, width),
  );
  const rounded =
    drop === 0
      ? product
      : m.wire('rounded', net(`${product.text} + ${constant(2 ** (drop - 1), width).text}`, width));
  const kept = slice(rounded, drop, Math.min(width - drop, y.width));
  if (cut > 0) m.unused(slice(u, 0, cut));
  if (drop > 0) m.unused(slice(rounded, 0, drop));
  const above = width - drop - kept.width;
  if (above > 0) m.unused(slice(rounded, width - above, above));
  m.assign(y, resize(kept, y.width));
  return m.file();
}

/** Bits of the shift handed to the lanes: enough to clear the operand, more saturate. */
function shiftBits(model: Softermax): number {
  return Math.ceil(Math.log2(model.parameters.operandFraction + 2));
}

export function normalFiles(name: string, model: Softermax, input: Channel, output: Channel): RtlFile[] {
  const { vector, unnormed, sum, reciprocal, output: format } = model.parameters;
  const wide = unnormed.fractionBits + 1;
  const narrow = format.fractionBits + 1;
  const { low, high } = maximumRange(model);
  const m = new Module(name, [
    `Softermax, normalising half: ${vector} numerators a cycle with the maximum of their slice, the maximum and the sum of`,
    'their row. Out: u * 2^(maximum - row maximum) / sum.',
  ]);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const like = ranged('', low, high);
  m.comment('reciprocal of the sum: mantissa and shift');
  const mantissa = m.declare('mantissa', net('', reciprocal.fractionBits + 1));
  const leadBits = Math.max(1, Math.ceil(Math.log2(sum.integerBits + sum.fractionBits)));
  m.declare('lead', net('', leadBits));
  m.instance(`${name}_reciprocal`, 'u_reciprocal', { sum: 'in_sum', mantissa: 'mantissa', lead: 'lead' });
  m.comment("one shift for both: rise of the maximum, and the reciprocal's own");
  const width = Math.max(like.width, leadBits) + 1;
  const pad = (text: string, from: number): string => (width > from ? `{${width - from}'d0, ${text}}` : text);
  const rise = m.wire('rise', net('in_row_maximum - in_maximum', like.width));
  const base = constant(sum.fractionBits - 1, leadBits);
  const lift = m.wire('lift', net(`(lead > ${base.text}) ? lead - ${base.text} : ${leadBits}'d0`, leadBits));
  const whole = m.wire(
    'whole_shift',
    net(`${pad(rise.text, like.width)} + ${pad(lift.text, leadBits)}`, width),
  );
  const bits = shiftBits(model);
  const far = m.wire('far', net(`|${slice(whole, bits, width - bits).text}`, 1));
  m.wire('shift', net(`${slice(whole, 0, bits).text} | {${bits}{${far.text}}}`, bits));
  m.comment('shift and product in every lane');
  const y = m.declare('y', net('', vector * narrow));
  for (let lane = 0; lane < vector; lane++) {
    m.instance(`${name}_scale`, `u_scale_${lane}`, {
      ...{ u: `in_u[${(lane + 1) * wide - 1}:${lane * wide}]`, shift: 'shift', mantissa: mantissa.text },
      y: `y[${(lane + 1) * narrow - 1}:${lane * narrow}]`,
    });
  }
  holdResult(m, i, o, y);
  return [reciprocalModule(`${name}_reciprocal`, model), scaleModule(`${name}_scale`, model), m.file()];
}
