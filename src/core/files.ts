// Writing artefacts so that nothing half-written is ever seen under the final name.
// Refuses folders that cannot be written, and to leave its temporary file behind when the write fails or the process exits.

import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from './errors.ts';
import { claimTemporary, releaseTemporary } from './temporary.ts';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'error';

/**
 * Says before long work that a folder for results cannot be one: the nearest of its ancestors that exists must be a folder
 * that can be written. Makes nothing.
 * @throws InputError
 */
export function requireFolder(folder: string): void {
  for (let at = resolve(folder); ; at = dirname(at)) {
    let isFolder: boolean;
    try {
      isFolder = statSync(at).isDirectory();
    } catch (error) {
      const code = codeOf(error);
      if ((code === 'ENOENT' || code === 'ENOTDIR') && dirname(at) !== at) continue;
      throw new InputError(`cannot write (${code})`, { file: folder });
    }
    if (!isFolder) {
      const own = at === resolve(folder);
      throw new InputError(own ? 'is a file' : `lies below '${at}', a file`, {
        file: folder,
        expected: 'a folder for results',
      });
    }
    try {
      accessSync(at, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new InputError(`cannot write (${codeOf(error)})`, { file: folder });
    }
    return;
  }
}

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
    this.temporary = claimTemporary(path, 'tmp');
    try {
      makeFolder(dirname(path));
      this.descriptor = openSync(this.temporary, 'w');
    } catch (error) {
      releaseTemporary(this.temporary);
      throw new InputError(`cannot write (${codeOf(error)})`, { file: path });
    }
  }

  write(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
    let offset = 0;
    this.attempt(descriptor => {
      while (offset < bytes.length) {
        offset += writeSync(descriptor, bytes, offset, Math.min(bytes.length - offset, 1 << 28));
      }
    });
  }

  commit(): void {
    this.attempt(descriptor => {
      fsyncSync(descriptor);
      this.descriptor = undefined;
      closeSync(descriptor);
      renameSync(this.temporary, this.path);
      releaseTemporary(this.temporary);
    });
  }

  /** @throws InputError for what the system refuses: a full disk, a folder in the file's place */
  private attempt(action: (descriptor: number) => void): void {
    try {
      action(this.descriptor!);
    } catch (error) {
      throw new InputError(`cannot write (${codeOf(error)})`, { file: this.path });
    }
  }

  abandon(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    releaseTemporary(this.temporary);
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
