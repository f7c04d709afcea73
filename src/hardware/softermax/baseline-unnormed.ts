// First half of the fp16 softmax: maximum, subtract, exponential and sum. Refuses nothing: options were checked before.

import type { Random } from '../../core/random.ts';
import { Softermax } from '../../format/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import {
  floatAdd,
  floatAdder,
  floatExponential,
  floatExponentialUnit,
  floatMax,
  floatMaximum,
  numberToFloat,
} from '../float/index.ts';
import { describedAgain } from '../float/pipelined-reference.ts';
import { lanes, Module, net, stage, tree } from '../rtl/index.ts';
import { type Batch, type Channel, emptyBatch, type Unit, type UnitParameters } from '../unit.ts';
import { field, fp16, lowest, nextMaximum, pair, pipelineOf, rowMaximum, sign } from './baseline.ts';
import { laggedSums, pipelinedLatency, pipelinedUnnormedFiles } from './baseline-pipelined.ts';
import { floatUnnormedOperands, normalRows, rowWidth, traceRows, tracesOf } from './operands.ts';
import { vectorOf } from './options.ts';
import { scoreRows } from './stimuli.ts';

/** Balanced as `tree` of the RTL pieces: neighbours pair up, a last odd one moves up. */
function fold(values: ArrayLike<number>, combine: (a: number, b: number) => number): number {
  let level = Array.from(values);
  while (level.length > 1) {
    const next: number[] = [];
    for (let i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? combine(level[i]!, level[i + 1]!) : level[i]!);
    }
    level = next;
  }
  return level[0]!;
}

/**
 * Two rows of equal length stream side by side: `a` is the next row, whose maximum is found, `b` the row whose maximum was
 * found before, whose exponentials are summed. So V elements finish every cycle, as in the Softermax unit, with the scores
 * read twice. Out: e^(b - maximum), running sum. `pipeline` (default true).
 */
export function softmaxUnnormed(parameters: UnitParameters): Unit {
  const { pipeline, rest } = pipelineOf(parameters);
  const vector = vectorOf(rest);
  const input: Channel = {
    ...{ name: 'in', direction: 'in' },
    fields: [field('a', vector), field('b', vector), field('last', 1, 1)],
  };
  const output: Channel = {
    ...{ name: 'out', direction: 'out' },
    fields: [
      ...[field('e', vector), field('sum', 1), field('last', 1, 1)],
      ...(pipeline ? [field('sum_last', 1, 1)] : []),
    ],
  };
  const name = `softmax_unnormed_fp16_v${vector}${pipeline ? '' : '_single'}`;
  const unit: Omit<Unit, 'files' | 'latency' | 'golden'> = {
    ...{ kind: 'softmax-unnormed-fp16', name, input, output, operationsPerTransaction: vector },
    title: `fp16 softmax: maximum, exponential, sum, ${vector} lanes${pipeline ? '' : ', one stage'}`,
    parameters: { vector, pipeline },
    format: 'fp16',
    stimuli: (random, count) => pairedRows(vector, input, random, count),
    operands: random => tracesOf(floatUnnormedOperands(vector, normalRows(random, traceRows, rowWidth))),
  };
  if (pipeline) {
    const files = pipelinedUnnormedFiles(name, vector, input, output);
    return {
      ...unit,
      files,
      reference: describedAgain(files, fp16),
      latency: pipelinedLatency.unnormed,
      golden: batch => laggedSums(vector, unnormedGolden(vector, batch, output), output),
    };
  }
  const files = [
    floatMaximum(fp16),
    floatAdder(fp16),
    floatExponentialUnit(fp16, 'e'),
    singleStage(name, vector, input, output),
  ];
  return {
    ...unit,
    files,
    reference: describedAgain(files, fp16),
    latency: 1,
    golden: batch => unnormedGolden(vector, batch, output),
  };
}

