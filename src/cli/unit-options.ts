// Options that describe a hardware unit, for the commands that take one: --some-name becomes the parameter someName, and
// --set name=value reaches every other. Refuses only what is no parameter at all: generators know their own names.

import type { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import type { UnitParameters } from '../hardware/unit.ts';
import { integerOption } from './context.ts';

const numbers: readonly (readonly [flag: string, name: string, text: string])[] = [
  ['--vector <v>', 'vector', 'lanes of a vector'],
  ['--width <v>', 'width', 'softmax units: lanes of a vector'],
  ['--lanes <n>', 'lanes', 'lns-mac, fp-mac: lanes'],
  ['--lut <n>', 'lut', 'lns-mac: table entries'],
  ['--scale-bits <p>', 'scaleBits', 'vector-mac: round the scale product to P bits (default: whole)'],
  ['--depth <k>', 'depth', 'most vectors in one sum'],
  ['--input-bits <n>', 'inputBits', 'ppu: bits of an accumulator (default 24)'],
];
const flags: readonly (readonly [flag: string, name: string, text: string])[] = [
  ['--full-range', 'fullRange', 'vector-mac: also take the code -2^(N-1)'],
  ['--input-register', 'inputRegister', 'vector-mac: register the operands first'],
];

/** Declares the options of every generator. */
export function addUnitOptions(command: Command): void {
  command.option('--format <format>', 'number format: W/A/ws/as, or as the unit takes it');
  for (const [flag, , text] of numbers) {
    command.option(flag, text, integerOption(`--${flag.slice(2).split(' ')[0]!}`, 1, 65536));
  }
  for (const [flag, , text] of flags) command.option(flag, text);
  command.option('--set <name=value...>', 'further parameters of the generator');
}

/** The parameters that were given. @throws UsageError for a --set without a name and a value */
export function unitParameters(options: Readonly<Record<string, unknown>>): UnitParameters {
  const parameters: Record<string, string | number | boolean> = {};
  for (const name of ['format', ...numbers.map(n => n[1]), ...flags.map(f => f[1])]) {
    const value = options[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters[name] = value;
    }
  }
  for (const setting of (options['set'] as string[] | undefined) ?? []) {
    const match = /^([A-Za-z]\w*)=(.+)$/.exec(setting);
    if (match === null) throw new UsageError(`--set got '${setting}'`, { expected: 'name=value' });
    const [, name, text] = match as unknown as [string, string, string];
    parameters[name] = /^-?\d+$/.test(text)
      ? Number(text)
      : text === 'true' || (text === 'false' ? false : text);
  }
  return parameters;
}
