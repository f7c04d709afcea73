// Finds the files that `include directives ask for, in the folders given, transitively.
// Refuses to guess: a file that is not found is left to the reader's own message.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RtlFile } from '../../synthesis/rtl.ts';

const directive = /^[ \t]*`include[ \t]+"([^"\n]+)"/gm;

/** Contents of included files by the path they are asked for. @param folders searched after the including file's own */
export function findIncludes(files: readonly RtlFile[], folders: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const open: { text: string; folder: string }[] = files.map(f => ({
    text: f.text,
    folder: dirname(f.name),
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const [, path = ''] of next.text.matchAll(directive)) {
      if (path in found) continue;
      for (const folder of [next.folder, ...folders]) {
        const full = join(folder, path);
        if (!existsSync(full)) continue;
        const text = readFileSync(full, 'utf8');
        found[path] = text;
        open.push({ text, folder: dirname(full) });
        break;
      }
    }
  }
  return found;
}
