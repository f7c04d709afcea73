// The bytes of an AIGER file with their offsets: numbers, separators, line ends, names, and the delta-coded AND section.
// Refuses numbers above 2^53, names above 64 KiB, and says at which byte.

import { InputError } from '../core/errors.ts';
import type { ByteSource } from './source.ts';

export const newline = 10;
export const space = 32;
/** Comment text kept, at most. */
const commentLimit = 1 << 20;
/** A symbol longer than this is an error, not a name. */
const nameLimit = 1 << 16;

/** A cursor over the chunks of a file. */
export class AigerBytes {
  protected readonly source: ByteSource;
  protected chunk: Uint8Array = new Uint8Array(0);
  protected position = 0;
  /** File offset of chunk[0]. */
  protected base = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The delta-coded AND section; its loop keeps everything in locals. */
  protected readBinaryAnds(first: number, count: number): [Uint32Array, Uint32Array] {
    const known = this.source.size !== undefined;
    let fanin0 = new Uint32Array(known ? count : Math.min(count, 1 << 16));
    let fanin1 = new Uint32Array(fanin0.length);
    let chunk = this.chunk;
    let position = this.position;
    let length = chunk.length;
    let i = 0;
    while (i < count) {
      if (i === fanin0.length) {
        const grown = Math.min(count, 2 * i);
        fanin0 = enlarge(fanin0, grown);
        fanin1 = enlarge(fanin1, grown);
      }
      // two numbers of at most 5 bytes each: the fast path needs no end-of-chunk checks
      const end = Math.min(fanin0.length, i + Math.floor((length - position) / 10));
      for (; i < end; i++) {
        let byte = chunk[position++]!;
        let delta0 = byte & 127;
        if (byte > 127) {
          byte = chunk[position++]!;
          delta0 |= (byte & 127) << 7;
          if (byte > 127) {
            byte = chunk[position++]!;
            delta0 |= (byte & 127) << 14;
            if (byte > 127) {
              byte = chunk[position++]!;
              delta0 |= (byte & 127) << 21;
              if (byte > 127) {
                byte = chunk[position++]!;
                if (byte > 15) this.fail('a delta above 32 bits', this.base + position - 1);
                delta0 = (delta0 | (byte << 28)) >>> 0;
              }
            }
          }
        }
        byte = chunk[position++]!;
        let delta1 = byte & 127;
        if (byte > 127) {
          byte = chunk[position++]!;
          delta1 |= (byte & 127) << 7;
          if (byte > 127) {
            byte = chunk[position++]!;
            delta1 |= (byte & 127) << 14;
            if (byte > 127) {
              byte = chunk[position++]!;
              delta1 |= (byte & 127) << 21;
              if (byte > 127) {
                byte = chunk[position++]!;
                if (byte > 15) this.fail('a delta above 32 bits', this.base + position - 1);
                delta1 = (delta1 | (byte << 28)) >>> 0;
              }
            }
          }
        }
        const own = 2 * (first + i);
        const larger = own - delta0;
        const smaller = larger - delta1;
        if (delta0 === 0 || smaller < 0) {
          this.fail(`AND ${own} has an out-of-range fan-in`, this.base + position, 'lhs > rhs0 >= rhs1 >= 0');
        }
        fanin0[i] = smaller;
        fanin1[i] = larger;
      }
      if (i === count || i === fanin0.length) continue;
      this.position = position;
      const start = this.offset();
      const own = 2 * (first + i);
      const delta0 = this.delta(i, count);
      const delta1 = this.delta(i, count);
      const larger = own - delta0;
      if (delta0 === 0 || larger - delta1 < 0) {
        this.fail(`AND ${own} has an out-of-range fan-in`, start, 'lhs > rhs0 >= rhs1 >= 0');
      }
      fanin0[i] = larger - delta1;
      fanin1[i] = larger;
      i++;
      chunk = this.chunk;
      position = this.position;
      length = chunk.length;
    }
    this.position = position;
    return [fanin0, fanin1];
  }

  private delta(index: number, count: number): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const at = this.offset();
      const byte = this.byte();
      if (byte < 0) this.fail(`file ends in AND ${index} of ${count}`, at, 'a complete file');
      if (shift === 28 && byte > 15) this.fail('a delta above 32 bits', at);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return value;
  }

  protected number(what: string): number {
    let byte = this.peek();
    if (byte < 48 || byte > 57) {
      this.fail(byte < 0 ? 'file ends too soon' : `unexpected byte ${byte}`, this.offset(), what);
    }
    let value = 0;
    while (byte >= 48 && byte <= 57) {
      value = value * 10 + byte - 48;
      this.position++;
      byte = this.peek();
      if (value > Number.MAX_SAFE_INTEGER) {
        this.fail('a number above 2^53', this.offset(), what);
      }
    }
    return value;
  }

  protected separator(): void {
    if (this.peek() !== space) this.fail('missing space', this.offset(), 'one space');
    while (this.peek() === space) this.position++;
  }

  protected lineEnd(orEnd = false): void {
    let byte = this.byte();
    while (byte === space || byte === 13) byte = this.byte();
    if (byte !== newline && !(orEnd && byte < 0)) {
      this.fail(
        byte < 0 ? 'file ends too soon' : `unexpected byte ${byte}`,
        this.offset(),
        'the end of the line',
      );
    }
  }

  protected line(): string {
    const bytes: number[] = [];
    for (let byte = this.byte(); byte >= 0 && byte !== newline; byte = this.byte()) {
      if (bytes.length >= nameLimit) {
        this.fail('a symbol name too long', this.offset(), `at most ${nameLimit} bytes`);
      }
      bytes.push(byte);
    }
    return Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
  }

  /** The rest of the file, up to the limit. */
  protected rest(): string {
    const parts: Buffer[] = [];
    let length = 0;
    while (this.peek() >= 0) {
      const part = Buffer.from(this.chunk.subarray(this.position));
      if (length < commentLimit) parts.push(part.subarray(0, commentLimit - length));
      length += part.length;
      this.position = this.chunk.length;
    }
    return Buffer.concat(parts).toString('utf8');
  }

  protected peek(): number {
    if (this.position < this.chunk.length) return this.chunk[this.position]!;
    const next = this.source.next();
    if (next === undefined) return -1;
    this.base += this.chunk.length;
    this.chunk = next;
    this.position = 0;
    return next[0]!;
  }

  protected byte(): number {
    const byte = this.peek();
    if (byte >= 0) this.position++;
    return byte;
  }

  protected offset(): number {
    return this.base + this.position;
  }

  protected fail(problem: string, byte = this.offset(), expected?: string): never {
    throw new InputError(problem, { file: this.source.file, byte, expected });
  }
}

export function enlarge(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer>;
export function enlarge(array: Uint32Array, length: number): Uint32Array;
export function enlarge(array: Uint32Array, length: number): Uint32Array {
  const grown = new Uint32Array(length);
  grown.set(array);
  return grown;
}
