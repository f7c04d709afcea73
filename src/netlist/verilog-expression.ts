// Parses Verilog expressions over bits: ~ ! & | ^ ~^ ~& ~| == != && || ?: concatenation, replication, constant selects.
// Refuses arithmetic, shifts and comparisons by operator, variable indices, and nesting deeper than 500.

import { constantBits, type VerilogTokens } from './verilog-tokens.ts';
import type { Expression } from './verilog-tree.ts';

const depthLimit = 500;
const refusedOperators = new Set(['+', '-', '*', '/', '%', '<', '>', '<=', '>=', '<<', '>>', '<<<', '>>>']);
/** Binary operators by level, loosest first. */
const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^', '~^', '^~'],
  ['&'],
  ['==', '!=', '===', '!=='],
];

export class ExpressionParser {
  private readonly tokens: VerilogTokens;
  private depth = 0;

  constructor(tokens: VerilogTokens) {
    this.tokens = tokens;
  }

  parse(): Expression {
    if (++this.depth > depthLimit)
      this.tokens.fail('expression nested too deep', `at most ${depthLimit} levels`);
    const arms: { condition: Expression; value: Expression }[] = [];
    let value = this.binary(0);
    while (this.tokens.isMark('?')) {
      this.tokens.advance();
      arms.push({ condition: value, value: this.parse() });
      this.mark(':');
      value = this.binary(0);
    }
    this.depth--;
    if (this.tokens.kind === 'mark' && refusedOperators.has(this.tokens.text)) {
      this.tokens.fail(`operator '${this.tokens.text}' is not structural`, '~ & | ^ ~^ ?: && || ! == !=');
    }
    return arms.length === 0 ? value : { kind: 'choice', arms, otherwise: value };
  }

  /** `[index]` or `[msb:lsb]` behind a name, or the name alone. */
  reference(): Expression {
    const { tokens } = this;
    const { text: name, line } = tokens;
    tokens.advance();
    if (tokens.isMark('.')) tokens.fail(`hierarchical name '${name}.'`, 'a net of this module');
    if (!tokens.isMark('[')) return { kind: 'name', name, line };
    tokens.advance();
    const first = this.integer('a constant index');
    let last = first;
    let indexed = false;
    if (tokens.isMark(':')) {
      tokens.advance();
      last = this.integer('a constant index');
    } else if (tokens.isMark('+:') || tokens.isMark('-:')) {
      indexed = true;
      const up = tokens.text === '+:';
      tokens.advance();
      const width = this.integer('a constant width');
      if (width < 1) tokens.fail(`part select of width ${width}`, 'at least 1');
      last = up ? first + width - 1 : first - width + 1;
    }
    this.mark(']');
    if (tokens.isMark('[')) tokens.fail(`second index of '${name}'`, 'a vector of bits');
    return { kind: 'select', name, first, last, indexed, line };
  }

  /** A constant integer, as in ranges. */
  integer(expected: string): number {
    const { tokens } = this;
    const negative = tokens.isMark('-');
    if (negative) tokens.advance();
    if (tokens.kind !== 'number') tokens.unexpected(expected);
    const bits = constantBits(tokens.text);
    if (bits === undefined || bits.includes(2) || bits.lastIndexOf(1) > 30) {
      tokens.fail(`'${tokens.text.slice(0, 40)}' is no index`, 'an integer below 2^31');
    }
    tokens.advance();
    const value = bits!.reduceRight((sum, bit) => 2 * sum + bit, 0);
    return negative ? -value : value;
  }

  mark(text: string): void {
    if (!this.tokens.isMark(text)) this.tokens.unexpected(`'${text}'`);
    this.tokens.advance();
  }

