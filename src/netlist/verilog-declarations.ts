// Parses what a Verilog module declares: its port list and its nets, with ranges and initial values.
// Refuses two declarations of one name, arrays, and ports without a module port of their name.

import { ExpressionParser } from './verilog-expression.ts';
import type { VerilogTokens } from './verilog-tokens.ts';
import type { Declaration, Expression, VerilogModule } from './verilog-tree.ts';
import { netTypes, refuse, refusedWords, verilogKeywords } from './verilog-words.ts';

/** The part of the module parser that fills `declarations`. */
export class DeclarationParser {
  protected readonly tokens: VerilogTokens;
  protected readonly expressions: ExpressionParser;
  protected readonly module: VerilogModule;

  constructor(tokens: VerilogTokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
    this.module = { name: '', line: tokens.line, ports: [], declarations: new Map(), items: [] };
  }

  /** Both `(a, b)` and `(input [3:0] a, output b)`. */
  protected header(): void {
    const { tokens, module } = this;
    tokens.advance();
    const seen = new Set<string>();
    let form: Declaration | undefined;
    while (!tokens.isMark(')')) {
      if (tokens.isWord('input') || tokens.isWord('output')) form = this.declarationHead();
      else if (tokens.kind === 'name' && (refusedWords.has(tokens.text) || netTypes.has(tokens.text)))
        refuse(tokens);
      const { line } = tokens;
      const name = this.identifier('a port');
      if (seen.has(name)) tokens.fail(`port '${name}' listed twice`, undefined, undefined, line);
      seen.add(name);
      module.ports.push(name);
      if (form !== undefined) this.declare({ ...form, name, line });
      if (tokens.isMark('=')) this.declarationValue(name, line, form?.type);
      if (!tokens.isMark(')')) this.mark(',');
    }
    tokens.advance();
  }

  protected declarations(): void {
    const { tokens, module } = this;
    const form = this.declarationHead();
    for (;;) {
      const { line } = tokens;
      const name = this.identifier('a name');
      if (tokens.isMark('[')) tokens.fail(`'${name}' is an array of vectors`, 'a vector of bits');
      this.declare({ ...form, name, line });
      if (form.direction !== undefined && !module.ports.includes(name)) {
        tokens.fail(`'${name}' is no port of module '${module.name}'`, undefined, undefined, line);
      }
      if (form.type === 'supply0' || form.type === 'supply1') {
        const value: Expression = { kind: 'constant', bits: [form.type === 'supply1' ? 1 : 0], line };
        module.items.push({ kind: 'assign', target: { kind: 'name', name, line }, value, line });
      }
      if (tokens.isMark('=')) this.declarationValue(name, line, form.type);
      if (!tokens.isMark(',')) break;
      tokens.advance();
    }
    this.mark(';');
  }

  /** `wire a = b` drives a; `reg a = 1'b0` is its reset value. */
  protected declarationValue(name: string, line: number, type: string | undefined): void {
    this.tokens.advance();
    const target: Expression = { kind: 'name', name, line };
    const value = this.expressions.parse();
    this.module.items.push({
      kind: type === 'reg' || type === 'logic' ? 'initial' : 'assign',
      target,
      value,
      line,
    });
  }

  /** Direction, type, sign and range before a list of names. */
  protected declarationHead(): Declaration {
    const { tokens } = this;
    const form: Declaration = { name: '', line: tokens.line, signed: false };
    if (tokens.isWord('input') || tokens.isWord('output')) {
      form.direction = tokens.text as 'input' | 'output';
      tokens.advance();
    }
    if (tokens.kind === 'name' && netTypes.has(tokens.text)) {
      form.type = tokens.text;
      tokens.advance();
    }
    if (tokens.isWord('signed')) {
      form.signed = true;
      tokens.advance();
    }
    if (tokens.isMark('[')) {
      tokens.advance();
      const msb = this.expressions.integer('a constant range');
      this.mark(':');
      const lsb = this.expressions.integer('a constant range');
      this.mark(']');
      form.range = { msb, lsb };
    }
    if (tokens.isMark('#')) this.skipDelay();
    return form;
  }

  protected declare(next: Declaration): void {
    const { declarations } = this.module;
    const before = declarations.get(next.name);
    if (before === undefined) {
      declarations.set(next.name, next);
      return;
    }
    const fail = (problem: string): never =>
      this.tokens.fail(`${problem} (first on line ${before.line})`, undefined, undefined, next.line);
    if (
      (before.type !== undefined && next.type !== undefined) ||
      (before.direction !== undefined && next.direction !== undefined) ||
      (next.type === undefined && next.direction === undefined)
    ) {
      fail(`'${next.name}' declared twice`);
    }
    const same = before.range?.msb === next.range?.msb && before.range?.lsb === next.range?.lsb;
    if (!same) fail(`'${next.name}' declared with two ranges`);
    before.type ??= next.type;
    before.direction ??= next.direction;
    before.signed ||= next.signed;
  }

  protected identifier(expected: string): string {
    const { tokens } = this;
    if (tokens.kind === 'name' && verilogKeywords.has(tokens.text)) refuse(tokens);
    if (tokens.kind !== 'name' && tokens.kind !== 'escaped') tokens.unexpected(expected);
    const name = tokens.text;
    tokens.advance();
    return name;
  }

  /** `#3` or `#(1:2:3, 4)`: delays mean nothing here. */
  protected skipDelay(): void {
    const { tokens } = this;
    tokens.advance();
    const parenthesised = tokens.isMark('(');
    if (parenthesised) tokens.advance();
    for (;;) {
      if ((tokens.kind as string) !== 'number') tokens.unexpected('a constant delay');
      tokens.advance();
      if (!parenthesised) return;
      if (!tokens.isMark(',') && !tokens.isMark(':')) break;
      tokens.advance();
    }
    this.mark(')');
  }

  protected mark(text: string): void {
    this.expressions.mark(text);
  }
}
