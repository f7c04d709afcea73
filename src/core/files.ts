// Writing artefacts so that nothing half-written is ever seen under the final name.
// Refuses to leave its temporary file behind when the write fails.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from './errors.ts';

let counter = 0;

/**
 * Makes a folder and those above it. Node's own recursive call never returns where the system refuses new folders with ENOENT
 * (below /proc).
 * @throws the system's error
 */
export function makeFolder(folder: string): void {
  const attempt = (): string | undefined => {
    try {
      mkdirSync(folder);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && statSync(folder).isDirectory()) return undefined;
      if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
      return code;
    }
  };
  if (attempt() === undefined) return;
  makeFolder(dirname(folder));
  if (attempt() !== undefined) {
    throw Object.assign(new Error(`no folder can be made at ${folder}`), { code: 'ENOENT' });
  }
}

/** A writer that collects chunks under a temporary name; `commit` renames it to `path`, `abandon` removes it. */
export class AtomicFile {
  readonly path: string;
  private readonly temporary: string;
  private descriptor: number | undefined;

  constructor(path: string) {
    this.path = path;
    this.temporary = `${path}.${process.pid}-${counter++}.tmp`;
    try {
      makeFolder(dirname(path));
      this.descriptor = openSync(this.temporary, 'w');
    } catch (error) {
      throw new InputError(`cannot write (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
        file: path,
      });
    }
  }

  write(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
    let offset = 0;
    while (offset < bytes.length) {
      offset += writeSync(this.descriptor!, bytes, offset, Math.min(bytes.length - offset, 1 << 28));
    }
  }

  commit(): void {
    fsyncSync(this.descriptor!);
    closeSync(this.descriptor!);
    this.descriptor = undefined;
    renameSync(this.temporary, this.path);
  }

  abandon(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    rmSync(this.temporary, { force: true });
  }
}

/**
 * Writes a file piece by piece: `body` gets the open file; when it throws, nothing is left behind.
 * @throws InputError when the path cannot be written
 */
export function writeAtomic(path: string, body: (file: AtomicFile) => void): void {
  const file = new AtomicFile(path);
  try {
    body(file);
    file.commit();
  } catch (error) {
    file.abandon();
    throw error;
  }
}

/** Writes a whole file: temporary name, sync, rename. @throws InputError when the path cannot be written */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  writeAtomic(path, file => file.write(content));
}
