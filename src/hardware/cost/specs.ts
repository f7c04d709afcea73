// Units as text: `UNIT`, `UNIT:FORMAT`, `UNIT:name=value,name=value`, or a format alone for the unit at hand.
// Refuses what no generator is called, with the nearest spelling (units.ts does).

import { UsageError } from '../../core/errors.ts';
import type { Unit, UnitParameters } from '../unit.ts';
import { makeUnit, units } from '../units.ts';

export interface UnitSpec {
  unit: string;
  parameters: UnitParameters;
}

/** What a designer would take otherwise; used when no baseline is named. */
const standardBaselines: Record<string, string> = {
  'vector-mac': '8/8/-/-',
  'lns-mac': 'fp-mac:fp8e4m3',
  'softermax-unnormed': 'softmax-unnormed-fp16',
  'softermax-normal': 'softmax-normal-fp16',
};

/** @param base the unit a bare format is for; its other parameters are kept */
export function parseUnitSpec(text: string, base?: UnitSpec): UnitSpec {
  const known = units.some(u => u.name === text);
  if (known) return { unit: text, parameters: {} };
  const colon = text.indexOf(':');
  const head = colon < 0 ? '' : text.slice(0, colon);
  if (colon >= 0 && /^[a-z][a-z0-9-]*$/.test(head) && !/^(max|int|uint)/.test(head)) {
    return { unit: head, parameters: parseSettings(text.slice(colon + 1)) };
  }
  if (base === undefined) return { unit: text, parameters: {} };
  const { scaleBits: _, ...rest } = base.parameters;
  return { unit: base.unit, parameters: { ...rest, format: text } };
}

/** `name=value,name=value`, or one format alone. Numbers and true/false become what they look like. */
export function parseSettings(text: string): UnitParameters {
  const parameters: Record<string, string | number | boolean> = {};
  // a comma may also stand inside a value: WEIGHT,ACTIVATION
  const words = text.split(/,(?=[^,=]*=)/);
  if (!text.includes('=')) return text === '' ? {} : { format: text };
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals <= 0) throw new UsageError(`'${word}' in '${text}'`, { expected: 'name=value' });
    const name = camel(word.slice(0, equals));
    const value = settingValue(word.slice(equals + 1));
    if ((parameters[name] ?? value) !== value)
      throw new UsageError(`'${name}' is given twice in '${text}'`, { expected: 'one value' });
    parameters[name] = value;
  }
  return parameters;
}

export function settingValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function camel(name: string): string {
  return name.trim().replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());
}

/** The baseline of a unit: as named, else the standard one, else the unit itself. */
export function baselineSpec(spec: UnitSpec, text: string | undefined): UnitSpec {
  const named = text ?? standardBaselines[spec.unit];
  return named === undefined ? spec : parseUnitSpec(named, spec);
}

export async function unitOf(spec: UnitSpec): Promise<Unit> {
  return makeUnit(spec.unit, spec.parameters);
}
