// The generic liberty parser: a tree of groups and attributes, read character by character.
// Gives no meaning to any name (see liberty-cells.ts). Refuses nesting deeper than 64 and values above 16 MiB.

import type { SourceInput } from './source.ts';
import { CharacterSource } from './text-source.ts';

/** A liberty group: `kind (arguments) { attributes, groups }`. */
export interface LibertyGroup {
  kind: string;
  arguments: string[];
  /** Simple attributes (`name : value ;`, one value) and complex ones (`name (v, v) ;`); the last of a name wins. */
  attributes: Map<string, string[]>;
  /** Every occurrence of the complex attributes that occur more than once, in order. */
  repeated?: Map<string, string[][]> | undefined;
  groups: LibertyGroup[];
  /** Line of the group's name. */
  line: number;
}

const depthLimit = 64;
const valueLimit = 1 << 24;

/**
 * Parses a liberty file.
 * @returns its outermost group, normally `library`
 * @throws InputError with file and line
 */
export function readLiberty(input: SourceInput): LibertyGroup {
  const source = new CharacterSource(input);
  try {
    return new LibertyParser(source).parse();
  } finally {
    source.close();
  }
}

/** First value of an attribute. */
export function libertyValue(group: LibertyGroup, name: string): string | undefined {
  return group.attributes.get(name)?.[0];
}

/** Subgroups of one kind. */
export function libertyGroups(group: LibertyGroup, kind: string): LibertyGroup[] {
  return group.groups.filter(x => x.kind === kind);
}

interface Token {
  text: string;
  /** `word` for names, numbers and strings; `mark` for punctuation; `end`. */
  type: 'word' | 'mark' | 'end';
  line: number;
}

class LibertyParser {
  private readonly source: CharacterSource;
  private token: Token;

  constructor(source: CharacterSource) {
    this.source = source;
    this.token = this.scan();
  }

  parse(): LibertyGroup {
    const root: LibertyGroup = { kind: '', arguments: [], attributes: new Map(), groups: [], line: 1 };
    if (this.token.type === 'end') throw this.source.error('empty liberty file', 'library (name) { … }');
    this.statement(root, 0);
    if (root.groups.length !== 1) throw this.source.error('no group', 'library (name) { … }');
    while (this.token.text === ';' && this.token.type === 'mark') this.advance();
    const last = this.token as Token;
    if (last.type !== 'end') throw this.fail(`unexpected '${last.text}' after the library`);
    return root.groups[0]!;
  }

  /** One attribute or group into `parent`. */
  private statement(parent: LibertyGroup, depth: number): void {
    if (depth > depthLimit) throw this.fail('groups nested too deep', `at most ${depthLimit} levels`);
    const name = this.word('an attribute or group name');
    if (this.isMark(':')) {
      this.advance();
      const parts: string[] = [];
      const line = this.token.line;
      // expressions such as `VDD + 0.5` and values without a semicolon (ended by the line) both occur
      while (
        this.token.type === 'word' ||
        (this.token.type === 'mark' && '+-*/'.includes(this.token.text) && parts.length > 0)
      ) {
        if (parts.length > 0 && this.token.line !== line && this.token.type === 'word') break;
        parts.push(this.token.text);
        this.advance();
      }
      if (parts.length === 0) throw this.fail(`attribute '${name.text}' has no value`, 'a value');
      parent.attributes.set(name.text, [parts.join(' ')]);
      if (this.isMark(';')) this.advance();
      return;
    }
    if (!this.isMark('('))
      throw this.fail(`unexpected '${this.token.text}' after '${name.text}'`, "':' or '('");
    this.advance();
    const values: string[] = [];
    while (!this.isMark(')')) {
      if (this.isMark(',')) this.advance();
      else if (this.token.type === 'mark' && '+-*/'.includes(this.token.text)) {
        // arithmetic such as `VDD + 0.5` stays one value
        values.push(`${values.pop() ?? ''} ${this.token.text}`.trim());
        this.advance();
        values.push(`${values.pop()!} ${this.word('an operand').text}`);
      } else values.push(this.word("a value or ')'").text);
    }
    this.advance();
    if (!this.isMark('{')) {
      const before = parent.attributes.get(name.text);
      if (before !== undefined) {
        parent.repeated ??= new Map();
        const all = parent.repeated.get(name.text);
        if (all === undefined) parent.repeated.set(name.text, [before, values]);
        else all.push(values);
      }
      parent.attributes.set(name.text, values);
      if (this.isMark(';')) this.advance();
      return;
    }
    this.advance();
    const group: LibertyGroup = {
      kind: name.text,
      arguments: values,
      attributes: new Map(),
      groups: [],
      line: name.line,
    };
    parent.groups.push(group);
    while (!this.isMark('}')) {
      if (this.isMark(';')) this.advance();
      else this.statement(group, depth + 1);
    }
    this.advance();
  }

