// Where the built product lies, seen from the sources (tests) as well as from dist/ (users).
// Workers and WASM kernels exist only in dist/: the test command builds before it runs.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
const fromSource = here.endsWith('.ts');

/** Folder that holds package.json, with a trailing slash, as a URL. */
export const packageRoot = new URL('../../', import.meta.url);

/** dist/ of this package, with a trailing slash, as a URL. */
export const distRoot = fromSource ? new URL('dist/', packageRoot) : new URL('../', import.meta.url);

/** URL of a built module, e.g. `distModule('model/run-worker')` for a Worker. */
export function distModule(path: string): URL {
  return new URL(`${path}.js`, distRoot);
}

let cachedVersion: string | undefined;

/** Version of this package, from package.json. */
export function packageVersion(): string {
  cachedVersion ??= (
    JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string }
  ).version;
  return cachedVersion;
}
