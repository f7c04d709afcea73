// RTL of the unnormalised unit: maximum tree, power of two in every lane, adder tree, running sum that shifts.
// One register stage, between the distances from the maximum and their powers: a distance has far fewer bits than its power.
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

/** What a lane keeps of its score: whether the numerator is 0, the shift, and the fraction; far fewer bits than the numerator. */
export function heldCode(model: Softermax): { shiftBits: number; fractionBits: number; bits: number } {
  const { input, unnormed } = model.parameters;
  const shiftBits = Math.ceil(Math.log2(unnormed.fractionBits + 1));
  return { shiftBits, fractionBits: input.fractionBits, bits: 1 + shiftBits + input.fractionBits };
}

/** Combinational module NAME: one lane, distance of a score from the maximum as {zero, shift, fraction}. */
function distanceModule(name: string, model: Softermax): RtlFile {
  const { input } = model.parameters;
  const bits = input.integerBits + input.fractionBits;
  const { shiftBits, bits: held } = heldCode(model);
  const m = new Module(name, [
    'Distance of one score from the maximum: 1 when 2^-distance is 0, the shift, the fraction of x.',
    'The lowest code of x is a masked score.',
  ]);
  const x = m.input('x', bits, true);
  const { low, high } = maximumRange(model);
  const maximum = { ...m.input('maximum', ranged('', low, high).width, true), low, high };
  const code = m.output('code', held);
  const whole = m.wire('whole', {
    ...{ text: `$signed(${slice(x, input.fractionBits, input.integerBits).text})`, width: input.integerBits },
    ...{ signed: true, low, high: high - 1 },
  });
  const span = maximum.width;
  const shift = m.wire('shift', net(`$unsigned(${maximum.text} - ${resize(whole, span, true).text})`, span));
  const masked = m.wire('masked', net(`${x.text} == ${constant(model.masked, bits, true).text}`, 1));
  const far =
    span > shiftBits ? `${masked.text} | (|${slice(shift, shiftBits, span - shiftBits).text})` : masked.text;
  const near = span >= shiftBits ? slice(shift, 0, shiftBits).text : resize(shift, shiftBits).text;
  const fraction = input.fractionBits === 0 ? '' : `, ${slice(x, 0, input.fractionBits).text}`;
  m.assign(code, net(`{${far}, ${near}${fraction}}`, held));
  return m.file();
}

/**
 * Combinational module NAME: one lane, the numerator of a held code. The shift selects one of a row of AND-ORs: a decoder
 * and one level of selection switch less than the stages of a barrel shifter.
 */
function powerModule(name: string, model: Softermax): RtlFile {
  const { unnormed } = model.parameters;
  const wide = unnormed.fractionBits + 1;
  const { shiftBits, fractionBits, bits } = heldCode(model);
  const m = new Module(name, [
    '2^-distance for one lane: piecewise lines over the fraction, then a right shift (floor).',
  ]);
  const code = m.input('code', bits);
  m.output('y', wide);
  m.wire('line', lineOf(m, code, model));
  const zero = slice(code, bits - 1, 1).text;
  const shift = slice(code, fractionBits, shiftBits).text;
  m.wire('pick', net(`{${wide - 1}'d0, ~${zero}} << ${shift}`, wide));
  for (let j = 0; j < wide; j++)
    m.raw(`assign y[${j}] = |(line[${wide - 1}:${j}] & pick[${wide - 1 - j}:0]);`);
  return m.file();
}

/**
 * Combinational module NAME: ceiling of the largest of V codes, by elimination. From the top bit down: when any code still in
 * the race has a 1, those with a 0 leave it. Whole parts and one bit for `has a fraction` are enough: the largest ceiling
 * belongs to the largest such key. Few nodes change from one slice to the next, unlike in a tree of comparators.
 */
