// Which module of a file is the top. Refuses to guess between several.

import { nearestSpelling } from '../core/spelling.ts';
import type { Circuit } from './circuit.ts';

/**
 * The module to take as the top: the one asked for, else the one no other instantiates.
 * @throws InputError when there is none or several
 */
export function chooseTop<T extends { line: number }>(
  circuit: Circuit,
  modules: ReadonlyMap<string, T>,
  instantiated: ReadonlySet<string>,
  wanted: string | undefined,
): [string, T] {
  if (wanted !== undefined) {
    const module = modules.get(wanted);
    if (module !== undefined) return [wanted, module];
    throw circuit.error(`no module '${wanted}'`, 1, undefined, nearestSpelling(wanted, [...modules.keys()]));
  }
  const free = [...modules].filter(([name]) => !instantiated.has(name));
  if (free.length === 1) return free[0]!;
  const names = free.slice(0, 8).map(([name]) => name);
  throw circuit.error(
    free.length === 0
      ? 'every module is instantiated by another'
      : `several top modules: ${names.join(', ')}`,
    free[1]?.[1].line ?? 1,
    'one top module, or --top',
  );
}
