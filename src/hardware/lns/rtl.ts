// The RTL of an LNS MAC: exponent adders, one-hot quotients steered into remainder bins, one adder tree a bin and sign,
// constants once per vector, saturating integer accumulator.
// Positive and negative products have trees of their own: a term is then a few ones among zeros and switches little.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { collector } from '../rtl/collector.ts';
import {
  add,
  constant,
  Module,
  type Net,
  net,
  ranged,
  resize,
  shiftRight,
  slice,
  stage,
  subtract,
  tree,
} from '../rtl/index.ts';
import type { Channel } from '../unit.ts';
import type { LnsMacPlan } from './options.ts';

const one = net('', 1);

/** Combinational module NAME(w, a) -> plus, minus: the product of two codes in units of 2^drop, one port a bin and sign. */
export function lnsProductModule(name: string, plan: LnsMacPlan): RtlFile {
  const { bits, lut, termBits, drop, remainderBits, binBits, mitchellBits, topQuotient } = plan;
  const e = bits - 1;
  const m = new Module(name, [
    `Product of two ${plan.format} codes: exponents added, quotient decoded into one of ${termBits} bits, remainder into one of`,
    `${lut} bins, sign into plus or minus. An exponent of 0 is zero.`,
  ]);
  m.input('w', bits);
  m.input('a', bits);
  const plus = m.output('plus', lut * termBits);
  const minus = m.output('minus', lut * termBits);
  m.raw(
    `wire any = |w[${e - 1}:0] & |a[${e - 1}:0];`,
    `wire negative = w[${e}] ^ a[${e}];`,
    `wire [${bits - 1}:0] p = {1'b0, w[${e - 1}:0]} + {1'b0, a[${e - 1}:0]};`,
  );
  const quotientBits = bits - remainderBits;
  const hot: string[] = [];
  m.raw(`wire [${quotientBits - 1}:0] q = p[${bits - 1}:${remainderBits}];`);
  for (let q = drop; q <= topQuotient; q++) hot.push(`q == ${quotientBits}'d${q}`);
  m.raw(`wire [${termBits - 1}:0] hot = {${hot.reverse().join(', ')}};`);
  if (mitchellBits > 0) {
    // 1.rL << q: each lower remainder bit is a shifted copy of the one-hot quotient
    const copies: string[] = ['hot'];
    for (let k = 1; k <= remainderBits; k++) {
      const bit = remainderBits - k;
      if (bit >= mitchellBits || k >= termBits) continue;
      copies.push(`({${k}'d0, hot[${termBits - 1}:${k}]} & {${termBits}{p[${bit}]}})`);
    }
    m.raw(`wire [${termBits - 1}:0] term = ${copies.join('\n      | ')};`);
  } else m.raw(`wire [${termBits - 1}:0] term = hot;`);
  m.raw(
    `wire [${termBits - 1}:0] term_plus = term & {${termBits}{any & ~negative}};`,
    `wire [${termBits - 1}:0] term_minus = term & {${termBits}{any & negative}};`,
  );
  const parts = (sign: string): string => {
    if (binBits === 0) return `term_${sign}`;
    return `{${Array.from({ length: lut }, (_, bin) => `term_${sign} & {${termBits}{bin_${bin}}}`)
      .reverse()
      .join(', ')}}`;
  };
  if (binBits > 0) {
    m.raw(`wire [${binBits - 1}:0] bin = p[${remainderBits - 1}:${mitchellBits}];`);
    for (let bin = 0; bin < lut; bin++) m.raw(`wire bin_${bin} = bin == ${binBits}'d${bin};`);
  }
  m.assign(plus, net(parts('plus'), lut * termBits));
  m.assign(minus, net(parts('minus'), lut * termBits));
  return m.file();
}

/** Largest term of a lane in units of 2^drop. */
function termTop(plan: LnsMacPlan): number {
  const low = 2 ** plan.mitchellBits - 1;
  return Math.floor((1 + low / plan.gamma) * 2 ** (plan.topQuotient - plan.drop));
}

