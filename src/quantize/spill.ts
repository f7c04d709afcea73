// A heap of bytes in a temporary file that has no name: what does not fit into memory waits here. The file is unlinked as
// soon as it is open, so nothing is left behind however the process ends (where the system refuses that, when it is closed).
// Refuses to grow past what the disk holds.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../core/errors.ts';

export interface Extent {
  offset: number;
  bytes: number;
}

export class SpillFile {
  private readonly folder: string;
  private readonly path: string;
  private descriptor: number | undefined;
  private end = 0;
  /** Free extents by offset, neighbours merged. */
  private free: Extent[] = [];

  /** @throws InputError when the temporary folder cannot be written */
  constructor() {
    try {
      this.folder = mkdtempSync(join(tmpdir(), 'bitwright-'));
      this.path = join(this.folder, 'spill');
      this.descriptor = openSync(this.path, 'w+');
    } catch (error) {
      throw new InputError(`cannot write (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
        file: tmpdir(),
      });
    }
    this.remove();
  }

  /** Bytes the file takes on disk. */
  get size(): number {
    return this.end;
  }

  /** @throws InputError when the disk is full */
  write(bytes: Uint8Array): Extent {
    const extent = this.allocate(bytes.length);
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.descriptor!, bytes, at, bytes.length - at, extent.offset + at);
      }
    } catch (error) {
      throw new InputError(
        `cannot hold calibration activations (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
        {
          file: tmpdir(),
          expected: 'free space there, TMPDIR set to another folder, or fewer samples',
        },
      );
    }
    return extent;
  }

  read(extent: Extent, into: Uint8Array): void {
    for (let at = 0; at < extent.bytes; ) {
      const count = readSync(this.descriptor!, into, at, extent.bytes - at, extent.offset + at);
      if (count === 0) throw new InputError('a temporary file was cut short', { file: this.path });
      at += count;
    }
  }

  /** Gives an extent back. */
  release(extent: Extent): void {
    let i = this.free.findIndex(e => e.offset > extent.offset);
    if (i < 0) i = this.free.length;
    this.free.splice(i, 0, { ...extent });
    for (const at of [i, i - 1]) {
      const here = this.free[at];
      const next = this.free[at + 1];
      if (here === undefined || next === undefined || here.offset + here.bytes !== next.offset) continue;
      here.bytes += next.bytes;
      this.free.splice(at + 1, 1);
    }
    const last = this.free.at(-1);
    if (last !== undefined && last.offset + last.bytes === this.end) {
      this.end = last.offset;
      this.free.pop();
    }
  }

  close(): void {
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
    this.remove();
  }

  private allocate(bytes: number): Extent {
    const i = this.free.findIndex(e => e.bytes >= bytes);
    if (i < 0) {
      const offset = this.end;
      this.end += bytes;
      return { offset, bytes };
    }
    const hole = this.free[i]!;
    const extent = { offset: hole.offset, bytes };
    if (hole.bytes === bytes) this.free.splice(i, 1);
    else {
      hole.offset += bytes;
      hole.bytes -= bytes;
    }
    return extent;
  }

  private remove(): void {
    try {
      rmSync(this.folder, { recursive: true, force: true });
    } catch {
      // an open file cannot be unlinked on this system; close() tries again
    }
  }
}