  private binary(level: number): Expression {
    if (level === levels.length) return this.unary();
    const first = this.binary(level + 1);
    const { tokens } = this;
    const operators = levels[level]!;
    if (tokens.kind !== 'mark' || !operators.includes(tokens.text)) return first;
    if (level === 5) {
      const inverted = tokens.text.startsWith('!');
      tokens.advance();
      const equal: Expression = { kind: 'equal', inverted, left: first, right: this.binary(level + 1) };
      if (tokens.kind === 'mark' && operators.includes(tokens.text))
        tokens.fail('chained comparison', 'parentheses');
      return equal;
    }
    const operands = [first];
    let inverted = false;
    while (tokens.kind === 'mark' && operators.includes(tokens.text)) {
      if (tokens.text.length === 2 && level === 3) inverted = !inverted;
      tokens.advance();
      operands.push(this.binary(level + 1));
    }
    if (level <= 1) return { kind: 'logic', operator: level === 0 ? '|' : '&', operands };
    return { kind: 'bitwise', operator: operators[0] as '&' | '|' | '^', inverted, operands };
  }

  private unary(): Expression {
    const { tokens } = this;
    if (tokens.kind !== 'mark') return this.primary();
    const operator = tokens.text;
    if (!/^(~|!|&|\||\^|~&|~\||~\^|\^~)$/.test(operator)) return this.primary();
    tokens.advance();
    if (++this.depth > depthLimit) tokens.fail('expression nested too deep', `at most ${depthLimit} levels`);
    const of = this.unary();
    this.depth--;
    if (operator === '~') return { kind: 'not', of };
    if (operator === '!') return { kind: 'reduce', operator: '|', inverted: true, of };
    return {
      kind: 'reduce',
      operator: operator.replace('~', '') as '&' | '|' | '^',
      inverted: operator.includes('~'),
      of,
    };
  }

  private primary(): Expression {
    const { tokens } = this;
    const { line } = tokens;
    if (tokens.kind === 'name' || tokens.kind === 'escaped') {
      if (tokens.text.startsWith('$') && tokens.kind === 'name') {
        tokens.fail(`system function '${tokens.text}' is not structural`);
      }
      return this.reference();
    }
    if (tokens.kind === 'number') {
      const bits = constantBits(tokens.text);
      if (bits === undefined)
        tokens.fail(`'${tokens.text.slice(0, 40)}' is no constant of at most 65536 bits`);
      tokens.advance();
      return { kind: 'constant', bits: bits!, line };
    }
    if (tokens.isMark('(')) {
      tokens.advance();
      const inner = this.parse();
      this.mark(')');
      return inner;
    }
    if (tokens.isMark('{')) return this.braces();
    return tokens.unexpected('an expression');
  }

  /** `{a, b}` or `{n{a, b}}`. */
  private braces(): Expression {
    const { tokens } = this;
    const { line } = tokens;
    this.mark('{');
    const parts = [this.parse()];
    if (tokens.isMark('{')) {
      const [head] = parts;
      if (head!.kind !== 'constant' || head.bits.includes(2) || head.bits.lastIndexOf(1) > 30) {
        tokens.fail('replication by something else than a number', 'a constant count');
      }
      const count = (head as { bits: number[] }).bits.reduceRight((sum, bit) => 2 * sum + bit, 0);
      if (count < 1) tokens.fail('replication by 0', 'a count of at least 1');
      const inner = this.bracesOfReplication();
      this.mark('}');
      return { ...inner, count };
    }
    this.listTail(parts);
    return { kind: 'concat', parts, count: 1, line };
  }

  private bracesOfReplication(): Extract<Expression, { kind: 'concat' }> {
    const { line } = this.tokens;
    if (++this.depth > depthLimit) this.tokens.fail('expression nested too deep');
    this.mark('{');
    const parts = [this.parse()];
    this.listTail(parts);
    this.depth--;
    return { kind: 'concat', parts, count: 1, line };
  }

  private listTail(parts: Expression[]): void {
    while (this.tokens.isMark(',')) {
      this.tokens.advance();
      parts.push(this.parse());
    }
    this.mark('}');
  }
}