  private isMark(text: string): boolean {
    return this.token.type === 'mark' && this.token.text === text;
  }

  private word(expected: string): Token {
    const token = this.token;
    if (token.type !== 'word') {
      throw this.fail(token.type === 'end' ? 'file ends too soon' : `unexpected '${token.text}'`, expected);
    }
    this.advance();
    return token;
  }

  private advance(): void {
    this.token = this.scan();
  }

  private fail(problem: string, expected?: string): Error {
    return this.source.error(problem, expected);
  }

  private scan(): Token {
    const source = this.source;
    for (;;) {
      const c = source.peek();
      const line = source.line;
      if (c === '') return { text: 'end of file', type: 'end', line };
      if (c === ' ' || c === '\t' || c === '\n' || c === '\r' || c === '\\' || c === '\ufeff') {
        source.take();
        continue;
      }
      if (c === '"') {
        source.take();
        return { text: this.quoted(), type: 'word', line };
      }
      if (c === '/') {
        source.take();
        const next = source.peek();
        if (next === '*') this.comment();
        else if (next === '/') while (source.peek() !== '\n' && source.peek() !== '') source.take();
        else return { text: '/', type: 'mark', line };
        continue;
      }
      if (/[A-Za-z0-9_.[\]]/.test(c) || ((c === '-' || c === '+') && this.token?.text === ':') || c === '-') {
        let text = source.take();
        while (
          /[A-Za-z0-9_.[\]:!-]/.test(source.peek()) ||
          (source.peek() === '+' && /^-?[0-9.]+e$/i.test(text))
        ) {
          // a colon belongs to a bus range inside brackets only
          if (source.peek() === ':' && !/\[[^\]]*$/.test(text)) break;
          text += source.take();
          if (text.length > valueLimit)
            throw source.error('a word too long', `at most ${valueLimit} characters`);
        }
        return { text, type: 'word', line };
      }
      source.take();
      return { text: c, type: 'mark', line };
    }
  }

  private quoted(): string {
    const parts: string[] = [];
    let text = '';
    for (;;) {
      const c = this.source.take();
      if (c === '') throw this.source.error('file ends inside a string', 'a closing quote');
      if (c === '"') break;
      if (c === '\\' && /[\r\n"]/.test(this.source.peek())) {
        const escaped = this.source.take();
        if (escaped === '"') text += '"';
        else if (escaped === '\r' && this.source.peek() === '\n') this.source.take();
        continue;
      }
      text += c;
      if (text.length >= 4096) {
        parts.push(text);
        text = '';
        if (parts.length * 4096 > valueLimit) {
          throw this.source.error('a string too long', `at most ${valueLimit} characters`);
        }
      }
    }
    return parts.join('') + text;
  }

  private comment(): void {
    this.source.take();
    for (let last = ''; ; ) {
      const c = this.source.take();
      if (c === '') throw this.source.error('file ends inside a comment', "'*/'");
      if (last === '*' && c === '/') return;
      last = c;
    }
  }
}
