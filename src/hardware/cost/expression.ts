// Boolean expressions of cells as functions: their value, and in which inputs they rise or fall.

import { type BooleanExpression, expressionVariables } from '../../netlist/boolean-expression.ts';

/** Unateness of a function in one input, by its truth table. */
export function unateness(function_: BooleanExpression, pin: string): string {
  const others = expressionVariables(function_).filter(name => name !== pin);
  let rises = false;
  let falls = false;
  for (let m = 0; m < 2 ** others.length; m++) {
    const at = (value: boolean): boolean =>
      evaluateExpression(function_, name =>
        name === pin ? value : ((m >>> others.indexOf(name)) & 1) === 1,
      );
    const low = at(false);
    const high = at(true);
    rises ||= !low && high;
    falls ||= low && !high;
  }
  return rises && falls ? 'non_unate' : rises ? 'positive_unate' : 'negative_unate';
}

/** Value of an expression. */
export function evaluateExpression(e: BooleanExpression, value: (name: string) => boolean): boolean {
  switch (e.kind) {
    case 'constant':
      return e.value === 1;
    case 'variable':
      return value(e.name);
    case 'not':
      return !evaluateExpression(e.of, value);
    case 'and':
      return evaluateExpression(e.left, value) && evaluateExpression(e.right, value);
    case 'or':
      return evaluateExpression(e.left, value) || evaluateExpression(e.right, value);
    default:
      return evaluateExpression(e.left, value) !== evaluateExpression(e.right, value);
  }
}
