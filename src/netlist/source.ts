// Reads bytes in chunks from a file, a descriptor (standard input) or memory; the parsers sit on it.
// Refuses to hold a whole file: at most one chunk is in memory, and sizes promised are checked against `limit`.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { requireObject } from '../core/arguments.ts';
import { InputError } from '../core/errors.ts';

const chunkBytes = 1 << 18;

/** Where a parser gets its bytes: a path, `-` for standard input, or bytes with a name for messages. */
export type SourceInput = string | { bytes: Uint8Array; file?: string | undefined };

export class ByteSource {
  /** Name of the file in messages. */
  readonly file: string | undefined;
  /** Bytes in total when known (regular files, memory), else undefined (pipes). */
  readonly size: number | undefined;
  private readonly descriptor: number;
  private bytes: Uint8Array;
  private atEnd: boolean;

  /** @throws InputError when the file cannot be opened or is not readable */
  constructor(input: SourceInput) {
    if (typeof input !== 'string') {
      requireObject('the netlist to read', input, 'bytes', 'a path, or { bytes, file }');
      this.file = input.file;
      this.size = input.bytes.length;
      this.descriptor = -1;
      this.bytes = input.bytes;
      this.atEnd = false;
      return;
    }
    this.file = input === '-' ? 'standard input' : input;
    try {
      this.descriptor = input === '-' ? 0 : openSync(input, 'r');
      const status = fstatSync(this.descriptor);
      if (status.isDirectory()) throw Object.assign(new Error('directory'), { code: 'EISDIR' });
      this.size = status.isFile() ? status.size : undefined;
    } catch (error) {
      throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
        file: this.file,
      });
    }
    this.bytes = new Uint8Array(chunkBytes);
    this.atEnd = false;
  }

  /** The next bytes (valid until the next call), or undefined at the end. */
  next(): Uint8Array | undefined {
    if (this.atEnd) return undefined;
    if (this.descriptor < 0) {
      this.atEnd = true;
      return this.bytes.length === 0 ? undefined : this.bytes;
    }
    let got: number;
    for (;;) {
      try {
        got = readSync(this.descriptor, this.bytes, 0, chunkBytes, null);
        break;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EAGAIN') continue;
        if (code === 'EOF') {
          got = 0;
          break;
        }
        throw new InputError(`cannot read (${code ?? 'error'})`, { file: this.file });
      }
    }
    if (got === 0) {
      this.atEnd = true;
      return undefined;
    }
    return this.bytes.subarray(0, got);
  }

  close(): void {
    if (this.descriptor > 0) closeSync(this.descriptor);
    this.atEnd = true;
    this.bytes = new Uint8Array(0);
  }
}

/** Takes bytes or text one piece after another: an AtomicFile, or a MemorySink. */
export interface Sink {
  write(chunk: Uint8Array | string): void;
}

/** Collects what is written; `bytes` joins it. */
export class MemorySink implements Sink {
  private readonly parts: Uint8Array[] = [];

  write(chunk: Uint8Array | string): void {
    this.parts.push(typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk.slice());
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  text(): string {
    return Buffer.concat(this.parts).toString('utf8');
  }
}
