// The vector MAC unit (VS-Quant figure 2): V multipliers, adder tree, scale product, accumulation collector.
// Without vector scales it is the plain integer MAC that serves as the baseline.

import type { Unit, UnitParameters } from '../unit.ts';
import { vectorMacGolden, vectorMacStimuli } from './golden.ts';
import { planVectorMac, type VectorMacPlan } from './options.ts';
import { vectorMacReference } from './reference.ts';
import { vectorMacFiles } from './rtl.ts';

export { planVectorMac, roundScale, type VectorMacPlan } from './options.ts';

/** Parameters: format, vector, scaleBits, depth, fullRange, inputRegister; see VectorMacOptions. @throws UsageError */
export function vectorMac(parameters: UnitParameters): Unit {
  const plan = planVectorMac(parameters);
  const { options, weight, activation, accumulator } = plan;
  const input = {
    name: 'in',
    direction: 'in' as const,
    fields: [
      {
        name: 'w',
        lanes: options.vector,
        bits: weight.bits,
        signed: weight.low < 0,
        low: weight.low,
        high: weight.high,
      },
      {
        name: 'a',
        lanes: options.vector,
        bits: activation.bits,
        signed: activation.low < 0,
        low: activation.low,
        high: activation.high,
      },
      ...(weight.scaleBits > 0 ? [{ name: 'ws', lanes: 1, bits: weight.scaleBits, signed: false }] : []),
      ...(activation.scaleBits > 0
        ? [{ name: 'as', lanes: 1, bits: activation.scaleBits, signed: false }]
        : []),
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const output = {
    name: 'out',
    direction: 'out' as const,
    fields: [{ name: 'acc', lanes: 1, bits: accumulator.bits, signed: accumulator.low < 0 }],
  };
  const name = `vector_mac_${stem(plan)}`;
  const header = describe(plan);
  return {
    kind: 'vector-mac',
    name,
    title: `vector MAC ${plan.format}, ${options.vector} lanes`,
    parameters: clean(plan),
    format: plan.format,
    files: vectorMacFiles(name, plan, input, output, header),
    input,
    output,
    latency: 2 + (plan.productBits > 0 ? 1 : 0) + (options.inputRegister ? 1 : 0),
    golden: batch => vectorMacGolden(plan, batch),
    stimuli: (random, count) => vectorMacStimuli(plan, random, count),
    operationsPerTransaction: options.vector,
    reference: vectorMacReference(name, plan, input, output),
  };
}

/** Parameters that make the same unit again; defaults spelled out. */
function clean(plan: VectorMacPlan): UnitParameters {
  const { scaleBits, ...rest } = plan.options;
  return { ...rest, format: plan.format, ...(scaleBits === undefined ? {} : { scaleBits }) };
}

function stem(plan: VectorMacPlan): string {
  const { options } = plan;
  const words = [plan.format.replace(/-/g, 'x').replace(/\W+/g, '_'), `v${options.vector}`];
  if (options.scaleBits !== undefined) words.push(`p${options.scaleBits}`);
  if (options.depth !== 256) words.push(`k${options.depth}`);
  if (options.fullRange) words.push('full');
  if (options.inputRegister) words.push('r');
  return words.join('_');
}

function describe(plan: VectorMacPlan): string[] {
  const { options, weight, activation, accumulator, dot } = plan;
  const side = (o: typeof weight): string =>
    `${o.bits} bits, ${o.low} to ${o.high}, ${o.scaleBits === 0 ? 'coarse scale' : `${o.scaleBits}-bit vector scale`}`;
  const scale =
    plan.productBits === 0
      ? 'no vector scales'
      : `scale product 0 to ${plan.scaleTop}${plan.shift === 0 ? '' : `, rounded: ${plan.shift} lower bits dropped, fold 2^${plan.shift} into the coarse scale`}`;
  return [
    `Vector MAC ${plan.format}, ${options.vector} lanes, up to ${options.depth} vectors a sum.`,
    '',
    '  acc = sum over vectors until last of (sum over lanes of w * a) * R(ws * as)',
    '',
    `weights      ${side(weight)}`,
    `activations  ${side(activation)}`,
    `dot product  ${dot.low} to ${dot.high}; ${scale}`,
    `accumulator  ${accumulator.bits} bits, ${accumulator.low} to ${accumulator.high}: cannot overflow`,
    'Codes outside the ranges are not legal input. Valid/ready: a transaction moves when both are high at a clock edge.',
  ];
}
