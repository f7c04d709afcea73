// Parameters of the softermax units as the command line and the manifest spell them. Refuses unknown names and bad values.

import { UsageError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import { Softermax, type SoftermaxOptions } from '../../format/index.ts';
import type { UnitParameters } from '../unit.ts';

const numbers = [
  ...['vector', 'addendFraction', 'powerSegments', 'reciprocalSegments', 'reciprocalPlace'],
  'operandFraction',
] as const;
const formats = ['input', 'unnormed', 'sum', 'reciprocal', 'output'] as const;

/** Parameters: those of SoftermaxOptions; `width` is another name of `vector`. @throws UsageError */
export function softermaxOf(parameters: UnitParameters): Softermax {
  const options: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(parameters)) {
    const name = key === 'width' ? 'vector' : key;
    if ((numbers as readonly string[]).includes(name)) options[name] = numberOf(key, value);
    else if ((formats as readonly string[]).includes(name)) options[name] = String(value);
    else {
      throw new UsageError(`softermax takes no '${key}'`, {
        expected: ['width', ...numbers, ...formats].join(', '),
        nearest: nearestSpelling(key, ['width', ...numbers, ...formats]),
      });
    }
  }
  return new Softermax({ vector: 32, ...options } as SoftermaxOptions);
}

function numberOf(name: string, value: string | number | boolean): number {
  const number = typeof value === 'boolean' || value === '' ? Number.NaN : Number(value);
  if (Number.isInteger(number)) return number;
  throw new UsageError(`${name} '${value}'`, { expected: 'an integer' });
}

/** The parameters that make the same unit again, defaults spelled out. */
export function spelled({ parameters: p }: Softermax): UnitParameters {
  const { vector, addendFraction, powerSegments, reciprocalSegments, reciprocalPlace, operandFraction } = p;
  return {
    ...{ vector, addendFraction, powerSegments, reciprocalSegments, reciprocalPlace, operandFraction },
    ...Object.fromEntries(
      formats.map(name => {
        const { signed, integerBits, fractionBits } = p[name];
        return [name, `${signed ? '' : 'u'}fix${integerBits}.${fractionBits}`];
      }),
    ),
  };
}

/** What tells one unit's name from another's: the lanes, and formats that are not the default. */
export function stem(model: Softermax): string {
  const now = spelled(model);
  const usual = spelled(new Softermax({ vector: model.parameters.vector }));
  const other = Object.keys(now).filter(key => now[key] !== usual[key]);
  return [
    `v${model.parameters.vector}`,
    // initials: Verilator takes names of at most 127 characters for what they are
    ...other.map(
      key => `${key[0]}${key.replace(/[^A-Z]/g, '').toLowerCase()}_${String(now[key]).replace('.', '_')}`,
    ),
  ].join('_');
}

/** Lanes of a unit that has no other parameter: `vector` or `width`, default 32. @throws UsageError */
export function vectorOf(parameters: UnitParameters): number {
  let vector = 32;
  for (const [key, value] of Object.entries(parameters)) {
    if (key !== 'vector' && key !== 'width') {
      throw new UsageError(`the fp16 softmax takes no '${key}'`, { expected: 'width' });
    }
    vector = numberOf(key, value);
  }
  if (vector >= 1 && vector <= 1024) return vector;
  throw new UsageError(`${vector} lanes`, { expected: '1 to 1024' });
}
