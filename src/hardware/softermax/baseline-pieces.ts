// The parts of the pipelined fp16 softmax that are there many times. Each ends at registers and begins at registers or at inputs
// of the unit, so that no path crosses its ports: mapped once and used everywhere, it comes out as within the whole.
// Refuses nothing.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { lanes, Module, type Net, net } from '../rtl/index.ts';
import { pair, rowMaximum } from './baseline.ts';

/** Registers between the rows of the divider. */
export const divideStages = 3;

function piece(name: string, header: string): Module {
  return new Module(name, [header], { boundary: true });
}

/** softmax_fp16_differences_COUNT: scores less the maximum of their row, which it keeps, in registers. */
export function differencesModule(count: number): RtlFile {
  const m = piece(`softmax_fp16_differences_${count}`, `${count} scores less the maximum of their row.`);
  m.clock();
  m.input('take');
  m.input('row_ends');
  const maximum = m.input('maximum', 16);
  const scores = m.input('b', 16 * count);
  const d = m.output('d', 16 * count);
  const negated = rowMaximum(m, maximum.text, 'row_ends');
  const moves = lanes(m, 'b', scores, count, 16, 0, 0xffff).map((b, k) => {
    const difference = pair('fp16_add')(m, `d_${k}`, b, negated);
    return `  ${m.reg(`held_d_${k}`, net('', 16)).text} <= ${difference.text};`;
  });
  m.always(['if (take) begin', ...moves, 'end']);
  const packed = Array.from({ length: count }, (_, k) => `held_d_${count - 1 - k}`).join(', ');
  m.assign(d, net(`{${packed}}`, 16 * count));
  return m.file();
}

/** softmax_fp16_exponential: an exponential in two registers and a half, and its register. */
export function exponentialModule(): RtlFile {
  const m = piece('softmax_fp16_exponential', 'Exponential of a difference, three registers.');
  for (const name of ['clk', 'go', 'keep']) m.input(name);
  m.input('d', 16);
  const e = m.output('e', 15);
  m.declare('y', net('', 16));
  m.instance('fp16_exp_2', 'u_exp', { clk: 'clk', en: 'go', a: 'd', y: 'y' });
  const held = m.reg('held_e', net('', 15));
  m.always(['if (keep) held_e <= y[14:0];']);
  m.unused(net('y[15]', 1));
  m.assign(e, held);
  return m.file();
}

/** softmax_fp16_sum: a node of the adder tree and its register. Terms have no sign: exponentials are never negative. */
export function sumModule(): RtlFile {
  const m = piece('softmax_fp16_sum', 'Node of the adder tree with its register; nothing is negative.');
  for (const name of ['clk', 'fire']) m.input(name);
  const a = m.input('a', 15);
  const b = m.input('b', 15);
  const sum = m.output('sum', 15);
  const value = pair('fp16_add')(m, 'value', unsigned(a), unsigned(b));
  const held = m.reg('held', net('', 15));
  m.always([`if (fire) held <= ${value.text}[14:0];`]);
  m.unused(net(`${value.text}[15]`, 1));
  m.assign(sum, held);
  return m.file();
}

/** Sixteen bits of a magnitude. */
export function unsigned(magnitude: Net): Net {
  return net(`{1'b0, ${magnitude.text}}`, 16);
}

/** softmax_fp16_quotients_COUNT: dividers of `divideStages` registers by the same divisor, and a register for each result. */
export function quotientsModule(count: number): RtlFile {
  const m = piece(
    `softmax_fp16_quotients_${count}`,
    `${count} dividers of ${divideStages + 1} stages by the same sum.`,
  );
  for (const name of ['clk', 'go', 'keep']) m.input(name);
  m.input('e', 16 * count);
  m.input('sum', 16);
  const y = m.output('y', 16 * count);
  const quotients = m.declare('quotients', net('', 16 * count));
  for (let k = 0; k < count; k++) {
    const at = `[${16 * k + 15}:${16 * k}]`;
    const ports = { clk: 'clk', en: 'go', a: `e${at}`, b: 'sum', y: quotients.text + at };
    m.instance(`fp16_divide_${divideStages}`, `u_divide_${k}`, ports);
  }
  const held = m.reg('held_y', quotients);
  m.always([`if (keep) ${held.text} <= ${quotients.text};`]);
  m.assign(y, held);
  return m.file();
}
