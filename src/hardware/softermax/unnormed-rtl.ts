// RTL of the unnormalised unit: maximum tree, power of two in every lane, adder tree, running sum that shifts.
// One register stage: numerators, maximum and shift; the sum of the slice is added on the way out.
// Refuses nothing: parameters were checked before.

import type { Softermax } from '../../format/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import {
  add,
  constant,
  lanes,
  larger,
  Module,
  type Net,
  net,
  ranged,
  resize,
  slice,
  stage,
  tree,
} from '../rtl/index.ts';
import type { Channel } from '../unit.ts';
import { boundedShift } from './shift.ts';

/** Integer maximum of a row: its lowest value, and its highest (one above the largest whole part). */
export function maximumRange(model: Softermax): { low: number; high: number } {
  const half = 2 ** (model.parameters.input.integerBits - 1);
  return { low: -half, high: half };
}

/** Combinational module NAME: one lane, 2^(x - maximum). */
export function powerModule(name: string, model: Softermax): RtlFile {
  const { input, unnormed } = model.parameters;
  const bits = input.integerBits + input.fractionBits;
  const wide = unnormed.fractionBits + 1;
  const m = new Module(name, [
    `2^(x - maximum) for one lane: piecewise lines over the fraction of x, then a right shift (floor).`,
    `The lowest code of x is a masked score: 0.`,
  ]);
  const x = m.input('x', bits, true);
  const { low, high } = maximumRange(model);
  const maximum = { ...m.input('maximum', ranged('', low, high).width, true), low, high };
  const y = m.output('y', wide);
  const whole = m.wire('whole', {
    ...{ text: `$signed(${slice(x, input.fractionBits, input.integerBits).text})`, width: input.integerBits },
    ...{ signed: true, low, high: high - 1 },
  });
  const distance = ranged('', 0, high - low);
  const span = maximum.width;
  const shift = m.wire('shift', {
    ...distance,
    width: span,
    text: `$unsigned(${maximum.text} - ${resize(whole, span, true).text})`,
  });
  const line = m.wire('line', lineOf(m, x, model));
  const masked = m.wire('masked', net(`${x.text} == ${constant(model.masked, bits, true).text}`, 1));
  boundedShift(m, { name: 'shifted', value: line, by: shift, kill: masked, out: y });
  return m.file();
}

