// Modules that are described twice are proved equal one by one, for every input; then the second description may use the
// unit's own, and what is left to compare is small. Refuses the top: it is compared as the whole unit.

import type { RtlModules } from '../synthesis/modules.ts';
import type { RtlFile } from '../synthesis/rtl.ts';
import { proveUnits } from './proof.ts';
import type { Channel } from './unit.ts';

/** A description: its files, and the modules read from them. */
export interface Described {
  files: readonly RtlFile[];
  modules: RtlModules;
}

export interface ModuleProofs {
  /** The second description, modules proved equal replaced by those of the unit. */
  reference: RtlModules;
  /** Names of the modules proved equal, and of those left as they are. */
  proved: string[];
  open: string[];
  /** Output bits of those modules proved equal, of all. */
  bits: number;
  pairs: number;
  patterns: number;
}

/** A module proof says something for every input: no field limits it. */
const anything: Channel = { name: 'in', direction: 'in', fields: [] };

/**
 * Compares the modules both descriptions have a file for, in the order of the unit's files: those that are used come first.
 * @throws InputError, AbortedError
 */
export function proveModules(
  unit: Described,
  second: Described,
  options: { top: string; seconds: number; signal?: AbortSignal | undefined },
): ModuleProofs {
  const { top: whole, seconds, signal } = options;
  let left = seconds;
  const result: ModuleProofs = {
    ...{ reference: second.modules, proved: [], open: [] },
    ...{ bits: 0, pairs: 0, patterns: 0 },
  };
  const texts = new Map(second.files.map(file => [onlyModule(file), file.text]));
  const twice = unit.files.flatMap(file => {
    const name = onlyModule(file);
    if (name === undefined || name === whole || !texts.has(name) || texts.get(name) === file.text) return [];
    return unit.modules.has(name) && second.modules.has(name) ? [name] : [];
  });
  for (const [i, top] of twice.entries()) {
    const share = Math.max(0.1, (2 * left) / (1 + twice.length - i));
    const proof = proveUnits(unit.modules.graph(top), result.reference.graph(top), anything, {
      ...{ seconds: Math.min(share, Math.max(0.1, left)), words: true, signal },
    });
    left -= proof.seconds;
    result.patterns += proof.patterns;
    if (proof.verdict !== 'proved') {
      result.open.push(top);
      continue;
    }
    result.proved.push(top);
    result.bits += proof.proved;
    result.pairs += proof.pairs;
    result.reference = result.reference.with(top, unit.modules);
  }
  return result;
}

/** The module of a file that has but one. */
function onlyModule({ text }: RtlFile): string | undefined {
  const names = [...text.matchAll(/^module\s+(\w+)/gm)].map(match => match[1]!);
  return names.length === 1 ? names[0] : undefined;
}
