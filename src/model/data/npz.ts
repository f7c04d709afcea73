// Reads .npz archives: zip files of .npy arrays, stored or deflated.
// Refuses archives that unpack to more than the limit, or to more than deflate can, before unpacking them.

import { unzipSync } from 'fflate';
import { InputError } from '../../core/errors.ts';
import type { Tensor } from '../tensor.ts';
import { readNpy } from './npy.ts';

/** Deflate makes at most 1032 bytes of one. */
const largestRatio = 1032;

/**
 * Arrays of an archive by name, without `.npy`. Other entries are left packed.
 * @param maxBytes bytes all arrays may take together
 * @throws InputError naming archive and entry
 */
export function readNpz(bytes: Uint8Array, file: string, maxBytes = 2 ** 30): Map<string, Tensor> {
  let total = 0;
  const seen = new Set<string>();
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!name.endsWith('.npy')) return false;
        if (seen.has(name)) throw new InputError(`holds '${name}' twice`, { file });
        seen.add(name);
        total += originalSize;
        if (size > bytes.length || originalSize > size * largestRatio + 64) {
          throw new InputError(`entry '${name}' claims ${originalSize} bytes in ${size}`, { file });
        }
        if (total > maxBytes) {
          throw new InputError(`unpacks to more than ${maxBytes} bytes`, {
            file,
            expected: 'smaller archives',
          });
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`is not a readable .npz archive (${(error as Error).message})`, { file });
  }
  const out = new Map<string, Tensor>();
  for (const [name, content] of Object.entries(entries)) {
    out.set(name.slice(0, -4), readNpy(content, `${file}:${name}`));
  }
  if (out.size === 0) throw new InputError('holds no .npy array', { file });
  return out;
}
