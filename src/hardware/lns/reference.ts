// A second description of an LNS MAC for the SAT proof: each product a shifted mantissa, lanes added one after another.
// Refuses to be small or fast; registers and constants are those of the unit.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module, net } from '../rtl/index.ts';
import type { LnsMacPlan } from './options.ts';
import { sumWidth } from './rtl.ts';

/** Module NAME(w, a, live) -> plus, minus with the ports of the unit's bins. */
export function lnsBinsReference(name: string, plan: LnsMacPlan): RtlFile {
  const { bits, lanes, lut, termBits, drop, remainderBits, binBits, mitchellBits, topQuotient } = plan;
  const m = new Module(name, [`Sums of ${lut} remainder bins and two signs over ${lanes} lanes, by shifts.`]);
  m.input('w', lanes * bits);
  m.input('a', lanes * bits);
  m.input('live');
  const width = sumWidth(plan);
  const plus = m.output('plus', lut * width);
  const minus = m.output('minus', lut * width);
  const e = bits - 1;
  const wide = topQuotient + remainderBits + 1;
  for (const sign of ['plus', 'minus']) {
    for (let bin = 0; bin < lut; bin++) m.raw(`wire [${width - 1}:0] ${sign}_${bin}_0 = ${width}'d0;`);
  }
  for (let i = 0; i < lanes; i++) {
    const at = i * bits;
    const part = (x: string): string => `${x}[${at + e - 1}:${at}]`;
    const mantissa = mitchellBits > 0 ? `, p_${i}[${mitchellBits - 1}:0]` : '';
    const one = binBits > 0 ? `1'b1, ${binBits}'d0${mantissa}` : `1'b1${mantissa}`;
    m.raw(
      `wire live_${i} = live && (${part('w')} != ${e}'d0) && (${part('a')} != ${e}'d0);`,
      `wire negative_${i} = w[${at + e}] != a[${at + e}];`,
      `wire [${bits - 1}:0] p_${i} = {1'b0, ${part('w')}} + {1'b0, ${part('a')}};`,
      `wire [${wide - 1}:0] whole_${i} = {${topQuotient}'d0, ${one}} << p_${i}[${bits - 1}:${remainderBits}];`,
      `wire [${termBits - 1}:0] term_${i} = live_${i} ? whole_${i}[${wide - 1}:${remainderBits + drop}] : ${termBits}'d0;`,
    );
    for (const sign of ['plus', 'minus']) {
      for (let bin = 0; bin < lut; bin++) {
        const match =
          binBits > 0 ? ` && p_${i}[${remainderBits - 1}:${mitchellBits}] == ${binBits}'d${bin}` : '';
        const before = `${sign}_${bin}_${i}`;
        const term = width > termBits ? `{${width - termBits}'d0, term_${i}}` : `term_${i}`;
        m.raw(
          `wire [${width - 1}:0] ${sign}_${bin}_${i + 1} = ${before} + (${term} & {${width}{negative_${i} == 1'b${sign === 'minus' ? 1 : 0}${match}}});`,
        );
      }
    }
  }
  for (const [sign, port] of [
    ['plus', plus],
    ['minus', minus],
  ] as const) {
    const sums = Array.from({ length: lut }, (_, bin) => `${sign}_${bin}_${lanes}`).reverse();
    m.assign(port, net(lut === 1 ? sums[0]! : `{${sums.join(', ')}}`, lut * width));
  }
  return m.file();
}