/** Combinational module NAME(w, a) -> sums: the signed sum of each bin over all lanes. */
export function lnsBinsModule(name: string, product: string, plan: LnsMacPlan): RtlFile {
  const { bits, lanes, lut, termBits } = plan;
  const m = new Module(name, [`Sums of ${lut} remainder bin${lut === 1 ? '' : 's'} over ${lanes} lanes.`]);
  m.input('w', lanes * bits);
  m.input('a', lanes * bits);
  const top = termTop(plan) * lanes;
  const sumNet = ranged('', -top, top);
  const out = m.output('sums', lut * sumNet.width);
  for (let i = 0; i < lanes; i++) {
    m.declare(`plus_${i}`, net('', lut * termBits));
    m.declare(`minus_${i}`, net('', lut * termBits));
    m.instance(product, `lane_${i}`, {
      w: `w[${(i + 1) * bits - 1}:${i * bits}]`,
      a: `a[${(i + 1) * bits - 1}:${i * bits}]`,
      plus: `plus_${i}`,
      minus: `minus_${i}`,
    });
  }
  const sums: string[] = [];
  for (let bin = 0; bin < lut; bin++) {
    m.comment(`bin ${bin}`);
    const side = (sign: string): Net => {
      const terms = Array.from({ length: lanes }, (_, i) => {
        const part = slice(net(`${sign}_${i}`, lut * termBits), bin * termBits, termBits);
        return { ...m.wire(`${sign}_${i}_${bin}`, part), high: termTop(plan) };
      });
      return tree(m, `${sign}_sum_${bin}`, terms, add);
    };
    const sum = subtract(m, `sum_${bin}`, side('plus'), side('minus'));
    sums.push(sum.text);
  }
  m.assign(out, net(`{${sums.reverse().join(', ')}}`, lut * sumNet.width));
  return m.file();
}

/** Combinational module NAME(sums) -> partial: bins times constants, rounded half up. */
export function lnsConstantsModule(name: string, plan: LnsMacPlan): RtlFile {
  const { lut, constants, constantBits, lanes } = plan;
  const top = termTop(plan) * lanes;
  const sumNet = ranged('', -top, top);
  const m = new Module(name, [
    `Remainder bins times 2^(m/${lut}) in ${constantBits} fraction bits: ${constants.join(' ')}; rounded half up.`,
  ]);
  const port = m.input('sums', lut * sumNet.width);
  const limit = partialTop(plan);
  const partial = ranged('', -limit, limit);
  const out = m.output('partial', partial.width);
  const products = constants.map((value, bin) => {
    const raw = slice(port, bin * sumNet.width, sumNet.width);
    const sum = m.wire(`sum_${bin}`, { ...sumNet, text: raw.text });
    return timesConstant(m, `product_${bin}`, sum, value);
  });
  products.push(m.wire('half', constant(2 ** (constantBits - 1), undefined, true)));
  const total = tree(m, 'total', products, add);
  const kept = shiftRight(m, 'rounded', total, constantBits);
  m.assign(
    out,
    net(slice({ ...kept, signed: false }, 0, Math.min(partial.width, kept.width)).text, partial.width),
  );
  // the dropped fraction is named so that linters see it is meant
  m.raw(`wire unused_fraction = &{1'b0, total[${constantBits - 1}:0]};`);
  return m.file();
}

/** sum × value by adding and subtracting shifted copies: the digits of the constant in canonical signed form. */
function timesConstant(m: Module, name: string, sum: Net, value: number): Net {
  const digits: [power: number, sign: number][] = [];
  for (let rest = value, power = 0; rest > 0; power++, rest /= 2) {
    if (rest % 2 === 0) continue;
    const digit = rest % 4 === 3 ? -1 : 1;
    digits.push([power, digit]);
    rest -= digit;
  }
  const shifted = ([power]: [number, number]): Net => ({
    ...sum,
    text: power === 0 ? sum.text : `{${sum.text}, ${power}'d0}`,
    width: sum.width + power,
    low: sum.low * 2 ** power,
    high: sum.high * 2 ** power,
  });
  const named = digits.map((digit, k) => {
    const net = shifted(digit);
    return m.wire(`${name}_${k}`, net);
  });
  // the highest digit is positive: start there
  let result = named[named.length - 1]!;
  for (let k = named.length - 2; k >= 0; k--) {
    const step = digits[k]![1] > 0 ? add : subtract;
    result = step(m, `${name}_sum_${k}`, result, named[k]!);
  }
  return result;
}

