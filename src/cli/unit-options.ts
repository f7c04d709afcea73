// Options that describe a hardware unit, for the commands that take one: --some-name becomes the parameter someName, and
// --set name=value reaches every other. Refuses nothing a unit might take: units know their own parameters.

import type { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { parseSettings } from '../hardware/cost/specs.ts';
import type { Unit, UnitParameters } from '../hardware/unit.ts';
import { type UnitEntry, units } from '../hardware/units.ts';
import { integerOption } from './context.ts';

/** Parameters with an option of their own: its argument, when it takes one, and what it means. */
const options: readonly (readonly [name: string, argument: string | undefined, text: string])[] = [
  ['format', 'format', 'number format: W/A/ws/as, or as the unit takes it'],
  ['vector', 'v', 'lanes of a vector'],
  ['width', 'v', 'softmax units: lanes of a vector; channel-walk: labels of a word'],
  ['lanes', 'n', 'lns-mac, fp-mac, sparsity-detector: lanes'],
  ['lut', 'n', 'lns-mac: table entries'],
  ['scaleBits', 'p', 'vector-mac: round the scale product to P bits (default: whole)'],
  ['depth', 'k', 'vector-mac: most vectors in one sum'],
  ['inputBits', 'n', 'ppu: bits of an accumulator'],
  ['fullRange', undefined, 'vector-mac: also take the code -2^(N-1)'],
  ['inputRegister', undefined, 'vector-mac: register the operands first'],
];

const kebab = (name: string): string => name.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`);

/** Declares the options of every generator; with a unit among `words`, the help tells that unit's own parameters. */
export async function addUnitOptions(command: Command, words: readonly string[]): Promise<void> {
  const only = units.find(unit => words.includes(unit.name));
  for (const [name, argument, text] of options) {
    const flag = `--${kebab(name)}`;
    const option = command.createOption(argument === undefined ? flag : `${flag} <${argument}>`, text);
    if (argument !== undefined && name !== 'format') option.argParser(integerOption(flag, 1, 65536));
    // the unit's own list has those it takes
    if (only !== undefined) option.hideHelp();
    command.addOption(option);
  }
  command.option('--set <name=value...>', 'further parameters of the generator');
  if (only === undefined || !words.some(word => word === '--help' || word === '-h')) return;
  command.addHelpText('after', `\n${listingText(await listUnits(only)).join('\n')}`);
}

/**
 * The parameters that were given.
 * @throws UsageError for a --set without a name and a value, and for a parameter given two values
 */
export function unitParameters(given: Readonly<Record<string, unknown>>): UnitParameters {
  const parameters: Record<string, string | number | boolean> = {};
  const givenBy: Record<string, string> = {};
  for (const [name] of options) {
    const value = given[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters[name] = value;
      givenBy[name] = value === true ? `--${kebab(name)}` : `--${kebab(name)} ${value}`;
    }
  }
  for (const setting of (given['set'] as string[] | undefined) ?? []) {
    if (!setting.includes('=')) throw new UsageError(`--set got '${setting}'`, { expected: 'name=value' });
    for (const [name, value] of Object.entries(parseSettings(setting))) {
      const text = `--set ${name}=${value}`;
      const before = givenBy[name];
      if (before !== undefined && String(parameters[name]) !== String(value))
        throw new UsageError(`'${name}' is given twice: ${before} and ${text}`, { expected: 'one of them' });
      parameters[name] = value;
      givenBy[name] ??= text;
    }
  }
  return parameters;
}

export interface UnitListing {
  unit: string;
  summary: string;
  parameters: { name: string; option: string; text: string; default: string | number | boolean | null }[];
}

/** Every unit with its parameters and their defaults, or one unit. */
export async function listUnits(only?: UnitEntry): Promise<UnitListing[]> {
  const list = only === undefined ? units : [only];
  return await Promise.all(
    list.map(async entry => {
      const usual = (await entry.load())({});
      return { unit: entry.name, summary: entry.summary, parameters: parametersOf(entry, usual) };
    }),
  );
}

function parametersOf(entry: UnitEntry, usual: Unit): UnitListing['parameters'] {
  return Object.entries(entry.parameters).map(([name, text]) => {
    const own = options.find(o => o[0] === name);
    const flag = `--${kebab(name)}`;
    const option =
      own === undefined ? `--set ${name}=…` : own[1] === undefined ? flag : `${flag} <${own[1]}>`;
    return { name, option, text, default: usual.parameters[name] ?? null };
  });
}

/** Units as lines of text: a title, and a line for each parameter. */
export function listingText(list: readonly UnitListing[]): string[] {
  return list.flatMap(({ unit, summary, parameters }, i) => [
    ...(i > 0 ? [''] : []),
    `${unit}: ${summary}`,
    ...parameters.map(({ option, text, default: usual }) => {
      const shown = usual === null || usual === false ? '' : ` (default: ${usual})`;
      return `  ${option.padEnd(28)} ${text}${shown}`;
    }),
  ]);
}
