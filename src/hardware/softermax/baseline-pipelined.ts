// The fp16 softmax halves cut into pipeline stages, so that they keep a clock of about 125 fan-out-of-4 delays: one floating-point
// operation or a part of one between two registers. The sum of a slice leaves the adder tree some slices after its exponentials,
// as a stream of rows allows: exponentials wait for nothing. Refuses nothing: options were checked before.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { floatAdder, floatDivider, floatExponentialUnit, floatMaximum } from '../float/index.ts';
import { lanes, Module, type Net, net } from '../rtl/index.ts';
import { type Batch, type Channel, emptyBatch } from '../unit.ts';
import { fp16, pair, rowMaxima } from './baseline.ts';

/** Registers between the rows of the divider. */
const divideStages = 3;

/** Slices by which a sum follows its exponentials: levels of the adder tree. */
function sumLag(vector: number): number {
  return Math.ceil(Math.log2(vector));
}

/** Valid bits of `count` stages that move together: stage k holds what entered k + 1 moves ago. @returns names of the valids */
function validChain(m: Module, count: number, carriesLast: boolean): void {
  const names = Array.from({ length: count }, (_, k) => (k === count - 1 ? 'slice_valid' : `valid_${k}`));
  for (const [k, name] of names.entries()) {
    m.reg(name, net('', 1));
    if (carriesLast) m.reg(k === count - 1 ? 'held_last' : `last_${k}`, net('', 1));
  }
  m.raw('wire go = ~slice_valid | out_ready;');
  const last = (k: number): string => (k < 0 ? 'in_last' : k === count - 1 ? 'held_last' : `last_${k}`);
  m.always([
    'if (rst) begin',
    ...names.map(name => `  ${name} <= 1'b0;`),
    'end else if (go) begin',
    ...names.map((name, k) => `  ${name} <= ${k === 0 ? 'in_valid' : names[k - 1]};`),
    'end',
    ...(carriesLast
      ? ['if (go) begin', ...names.map((_, k) => `  ${last(k)} <= ${last(k - 1)};`), 'end']
      : []),
  ]);
}

