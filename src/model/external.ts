// External tensor data: files beside the model, named by the model.
// Refuses absolute paths, '..', links that lead out of the model's folder, and ranges past the end of the file.

import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import type { TensorProto } from 'onnx-buf';
import { type ErrorPlace, InputError } from '../core/errors.ts';

export interface ExternalReference {
  location: string;
  offset: number;
  length: number | undefined;
}

/** The location, offset and length a tensor names. @throws InputError for a missing location or malformed numbers */
export function externalReference(proto: TensorProto, at: ErrorPlace): ExternalReference {
  const entries = new Map(proto.externalData.map(entry => [entry.key, entry.value]));
  const location = entries.get('location');
  if (location === undefined || location === '') {
    throw new InputError('tensor with external data names no location', at);
  }
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw new InputError(`external data ${key} is '${text}'`, {
        ...at,
        expected: 'a non-negative integer',
      });
    }
    return value;
  };
  return { location, offset: number('offset') ?? 0, length: number('length') };
}

/** Reads external data of one model. Files stay open until `close`. */
export class ExternalData {
  private readonly folder: string;
  private readonly open = new Map<string, { descriptor: number; size: number }>();

  /** @param folder the model's folder: nothing outside it is read */
  constructor(folder: string) {
    this.folder = realpathSync(folder);
  }

  /**
   * The bytes a tensor refers to.
   * @param need bytes that its type and dimensions take
   * @throws InputError when the place is outside the folder or the range is not exactly `need` bytes of the file
   */
  read(reference: ExternalReference, need: number, at: ErrorPlace): Uint8Array {
    const { location, offset, length } = reference;
    if (length !== undefined && length !== need) {
      throw new InputError(`external data length is ${length}`, { ...at, expected: `${need}` });
    }
    const { descriptor, size } = this.file(location, at);
    if (offset > size || need > size - offset) {
      throw new InputError(`external data ${offset}+${need} runs past the end of '${location}'`, {
        ...at,
        expected: `at most ${size} bytes`,
      });
    }
    const bytes = new Uint8Array(need);
    for (let done = 0; done < need; ) {
      const got = readSync(descriptor, bytes, done, Math.min(need - done, 1 << 28), offset + done);
      if (got === 0) throw new InputError(`external data '${location}' ended early`, at);
      done += got;
    }
    return bytes;
  }

  private file(location: string, at: ErrorPlace): { descriptor: number; size: number } {
    const known = this.open.get(location);
    if (known !== undefined) return known;
    const outside = new InputError(`external data location '${location}' is outside the model's folder`, at);
    const parts = location.split(/[\\/]/);
    if (
      isAbsolute(location) ||
      /^[A-Za-z]:/.test(location) ||
      parts.includes('..') ||
      location.includes('\0')
    ) {
      throw outside;
    }
    let descriptor: number;
    try {
      const real = realpathSync(join(this.folder, location));
      if (!real.startsWith(this.folder.endsWith(sep) ? this.folder : this.folder + sep)) throw outside;
      if (!statSync(real).isFile()) throw new InputError(`external data '${location}' is not a file`, at);
      descriptor = openSync(real, 'r');
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        `cannot read external data '${location}' (${(error as NodeJS.ErrnoException).code})`,
        at,
      );
    }
    const entry = { descriptor, size: fstatSync(descriptor).size };
    this.open.set(location, entry);
    return entry;
  }

  close(): void {
    for (const { descriptor } of this.open.values()) closeSync(descriptor);
    this.open.clear();
  }
}
