// Second half of the fp16 softmax: one division an element, or one for a row and a product an element.
// Refuses other ways to divide.

import { UsageError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import { floatDivide, floatDivider, floatMultiplier, floatMultiply } from '../float/index.ts';
import { describedAgain } from '../float/pipelined-reference.ts';
import { Module, net } from '../rtl/index.ts';
import { type Batch, type Channel, emptyBatch, type Unit, type UnitParameters } from '../unit.ts';
import { field, fp16, one, pipelineOf } from './baseline.ts';
import { pipelinedLatency, pipelinedNormalFiles } from './baseline-pipelined.ts';
import { softmaxUnnormed } from './baseline-unnormed.ts';
import { holdResult } from './hold.ts';
import { floatNormalOperands, normalRows, rowWidth, traceRows, tracesOf } from './operands.ts';
import { vectorOf } from './options.ts';

/**
 * In: e, sum of the row. Out: e / sum. `division`: `divide` (default), one divider a lane; `reciprocal`, one divider for
 * 1 / sum and a multiplier a lane, smaller and with two roundings, always one stage. `pipeline` (default true): registers
 * between the rows of the dividers.
 */
export function softmaxNormal(parameters: UnitParameters): Unit {
  const { division = 'divide', ...rest } = parameters;
  if (division !== 'divide' && division !== 'reciprocal') {
    throw new UsageError(`division '${division}'`, { expected: 'divide or reciprocal' });
  }
  const multiplies = division === 'reciprocal';
  const { pipeline: asked, rest: lanesOnly } = pipelineOf(rest);
  const pipeline = asked && !multiplies;
  const vector = vectorOf(lanesOnly);
  const input: Channel = { name: 'in', direction: 'in', fields: [field('e', vector), field('sum', 1)] };
  const output: Channel = { name: 'out', direction: 'out', fields: [field('y', vector)] };
  const name = `softmax_normal_fp16_v${vector}${multiplies ? '_reciprocal' : pipeline ? '' : '_single'}`;
  const files = pipeline
    ? pipelinedNormalFiles(name, vector, input, output)
    : singleNormalFiles(name, vector, multiplies, input, output);
  return {
    ...{ kind: 'softmax-normal-fp16', name, input, output, operationsPerTransaction: vector },
    title: `fp16 softmax: ${multiplies ? 'reciprocal and product' : 'division'}, ${vector} lanes`,
    parameters: { vector, division, pipeline },
    format: 'fp16',
    files,
    reference: describedAgain(files, fp16),
    latency: pipeline ? pipelinedLatency.normal : 1,
    golden: batch => {
      const out = emptyBatch(output, batch.count);
      const { e, sum } = batch.fields as Record<string, Float64Array>;
      for (let t = 0; t < batch.count; t++) {
        const reciprocal = multiplies ? floatDivide(fp16, one, sum![t]!) : 0;
        for (let k = t * vector; k < (t + 1) * vector; k++)
          out.fields['y']![k] = multiplies
            ? floatMultiply(fp16, e![k]!, reciprocal)
            : floatDivide(fp16, e![k]!, sum![t]!);
      }
      return out;
    },
    stimuli: (random, count) => quotients(vector, input, random, count),
    operands: random => {
      const first = softmaxUnnormed({ vector, pipeline: false });
      return tracesOf(floatNormalOperands(vector, normalRows(random, traceRows, rowWidth), first.golden));
    },
  };
}

function singleNormalFiles(
  name: string,
  vector: number,
  multiplies: boolean,
  input: Channel,
  output: Channel,
): RtlFile[] {
  const m = new Module(name, [
    `fp16 softmax, normalising half: ${vector} ${multiplies ? 'multipliers and one divider' : 'dividers'}.`,
  ]);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const y = m.declare('y', net('', 16 * vector));
  if (multiplies) {
    m.declare('reciprocal', net('', 16));
    m.instance('fp16_divide', 'u_divide', { a: `16'h${one.toString(16)}`, b: 'in_sum', y: 'reciprocal' });
  }
  for (let k = 0; k < vector; k++) {
    const at = `[${16 * k + 15}:${16 * k}]`;
    const operands = { a: `in_e${at}`, y: `y${at}` };
    if (multiplies) m.instance('fp16_multiply', `u_multiply_${k}`, { ...operands, b: 'reciprocal' });
    else m.instance('fp16_divide', `u_divide_${k}`, { ...operands, b: 'in_sum' });
  }
  holdResult(m, i, o, y);
  return [floatDivider(fp16), ...(multiplies ? [floatMultiplier(fp16)] : []), m.file()];
}

/** What the first half makes of score rows: exponentials, and the sum of their row. */
function quotients(vector: number, channel: Channel, random: Random, count: number): Batch {
  const first = softmaxUnnormed({ vector, pipeline: false });
  const slices = 12;
  const rows = first.golden(first.stimuli(random, count + 2 * slices));
  const batch = emptyBatch(channel, count);
  // the first row streams before any maximum is known
  for (let t = 0; t < count; t++) {
    const from = t + slices;
    const end = from - (from % slices) + slices - 1;
    batch.fields['e']!.set(rows.fields['e']!.subarray(from * vector, (from + 1) * vector), t * vector);
    batch.fields['sum']![t] = rows.fields['sum']![end]!;
  }
  return batch;
}
