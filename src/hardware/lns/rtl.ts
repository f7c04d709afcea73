// The top of an LNS MAC: product lanes, one tree a bin and sign, one accumulator a bin, constants once an output.
// Refuses to know what a line or a constant is: product.ts, columns.ts and constants.ts do.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module, net, ranged } from '../rtl/index.ts';
import type { Channel } from '../unit.ts';
import { bitAdders } from './cells.ts';
import { lnsColumnsModule } from './columns.ts';
import { lnsConstantsModule } from './constants.ts';
import type { LnsMacPlan } from './options.ts';
import { linesAreLow, lnsProductModules } from './product.ts';

/** Largest term of a lane in units of 2^drop. */
export function termTop(plan: LnsMacPlan): number {
  const low = 2 ** plan.mitchellBits - 1;
  return Math.floor((1 + low / plan.gamma) * 2 ** (plan.topQuotient - plan.drop));
}

/** Bits of the sum of one bin and sign over all lanes. */
export function sumWidth(plan: LnsMacPlan): number {
  return ranged('', 0, termTop(plan) * plan.lanes).width;
}

/** NAME(w, a, live) -> plus, minus: the sums of each bin over all lanes, by sign; 0 when not live. */
function lnsBinsModules(
  name: string,
  product: string,
  columns: string,
  bit: string,
  plan: LnsMacPlan,
): RtlFile[] {
  const { bits, lanes, lut, termBits } = plan;
  const width = sumWidth(plan);
  const m = new Module(name, [
    `Sums of ${lut} remainder bin${lut === 1 ? '' : 's'} and two signs over ${lanes} lanes.`,
  ]);
  m.input('w', lanes * bits);
  m.input('a', lanes * bits);
  m.input('live');
  m.output('plus', lut * width);
  m.output('minus', lut * width);
  const low = linesAreLow(plan);
  for (let i = 0; i < lanes; i++) {
    m.declare(`plus_${i}`, net('', lut * termBits));
    m.declare(`minus_${i}`, net('', lut * termBits));
    const part = `[${(i + 1) * bits - 1}:${i * bits}]`;
    m.instance(product, `lane_${i}`, {
      w: `w${part}`,
      a: `a${part}`,
      live: 'live',
      [low ? 'plus_n' : 'plus']: `plus_${i}`,
      [low ? 'minus_n' : 'minus']: `minus_${i}`,
    });
  }
  for (const sign of ['plus', 'minus']) {
    for (let bin = 0; bin < lut; bin++) {
      const lines = Array.from({ length: lanes }, (_, i) => {
        return `${sign}_${i}[${(bin + 1) * termBits - 1}:${bin * termBits}]`;
      });
      m.instance(columns, `${sign}_sum_${bin}`, {
        n: `{${lines.reverse().join(', ')}}`,
        sum: `${sign}[${(bin + 1) * width - 1}:${bin * width}]`,
      });
    }
  }
  const levels = orLevels(plan);
  return [
    ...lnsProductModules(product, bit, plan),
    lnsColumnsModule(columns, bit, { columns: termBits, lanes, width, levels, activeLow: low }),
    m.file(),
  ];
}

/** The fewer bins, the more often lines meet: full adders take over earlier. */
function orLevels({ lut }: LnsMacPlan): number {
  return lut > 1 ? 5 : 3;
}

/**
 * NAME(acc, clear, idle, plus, minus) -> value (the bias while idle), next: the accumulator of a bin around its register.
 * The register has one bit more than the range and saturates when it is read, so that nothing lies between the adder and the register.
 */