/** Files of the first half. */
export function pipelinedUnnormedFiles(
  name: string,
  vector: number,
  input: Channel,
  output: Channel,
): RtlFile[] {
  const lag = sumLag(vector);
  const m = new Module(name, [
    `fp16 softmax, unnormalised half, ${vector} lanes, pipelined: maximum of the next row beside exponentials and sum of this`,
    `one. sum and sum_last belong to the slice ${lag} before e.`,
  ]);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  validChain(m, 4, true);
  const { row, update } = rowMaxima(m, i['a']!, vector);
  m.always(update('go & in_valid'));
  m.comment('differences, then exponentials in two registers and a half');
  const negated = m.wire('negated', net(`{~${row.text}[15], ${row.text}[14:0]}`, 16));
  const b = lanes(m, 'b', i['b']!, vector, 16, 0, 0xffff);
  const held: string[] = [];
  b.forEach((x, k) => {
    const d = pair('fp16_add')(m, `d_${k}`, x, negated);
    m.reg(`held_d_${k}`, net('', 16));
    m.declare(`y_${k}`, net('', 16));
    m.reg(`held_e_${k}`, net('', 16));
    m.instance('fp16_exp_2', `u_e_${k}`, { clk: 'clk', en: 'go', a: `held_d_${k}`, y: `y_${k}` });
    held.push(`if (go & in_valid) held_d_${k} <= ${d.text};`, `if (go & valid_2) held_e_${k} <= y_${k};`);
  });
  m.always(held);
  m.comment('adder tree, a register after every level; it moves when a slice leaves');
  m.raw('wire fire = slice_valid & out_ready;');
  let level = b.map((_, k) => net(`held_e_${k}`, 16));
  let valid = "1'b1";
  let last = 'held_last';
  const moves: string[] = [];
  const resets: string[] = [];
  const flags: string[] = [];
  for (let depth = 1; level.length > 1; depth++) {
    const up: Net[] = [];
    for (let k = 0; k < level.length; k += 2) {
      const right = level[k + 1];
      const left = level[k]!;
      const value = right === undefined ? left : pair('fp16_add')(m, `s_${depth}_${k / 2}`, left, right);
      const reg = m.reg(`level_${depth}_${k / 2}`, net('', 16));
      moves.push(`  ${reg.text} <= ${value.text};`);
      up.push(reg);
    }
    m.reg(`level_${depth}_valid`, net('', 1));
    m.reg(`level_${depth}_last`, net('', 1));
    resets.push(`  level_${depth}_valid <= 1'b0;`, `  level_${depth}_last <= 1'b0;`);
    flags.push(`  level_${depth}_valid <= ${valid};`, `  level_${depth}_last <= ${last};`);
    valid = `level_${depth}_valid`;
    last = `level_${depth}_last`;
    level = up;
  }
  const running = m.reg('row_sum', net('', 16));
  const sum = pair('fp16_add')(m, 'grown', level[0]!, running);
  m.always([
    'if (rst) begin',
    "  row_sum <= 16'd0;",
    ...resets,
    'end else if (fire) begin',
    `  row_sum <= (${last} | ~${valid}) ? 16'd0 : ${sum.text};`,
    ...flags,
    'end',
    ...(moves.length === 0 ? [] : ['if (fire) begin', ...moves, 'end']),
  ]);
  m.raw('assign in_ready = go;', 'assign out_valid = slice_valid;', 'assign out_last = held_last;');
  m.raw(`assign out_sum = ${sum.text} & {16{${valid}}};`, `assign out_sum_last = ${last};`);
  const packed = Array.from({ length: vector }, (_, k) => `held_e_${vector - 1 - k}`).join(', ');
  m.assign(o['e']!, net(`{${packed}}`, 16 * vector));
  return [floatMaximum(fp16), floatAdder(fp16), floatExponentialUnit(fp16, 'e', 2), m.file()];
}

/** Sums moved to the slice they leave with. */
export function laggedSums(vector: number, batch: Batch, output: Channel): Batch {
  const lag = sumLag(vector);
  const out = emptyBatch(output, batch.count);
  for (const key of ['e', 'last']) out.fields[key]!.set(batch.fields[key]!);
  if (batch.count > lag) {
    out.fields['sum']!.set(batch.fields['sum']!.subarray(0, batch.count - lag), lag);
    out.fields['sum_last']!.set(batch.fields['last']!.subarray(0, batch.count - lag), lag);
  }
  return out;
}

/** Files of the second half: a divider a lane, with registers between its rows. */
export function pipelinedNormalFiles(
  name: string,
  vector: number,
  input: Channel,
  output: Channel,
): RtlFile[] {
  const m = new Module(name, [
    `fp16 softmax, normalising half: ${vector} dividers of ${divideStages + 1} stages.`,
  ]);
  m.clock();
  m.channel(input);
  const o = m.channel(output);
  validChain(m, divideStages + 1, false);
  const loads: string[] = [];
  for (let k = 0; k < vector; k++) {
    m.declare(`y_${k}`, net('', 16));
    m.reg(`held_y_${k}`, net('', 16));
    m.instance(`fp16_divide_${divideStages}`, `u_divide_${k}`, {
      ...{ clk: 'clk', en: 'go', a: `in_e[${16 * k + 15}:${16 * k}]`, b: 'in_sum', y: `y_${k}` },
    });
    loads.push(`if (go & valid_${divideStages - 1}) held_y_${k} <= y_${k};`);
  }
  m.always(loads);
  m.raw('assign in_ready = go;', 'assign out_valid = slice_valid;');
  const packed = Array.from({ length: vector }, (_, k) => `held_y_${vector - 1 - k}`).join(', ');
  m.assign(o['y']!, net(`{${packed}}`, 16 * vector));
  return [floatDivider(fp16, divideStages), m.file()];
}

/** Cycles from an input to its output. */
export const pipelinedLatency = { unnormed: 4, normal: divideStages + 1 };
