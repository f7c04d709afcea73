// JSON with the line of every object, for messages that name a place. Refuses what JSON.parse refuses, and more:
// a key twice in one object, and nesting deeper than 64.

import { InputError } from '../core/errors.ts';

export type JsonValue = string | number | boolean | null | JsonObject | JsonValue[];

/** An object: its entries in file order and the line it starts on. */
export class JsonObject {
  readonly line: number;
  readonly entries = new Map<string, JsonValue>();

  constructor(line: number) {
    this.line = line;
  }
}

const depthLimit = 64;
const word = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** @throws InputError with file and line */
export function parseJsonLines(text: string, file: string | undefined): JsonValue {
  return new JsonParser(text, file).parse();
}

class JsonParser {
  private readonly text: string;
  private readonly file: string | undefined;
  private position = 0;
  private line = 1;

  constructor(text: string, file: string | undefined) {
    this.text = text;
    this.file = file;
  }

  parse(): JsonValue {
    const value = this.value(0);
    if (this.peek() !== '') this.unexpected('the end of the file');
    return value;
  }

  private value(depth: number): JsonValue {
    if (depth > depthLimit) this.fail('JSON nested too deep', `at most ${depthLimit} levels`);
    const c = this.peek();
    if (c === '{') return this.object(depth);
    if (c === '[') return this.array(depth);
    if (c === '"') return this.string();
    word.lastIndex = this.position;
    const match = word.exec(this.text)?.[0];
    if (match === undefined) return this.unexpected('a JSON value');
    this.position += match.length;
    return match === 'true' ? true : match === 'false' ? false : match === 'null' ? null : Number(match);
  }

  private object(depth: number): JsonObject {
    const object = new JsonObject(this.line);
    this.position++;
    while (this.peek() !== '}') {
      if (object.entries.size > 0) this.mark(',');
      if (this.peek() !== '"') this.unexpected('a key');
      const key = this.string();
      if (object.entries.has(key)) this.fail(`key '${key.slice(0, 80)}' occurs twice`, 'one entry a name');
      this.mark(':');
      object.entries.set(key, this.value(depth + 1));
    }
    this.position++;
    return object;
  }

  private array(depth: number): JsonValue[] {
    const list: JsonValue[] = [];
    this.position++;
    while (this.peek() !== ']') {
      if (list.length > 0) this.mark(',');
      list.push(this.value(depth + 1));
    }
    this.position++;
    return list;
  }

  private string(): string {
    const { text } = this;
    const start = this.position;
    let at = start + 1;
    let plain = true;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c === 34) break;
      if (Number.isNaN(c) || c < 32) this.fail('string without an end', "'\"'");
      if (c === 92) {
        plain = false;
        at++;
      }
      at++;
    }
    this.position = at + 1;
    if (plain) return text.slice(start + 1, at);
    try {
      return JSON.parse(text.slice(start, at + 1)) as string;
    } catch {
      return this.fail('malformed escape in a string', 'JSON escapes');
    }
  }

  private mark(mark: string): void {
    if (this.peek() !== mark) this.unexpected(`'${mark}'`);
    this.position++;
  }

  /** Skips white space; the next character, '' at the end. */
  private peek(): string {
    for (;;) {
      const c = this.text.charCodeAt(this.position);
      if (c === 10) this.line++;
      else if (c !== 32 && c !== 9 && c !== 13) return this.text[this.position] ?? '';
      this.position++;
    }
  }

  private unexpected(expected: string): never {
    const c = this.peek();
    return this.fail(c === '' ? 'file ends too soon' : `unexpected '${c}'`, expected);
  }

  private fail(problem: string, expected: string): never {
    throw new InputError(problem, { file: this.file, line: this.line, expected });
  }
}