function maximumModule(name: string, model: Softermax): RtlFile {
  const { vector, input } = model.parameters;
  const { fractionBits: f, integerBits } = input;
  const bits = integerBits + f;
  const m = new Module(name, [`Ceiling of the largest of ${vector} scores, bit by bit from the top.`]);
  const x = m.input('x', vector * bits, false);
  const like = ranged('', maximumRange(model).low, maximumRange(model).high);
  const y = m.output('y', like.width);
  const all = net('', vector);
  /** Bit k of every lane, lane 0 lowest. */
  const gather = (of: (lane: number) => string): string =>
    `{${Array.from({ length: vector }, (_, lane) => of(vector - 1 - lane)).join(', ')}}`;
  let alive: Net | undefined;
  const found: string[] = [];
  for (let k = integerBits - 1; k >= (f === 0 ? 0 : -1); k--) {
    const label = k < 0 ? 'fraction' : `${k}`;
    const column = m.wire(
      `column_${label}`,
      net(
        gather(lane => {
          if (k < 0) return `|${slice(x, lane * bits, f).text}`;
          const bit = slice(x, lane * bits + f + k, 1).text;
          return k === integerBits - 1 ? `~${bit}` : bit;
        }),
        vector,
      ),
    );
    const racing = alive === undefined ? column.text : `(${alive.text} & ${column.text})`;
    const any = m.wire(`any_${label}`, net(`|${racing}`, 1));
    found.push(any.text);
    if (k > (f === 0 ? 0 : -1)) {
      const stays = `(${column.text} | {${vector}{~${any.text}}})`;
      alive = m.wire(`alive_${label}`, {
        ...all,
        text: alive === undefined ? stays : `${alive.text} & ${stays}`,
      });
    }
  }
  const whole = [`~${found[0]}`, ...found.slice(1, integerBits)];
  const sign = `{${like.width - integerBits}{~${found[0]}}}`;
  const word = `{${sign}, ${whole.join(', ')}}`;
  m.assign(y, net(f === 0 ? word : `${word} + {${like.width - 1}'d0, ${found.at(-1)}}`, like.width));
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
  m.unused(slice(product, 0, placeBits));
  const more = wide - part.width;
  return net(`${start.text} + ${more > 0 ? `{${more}'d0, ${part.text}}` : part.text}`, wide);
}

/** Combinational module NAME: sum of the numerators of a slice, rounded half up to the format of the running sum. */
function sumModule(name: string, model: Softermax): RtlFile {
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
    if (cut > 0) m.unused(slice(u, i * wide, cut));
    return m.wire(`u_${i}`, part);
  });
  const total = tree(m, 'total', addends, add);
  const half = drop === 0 ? total : add(m, 'biased', total, constant(2 ** (drop - 1)));
  const rounded = slice(half, drop, half.width - drop);
  if (drop > 0) m.unused(slice(half, 0, drop));
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

  m.comment('integer maximum of the slice, then of the row so far');
  const like = ranged('', low, high);
  lanes(m, 'x', i['x']!, vector, bits, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
  const ceiling = m.declare('ceiling', like);
  m.instance(`${name}_maximum`, 'u_maximum', { x: 'in_x', y: ceiling.text });
  const state = m.reg('row_maximum', like);
  const maximum = larger(m, 'maximum', ceiling, state);
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

  m.comment('distance from it in every lane');
  const { bits: heldBits } = heldCode(model);
  const code = m.declare('code', net('', vector * heldBits));
  for (let lane = 0; lane < vector; lane++) {
    m.instance(`${name}_distance`, `u_distance_${lane}`, {
      ...{ x: `x_${lane}`, maximum: maximum.text },
      code: `code[${(lane + 1) * heldBits - 1}:${lane * heldBits}]`,
    });
  }
  const held = stage(m, {
    ...{ name: 'slice', valid: i['valid']!, ready: o['ready']! },
    registers: [
      ...[
        { name: 'held_code', value: code },
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

  m.comment('power of two in every lane');
  const u = m.declare('u', net('', vector * wide));
  for (let lane = 0; lane < vector; lane++) {
    m.instance(`${name}_power`, `u_power_${lane}`, {
      code: `held_code[${(lane + 1) * heldBits - 1}:${lane * heldBits}]`,
      y: `u[${(lane + 1) * wide - 1}:${lane * wide}]`,
    });
  }
  m.comment('the sum of the slice joins the running sum, shifted by as much as the maximum rose');
  const added = m.declare('added', net('', sliceSumWidth(model)));
  m.instance(`${name}_sum`, 'u_sum', { u: u.text, y: added.text });
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
  m.assign(o['u']!, u);
  m.raw(`assign ${o['maximum']!.text} = held_maximum;`);
  m.assign(o['sum']!, limited);
  m.assign(o['last']!, held.out[3]!);
  return [
    maximumModule(`${name}_maximum`, model),
    distanceModule(`${name}_distance`, model),
    powerModule(`${name}_power`, model),
    sumModule(`${name}_sum`, model),
    m.file(),
  ];
}
