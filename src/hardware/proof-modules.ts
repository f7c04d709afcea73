// Modules that are described twice are proved equal one by one, for every input; then the second description may use the
// unit's own, and what is left to compare is small. Refuses the top: it is compared as the whole unit.

import type { RtlFile } from '../synthesis/rtl.ts';
import { proveUnits } from './proof.ts';
import { readForProof } from './proof-graph.ts';
import type { Channel } from './unit.ts';

export interface ModuleProofs {
  /** The second description, modules proved equal replaced by those of the unit. */
  reference: RtlFile[];
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
export async function proveModules(
  files: readonly RtlFile[],
  reference: readonly RtlFile[],
  options: { top: string; seconds: number; signal?: AbortSignal | undefined },
): Promise<ModuleProofs> {
  const { top: whole, seconds, signal } = options;
  let left = seconds;
  const result: ModuleProofs = {
    ...{ reference: [...reference], proved: [], open: [] },
    ...{ bits: 0, pairs: 0, patterns: 0 },
  };
  const twice = files.filter(file => {
    const name = onlyModule(file);
    const other = name === undefined ? undefined : reference.find(r => onlyModule(r) === name);
    return other !== undefined && other.text !== file.text && name !== whole;
  });
  for (const [i, file] of twice.entries()) {
    const top = onlyModule(file)!;
    const [a, b] = await Promise.all([
      readForProof(below(top, files), top, signal),
      readForProof(below(top, result.reference), top, signal),
    ]);
    // the time is that of proofs: reading is not counted
    const share = Math.max(0.1, (2 * left) / (1 + twice.length - i));
    const proof = proveUnits(a, b, anything, {
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
    result.reference = result.reference.map(r => (onlyModule(r) === top ? file : r));
    // the unit's own may stand on modules the second description does without
    const there = new Set(result.reference.map(onlyModule));
    result.reference.push(...files.filter(f => !there.has(onlyModule(f))));
  }
  return result;
}

/** The files `top` is made of: its own and those of the modules their texts name. */
function below(top: string, files: readonly RtlFile[]): RtlFile[] {
  const byModule = new Map(files.map(file => [onlyModule(file), file]));
  const found = new Set([byModule.get(top)!]);
  for (const file of found) {
    for (const [word] of file.text.matchAll(/[A-Za-z_]\w*/g)) {
      const other = byModule.get(word);
      if (other !== undefined) found.add(other);
    }
  }
  // a file of several modules cannot be told by its name
  return files.filter(file => found.has(file) || onlyModule(file) === undefined);
}

/** The module of a file that has but one. */
function onlyModule({ text }: RtlFile): string | undefined {
  const names = [...text.matchAll(/^module\s+(\w+)/gm)].map(match => match[1]!);
  return names.length === 1 ? names[0] : undefined;
}
