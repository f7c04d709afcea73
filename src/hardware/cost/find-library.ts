// Where a cell library is found: the neutral one, a file, or the name of one of Debian's OSU libraries when installed.
// Refuses names that are neither, with the places that were looked at.

import { existsSync } from 'node:fs';
import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import type { TimingLibrary } from './library.ts';
import { readTimingLibrary } from './library-read.ts';
import { neutralLibrary, neutralName } from './neutral-library.ts';

/** Names of Debian's qflow technology packages, and where they put the files. */
export const installedLibraries: Record<string, readonly string[]> = {
  osu018: ['/usr/share/qflow/tech/osu018/osu018_stdcells.lib'],
  osu035: ['/usr/share/qflow/tech/osu035/osu035_stdcells.lib'],
  osu050: [
    '/usr/share/qflow/tech/osu050/osu05_stdcells.lib',
    '/usr/share/qflow/tech/osu050/osu050_stdcells.lib',
  ],
};

/**
 * @param name `neutral` (default), a file, or a name of `installedLibraries`
 * @throws InputError when there is no such file, or it is no library
 */
export function findLibrary(name: string = neutralName): TimingLibrary {
  if (name === neutralName) return neutralLibrary();
  if (existsSync(name)) return readTimingLibrary(name);
  const places = Object.hasOwn(installedLibraries, name) ? installedLibraries[name]! : [];
  const found = places.find(p => existsSync(p));
  if (found !== undefined) return readTimingLibrary(found);
  throw new InputError('no such library', {
    file: name,
    expected:
      places.length > 0
        ? `${places.join(' or ')} (Debian: qflow-tech-${name})`
        : `${neutralName}, a liberty file, or ${Object.keys(installedLibraries).join(', ')}`,
    nearest: nearestSpelling(name, [neutralName, ...Object.keys(installedLibraries)]),
  });
}
