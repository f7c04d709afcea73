// The RTL of an LNS MAC: exponent adders, one-hot quotients steered into remainder bins, one adder tree a bin and sign,
// saturating integer accumulators; the constants multiply the bins once an output.
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
  const { bits, lut, termBits, mitchellBits } = plan;
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
  if (mitchellBits === 0) steer(m, plan, plus, minus);
  else steerMitchell(m, plan, plus, minus);
  return m.file();
}

/**
 * Exact bins: a term is one 1 in bins × quotients × signs. Upper quotient bits with the sign, and the lowest quotient bit
 * with the remainder, are decoded apart; every term bit is the AND of one line of each.
 */
function steer(m: Module, plan: LnsMacPlan, plus: Net, minus: Net): void {
  const { bits, lut, termBits, drop, topQuotient, remainderBits } = plan;
  const low = remainderBits + 1;
  const upper = bits - low;
  m.raw(
    `wire [${upper - 1}:0] upper = p[${bits - 1}:${low}];`,
    `wire [${low - 1}:0] lower = p[${low - 1}:0];`,
  );
  for (let k = 0; k < 2 ** low; k++) m.raw(`wire lower_${k} = lower == ${low}'d${k};`);
  const first = Math.floor(drop / 2);
  const last = Math.floor(topQuotient / 2);
  for (const [sign, gate] of [
    ['plus', 'any & ~negative'],
    ['minus', 'any & negative'],
  ] as const) {
    m.raw(`wire ${sign}_any = ${gate};`);
    for (let k = first; k <= last; k++) m.raw(`wire ${sign}_${k} = ${sign}_any & (upper == ${upper}'d${k});`);
    const term: string[] = [];
    for (let bin = 0; bin < lut; bin++) {
      for (let q = drop; q <= topQuotient; q++) {
        term.push(`${sign}_${Math.floor(q / 2)} & lower_${(q % 2) * lut + bin}`);
      }
    }
    m.assign(sign === 'plus' ? plus : minus, net(`{${term.reverse().join(', ')}}`, lut * termBits));
  }
}