function lnsBinModule(name: string, bit: string, plan: LnsMacPlan): RtlFile {
  const { binWidth: n, bias } = plan;
  const width = sumWidth(plan);
  const m = new Module(name, [`Accumulator of one bin: ${n} bits, saturating as it is read.`], {
    boundary: true,
  });
  m.input('acc', n + 1);
  m.input('clear');
  m.input('idle');
  m.input('plus', width);
  m.input('minus', width);
  m.output('value', n);
  m.output('next', n + 1);
  m.raw(
    `wire over = acc[${n}] ^ acc[${n - 1}];`,
    `wire high = over & ~acc[${n}];`,
    `wire low = over & acc[${n}];`,
    'wire keep = ~low;',
    `wire [${n - 1}:0] value_n;`,
    `assign value_n[${n - 1}] = ~acc[${n}];`,
    `assign value = ~(value_n | {${n}{idle}})${bias === 0 ? '' : ` | ({${n}{idle}} & ${n}'d${bias})`};`,
    `wire [${n - 1}:0] base = ~(value_n | {${n}{clear}})${bias === 0 ? '' : ` | ({${n}{clear}} & ${n}'d${bias})`};`,
  );
  for (let k = 0; k < n - 1; k++) {
    m.instance(`${bit}_oai`, `value_${k}`, { a: `acc[${k}]`, b: 'high', c: 'keep', y: `value_n[${k}]` });
  }
  m.comment('two ripples: where nothing is added or taken away, nothing but the bit itself moves');
  m.raw("wire carry_0 = 1'b0;", "wire borrow_0 = 1'b0;");
  for (let k = 0; k <= n; k++) {
    const from = `base[${Math.min(k, n - 1)}]`;
    const [plus, minus] = k < width ? [`plus[${k}]`, `minus[${k}]`] : ["1'b0", "1'b0"];
    if (k === n) {
      m.raw(`wire more_${k} = ${from} ^ carry_${k};`, `assign next[${k}] = more_${k} ^ borrow_${k};`);
      continue;
    }
    m.raw(`wire more_${k};`, `wire carry_${k + 1};`, `wire borrow_${k + 1};`);
    if (k < width) {
      m.instance(`${bit}_count`, `add_${k}`, {
        a: from,
        b: plus,
        c: `carry_${k}`,
        s: `more_${k}`,
        t: `carry_${k + 1}`,
      });
      m.instance(`${bit}_take`, `sub_${k}`, {
        a: `more_${k}`,
        b: minus,
        c: `borrow_${k}`,
        s: `next[${k}]`,
        t: `borrow_${k + 1}`,
      });
    } else {
      m.raw(
        `assign more_${k} = ${from} ^ carry_${k};`,
        `assign carry_${k + 1} = ${from} & carry_${k};`,
        `assign next[${k}] = more_${k} ^ borrow_${k};`,
        `assign borrow_${k + 1} = ~more_${k} & borrow_${k};`,
      );
    }
  }
  return m.file();
}

/** The top module and what it instantiates. */
export function lnsMacFiles(
  name: string,
  plan: LnsMacPlan,
  input: Channel,
  output: Channel,
  header: readonly string[],
): RtlFile[] {
  const { lut, accumulator, binWidth, bias, enables, termBits } = plan;
  const width = sumWidth(plan);
  const wide = binWidth + 1;
  const files = [
    ...lnsBinsModules(`${name}_bins`, `${name}_product`, `${name}_columns`, `${name}_bit`, plan),
    lnsBinModule(`${name}_bin`, `${name}_bit`, plan),
    ...bitAdders(`${name}_bit`),
  ];
  if (lut > 1) files.push(lnsConstantsModule(`${name}_constants`, plan));
  const m = new Module(name, header);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const [valid, ready, last] = [i['valid']!.text, i['ready']!.text, i['last']!.text];
  m.comment('a vector that does not enter adds nothing: the accumulators need no enable');
  m.raw(
    'reg acc_full;',
    'reg acc_fresh;',
    `assign ${ready} = ~acc_full | ${o['ready']!.text};`,
    `wire load = ${valid} & ${ready};`,
    'wire clear = load & acc_fresh;',
    `wire [${lut * width - 1}:0] plus;`,
    `wire [${lut * width - 1}:0] minus;`,
  );
  m.instance(`${name}_bins`, 'u_bins', {
    w: i['w']!.text,
    a: i['a']!.text,
    live: 'load',
    plus: 'plus',
    minus: 'minus',
  });
  m.comment(`a register of ${wide} bits for each bin`);
  m.raw(
    `reg [${lut * wide - 1}:0] acc_q;`,
    `wire [${lut * wide - 1}:0] acc_next;`,
    `wire [${lut * binWidth - 1}:0] value;`,
  );
  for (let bin = 0; bin < lut; bin++) {
    const part = (name: string, bits: number): string => `${name}[${(bin + 1) * bits - 1}:${bin * bits}]`;
    m.instance(`${name}_bin`, `bin_${bin}`, {
      acc: part('acc_q', wide),
      clear: 'clear',
      idle: lut === 1 ? "1'b0" : '~acc_full',
      plus: part('plus', width),
      minus: part('minus', width),
      value: part('value', binWidth),
      next: part('acc_next', wide),
    });
  }
  const updates: string[] = [];
  // bits of the bias and one more move with most vectors
  const lively = Math.min(binWidth, bias === 0 ? termBits : bias.toString(2).length + 1);
  if (!enables || wide - lively < 2) updates.push('acc_q <= acc_next;');
  else {
    m.comment('the upper bits of a bin seldom move: they are written when they do');
    for (let bin = 0; bin < lut; bin++) {
      const low = `[${bin * wide + lively - 1}:${bin * wide}]`;
      const high = `[${(bin + 1) * wide - 1}:${bin * wide + lively}]`;
      m.raw(`wire move_${bin} = |(acc_next${high} ^ acc_q${high});`);
      updates.push(`acc_q${low} <= acc_next${low};`, `if (move_${bin}) acc_q${high} <= acc_next${high};`);
    }
  }
  m.always([
    'if (rst) begin',
    "  acc_full <= 1'b0;",
    "  acc_fresh <= 1'b1;",
    'end else begin',
    `  if (${ready}) acc_full <= load & ${last};`,
    `  if (load) acc_fresh <= ${last};`,
    'end',
    ...updates,
  ]);
  m.assign(o['valid']!, net('acc_full', 1));
  if (lut === 1) m.assign(o['acc']!, net('value', accumulator));
  else {
    m.comment(
      'constants once an output: the bins are held back until then, so that nothing switches for nothing',
    );
    m.instance(`${name}_constants`, 'u_constants', { sums: 'value', y: o['acc']!.text });
  }
  files.push(m.file());
  return files;
}
