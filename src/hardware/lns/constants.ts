// The end of an LNS MAC: remainder bins times the constants of the table, summed and rounded.
// One weighted sum of all bins, the transpose of an adder graph for the constants: half the adders of separate multipliers.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { add, constant, Module, type Net, ranged, shiftRight, slice, subtract } from '../rtl/index.ts';
import { adderGraph } from './adder-graph.ts';
import type { LnsMacPlan } from './options.ts';

/** Combinational module NAME(sums) -> y: bins times constants, rounded half up, saturated. */
export function lnsConstantsModule(name: string, plan: LnsMacPlan): RtlFile {
  const { lut, constants, constantBits, accumulator, binWidth, bias } = plan;
  const m = new Module(name, [
    `Remainder bins times 2^(m/${lut}) in ${constantBits} fraction bits: ${constants.join(' ')}; rounded half up, saturated.`,
  ]);
  const port = m.input('sums', lut * binWidth);
  m.output('y', accumulator);
  const { nodes, of } = adderGraph(constants);
  // what each value of the graph is multiplied with: begins with the bins, ends with everything on 1
  const factors = new Map<number, { net: Net; minus: boolean }[]>();
  const give = (value: number, net: Net, minus: boolean): void => {
    const list = factors.get(value) ?? [];
    factors.set(value, list);
    if (minus) list.push({ net, minus });
    else list.unshift({ net, minus });
  };
  const half = 2 ** (binWidth - 1);
  constants.forEach((_, bin) => {
    const part = slice(port, bin * binWidth, binWidth);
    const sum = m.wire(`sum_${bin}`, { ...ranged('', -half, half - 1), text: part.text });
    const { value, shift } = of[bin]!;
    give(value, shifted(m, `bin_${bin}`, sum, shift), false);
  });
  const total = (value: number): { net: Net; minus: boolean } => {
    const [first, ...rest] = factors.get(value)!;
    // only subtracted: summed as it is, and subtracted where it goes
    const minus = first!.minus;
    let sum = first!.net;
    rest.forEach((part, k) => {
      sum = (part.minus === minus ? add : subtract)(m, `times_${value}_${k}`, sum, part.net);
    });
    return { net: sum, minus };
  };
  for (const { value, first, second } of [...nodes].reverse()) {
    const { net, minus } = total(value);
    const factor = m.wire(`times_${value}`, net);
    give(first.value, shifted(m, `give_${value}_a`, factor, first.shift), minus);
    give(second.value, shifted(m, `give_${value}_b`, factor, second.shift), second.minus !== minus);
  }
  const offset = bias * constants.reduce((sum, c) => sum + c, 0);
  const rounding = m.wire('rounding', constant(2 ** (constantBits - 1) - offset, undefined, true));
  const exact = add(m, 'exact', total(1).net, rounding);
  const whole = shiftRight(m, 'whole', exact, constantBits);
  // the dropped fraction is named so that linters see it is meant
  m.raw(`wire unused_fraction = &{1'b0, exact[${constantBits - 1}:0]};`);
  const sign = `whole[${whole.width - 1}]`;
  m.raw(
    `wire over = |(whole[${whole.width - 2}:${accumulator - 1}] ^ {${whole.width - accumulator}{${sign}}});`,
    `assign y = over ? {${sign}, {${accumulator - 1}{~${sign}}}} : whole[${accumulator - 1}:0];`,
  );
  return m.file();
}

function shifted(m: Module, name: string, value: Net, by: number): Net {
  if (by === 0) return value;
  return m.wire(name, {
    ...value,
    text: `{${value.text}, ${by}'d0}`,
    width: value.width + by,
    low: value.low * 2 ** by,
    high: value.high * 2 ** by,
  });
}
