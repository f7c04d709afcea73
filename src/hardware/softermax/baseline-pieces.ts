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

/** Levels of the adder tree over so many terms. */
export function treeLevels(terms: number): number {
  return Math.ceil(Math.log2(terms));
}

/** Name of `lanesModule`. */
export function lanesName(count: number, levels: number): string {
  return `softmax_fp16_lanes_${count}_${levels}`;
}

/**
 * softmax_fp16_lanes_COUNT_LEVELS: differences from the maximum of the row, of which it keeps a copy, exponentials in three
 * registers, and their part of the adder tree with a register after each of its `levels` levels.
 */
export function lanesModule(count: number, levels: number): RtlFile {
  const m = piece(
    lanesName(count, levels),
    `${count} lanes: difference, exponential and their part of the sum.`,
  );
  m.clock();
  for (const name of ['take', 'row_ends', 'go', 'keep', 'fire']) m.input(name);
  const maximum = m.input('maximum', 16);
  const scores = m.input('b', 16 * count);
  const e = m.output('e', 15 * count);
  const sum = m.output('sum', 15);
  const negated = rowMaximum(m, maximum.text, 'row_ends');
  m.comment('differences, then exponentials in two registers and a half; none is negative');
  const moves: string[] = [];
  let level = lanes(m, 'b', scores, count, 16, 0, 0xffff).map((b, k) => {
    const difference = pair('fp16_add')(m, `d_${k}`, b, negated);
    const d = m.reg(`held_d_${k}`, net('', 16));
    const y = m.declare(`y_${k}`, net('', 16));
    const held = m.reg(`held_e_${k}`, net('', 15));
    m.instance('fp16_exp_2', `u_e_${k}`, { clk: 'clk', en: 'go', a: d.text, y: y.text });
    m.unused(net(`${y.text}[15]`, 1));
    moves.push(`if (take) ${d.text} <= ${difference.text};`, `if (keep) ${held.text} <= ${y.text}[14:0];`);
    return held;
  });
  m.always(moves);
  const packed = level.map(held => held.text).reverse();
  m.assign(e, net(`{${packed.join(', ')}}`, 15 * count));
  m.comment('adder tree, a register after every level');
  const up: string[] = [];
  for (let depth = 1; depth <= levels; depth++) {
    level = nextLevel(m, level, `level_${depth}`, up);
  }
  if (up.length > 0) m.always(['if (fire) begin', ...up, 'end']);
  else m.unused(net('fire', 1));
  m.assign(sum, level[0]!);
  return m.file();
}

/** Registers of the sums of neighbours, a last odd one moves up as it is. @param moves lines of their clocked block, added to */
export function nextLevel(m: Module, level: readonly Net[], name: string, moves: string[]): Net[] {
  const up: Net[] = [];
  for (let k = 0; k < level.length; k += 2) {
    const reg = m.reg(`${name}_${k / 2}`, net('', 15));
    const left = level[k]!;
    const right = level[k + 1];
    if (right === undefined) moves.push(`  ${reg.text} <= ${left.text};`);
    else moves.push(`  ${reg.text} <= ${plus(m, `sum_${reg.text}`, left, right).text};`);
    up.push(reg);
  }
  return up;
}

/** The sum of two magnitudes. */
export function plus(m: Module, name: string, a: Net, b: Net): Net {
  const sum = pair('fp16_add')(m, name, unsigned(a), unsigned(b));
  m.unused(net(`${sum.text}[15]`, 1));
  return net(`${sum.text}[14:0]`, 15);
}

/** Sixteen bits of a magnitude. */
function unsigned(magnitude: Net): Net {
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
