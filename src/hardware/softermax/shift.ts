// A right shift whose amounts beyond the word give 0: the shifter itself only sees the low bits of the amount.

import { type Module, type Net, net, slice } from '../rtl/index.ts';

/** out = kill ? 0 : value >> by, floor; `value` and `by` are named nets, `out` as wide as `value`. */
export function boundedShift(
  m: Module,
  wires: { name: string; value: Net; by: Net; out: Net; kill?: Net | undefined },
): void {
  const { name, value, by, out, kill } = wires;
  const near = Math.min(by.width, Math.ceil(Math.log2(value.width)));
  const stops: string[] = kill === undefined ? [] : [kill.text];
  if (by.width > near) stops.push(`(|${slice(by, near, by.width - near).text})`);
  const shifted = m.wire(name, net(`${value.text} >> ${slice(by, 0, near).text}`, value.width));
  if (stops.length === 0) m.assign(out, shifted);
  else m.assign(out, net(`${shifted.text} & {${value.width}{~(${stops.join(' | ')})}}`, value.width));
}