/** The line's value over the fraction of x, in [1, 2). */
function lineOf(m: Module, x: Net, model: Softermax): Net {
  const { segmentBits, placeBits, intercept, rise } = model.power;
  const wide = model.parameters.unnormed.fractionBits + 1;
  const like = net('', wide);
  if (segmentBits === 0 && placeBits === 0) return constant(intercept[0]!, wide);
  const pick = (name: string, entries: readonly number[], shape: Net): Net => {
    if (segmentBits === 0) return m.wire(name, constant(entries[0]!, shape.width));
    return m.lookup(name, slice(x, placeBits, segmentBits), entries, shape);
  };
  const start = pick('intercept', intercept, like);
  if (placeBits === 0) return start;
  const slope = pick('rise', rise, ranged('', 0, Math.max(...rise)));
  const place = slice(x, 0, placeBits);
  const width = slope.width + placeBits;
  const product = m.wire('product', {
    ...net(`{${placeBits}'d0, ${slope.text}} * {${slope.width}'d0, ${place.text}}`, width),
  });
  const part = slice(product, placeBits, width - placeBits);
  const more = wide - part.width;
  return net(`${start.text} + ${more > 0 ? `{${more}'d0, ${part.text}}` : part.text}`, wide);
}

/** Combinational module NAME: sum of the numerators of a slice, rounded half up to the format of the running sum. */
export function sumModule(name: string, model: Softermax): RtlFile {
  const { vector, unnormed, sum, addendFraction } = model.parameters;
  const wide = unnormed.fractionBits + 1;
  const cut = unnormed.fractionBits - addendFraction;
  const drop = addendFraction - sum.fractionBits;
  const m = new Module(name, [
    `Sum of ${vector} numerators cut to ${addendFraction} fraction bits, rounded half up to ${sum.fractionBits}.`,
  ]);
  const u = m.input('u', vector * wide);
  const addends = Array.from({ length: vector }, (_, i) => {
    const part = slice(u, i * wide + cut, wide - cut);
    return m.wire(`u_${i}`, part);
  });
  const total = tree(m, 'total', addends, add);
  const half = drop === 0 ? total : add(m, 'biased', total, constant(2 ** (drop - 1)));
  const rounded = slice(half, drop, half.width - drop);
  const out = m.output('y', rounded.width);
  m.assign(out, rounded);
  return m.file();
}

/** Width of what `sumModule` gives. */
function sliceSumWidth(model: Softermax): number {
  const { vector, addendFraction, sum } = model.parameters;
  const drop = addendFraction - sum.fractionBits;
  const biased = vector * (2 ** (addendFraction + 1) - 1) + (drop === 0 ? 0 : 2 ** (drop - 1));
  return ranged('', 0, biased).width - drop;
}

export function unnormedFiles(name: string, model: Softermax, input: Channel, output: Channel): RtlFile[] {
  const { vector, input: format, unnormed, sum } = model.parameters;
  const bits = format.integerBits + format.fractionBits;
  const wide = unnormed.fractionBits + 1;
  const sumBits = sum.integerBits + sum.fractionBits;
  const { low, high } = maximumRange(model);
  const m = new Module(name, [
    `Softermax, unnormalised half: ${vector} scores in fix${format.integerBits}.${format.fractionBits} a cycle,`,
    'slices of one row after another; last marks the final slice. Out: 2^(x - maximum), the running integer maximum,',
    "and the running sum, which is the row's own with last.",
  ]);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const one = net('', 1);

  m.comment('integer maximum: the ceiling of the largest is the largest ceiling');
  const x = lanes(m, 'x', i['x']!, vector, bits, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
  const top = tree(m, 'top', x, larger);
  const f = format.fractionBits;
  const like = ranged('', low, high);
  const floor =
    f === 0
      ? top
      : m.wire('top_whole', {
          ...net(`$signed(${slice(top, f, bits - f).text})`, bits - f, true),
          low,
          high: high - 1,
        });
  const wider = resize({ ...floor, low, high: high - 1 }, like.width, true);
  const ceiling = m.wire('ceiling', {
    ...like,
    text: f === 0 ? wider.text : `${wider.text} + $signed({${like.width - 1}'d0, |${slice(top, 0, f).text}})`,
  });
  const state = m.reg('row_maximum', like);
  const maximum = larger(m, 'maximum', { ...ceiling, width: like.width }, state);
  const rise = m.wire('rise', { ...net('', like.width), text: `$unsigned(${maximum.text} - ${state.text})` });
  const shiftBits = Math.ceil(Math.log2(sumBits + 1));
  const far =
    rise.width > shiftBits
      ? m.wire('rise_far', net(`|${slice(rise, shiftBits, rise.width - shiftBits).text}`, 1))
      : undefined;
  const near = rise.width > shiftBits ? slice(rise, 0, shiftBits) : resize(rise, shiftBits);
  const drop = m.wire(
    'drop',
    net(far === undefined ? near.text : `${near.text} | {${shiftBits}{${far.text}}}`, shiftBits),
  );

  m.comment('power of two in every lane');
  const u = m.declare('u', net('', vector * wide));
  for (let lane = 0; lane < vector; lane++) {
    m.instance(`${name}_power`, `u_power_${lane}`, {
      ...{ x: `x_${lane}`, maximum: maximum.text, y: `u[${(lane + 1) * wide - 1}:${lane * wide}]` },
    });
  }
  const held = stage(m, {
    ...{ name: 'slice', valid: i['valid']!, ready: o['ready']! },
    registers: [
      ...[
        { name: 'held_u', value: u },
        { name: 'held_maximum', value: maximum },
      ],
      ...[
        { name: 'held_drop', value: drop },
        { name: 'held_last', value: i['last']! },
      ],
    ],
  });
  m.assign(i['ready']!, held.ready);
  m.always([
    `if (rst) ${state.text} <= ${constant(low, like.width, true).text};`,
    `else if (slice_load) ${state.text} <= in_last ? ${constant(low, like.width, true).text} : ${maximum.text};`,
  ]);

  m.comment('the sum of the slice joins the running sum, shifted by as much as the maximum rose');
  const added = m.declare('added', net('', sliceSumWidth(model)));
  m.instance(`${name}_sum`, 'u_sum', { u: 'held_u', y: added.text });
  const running = m.reg('row_sum', net('', sumBits));
  const kept = m.declare('kept', net('', sumBits));
  boundedShift(m, { name: 'kept_shifted', value: running, by: held.out[2]!, out: kept });
  const wideSum = Math.max(sumBits, added.width) + 1;
  const grown = m.wire(
    'grown',
    net(`${resize(kept, wideSum).text} + ${resize(added, wideSum).text}`, wideSum),
  );
  const over = m.wire('over', net(`|${slice(grown, sumBits, wideSum - sumBits).text}`, 1));
  const limited = m.wire(
    'limited',
    net(`${slice(grown, 0, sumBits).text} | {${sumBits}{${over.text}}}`, sumBits),
  );
  m.always([
    `if (rst) ${running.text} <= ${sumBits}'d0;`,
    `else if (slice_valid & out_ready) ${running.text} <= held_last ? ${sumBits}'d0 : ${limited.text};`,
  ]);
  m.assign(o['valid']!, { ...one, text: 'slice_valid' });
  m.assign(o['u']!, held.out[0]!);
  m.raw(`assign ${o['maximum']!.text} = held_maximum;`);
  m.assign(o['sum']!, limited);
  m.assign(o['last']!, held.out[3]!);
  return [powerModule(`${name}_power`, model), sumModule(`${name}_sum`, model), m.file()];
}
