// Reads AIGER 1.9, ascii (aag) and binary (aig), in chunks: latches with reset values, B C J F sections, symbols, comment.
// Keeps the file's order and never hashes (use `strash`); ascii files whose ANDs are out of order are sorted. Refuses
// headers that promise more than the file's own size can hold, before anything is allocated.

import { InputError } from '../core/errors.ts';
import { Aig, type AigNames, maxVariable, uninitialised } from './aig.ts';
import { ByteSource, type SourceInput } from './source.ts';

interface Header {
  binary: boolean;
  maximum: number;
  inputs: number;
  latches: number;
  outputs: number;
  ands: number;
  bads: number;
  constraints: number;
  justice: number;
  fairness: number;
}

const newline = 10;
const space = 32;
/** Comment text kept, at most. */
const commentLimit = 1 << 20;
/** A symbol longer than this is an error, not a name. */
const nameLimit = 1 << 16;

/**
 * Reads an AIGER file.
 * @param input path, `-`, or bytes
 * @throws InputError with file and byte for anything the format forbids
 */
export function readAiger(input: SourceInput): Aig {
  const source = new ByteSource(input);
  try {
    return new AigerReader(source).read();
  } finally {
    source.close();
  }
}

class AigerReader {
  private readonly source: ByteSource;
  private chunk: Uint8Array = new Uint8Array(0);
  private position = 0;
  /** File offset of chunk[0]. */
  private base = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  read(): Aig {
    const header = this.readHeader();
    this.checkHeader(header);
    const { inputs, latches, ands } = header;
    // ascii files may number variables as they like: `order` maps them to ours
    const order = header.binary ? undefined : new AsciiNumbering(header);
    for (let i = 0; i < inputs && order !== undefined; i++) {
      const start = this.offset();
      const literal = this.number('an input literal');
      this.lineEnd();
      order.define(literal, 1 + i, 'input', error => this.fail(error, start));
    }
    const latchNext = new Uint32Array(latches);
    const latchInit = new Uint8Array(latches);
    for (let i = 0; i < latches; i++) {
      const start = this.offset();
      let own = 2 * (1 + inputs + i);
      if (order !== undefined) {
        own = this.number('a latch literal');
        order.define(own, 1 + inputs + i, 'latch', error => this.fail(error, start));
        this.separator();
      }
      latchNext[i] = this.literal(header, 'a next-state literal');
      if (this.peek() === space) {
        this.separator();
        const at = this.offset();
        const init = this.number('a reset value');
        if (init !== 0 && init !== 1 && init !== own) {
          this.fail(`latch reset value ${init}`, at, `0, 1 or the latch's own literal ${own}`);
        }
        latchInit[i] = init === own && own > 1 ? uninitialised : init;
      }
      this.lineEnd();
    }
    const list = (count: number, what: string): Uint32Array => {
      const literals = new Uint32Array(count);
      for (let i = 0; i < count; i++) {
        literals[i] = this.literal(header, what);
        this.lineEnd();
      }
      return literals;
    };
    const outputs = list(header.outputs, 'an output literal');
    const bads = list(header.bads, 'a bad-state literal');
    const constraints = list(header.constraints, 'a constraint literal');
    const sizes: number[] = [];
    for (let i = 0; i < header.justice; i++) {
      const at = this.offset();
      const size = this.number('the size of a justice property');
      this.lineEnd();
      if (this.source.size !== undefined && size > this.source.size) {
        this.fail(`justice property of ${size} literals`, at, 'no more than the file can hold');
      }
      sizes.push(size);
    }
    const justice = sizes.map(size => list(size, 'a justice literal'));
    const fairness = list(header.fairness, 'a fairness literal');
    let fanin0: Uint32Array;
    let fanin1: Uint32Array;
    if (order === undefined) {
      [fanin0, fanin1] = this.readBinaryAnds(inputs + latches + 1, ands);
    } else {
      [fanin0, fanin1] = this.readAsciiAnds(header, order);
      for (const literals of [latchNext, outputs, bads, constraints, ...justice, fairness]) {
        for (let i = 0; i < literals.length; i++) {
          literals[i] = order.final(literals[i]!, error => this.fail(error));
        }
      }
    }
    const { names, comment } = this.readSymbols(header);
    return new Aig({
      inputCount: inputs,
      fanin0,
      fanin1,
      outputs,
      latchNext,
      latchInit,
      bads,
      constraints,
      justice,
      fairness,
      names,
      comment,
    });
  }

  private readHeader(): Header {
    const word: number[] = [];
    for (let byte = this.peek(); byte > space && word.length < 4; byte = this.peek()) word.push(this.byte());
    const magic = String.fromCharCode(...word);
    if (magic !== 'aig' && magic !== 'aag') {
      this.fail(word.length === 0 ? 'empty file' : `not an AIGER file`, 0, "a first word 'aig' or 'aag'");
    }
    const fields: number[] = [];
    while (this.peek() === space) {
      this.separator();
      if (fields.length === 9) this.fail('header of more than 9 numbers', this.offset(), 'M I L O A B C J F');
      fields.push(this.number('a number in the header'));
    }
    if (fields.length < 5) this.fail('header too short', this.offset(), 'M I L O A');
    this.lineEnd();
    const [maximum, inputs, latches, outputs, ands, bads = 0, constraints = 0, justice = 0, fairness = 0] =
      fields as [number, number, number, number, number, number, number, number, number];
    return {
      binary: magic === 'aig',
      maximum,
      inputs,
      latches,
      outputs,
      ands,
      bads,
      constraints,
      justice,
      fairness,
    };
  }

