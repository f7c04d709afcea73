// A second description of an LNS MAC for the SAT proof: each product a shifted mantissa, lanes added one after another.
// Refuses to be small or fast; registers and constants are those of the unit.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module, net } from '../rtl/index.ts';
import type { LnsMacPlan } from './options.ts';
import { sumWidth } from './rtl.ts';

/**
 * Module NAME(w, a, live) -> plus, minus with the ports of the unit's bins, and NAME_lane, which adds one product to all sums: read once,
 * however many lanes there are.
 */
export function lnsBinsReference(name: string, plan: LnsMacPlan): RtlFile[] {
  const { bits, lanes, lut } = plan;
  const m = new Module(name, [`Sums of ${lut} remainder bins and two signs over ${lanes} lanes, by shifts.`]);
  m.input('w', lanes * bits);
  m.input('a', lanes * bits);
  m.input('live');
  const sums = lut * sumWidth(plan);
  const plus = m.output('plus', sums);
  const minus = m.output('minus', sums);
  m.raw(`wire [${2 * sums - 1}:0] sums_0 = ${2 * sums}'d0;`);
  for (let i = 0; i < lanes; i++) {
    const part = (x: string): string => `${x}[${(i + 1) * bits - 1}:${i * bits}]`;
    m.raw(`wire [${2 * sums - 1}:0] sums_${i + 1};`);
    m.instance(`${name}_lane`, `u_lane_${i}`, {
      ...{ w: part('w'), a: part('a'), live: 'live', before: `sums_${i}`, after: `sums_${i + 1}` },
    });
  }
  m.assign(plus, net(`sums_${lanes}[${sums - 1}:0]`, sums));
  m.assign(minus, net(`sums_${lanes}[${2 * sums - 1}:${sums}]`, sums));
  return [laneReference(`${name}_lane`, plan), m.file()];
}

/** Sums of all bins of both signs, positive ones in the lower half: the product goes to one of them. */
function laneReference(name: string, plan: LnsMacPlan): RtlFile {
  const { bits, lut, termBits, drop, remainderBits, binBits, mitchellBits, topQuotient } = plan;
  const m = new Module(name, [
    'One product of two logarithmic numbers, added to the sum of its bin and sign.',
  ]);
  m.input('w', bits);
  m.input('a', bits);
  m.input('live');
  const width = sumWidth(plan);
  m.input('before', 2 * lut * width);
  const after = m.output('after', 2 * lut * width);
  const e = bits - 1;
  const wide = topQuotient + remainderBits + 1;
  const part = (x: string): string => `${x}[${e - 1}:0]`;
  const mantissa = mitchellBits > 0 ? `, p[${mitchellBits - 1}:0]` : '';
  const one = binBits > 0 ? `1'b1, ${binBits}'d0${mantissa}` : `1'b1${mantissa}`;
  m.raw(
    `wire there = live && (${part('w')} != ${e}'d0) && (${part('a')} != ${e}'d0);`,
    `wire negative = w[${e}] != a[${e}];`,
    `wire [${bits - 1}:0] p = {1'b0, ${part('w')}} + {1'b0, ${part('a')}};`,
    `wire [${wide - 1}:0] whole = {${topQuotient}'d0, ${one}} << p[${bits - 1}:${remainderBits}];`,
    `wire [${termBits - 1}:0] term = there ? whole[${wide - 1}:${remainderBits + drop}] : ${termBits}'d0;`,
  );
  const term = width > termBits ? `{${width - termBits}'d0, term}` : 'term';
  const parts: string[] = [];
  for (const sign of ['plus', 'minus']) {
    for (let bin = 0; bin < lut; bin++) {
      const match = binBits > 0 ? ` && p[${remainderBits - 1}:${mitchellBits}] == ${binBits}'d${bin}` : '';
      const at = parts.length * width;
      const chosen = `{${width}{negative == 1'b${sign === 'minus' ? 1 : 0}${match}}}`;
      m.raw(
        `wire [${width - 1}:0] ${sign}_${bin} = before[${at + width - 1}:${at}] + (${term} & ${chosen});`,
      );
      parts.unshift(`${sign}_${bin}`);
    }
  }
  m.assign(after, net(`{${parts.join(', ')}}`, 2 * lut * width));
  return m.file();
}
