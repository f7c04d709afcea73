// The post-processing unit (VS-Quant figure 2c): coarse scaling, optional ReLU, vector maximum, reciprocal, dynamic
// per-vector quantization of outputs.

import type { Unit, UnitParameters } from '../unit.ts';
import { ppuGolden, ppuStimuli } from './golden.ts';
import { planPpu } from './options.ts';
import { ppuReference } from './reference.ts';
import { ppuFiles } from './rtl.ts';

export { planPpu } from './options.ts';

/** Parameters: format, vector, inputBits, multiplierBits, fraction; see PpuPlan. @throws UsageError */
export function ppu(parameters: UnitParameters): Unit {
  const plan = planPpu(parameters);
  const { vector, format, inputBits, multiplierBits, fraction } = plan;
  const input = {
    name: 'in',
    direction: 'in' as const,
    fields: [
      { name: 'x', lanes: vector, bits: inputBits, signed: true },
      { name: 'c', lanes: vector, bits: multiplierBits, signed: false },
    ],
  };
  const output = {
    name: 'out',
    direction: 'out' as const,
    fields: [
      { name: 'codes', lanes: vector, bits: plan.codeBits, signed: plan.signed },
      { name: 'scale', lanes: 1, bits: plan.scaleBits, signed: false },
    ],
  };
  const words = [format.replace(/\W+/g, '_'), `i${inputBits}`, `m${multiplierBits}`, `f${fraction}`];
  const name = `ppu_${words.join('_')}`;
  const header = [
    `Post-processing unit: ${vector} accumulators of ${inputBits} bits to ${format}.`,
    '',
    `  y = x * c / 2^${plan.shift}${plan.signed ? '' : ', negative to 0'}   (rounded half up, limited)`,
    `  scale = round(max |y| / (${plan.top} * 2^${fraction})), at most ${plan.scaleTop}`,
    `  code  = round(y / (scale * 2^${fraction})), at most ${plan.top} in magnitude   (ties to even)`,
  ];
  return {
    kind: 'ppu',
    name,
    title: `post-processing unit ${format}`,
    parameters: { format, vector, inputBits, multiplierBits, fraction },
    format,
    files: ppuFiles(name, plan, input, output, header),
    input,
    output,
    latency: 4,
    golden: batch => ppuGolden(plan, batch),
    stimuli: (random, count) => ppuStimuli(plan, random, count),
    operationsPerTransaction: vector,
    reference: [ppuReference(name, plan, input, output, 'reciprocal')],
    states: [ppuReference(name, plan, input, output, 'all')],
  };
}