/** 1.rL << q: each remainder bit left to Mitchell is a shifted copy of the one-hot quotient; sign and bin select it. */
function steerMitchell(m: Module, plan: LnsMacPlan, plus: Net, minus: Net): void {
  const { bits, lut, termBits, drop, topQuotient, remainderBits, binBits, mitchellBits } = plan;
  const quotientBits = bits - remainderBits;
  const hot: string[] = [];
  m.raw(`wire [${quotientBits - 1}:0] q = p[${bits - 1}:${remainderBits}];`);
  for (let q = topQuotient; q >= drop; q--) hot.push(`q == ${quotientBits}'d${q}`);
  m.raw(`wire [${termBits - 1}:0] hot = {${hot.join(', ')}};`);
  const copies: string[] = ['hot'];
  for (let k = binBits + 1; k <= remainderBits && k < termBits; k++) {
    const bit = remainderBits - k;
    copies.push(`({${k}'d0, hot[${termBits - 1}:${k}]} & {${termBits}{p[${bit}]}})`);
  }
  m.raw(`wire [${termBits - 1}:0] term = ${copies.join('\n      | ')};`);
  if (binBits > 0) m.raw(`wire [${binBits - 1}:0] bin = p[${remainderBits - 1}:${mitchellBits}];`);
  for (const [sign, gate] of [
    ['plus', 'any & ~negative'],
    ['minus', 'any & negative'],
  ] as const) {
    const parts: string[] = [];
    for (let bin = 0; bin < lut; bin++) {
      m.raw(`wire ${sign}_${bin} = ${gate}${binBits > 0 ? ` & (bin == ${binBits}'d${bin})` : ''};`);
      parts.push(`term & {${termBits}{${sign}_${bin}}}`);
    }
    const text = lut === 1 ? parts[0]! : `{${parts.reverse().join(', ')}}`;
    m.assign(sign === 'plus' ? plus : minus, net(text, lut * termBits));
  }
}

/** Largest term of a lane in units of 2^drop. */
export function termTop(plan: LnsMacPlan): number {
  const low = 2 ** plan.mitchellBits - 1;
  return Math.floor((1 + low / plan.gamma) * 2 ** (plan.topQuotient - plan.drop));
}

/** Combinational module NAME(w, a) -> plus, minus: the sums of each bin over all lanes, by sign. */
export function lnsBinsModule(name: string, product: string, plan: LnsMacPlan): RtlFile {
  const { bits, lanes, lut, termBits } = plan;
  const m = new Module(name, [
    `Sums of ${lut} remainder bin${lut === 1 ? '' : 's'} and two signs over ${lanes} lanes.`,
  ]);
  m.input('w', lanes * bits);
  m.input('a', lanes * bits);
  const width = ranged('', 0, termTop(plan) * lanes).width;
  const outputs = { plus: m.output('plus', lut * width), minus: m.output('minus', lut * width) };
  for (let i = 0; i < lanes; i++) {
    m.declare(`plus_${i}`, net('', lut * termBits));
    m.declare(`minus_${i}`, net('', lut * termBits));
    const part = `[${(i + 1) * bits - 1}:${i * bits}]`;
    m.instance(product, `lane_${i}`, {
      w: `w${part}`,
      a: `a${part}`,
      plus: `plus_${i}`,
      minus: `minus_${i}`,
    });
  }
  for (const sign of ['plus', 'minus'] as const) {
    const sums: string[] = [];
    for (let bin = 0; bin < lut; bin++) {
      m.comment(`bin ${bin}, ${sign}`);
      const terms = Array.from({ length: lanes }, (_, i) => {
        const part = slice(net(`${sign}_${i}`, lut * termBits), bin * termBits, termBits);
        return { ...m.wire(`${sign}_${i}_${bin}`, part), high: termTop(plan) };
      });
      sums.push(tree(m, `${sign}_sum_${bin}`, terms, add).text);
    }
    m.assign(outputs[sign], net(`{${sums.reverse().join(', ')}}`, lut * width));
  }
  return m.file();
}

/** Combinational module NAME(sums) -> y: bins times constants, rounded half up, saturated. */
export function lnsConstantsModule(name: string, plan: LnsMacPlan): RtlFile {
  const { lut, constants, constantBits, accumulator } = plan;
  const m = new Module(name, [
    `Remainder bins times 2^(m/${lut}) in ${constantBits} fraction bits: ${constants.join(' ')}; rounded half up, saturated.`,
  ]);
  const port = m.input('sums', lut * accumulator);
  m.output('y', accumulator);
  const products = constants.map((value, bin) => {
    const part = slice(port, bin * accumulator, accumulator);
    return timesConstant(
      m,
      `product_${bin}`,
      m.wire(`sum_${bin}`, { ...signedBits(accumulator), text: part.text }),
      value,
    );
  });
  products.push(m.wire('half', constant(2 ** (constantBits - 1), undefined, true)));
  const total = shiftRight(m, 'total', tree(m, 'exact', products, add), constantBits);
  // the dropped fraction is named so that linters see it is meant
  m.raw(`wire unused_fraction = &{1'b0, exact[${constantBits - 1}:0]};`);
  saturate(m, total, accumulator, 'y');
  return m.file();
}

/** All values of `bits` bits in two's complement. */
function signedBits(bits: number): Net {
  return ranged('', -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
}

/** Assigns the nearest value of `bits` bits to an output. */
function saturate(m: Module, value: Net, bits: number, target: string): void {
  const sign = `${value.text}[${value.width - 1}]`;
  const over = `${target}_over`;
  m.raw(
    `wire ${over} = |(${value.text}[${value.width - 2}:${bits - 1}] ^ {${value.width - bits}{${sign}}});`,
    `assign ${target} = ${over} ? {${sign}, {${bits - 1}{~${sign}}}} : ${value.text}[${bits - 1}:0];`,
  );
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
  const sum = ranged('', 0, termTop(plan) * lanes);
  const plus = m.declare('plus', net('', lut * sum.width));
  const minus = m.declare('minus', net('', lut * sum.width));
  m.instance(`${name}_bins`, 'u_bins', { w: i['w']!.text, a: i['a']!.text, plus: 'plus', minus: 'minus' });

  m.comment(`a saturating accumulator of ${accumulator} bits for each bin`);
  const flat = net('', lut * accumulator);
  const open = lut > 1 ? m.declare('constants_open', one) : o['ready']!;
  const held = collector(m, {
    valid: i['valid']!,
    last: i['last']!,
    ready: i['ready']!,
    outReady: open,
    sum: flat,
    next: base => {
      const next = m.declare('acc_next', flat);
      const wide = accumulator + 2;
      for (let bin = 0; bin < lut; bin++) {
        const at = bin * accumulator;
        const part = (whole: Net): string => {
          const value = slice(whole, bin * sum.width, sum.width);
          return `$signed({${wide - sum.width}'d0, ${value.text}})`;
        };
        const sign = `${base.text}[${at + accumulator - 1}]`;
        const old = `$signed({{2{${sign}}}, ${slice(base, at, accumulator).text}})`;
        const total = m.wire(`total_${bin}`, {
          ...signedBits(wide),
          text: `${old} + ${part(plus)} - ${part(minus)}`,
        });
        m.raw(`wire [${accumulator - 1}:0] next_${bin};`);
        saturate(m, total, accumulator, `next_${bin}`);
      }
      const parts = Array.from({ length: lut }, (_, bin) => `next_${bin}`).reverse();
      m.assign(next, { ...flat, text: lut === 1 ? 'next_0' : `{${parts.join(', ')}}` });
      return next;
    },
  });
  if (lut === 1) {
    m.assign(o['valid']!, held.valid);
    m.assign(o['acc']!, held.sum);
    files.push(m.file());
    return files;
  }
  m.comment(
    'constants once an output: the bins are held back until then, so that nothing switches for nothing',
  );
  const done = m.wire('done', { ...flat, text: `${held.sum.text} & {${flat.width}{${held.valid.text}}}` });
  const value = m.declare('converted', net('', accumulator));
  m.instance(`${name}_constants`, 'u_constants', { sums: done.text, y: value.text });
  const last = stage(m, {
    name: 'result',
    valid: held.valid,
    ready: o['ready']!,
    registers: [{ name: 'result_q', value }],
  });
  m.assign(open, last.ready);
  m.assign(o['valid']!, last.valid);
  m.assign(o['acc']!, last.out[0]!);
  files.push(m.file());
  return files;
}
