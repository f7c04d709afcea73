// Characters, lines or the whole of text files, decoded chunk by chunk as UTF-8. Refuses lines above 64 MiB, texts above 256.

import { StringDecoder } from 'node:string_decoder';
import { InputError } from '../core/errors.ts';
import { ByteSource, type SourceInput } from './source.ts';

const lineLimit = 1 << 26;

/** Lines with their numbers (from 1), ends stripped. Closes the file when done or abandoned. */
export function* readLines(input: SourceInput): Generator<{ text: string; line: number }> {
  const source = new ByteSource(input);
  try {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    let line = 1;
    for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) {
      const parts = (rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))).split(
        '\n',
      );
      rest = parts.pop()!;
      if (rest.length > lineLimit) {
        throw new InputError('line too long', {
          file: source.file,
          line,
          expected: `at most ${lineLimit} characters`,
        });
      }
      for (const text of parts) yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, line: line++ };
    }
    rest += decoder.end();
    if (rest !== '') yield { text: rest, line };
  } finally {
    source.close();
  }
}

/** File name of an input for messages. */
export function sourceName(input: SourceInput): string | undefined {
  return typeof input === 'string' ? (input === '-' ? 'standard input' : input) : input.file;
}

/** Characters with one of look-ahead and a line count, for tokenizers. */
export class CharacterSource {
  readonly file: string | undefined;
  line = 1;
  private readonly source: ByteSource;
  private readonly decoder = new StringDecoder('utf8');
  private text = '';
  private position = 0;
  private ended = false;

  constructor(input: SourceInput) {
    this.source = new ByteSource(input);
    this.file = this.source.file;
  }

  /** The next character, or '' at the end. */
  peek(): string {
    while (this.position >= this.text.length && !this.ended) {
      const chunk = this.source.next();
      this.position = 0;
      if (chunk === undefined) {
        this.ended = true;
        this.text = this.decoder.end();
      } else this.text = this.decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    }
    return this.position < this.text.length ? this.text[this.position]! : '';
  }

  take(): string {
    const c = this.peek();
    if (c !== '') this.position++;
    if (c === '\n') this.line++;
    return c;
  }

  close(): void {
    this.source.close();
  }

  error(problem: string, expected?: string): InputError {
    return new InputError(problem, { file: this.file, line: this.line, expected });
  }
}

const textLimit = 1 << 28;

/** A whole text file as one string. @throws InputError above 256 MiB */
export function readText(input: SourceInput): string {
  const source = new ByteSource(input);
  try {
    const decoder = new StringDecoder('utf8');
    const parts: string[] = [];
    let length = 0;
    for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) {
      length += chunk.length;
      if (length > textLimit) {
        throw new InputError('file too large', {
          file: source.file,
          line: 1,
          expected: `at most ${textLimit} bytes`,
        });
      }
      parts.push(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)));
    }
    parts.push(decoder.end());
    return parts.join('');
  } finally {
    source.close();
  }
}
