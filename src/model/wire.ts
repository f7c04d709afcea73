// A walk over protobuf bytes before the library decodes them: wire types, lengths, nesting depth and object counts.
// Refuses anything that would make the decoder recurse deeply or allocate far more than the file's own size.

import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { InputError } from '../core/errors.ts';

export interface WireLimits {
  /** Nested messages inside one another. */
  depth: number;
  /** Messages, strings and unknown fields in the whole file: each becomes an object. */
  objects: number;
  /** Numbers in repeated fields that are not raw bytes: each takes 8 bytes once decoded. */
  numbers: number;
  /** 64-bit integers in repeated fields: each becomes a BigInt. */
  bigints: number;
}

export const defaultWireLimits: WireLimits = {
  depth: 96,
  objects: 4_000_000,
  numbers: 200_000_000,
  bigints: 16_000_000,
};

type Kind = 'message' | 'object' | 'number' | 'bigint' | 'single';

interface FieldRule {
  kind: Kind;
  message?: DescMessage;
  /** Wire type of one element; packed lists may also come as wire type 2. */
  wire: number;
  list: boolean;
}

const rules = new Map<string, Map<number, FieldRule>>();

function rulesOf(message: DescMessage): Map<number, FieldRule> {
  let table = rules.get(message.typeName);
  if (table === undefined) {
    table = new Map(message.fields.map(field => [field.number, ruleOf(field)]));
    rules.set(message.typeName, table);
  }
  return table;
}

// Scalar types by their descriptor.proto number.
const wireOfScalar: Record<number, number> = { 1: 1, 2: 5, 6: 1, 7: 5, 9: 2, 12: 2, 15: 5, 16: 1 };
const wide = new Set([3, 4, 6, 16, 18]);

function ruleOf(field: DescField): FieldRule {
  if (field.message !== undefined) {
    return { kind: 'message', message: field.message, wire: 2, list: field.fieldKind === 'list' };
  }
  const list = field.fieldKind === 'list';
  const scalar = field.scalar as number | undefined;
  const wire = scalar === undefined ? 0 : (wireOfScalar[scalar] ?? 0);
  if (wire === 2) return { kind: 'object', wire, list };
  if (!list) return { kind: 'single', wire, list };
  return { kind: scalar !== undefined && wide.has(scalar) ? 'bigint' : 'number', wire, list };
}

/** What the walk found. */
export interface WireStatistics {
  objects: number;
  numbers: number;
  bigints: number;
  depth: number;
}

/**
 * Checks that `bytes` are well-formed protobuf of this message within the limits.
 * @throws InputError with the byte offset of the first problem
 */
export function checkWire(
  bytes: Uint8Array,
  message: DescMessage,
  file: string | undefined,
  limits: WireLimits = defaultWireLimits,
): WireStatistics {
  const walk = new WireWalk(bytes, file, limits);
  walk.message(message, 0, bytes.length, 1);
  return walk.statistics;
}

class WireWalk {
  readonly statistics: WireStatistics = { objects: 0, numbers: 0, bigints: 0, depth: 0 };
  private readonly bytes: Uint8Array;
  private readonly file: string | undefined;
  private readonly limits: WireLimits;
  private position = 0;

  constructor(bytes: Uint8Array, file: string | undefined, limits: WireLimits) {
    this.bytes = bytes;
    this.file = file;
    this.limits = limits;
  }

  message(message: DescMessage, start: number, end: number, depth: number): void {
    if (depth > this.limits.depth)
      this.fail('messages nest too deeply', start, `at most ${this.limits.depth}`);
    if (depth > this.statistics.depth) this.statistics.depth = depth;
    const table = rulesOf(message);
    this.position = start;
    while (this.position < end) {
      const at = this.position;
      const tag = this.varint(end);
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      if (tag > 0xffffffff || number === 0) this.fail(`field number ${number} is not valid`, at);
      this.field(message, table.get(number), number, wire, at, end, depth);
    }
  }

  private field(
    message: DescMessage,
    rule: FieldRule | undefined,
    number: number,
    wire: number,
    at: number,
    end: number,
    depth: number,
  ): void {
    const packed = rule?.list === true && wire === 2 && rule.wire !== 2;
    if (rule !== undefined && wire !== rule.wire && !packed) {
      this.fail(`field ${number} of ${message.typeName} has wire type ${wire}`, at, `${rule.wire}`);
    }
    if (rule === undefined || rule.kind === 'object' || rule.kind === 'message') this.count('objects', 1, at);
    if (wire === 0) this.varint(end);
    else if (wire === 1) this.skip(8, end, at);
    else if (wire === 5) this.skip(4, end, at);
    else if (wire === 2) {
      const length = this.varint(end);
      const start = this.position;
      if (length > end - start) {
        this.fail(
          `field ${number} of ${message.typeName} claims ${length} bytes`,
          at,
          `at most ${end - start}`,
        );
      }
      if (rule?.kind === 'message') this.message(rule.message!, start, start + length, depth + 1);
      else if (packed) this.packed(rule!, start, start + length);
      this.position = start + length;
      return;
    } else this.fail(`wire type ${wire} in ${message.typeName}`, at, 'a protobuf file without groups');
    if (rule?.kind === 'number') this.count('numbers', 1, at);
    else if (rule?.kind === 'bigint') this.count('bigints', 1, at);
  }

  private packed(rule: FieldRule, start: number, end: number): void {
    let elements = 0;
    if (rule.wire === 0) {
      let run = 0;
      for (let i = start; i < end; i++) {
        if (++run > 10) this.fail('a variable-length integer has more than 10 bytes', i);
        if (this.bytes[i]! < 128) {
          elements++;
          run = 0;
        }
      }
      if (run > 0) this.fail('a packed list ends inside an integer', end);
    } else {
      const size = rule.wire === 1 ? 8 : 4;
      if ((end - start) % size !== 0) {
        this.fail(`a packed list has ${end - start} bytes`, start, `a multiple of ${size}`);
      }
      elements = (end - start) / size;
    }
    this.count(rule.kind === 'bigint' ? 'bigints' : 'numbers', elements, start);
  }

  private count(what: 'objects' | 'numbers' | 'bigints', n: number, at: number): void {
    this.statistics[what] += n;
    if (this.statistics[what] > this.limits[what]) {
      this.fail(`more than ${this.limits[what]} ${what} outside raw data`, at, 'weights stored as raw_data');
    }
  }

  private skip(length: number, end: number, at: number): void {
    if (length > end - this.position) this.fail('the file ends inside a field', at);
    this.position += length;
  }

  private varint(end: number): number {
    const at = this.position;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.position >= end) this.fail('the file ends inside a field', at);
      const byte = this.bytes[this.position++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return this.fail('a variable-length integer has more than 10 bytes', at);
  }

  private fail(problem: string, byte: number, expected?: string): never {
    throw new InputError(`not a well-formed ONNX file: ${problem}`, { file: this.file, byte, expected });
  }
}