/** Largest magnitude of a partial sum. */
function partialTop(plan: LnsMacPlan): number {
  const top = termTop(plan) * plan.lanes;
  if (plan.lut === 1) return top;
  return Math.ceil((plan.constants[plan.lut - 1]! * top) / 2 ** plan.constantBits) + 1;
}

/** The top module and what it instantiates. */
export function lnsMacFiles(
  name: string,
  plan: LnsMacPlan,
  input: Channel,
  output: Channel,
  header: readonly string[],
): RtlFile[] {
  const { lanes, lut, accumulator } = plan;
  const files = [
    lnsProductModule(`${name}_product`, plan),
    lnsBinsModule(`${name}_bins`, `${name}_product`, plan),
  ];
  if (lut > 1) files.push(lnsConstantsModule(`${name}_constants`, plan));
  const m = new Module(name, header);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const top = termTop(plan) * lanes;
  const sumNet = ranged('', -top, top);
  const bins = m.declare('bins', net('', lut * sumNet.width));
  m.instance(`${name}_bins`, 'u_bins', { w: i['w']!.text, a: i['a']!.text, sums: bins.text });
  const next = m.declare('bins_open', one);
  const first = stage(m, {
    name: 'bins',
    valid: i['valid']!,
    ready: next,
    registers: [
      { name: 'bins_last', value: i['last']! },
      { name: 'bins_q', value: bins },
    ],
  });
  m.assign(i['ready']!, first.ready);
  let valid = first.valid;
  let ready = next;
  let last = first.out[0]!;
  const limit = partialTop(plan);
  let partial: Net;
  if (lut > 1) {
    m.comment('constants once per vector');
    const sum = m.declare('partial', net('', ranged('', -limit, limit).width));
    m.instance(`${name}_constants`, 'u_constants', { sums: 'bins_q', partial: sum.text });
    const open = m.declare('partial_open', one);
    const second = stage(m, {
      name: 'partial',
      valid,
      ready: open,
      registers: [
        { name: 'partial_last', value: last },
        { name: 'partial_q', value: sum },
      ],
    });
    m.assign(ready, second.ready);
    valid = second.valid;
    ready = open;
    last = second.out[0]!;
    partial = m.wire('partial_signed', { ...ranged('', -limit, limit), text: 'partial_q' });
  } else partial = m.wire('partial_signed', { ...sumNet, text: 'bins_q' });

  m.comment(`saturating accumulator, ${accumulator} bits`);
  const highest = 2 ** (accumulator - 1) - 1;
  const acc = ranged('', -highest - 1, highest);
  const { valid: full, sum } = collector(m, {
    valid,
    last,
    ready,
    outReady: o['ready']!,
    sum: acc,
    next: base => {
      const total = m.wire('acc_total', {
        ...ranged('', -(2 ** accumulator), 2 ** accumulator - 1),
        text: `${resize(base, accumulator + 1).text} + ${resize(partial, accumulator + 1).text}`,
      });
      m.raw(`wire acc_over = ${total.text}[${accumulator}] ^ ${total.text}[${accumulator - 1}];`);
      return m.wire('acc_next', {
        ...acc,
        text: `acc_over ? {${total.text}[${accumulator}], {${accumulator - 1}{~${total.text}[${accumulator}]}}} : ${total.text}[${accumulator - 1}:0]`,
      });
    },
  });
  m.assign(o['valid']!, full);
  m.assign(o['acc']!, slice(sum, 0, accumulator));
  files.push(m.file());
  return files;
}
