// Units of a liberty file as factors to ps, fF, V, fJ and nW, and its numbers.
// Refuses units it does not know and attributes that are not numbers.

import { InputError } from '../../core/errors.ts';
import { type LibertyGroup, libertyValue } from '../../netlist/liberty.ts';

/** Factors from the library's numbers to ps, fF, V, fJ (capacitance · voltage²) and nW. */
export interface LibertyUnits {
  time: number;
  capacitance: number;
  voltage: number;
  energy: number;
  leakage: number;
}

const prefixes: Record<string, number> = {
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
};

export function readUnits(library: LibertyGroup, file: string): LibertyUnits {
  const unit = (attribute: string, symbol: string, standard: string): number => {
    const text = libertyValue(library, attribute) ?? standard;
    const match = /^\s*([0-9.]+(?:e[+-]?\d+)?)?\s*([fpnumk]?)([a-z]+)\s*$/i.exec(text);
    const factor = match === null ? undefined : prefixes[match[2]!.toLowerCase()];
    if (match === null || factor === undefined || match[3]!.toLowerCase() !== symbol.toLowerCase()) {
      fail(`${attribute} '${text}'`, library, file, `such as "${standard}"`);
    }
    const size = Number(match![1] ?? 1) * factor!;
    if (!(size > 0)) fail(`${attribute} '${text}'`, library, file, 'a positive unit');
    return size;
  };
  const load = library.attributes.get('capacitive_load_unit') ?? ['1', 'pf'];
  const amount = Number(load[0]);
  const prefix = /^([fpnum]?)f$/i.exec((load[1] ?? 'pf').trim());
  if (prefix === null || !(amount > 0) || !Number.isFinite(amount)) {
    fail(`capacitive_load_unit (${load.join(', ')})`, library, file, '(1, pf) or (1, ff)');
  }
  const voltage = unit('voltage_unit', 'V', '1V');
  const capacitance = (amount * prefixes[prefix![1]!.toLowerCase()]!) / 1e-15;
  return {
    time: unit('time_unit', 's', '1ns') / 1e-12,
    capacitance,
    voltage,
    energy: capacitance * voltage * voltage,
    leakage: unit('leakage_power_unit', 'W', '1nW') / 1e-9,
  };
}

/** A number that must be there. */
export function number(group: LibertyGroup, name: string, file: string): number {
  const value = optionalNumber(group, name, file);
  if (value === undefined) fail(`'${group.kind}' lacks ${name}`, group, file, 'a number');
  return value!;
}

/** A number that may be missing. @throws InputError when it is something else */
export function optionalNumber(group: LibertyGroup, name: string, file: string): number | undefined {
  const text = libertyValue(group, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || text.trim() === '') {
    fail(`${name} of '${[group.kind, ...group.arguments].join(' ')}' is '${text}'`, group, file, 'a number');
  }
  return value;
}

/** @throws InputError always */
export function fail(problem: string, group: LibertyGroup, file: string, expected?: string): never {
  throw new InputError(problem, { file, line: group.line, expected });
}
