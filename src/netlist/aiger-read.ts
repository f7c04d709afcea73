// Reads AIGER 1.9, ascii (aag) and binary (aig), in chunks: latches with reset values, B C J F sections, symbols, comment.
// Keeps the file's order and never hashes (use `strash`); ascii files whose ANDs are out of order are sorted. Refuses
// headers that promise more than the file's own size can hold, before anything is allocated.

import { Aig, type AigNames, maxVariable, uninitialised } from './aig.ts';
import { AigerBytes, enlarge, newline, space } from './aiger-bytes.ts';
import { AsciiNumbering } from './aiger-numbering.ts';
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

type SymbolKey = 'inputs' | 'latches' | 'outputs' | 'bads' | 'constraints' | 'justice' | 'fairness';

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

class AigerReader extends AigerBytes {
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
}
