// Boolean expressions of liberty `function` attributes and genlib gates: ! ' & * space + | ^ 0 1 and parentheses.
// Refuses nesting deeper than 500 and anything that is not one expression.

import { InputError } from '../core/errors.ts';
import type { AigBuilder } from './builder.ts';

export type BooleanExpression =
  | { kind: 'constant'; value: 0 | 1 }
  | { kind: 'variable'; name: string }
  | { kind: 'not'; of: BooleanExpression }
  | { kind: 'and' | 'or' | 'xor'; left: BooleanExpression; right: BooleanExpression };

const depthLimit = 500;
const operandStart = /[A-Za-z0-9_!(["\\]/;

/**
 * Parses one expression. Binding, tightest first: postfix ', prefix !, ^, AND (& * or juxtaposition), OR (+ |).
 * @throws InputError with the text when it is not an expression
 */
export function parseBooleanExpression(
  text: string,
  place: { file?: string | undefined; line?: number | undefined } = {},
): BooleanExpression {
  let position = 0;
  let depth = 0;
  const fail = (problem: string): never => {
    throw new InputError(`${problem} in function "${text.slice(0, 120)}"`, place);
  };
  const skip = (): string => {
    while (position < text.length && ' \t\r\n'.includes(text[position]!)) position++;
    return text[position] ?? '';
  };
  const chain = (
    kind: 'and' | 'or' | 'xor',
    operators: string,
    operand: () => BooleanExpression,
    juxtaposed = false,
  ): BooleanExpression => {
    let left = operand();
    let length = 0;
    for (;;) {
      const c = skip();
      if (c !== '' && operators.includes(c)) position++;
      else if (!(juxtaposed && operandStart.test(c))) return left;
      if (++length > depthLimit) fail('too many operands');
      left = { kind, left, right: operand() };
    }
  };
  const or = (): BooleanExpression => chain('or', '+|', and);
  const and = (): BooleanExpression => chain('and', '&*', xor, true);
  const xor = (): BooleanExpression => chain('xor', '^', unary);
  const unary = (): BooleanExpression => {
    if (++depth > depthLimit) fail('nesting too deep');
    const c = skip();
    let result: BooleanExpression;
    if (c === '!' || c === '~') {
      position++;
      result = { kind: 'not', of: unary() };
    } else if (c === '(') {
      position++;
      result = or();
      if (skip() !== ')') fail("missing ')'");
      position++;
    } else {
      const name = /^(?:[A-Za-z0-9_]+(?:\[\d+\])?|\\[^\s]+|"[^"]+")/.exec(
        text.slice(position, position + 1000),
      )?.[0];
      if (name === undefined) return fail(c === '' ? 'unexpected end' : `unexpected '${c}'`);
      position += name.length;
      result =
        name === '0' || name === '1'
          ? { kind: 'constant', value: name === '1' ? 1 : 0 }
          : /^CONST[01]$/.test(name)
            ? { kind: 'constant', value: name === 'CONST1' ? 1 : 0 }
            : { kind: 'variable', name: name.replace(/^["\\]|"$/g, '') };
    }
    while (skip() === "'") {
      position++;
      result = { kind: 'not', of: result };
    }
    depth--;
    return result;
  };
  const expression = or();
  if (skip() !== '') fail(`unexpected '${text[position]}'`);
  return expression;
}

/** Names in an expression, each once, in order of first use. */
export function expressionVariables(expression: BooleanExpression): string[] {
  const names = new Set<string>();
  const visit = (e: BooleanExpression): void => {
    if (e.kind === 'variable') names.add(e.name);
    else if (e.kind === 'not') visit(e.of);
    else if (e.kind !== 'constant') {
      visit(e.left);
      visit(e.right);
    }
  };
  visit(expression);
  return [...names];
}

/** The literal of an expression. @param literal of a variable's name */
export function buildExpression(
  builder: AigBuilder,
  expression: BooleanExpression,
  literal: (name: string) => number,
): number {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'variable':
      return literal(expression.name);
    case 'not':
      return buildExpression(builder, expression.of, literal) ^ 1;
    default: {
      const left = buildExpression(builder, expression.left, literal);
      const right = buildExpression(builder, expression.right, literal);
      if (expression.kind === 'and') return builder.addAnd(left, right);
      return expression.kind === 'or' ? builder.addOr(left, right) : builder.addXor(left, right);
    }
  }
}
