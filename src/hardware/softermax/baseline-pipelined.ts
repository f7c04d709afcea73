// The fp16 softmax halves cut into pipeline stages, so that they keep a clock of about 125 fan-out-of-4 delays: one floating-point
// operation or a part of one between two registers. The sum of a slice leaves the adder tree some slices after its exponentials,
// as a stream of rows allows: exponentials wait for nothing. What is there many times is a module of its own that begins and
// ends at registers (baseline-pieces.ts). Refuses nothing: options were checked before.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { floatAdder, floatDivider, floatExponentialUnit, floatMaximum } from '../float/index.ts';
import { Module, type Net, net } from '../rtl/index.ts';
import { type Batch, type Channel, emptyBatch } from '../unit.ts';
import { fp16, nextMaximum } from './baseline.ts';
import {
  divideStages,
  lanesModule,
  lanesName,
  nextLevel,
  plus,
  quotientsModule,
  treeLevels,
} from './baseline-pieces.ts';

/** Lanes of a module: they share a register of the row's maximum. */
const groupLanes = 8;

/** Dividers that share the registers of their divisor. */
const quotientGroup = 16;

/** Slices by which a sum follows its exponentials: levels of the adder tree. */
function sumLag(vector: number): number {
  return treeLevels(vector);
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
  const { maximum, update } = nextMaximum(m, i['a']!, vector);
  m.raw('wire take = go & in_valid;', 'wire row_ends = take & in_last;', 'wire keep = go & valid_2;');
  m.always(update('take'));
  m.raw('wire fire = slice_valid & out_ready;');
  const inner = Math.min(sumLag(vector), treeLevels(groupLanes));
  const sizes = new Set<number>();
  let level: Net[] = [];
  const exponentials: string[] = [];
  for (let from = 0; from < vector; from += groupLanes) {
    const count = Math.min(groupLanes, vector - from);
    const k = from / groupLanes;
    sizes.add(count);
    const e = m.declare(`e_${k}`, net('', 15 * count)).text;
    level.push(m.declare(`part_${k}`, net('', 15)));
    m.instance(lanesName(count, inner), `u_lanes_${k}`, {
      ...{ clk: 'clk', rst: 'rst', take: 'take', row_ends: 'row_ends', go: 'go', keep: 'keep', fire: 'fire' },
      ...{ maximum: maximum.text, b: `in_b[${16 * (from + count) - 1}:${16 * from}]`, e, sum: `part_${k}` },
    });
    for (let lane = 0; lane < count; lane++) exponentials.push(`1'b0, ${e}[${15 * lane + 14}:${15 * lane}]`);
  }
  m.comment('the rest of the adder tree, which moves when a slice leaves');
  let valid = "1'b1";
  let last = 'held_last';
  const moves: string[] = [];
  const resets: string[] = [];
  const flags: string[] = [];
  for (let depth = 1; depth <= sumLag(vector); depth++) {
    if (depth > inner) level = nextLevel(m, level, `level_${depth}`, moves);
    m.reg(`level_${depth}_valid`, net('', 1));
    m.reg(`level_${depth}_last`, net('', 1));
    resets.push(`  level_${depth}_valid <= 1'b0;`, `  level_${depth}_last <= 1'b0;`);
    flags.push(`  level_${depth}_valid <= ${valid};`, `  level_${depth}_last <= ${last};`);
    valid = `level_${depth}_valid`;
    last = `level_${depth}_last`;
  }
  const running = m.reg('row_sum', net('', 15));
  const sum = plus(m, 'grown', level[0]!, running);
  m.always([
    'if (rst) begin',
    "  row_sum <= 15'd0;",
    ...resets,
    'end else if (fire) begin',
    `  row_sum <= (${last} | ~${valid}) ? 15'd0 : ${sum.text};`,
    ...flags,
    'end',
    ...(moves.length === 0 ? [] : ['if (fire) begin', ...moves, 'end']),
  ]);
  m.raw('assign in_ready = go;', 'assign out_valid = slice_valid;', 'assign out_last = held_last;');
  m.raw(`assign out_sum = {1'b0, ${sum.text} & {15{${valid}}}};`, `assign out_sum_last = ${last};`);
  m.assign(o['e']!, net(`{${exponentials.reverse().join(', ')}}`, 16 * vector));
  return [
    ...[floatMaximum(fp16), floatAdder(fp16), floatExponentialUnit(fp16, 'e', 2)],
    ...[...sizes].map(count => lanesModule(count, inner)),
    m.file(),
  ];
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
  m.channel(output);
  validChain(m, divideStages + 1, false);
  m.raw(`wire keep = go & valid_${divideStages - 1};`);
  const sizes = new Set<number>();
  for (let from = 0; from < vector; from += quotientGroup) {
    const count = Math.min(quotientGroup, vector - from);
    sizes.add(count);
    const at = `[${16 * (from + count) - 1}:${16 * from}]`;
    m.instance(`softmax_fp16_quotients_${count}`, `u_y_${from / quotientGroup}`, {
      ...{ clk: 'clk', go: 'go', keep: 'keep' },
      ...{ e: `in_e${at}`, sum: 'in_sum', y: `out_y${at}` },
    });
  }
  m.raw('assign in_ready = go;', 'assign out_valid = slice_valid;');
  return [floatDivider(fp16, divideStages), ...[...sizes].map(quotientsModule), m.file()];
}

/** Cycles from an input to its output. */
export const pipelinedLatency = { unnormed: 4, normal: divideStages + 1 };
