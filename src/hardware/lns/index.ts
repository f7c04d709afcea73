// The LNS MAC unit (LNS-Madam, hardware section): logarithmic operands in, an integer sum out.

import type { RtlFile } from '../../synthesis/rtl.ts';
import type { Channel, Unit, UnitParameters } from '../unit.ts';
import { lnsMacGolden, lnsMacStimuli } from './golden.ts';
import { type LnsMacPlan, planLnsMac } from './options.ts';
import { lnsBinsReference } from './reference.ts';
import { lnsMacFiles } from './rtl.ts';

export { lnsConvert, lnsDot, lnsTerm } from './golden.ts';
export { type LnsMacPlan, planLnsMac } from './options.ts';

/** The unit with its bins described another way. */
function second(files: readonly RtlFile[], name: string, plan: LnsMacPlan): RtlFile[] {
  const replaced = [`${name}_bins.v`, `${name}_columns.v`];
  const rest = files.filter(f => !replaced.includes(f.name) && !f.name.startsWith(`${name}_product`));
  return [...lnsBinsReference(`${name}_bins`, plan), ...rest];
}

/** Parameters: format, lanes, lut, accumulator, drop, constantBits, enables; see LnsMacPlan. @throws UsageError */
export function lnsMac(parameters: UnitParameters): Unit {
  const plan = planLnsMac(parameters);
  const { bits, gamma, lanes, lut, drop, accumulator, constantBits, topQuotient, enables } = plan;
  const input: Channel = {
    name: 'in',
    direction: 'in',
    fields: [
      { name: 'w', lanes, bits, signed: false },
      { name: 'a', lanes, bits, signed: false },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const output: Channel = {
    name: 'out',
    direction: 'out',
    fields: [{ name: 'acc', lanes: 1, bits: accumulator, signed: true }],
  };
  const name = `lns_mac_${plan.format}_l${lut}_v${lanes}${enables ? '_e' : ''}`;
  const header = [
    `LNS MAC ${plan.format}, ${lanes} lanes, ${lut} table entr${lut === 1 ? 'y' : 'ies'}.`,
    '',
    '  acc = sum over bins m of 2^(m/L) * (sum over vectors until last of the products in bin m)',
    '',
    `codes        1 sign, ${bits - 1} exponent bits e; value 2^(e/${gamma}), e = 0 is zero`,
    `products     2^(p/${gamma}), p = ew + ea; quotients ${drop} to ${topQuotient} kept, in units of 2^${drop}`,
    lut === gamma
      ? 'remainders   exact bins'
      : `remainders   upper ${plan.binBits} bits select the bin, lower ${plan.mitchellBits} bits by Mitchell: 1 + r/${gamma}`,
    `accumulators ${plan.binWidth} bits a bin, saturating, unit 2^${drop}; the sum ${accumulator} bits`,
  ];
  const files = lnsMacFiles(name, plan, input, output, header);
  return {
    kind: 'lns-mac',
    name,
    title: `LNS MAC ${plan.format}, ${lanes} lanes, ${lut}-entry table`,
    parameters: {
      ...{ format: plan.format, lanes, lut, accumulator, drop, constantBits },
      ...(enables ? { enables: 1 } : {}),
    },
    format: plan.format,
    files,
    input,
    output,
    latency: 1,
    golden: batch => lnsMacGolden(plan, batch),
    stimuli: (random, count) => lnsMacStimuli(plan, random, count),
    operationsPerTransaction: lanes,
    reference: second(files, name, plan),
  };
}
