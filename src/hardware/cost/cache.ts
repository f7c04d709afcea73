// Results on disk by the hash of everything they depend on. Refuses nothing: what cannot be read is made again.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { writeFileAtomic } from '../../core/files.ts';

/** Folder used when none is given. */
export const defaultCache = '.bitwright/cache';

export class ResultCache {
  /** Undefined: nothing is kept. */
  readonly folder: string | undefined;
  hits = 0;
  misses = 0;

  constructor(folder: string | undefined) {
    this.folder = folder;
  }

  /** The text kept under the hash of `parts`, or what `make` gives, which is then kept. */
  async text(
    kind: string,
    parts: readonly (string | Uint8Array)[],
    make: () => Promise<string>,
  ): Promise<string> {
    if (this.folder === undefined) return make();
    const hash = createHash('sha256');
    for (const part of parts) hash.update(`${part.length} `).update(part);
    const path = join(this.folder, `${kind}-${hash.digest('hex').slice(0, 32)}.gz`);
    if (existsSync(path)) {
      try {
        const text = gunzipSync(readFileSync(path)).toString('utf8');
        this.hits++;
        return text;
      } catch {
        // a damaged file is made again
      }
    }
    this.misses++;
    const text = await make();
    writeFileAtomic(path, gzipSync(text));
    return text;
  }
}

/** Runs at most `limit` jobs at a time, in order of arrival. */
export class Limiter {
  private readonly limit: number;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = Math.max(1, limit);
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.running >= this.limit) await new Promise<void>(resolve => this.waiting.push(resolve));
    else this.running++;
    try {
      return await job();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
