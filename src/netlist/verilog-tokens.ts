// Tokens of Verilog: names, escaped names, constants, strings, operators, with lines. Comments, attributes and the
// directives without effect on structure are skipped. Refuses `define, `include, `ifdef and macro uses by name.

import { InputError } from '../core/errors.ts';

export type TokenKind = 'name' | 'escaped' | 'number' | 'string' | 'mark' | 'end';

const pattern =
  /[ \t\r\f]+|\n|\/\/[^\n]*|\/\*|\(\*(?!\s*\))|`[A-Za-z_]\w*|[A-Za-z_$][\w$]*|\\[^\s]+|(?:\d[\d_]*)?\s*'[sS]?[bBoOdDhH]\s*[0-9a-fA-FxXzZ?_]+|\d[\d_]*(?:\.\d+)?|"[^"\n]*"|~&|~\||~\^|\^~|&&|\|\||===|!==|==|!=|<<<|>>>|<<|>>|<=|>=|\+:|-:|./sy;

const ignoredDirectives = new Set([
  '`timescale',
  '`celldefine',
  '`endcelldefine',
  '`default_nettype',
  '`resetall',
  '`line',
  '`nounconnected_drive',
  '`unconnected_drive',
  '`suppress_faults',
  '`nosuppress_faults',
  '`enable_portfaults',
  '`disable_portfaults',
  '`delay_mode_path',
]);

/** A cursor over the tokens of a text; `kind`, `text` and `line` are those of the current token. */
export class VerilogTokens {
  kind: TokenKind = 'end';
  /** The token as written; the bare name of an escaped one. */
  text = '';
  line = 1;
  readonly file: string | undefined;
  private readonly source: string;
  private position = 0;
  private nextLine = 1;

  constructor(source: string, file: string | undefined) {
    this.source = source;
    this.file = file;
    this.advance();
  }

  advance(): void {
    const { source } = this;
    for (;;) {
      this.line = this.nextLine;
      if (this.position >= source.length) {
        this.kind = 'end';
        this.text = 'end of file';
        return;
      }
      pattern.lastIndex = this.position;
      const text = pattern.exec(source)![0];
      this.position += text.length;
      const kind = this.classify(text);
      if (kind === undefined) continue;
      this.kind = kind;
      this.text = kind === 'escaped' ? text.slice(1) : text;
      return;
    }
  }

  /** The kind of a token, or undefined for what is skipped. */
  private classify(text: string): TokenKind | undefined {
    const c = text.charCodeAt(0);
    if (c === 10) this.nextLine++;
    else if (c === 32 || c === 9 || c === 13 || c === 12) {
      if (!text.includes("'")) return undefined;
      this.countBreaks(text);
      return 'number';
    } else if (text.startsWith('//')) return undefined;
    else if (text === '/*') this.skipPast('*/', 'a comment');
    else if (text === '(*') this.skipPast('*)', 'an attribute');
    else if (c === 96 && text.length > 1) this.directive(text);
    else if (c === 92 && text.length > 1) return 'escaped';
    else if (/[A-Za-z_$]/.test(text[0]!)) return 'name';
    else if (/^\d|^'./.test(text)) {
      this.countBreaks(text);
      return 'number';
    } else return c === 34 && text.length > 1 ? 'string' : 'mark';
    return undefined;
  }

  isMark(text: string): boolean {
    return this.kind === 'mark' && this.text === text;
  }

  isWord(text: string): boolean {
    return this.kind === 'name' && this.text === text;
  }

  fail(problem: string, expected?: string, nearest?: string, line = this.line): never {
    throw new InputError(problem, { file: this.file, line, expected, nearest });
  }

  /** Fails at the current token. */
  unexpected(expected: string): never {
    this.fail(
      this.kind === 'end' ? 'file ends too soon' : `unexpected '${this.text.slice(0, 60)}'`,
      expected,
    );
  }

  /** Counts the line breaks between the size and the digits of a constant. */
  private countBreaks(text: string): void {
    if (text.includes('\n')) this.nextLine += text.split('\n').length - 1;
  }

  private skipPast(end: string, what: string): void {
    const at = this.source.indexOf(end, this.position);
    if (at < 0) this.fail(`file ends inside ${what}`, `'${end}'`);
    for (let i = this.position; i < at; i++) if (this.source.charCodeAt(i) === 10) this.nextLine++;
    this.position = at + end.length;
  }

  private directive(text: string): void {
    if (!ignoredDirectives.has(text))
      this.fail(`directive or macro '${text}'`, 'preprocessed structural Verilog');
    const end = this.source.indexOf('\n', this.position);
    this.position = end < 0 ? this.source.length : end;
  }
}

/** Widest constant. */
const constantLimit = 1 << 16;

/**
 * Bits of a constant, least significant first: 0, 1, or 2 for x and z.
 * @returns undefined when the text is no integer constant or is above 65536 bits
 */
export function constantBits(text: string): number[] | undefined {
  const clean = text.replace(/[\s_]/g, '').toLowerCase();
  const match = /^(\d*)'s?([bodh])([0-9a-fxz?]+)$/.exec(clean);
  if (match === null) {
    if (!/^\d+$/.test(clean) || clean.length > 4000) return undefined;
    return fit(decimalBits(clean), 32, false);
  }
  const size = match[1] === '' ? 0 : Number(match[1]);
  if (size > constantLimit || match[3]!.length > constantLimit || match[1] === '0') return undefined;
  const digits = match[3]!;
  let bits: number[] | undefined;
  if (match[2] === 'd') {
    if (digits.length > 20_000) return undefined;
    bits = /^[xz?]$/.test(digits) ? [2] : /^\d+$/.test(digits) ? decimalBits(digits) : undefined;
  } else bits = digitBits(digits, match[2] === 'b' ? 1 : match[2] === 'o' ? 3 : 4);
  return bits === undefined ? undefined : fit(bits, size === 0 ? 32 : size, size !== 0);
}

function decimalBits(digits: string): number[] {
  return [...BigInt(digits).toString(2)].reverse().map(Number);
}

function digitBits(digits: string, each: number): number[] | undefined {
  const bits: number[] = [];
  for (let i = digits.length - 1; i >= 0; i--) {
    const unknown = 'xz?'.includes(digits[i]!);
    const value = unknown ? 0 : Number.parseInt(digits[i]!, 16);
    if (value >= 2 ** each) return undefined;
    for (let k = 0; k < each; k++) bits.push(unknown ? 2 : (value >> k) & 1);
  }
  return bits;
}

/** Extends with zeros, or with x when the top bit is x; cuts only to a written size. */
function fit(bits: number[], width: number, cut: boolean): number[] {
  const fill = bits[bits.length - 1] === 2 ? 2 : 0;
  while (bits.length < width) bits.push(fill);
  return cut ? bits.slice(0, width) : bits;
}