  /** Compares what the header promises with what the file can hold. */
  private checkHeader(header: Header): void {
    const { binary, maximum, inputs, latches, outputs, ands } = header;
    const total = inputs + latches + ands;
    if (binary ? maximum !== total : maximum < total) {
      this.fail(
        `header says M = ${maximum} but I + L + A = ${total}`,
        0,
        binary ? 'M = I + L + A' : 'M >= I + L + A',
      );
    }
    if (maximum > maxVariable) {
      this.fail(`header promises ${maximum} variables`, 0, `at most ${maxVariable}`);
    }
    const size = this.source.size;
    if (size === undefined) return;
    const others = outputs + header.bads + header.constraints + header.justice + header.fairness;
    const needed = binary
      ? 2 * ands + 2 * latches + 2 * others
      : 2 * inputs + 4 * latches + 2 * others + 6 * ands;
    if (needed > size) {
      this.fail(
        `header promises at least ${needed} bytes of nodes, the file has ${size}`,
        0,
        'a complete file',
      );
    }
    // inputs of binary files and numbering gaps of ascii files take no bytes: they are bounded by the file's size class
    const free = binary ? inputs : maximum;
    const limit = 65536 + 16 * size;
    if (free > limit) {
      this.fail(
        `header promises ${free} ${binary ? 'inputs' : 'variables'} in a file of ${size} bytes`,
        0,
        `at most ${limit}`,
      );
    }
  }

