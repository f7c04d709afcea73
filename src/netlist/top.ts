// Which module of a file is the top, and how far its hierarchy may unfold. Refuses to guess between several tops.

import { nearestSpelling } from '../core/spelling.ts';
import { instanceLimit } from './blif.ts';
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

/** Items after flattening a file of `size` characters, at most: hierarchy can be exponential in the file. */
export function flatLimit(size: number): number {
  return Math.min(instanceLimit, 131_072 + 64 * size);
}
