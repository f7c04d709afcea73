// The floating-point MAC units: baselines with the interface of the LNS MAC.

import type { Channel, Unit, UnitParameters } from '../unit.ts';
import { fpMacGolden, fpMacStimuli } from './golden.ts';
import { planFpMac } from './options.ts';
import { fpMacReference } from './reference.ts';
import { fpMacFiles } from './rtl.ts';

export { fpPartial } from './golden.ts';
export { type FpMacPlan, planFpMac } from './options.ts';

/** Parameters: format, accumulate, lanes, sum, stages, fraction; see FpMacPlan. @throws UsageError */
export function fpMac(parameters: UnitParameters): Unit {
  const plan = planFpMac(parameters);
  const { format, accumulate, lanes, sum, stages } = plan;
  const input: Channel = {
    name: 'in',
    direction: 'in',
    fields: [
      { name: 'w', lanes, bits: format.bits, signed: false },
      { name: 'a', lanes, bits: format.bits, signed: false },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const output: Channel = {
    name: 'out',
    direction: 'out',
    fields: [{ name: 'acc', lanes: 1, bits: accumulate.bits, signed: false }],
  };
  const short = sum === 'fused' && plan.fraction < accumulate.mantissaBits + 2;
  const variant = `${sum}${sum === 'fused' && stages > 3 ? stages : ''}${short ? `_f${plan.fraction}` : ''}`;
  const name = `fp_mac_${format.name}_${accumulate.name}_${variant}_v${lanes}`;
  const header = [
    `Floating-point MAC ${format.name}, ${lanes} lanes, accumulator ${accumulate.name}.`,
    '',
    sum === 'fused'
      ? `exact products aligned to the largest exponent, truncated to ${plan.fraction} fraction bits, summed as integers, rounded once`
      : `products as ${accumulate.name}, a balanced tree of ${accumulate.name} adders, a pipeline stage a level`,
    plan.subnormals ? 'subnormal operands count' : 'subnormal operands are zero',
    'no infinity, no NaN: the top exponent is an ordinary binade, sums saturate; zero results are +0',
  ];
  const files = fpMacFiles(name, plan, input, output, header);
  return {
    kind: 'fp-mac',
    name,
    title: `floating-point MAC ${format.name}, ${lanes} lanes, ${sum}${sum === 'fused' && stages > 3 ? ` in ${stages} stages` : ''}${short ? `, ${plan.fraction} fraction bits` : ''}, accumulator ${accumulate.name}`,
    parameters: {
      ...{ format: format.name, accumulate: accumulate.name, lanes, sum },
      ...(sum === 'fused' ? { stages, fraction: plan.fraction } : {}),
    },
    format: format.name,
    files,
    input,
    output,
    latency: sum === 'fused' ? stages : 2 + Math.ceil(Math.log2(lanes)),
    golden: batch => fpMacGolden(plan, batch),
    stimuli: (random, count) => fpMacStimuli(plan, random, count),
    operationsPerTransaction: lanes,
    reference: [...fpMacReference(name, plan), files.at(-1)!],
  };
}