  /** The delta-coded AND section; its loop keeps everything in locals. */
  private readBinaryAnds(first: number, count: number): [Uint32Array, Uint32Array] {
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

  private readAsciiAnds(header: Header, order: AsciiNumbering): [Uint32Array, Uint32Array] {
    const count = header.ands;
    const known = this.source.size !== undefined;
    let left = new Uint32Array(known ? count : Math.min(count, 1 << 16));
    let right = new Uint32Array(left.length);
    for (let i = 0; i < count; i++) {
      if (i === left.length) {
        left = enlarge(left, Math.min(count, 2 * i));
        right = enlarge(right, left.length);
      }
      const start = this.offset();
      const own = this.number('an AND literal');
      this.separator();
      left[i] = this.literal(header, 'a fan-in literal');
      this.separator();
      right[i] = this.literal(header, 'a fan-in literal');
      this.lineEnd();
      order.define(own, header.inputs + header.latches + 1 + i, 'AND', error => this.fail(error, start));
    }
    return order.sort(left, right, error => this.fail(error));
  }

  private readSymbols(header: Header): { names: AigNames; comment: string } {
    const sections: Record<string, { key: SymbolKey; count: number }> = {
      i: { key: 'inputs', count: header.inputs },
      l: { key: 'latches', count: header.latches },
      o: { key: 'outputs', count: header.outputs },
      b: { key: 'bads', count: header.bads },
      c: { key: 'constraints', count: header.constraints },
      j: { key: 'justice', count: header.justice },
      f: { key: 'fairness', count: header.fairness },
    };
    const names: AigNames = {};
    for (;;) {
      const start = this.offset();
      const byte = this.byte();
      if (byte < 0) return { names, comment: '' };
      const letter = String.fromCharCode(byte);
      const after = this.peek();
      if (letter === 'c' && (after === newline || after === 13 || after < 0)) {
        this.lineEnd(true);
        return { names, comment: this.rest() };
      }
      const section = sections[letter];
      if (section === undefined || after < 48 || after > 57) {
        this.fail(
          `unexpected byte ${byte} after the nodes`,
          start,
          "a symbol (i l o b c j f), 'c' or the end",
        );
      }
      const index = this.number('a symbol position');
      if (index >= section.count) {
        this.fail(`symbol ${letter}${index} of ${section.count}`, start, `a position below ${section.count}`);
      }
      this.separator();
      const name = this.line();
      const list = (names[section.key] ??= []);
      if (list[index] !== undefined) this.fail(`symbol ${letter}${index} named twice`, start);
      while (list.length < index) list.push(undefined);
      list[index] = name;
    }
  }

  private literal(header: Header, what: string): number {
    const start = this.offset();
    const value = this.number(what);
    if (value > 2 * header.maximum + 1) {
      this.fail(`literal ${value} is out of range`, start, `${what} up to ${2 * header.maximum + 1}`);
    }
    return value;
  }

  private number(what: string): number {
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

  private separator(): void {
    if (this.peek() !== space) this.fail('missing space', this.offset(), 'one space');
    while (this.peek() === space) this.position++;
  }

  private lineEnd(orEnd = false): void {
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

  private line(): string {
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
  private rest(): string {
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

  private peek(): number {
    if (this.position < this.chunk.length) return this.chunk[this.position]!;
    const next = this.source.next();
    if (next === undefined) return -1;
    this.base += this.chunk.length;
    this.chunk = next;
    this.position = 0;
    return next[0]!;
  }

  private byte(): number {
    const byte = this.peek();
    if (byte >= 0) this.position++;
    return byte;
  }

  private offset(): number {
    return this.base + this.position;
  }

  private fail(problem: string, byte = this.offset(), expected?: string): never {
    throw new InputError(problem, { file: this.source.file, byte, expected });
  }
}

type SymbolKey = 'inputs' | 'latches' | 'outputs' | 'bads' | 'constraints' | 'justice' | 'fairness';
type Fail = (problem: string) => never;

/** The free numbering of ascii files: from the file's variables to ours. */
class AsciiNumbering {
  private map: Uint32Array;
  private readonly maximum: number;
  private readonly firstAnd: number;

  constructor(header: Header) {
    this.maximum = header.maximum;
    this.map = new Uint32Array(Math.min(header.maximum + 1, 1 << 16));
    this.firstAnd = header.inputs + header.latches + 1;
  }

  define(literal: number, variable: number, what: string, fail: Fail): void {
    if (literal < 2 || literal % 2 === 1 || literal / 2 > this.maximum) {
      fail(`${what} literal ${literal} is not a positive variable up to ${this.maximum}`);
    }
    const index = literal / 2;
    if (index >= this.map.length) {
      this.map = enlarge(this.map, Math.min(this.maximum + 1, Math.max(2 * this.map.length, index + 1)));
    }
    if (this.map[index] !== 0) fail(`variable ${index} is defined twice`);
    this.map[index] = variable;
  }

  final(literal: number, fail: Fail): number {
    if (literal < 2) return literal;
    const variable = this.map[literal >>> 1];
    if (variable === undefined || variable === 0) fail(`literal ${literal} is used but never defined`);
    return 2 * variable + (literal & 1);
  }

  /** Fan-ins in our numbering and topological order; the file's order is kept when it is topological already. */
  sort(left: Uint32Array, right: Uint32Array, fail: Fail): [Uint32Array, Uint32Array] {
    const { firstAnd } = this;
    const count = left.length;
    let ordered = true;
    for (let i = 0; i < count; i++) {
      const a = this.final(left[i]!, fail);
      const b = this.final(right[i]!, fail);
      left[i] = a < b ? a : b;
      right[i] = a < b ? b : a;
      if (right[i]! >>> 1 >= firstAnd + i) ordered = false;
    }
    if (ordered) return [left, right];
    const place = topologicalOrder(left, right, firstAnd, i => {
      const literal = 2 * this.map.indexOf(firstAnd + i);
      return fail(`combinational cycle through AND ${literal}`);
    });
    const newLiteral = (literal: number): number => {
      const v = literal >>> 1;
      return v < firstAnd ? literal : 2 * (firstAnd + place[v - firstAnd]!) + (literal & 1);
    };
    const fanin0 = new Uint32Array(count);
    const fanin1 = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const a = newLiteral(left[i]!);
      const b = newLiteral(right[i]!);
      fanin0[place[i]!] = a < b ? a : b;
      fanin1[place[i]!] = a < b ? b : a;
    }
    for (let v = 0; v < this.map.length; v++) {
      if (this.map[v]! >= firstAnd) this.map[v] = firstAnd + place[this.map[v]! - firstAnd]!;
    }
    return [fanin0, fanin1];
  }
}

/** The topological position of each AND, depth first in file order. @param cycle called with an AND on a cycle */
function topologicalOrder(
  left: Uint32Array,
  right: Uint32Array,
  firstAnd: number,
  cycle: (and: number) => never,
): Uint32Array {
  const count = left.length;
  const place = new Uint32Array(count);
  const state = new Uint8Array(count); // 0 new, 1 open, 2 left done, 3 placed
  const stack = new Uint32Array(count);
  let next = 0;
  for (let root = 0; root < count; root++) {
    if (state[root] === 3) continue;
    let depth = 0;
    stack[0] = root;
    state[root] = 1;
    while (depth >= 0) {
      const i = stack[depth]!;
      const child = ((state[i] === 1 ? left[i]! : right[i]!) >>> 1) - firstAnd;
      if (state[i] === 1) state[i] = 2;
      else if (child < 0 || state[child] === 3) {
        state[i] = 3;
        place[i] = next++;
        depth--;
        continue;
      }
      if (child < 0 || state[child] === 3) continue;
      if (state[child] !== 0) cycle(child);
      state[child] = 1;
      stack[++depth] = child;
    }
  }
  return place;
}

function enlarge(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer>;
function enlarge(array: Uint32Array, length: number): Uint32Array;
function enlarge(array: Uint32Array, length: number): Uint32Array {
  const grown = new Uint32Array(length);
  grown.set(array);
  return grown;
}