function singleStage(name: string, vector: number, input: Channel, output: Channel): RtlFile {
  const m = new Module(name, [
    `fp16 softmax, unnormalised half, ${vector} lanes: maximum of the next row beside exponentials and sum of this one.`,
  ]);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const { maximum, update } = nextMaximum(m, i['a']!, vector);
  m.comment('exponentials of this row');
  m.declare('row_ends', net('', 1));
  const negated = rowMaximum(m, maximum.text, 'row_ends');
  const b = lanes(m, 'b', i['b']!, vector, 16, 0, 0xffff);
  const e = m.declare('e', net('', 16 * vector));
  b.forEach((x, k) => {
    const d = pair('fp16_add')(m, `d_${k}`, x, negated);
    m.instance('fp16_exp', `u_e_${k}`, { a: d.text, y: `e[${16 * k + 15}:${16 * k}]` });
  });
  const held = stage(m, {
    ...{ name: 'slice', valid: i['valid']!, ready: o['ready']! },
    registers: [
      { name: 'held_e', value: e },
      { name: 'held_last', value: i['last']! },
    ],
  });
  m.assign(i['ready']!, held.ready);
  m.always(update('slice_load'));
  m.raw('assign row_ends = slice_load & in_last;');
  m.comment('sum of the slice, then of the row');
  const terms = Array.from({ length: vector }, (_, k) =>
    m.wire(`e_${k}`, net(`held_e[${16 * k + 15}:${16 * k}]`, 16)),
  );
  const slice = tree(m, 'slice_sum', terms, pair('fp16_add'));
  const running = m.reg('row_sum', net('', 16));
  const sum = pair('fp16_add')(m, 'sum', slice, running);
  m.always([
    "if (rst) row_sum <= 16'd0;",
    `else if (slice_valid & out_ready) row_sum <= held_last ? 16'd0 : ${sum.text};`,
  ]);
  m.assign(o['valid']!, held.valid);
  m.assign(o['e']!, held.out[0]!);
  m.assign(o['sum']!, sum);
  m.assign(o['last']!, held.out[1]!);
  return m.file();
}

let exponentials: Uint16Array | undefined;

/** e^x of a pattern. */
function exponential(code: number): number {
  exponentials ??= Uint16Array.from({ length: 65536 }, (_, c) => floatExponential(fp16, 'e', c));
  return exponentials[code]!;
}

function unnormedGolden(vector: number, batch: Batch, output: Channel): Batch {
  const out = emptyBatch(output, batch.count);
  const { a, b, last } = batch.fields as Record<string, Float64Array>;
  const larger = (x: number, y: number): number => floatMax(fp16, x, y);
  const plus = (x: number, y: number): number => floatAdd(fp16, x, y);
  let next = lowest;
  let row = 0;
  let sum = 0;
  const e = new Array<number>(vector);
  for (let t = 0; t < batch.count; t++) {
    const from = t * vector;
    const top = larger(fold(a!.subarray(from, from + vector), larger), next);
    const negated = row >= sign ? row - sign : row + sign;
    for (let k = 0; k < vector; k++) e[k] = exponential(plus(b![from + k]!, negated));
    const grown = plus(fold(e, plus), sum);
    out.fields['e']!.set(e, from);
    out.fields['sum']![t] = grown;
    out.fields['last']![t] = last![t]!;
    const ends = last![t] === 1;
    next = ends ? lowest : top;
    if (ends) row = top;
    sum = ends ? 0 : grown;
  }
  return out;
}

/** The rows of the Softermax unit's stimuli in natural units, each offered twice: as the next row, then as this row. */
function pairedRows(vector: number, channel: Channel, random: Random, count: number): Batch {
  const slices = 12;
  const model = new Softermax({ vector });
  const plain: Channel = {
    ...{ name: 'in', direction: 'in' },
    fields: [
      { name: 'x', lanes: vector, bits: 8, signed: true },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const scores = scoreRows(model, plain, random, count + slices).fields['x']!;
  const batch = emptyBatch(channel, count);
  const { a, b, last } = batch.fields as Record<string, Float64Array>;
  const values = Float64Array.from(scores, x => numberToFloat(fp16, (x / 4) * Math.LN2));
  b!.set(values.subarray(0, count * vector));
  a!.set(values.subarray(slices * vector, (slices + count) * vector));
  for (let t = 0; t < count; t++) last![t] = t % slices === slices - 1 ? 1 : 0;
  return batch;
}
