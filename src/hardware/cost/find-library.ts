// Where a cell library is found: the neutral one, a file, or the name of one of Debian's OSU libraries when installed.
// Refuses names that are neither, with the places that were looked at.

import { existsSync } from 'node:fs';
import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import type { TimingLibrary } from './library.ts';
import { readTimingLibrary } from './library-read.ts';
import { neutralLibrary, neutralName } from './neutral-library.ts';

/** Names of Debian's qflow technology packages, and the files they install. */
export const installedLibraries: Record<string, string> = {
  osu018: '/usr/share/qflow/tech/osu018/osu018_stdcells.lib',
  osu035: '/usr/share/qflow/tech/osu035/osu035_stdcells.lib',
  osu050: '/usr/share/qflow/tech/osu050/osu05_stdcells.lib',
};

/**
 * @param clockGates the neutral library with clock gates (files have their own)
 * @param name `neutral` (default), a file, or a name of `installedLibraries`
 * @throws InputError when there is no such file, or it is no library
 */
export function findLibrary(name: string = neutralName, clockGates = false): TimingLibrary {
  if (name === neutralName) return neutralLibrary(clockGates);
  if (existsSync(name)) return readTimingLibrary(name);
  const place = Object.hasOwn(installedLibraries, name) ? installedLibraries[name]! : undefined;
  if (place !== undefined) {
    if (existsSync(place)) return readTimingLibrary(place);
    throw new InputError(`library '${name}' is not installed`, {
      file: place,
      expected: `the file of Debian's package qflow-tech-${name}`,
    });
  }
  const names = [neutralName, ...Object.keys(installedLibraries)];
  throw new InputError('no such library', {
    file: name,
    expected: `a liberty file, ${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`,
    nearest: nearestSpelling(name, names),
  });
}
