// The gate-level cells of Yosys as library cells: $_AND_ … $_MUX16_ and clocked flip-flops with enable, set and reset.
// Refuses latches, asynchronous loads and set-reset pairs: they have no cell here.

import { type BooleanExpression, expressionVariables, parseBooleanExpression } from './boolean-expression.ts';
import type { Cell } from './cell-library.ts';

const yosysFunctions: Record<string, string> = {
  $_BUF_: 'A',
  $_NOT_: '!A',
  $_AND_: 'A&B',
  $_NAND_: '!(A&B)',
  $_OR_: 'A|B',
  $_NOR_: '!(A|B)',
  $_XOR_: 'A^B',
  $_XNOR_: '!(A^B)',
  $_ANDNOT_: 'A&!B',
  $_ORNOT_: 'A|!B',
  $_MUX_: '(!S&A)|(S&B)',
  $_NMUX_: '!((!S&A)|(S&B))',
  $_AOI3_: '!((A&B)|C)',
  $_OAI3_: '!((A|B)&C)',
  $_AOI4_: '!((A&B)|(C&D))',
  $_OAI4_: '!((A|B)&(C|D))',
};

/** The simple gate cells of Yosys: $_AND_ … $_OAI4_, and flip-flops with enable, set and reset by their suffix. */
export function yosysCell(type: string): Cell | undefined {
  if (!/^\$_\w+_$/.test(type)) return undefined;
  let cell = yosysCells.get(type);
  if (cell === undefined) {
    cell = makeYosysCell(type);
    if (cell !== undefined) yosysCells.set(type, cell);
  }
  return cell;
}

/** Cells made so far: only types Yosys has get in. */
const yosysCells = new Map<string, Cell>();

function makeYosysCell(type: string): Cell | undefined {
  const text = yosysFunctions[type];
  if (text !== undefined) {
    const expression = parseBooleanExpression(text);
    return {
      name: type,
      area: 0,
      inputs: expressionVariables(expression),
      outputs: new Map([['Y', expression]]),
    };
  }
  if (type === '$_FF_') {
    const next = parseBooleanExpression('D');
    const outputs = new Map([['Q', { kind: 'variable', name: 'IQ' } as const]]);
    return { name: type, area: 0, inputs: ['D'], outputs, flipFlop: { state: 'IQ', inverse: 'IQN', next } };
  }
  const mux = /^\$_MUX(4|8|16)_$/.exec(type);
  if (mux !== null) return multiplexer(type, Math.log2(Number(mux[1])));
  const match = /^\$_(DFF|DFFE|SDFF|SDFFE|SDFFCE)_([NP01]+)_$/.exec(type);
  if (match === null) return undefined;
  const kind = match[1]!;
  const code = match[2]!;
  const synchronous = kind.startsWith('SDFF');
  const enabled = kind.endsWith('E');
  const reset = code.length >= 3;
  if (code.length !== 1 + (reset ? 2 : 0) + (enabled ? 1 : 0) || (synchronous && !reset)) return undefined;
  const polarity = (pin: string, letter: string): string => (letter === 'P' ? pin : `!${pin}`);
  const enable = enabled ? polarity('E', code[code.length - 1]!) : undefined;
  const resetPin = reset ? polarity('R', code[1]!) : undefined;
  const value = code[2] === '1' ? '1' : '0';
  const hold = (d: string): string =>
    enable === undefined ? d : `(${enable} & (${d})) | (!(${enable}) & IQ)`;
  const force = (d: string): string => `(${resetPin} & ${value}) | (!(${resetPin}) & (${d}))`;
  const next = !synchronous ? hold('D') : kind === 'SDFFCE' ? hold(force('D')) : force(hold('D'));
  const asynchronous = reset && !synchronous ? parseBooleanExpression(resetPin!) : undefined;
  return {
    name: type,
    area: 0,
    inputs: ['D', 'C', ...(reset ? ['R'] : []), ...(enabled ? ['E'] : [])],
    outputs: new Map([['Q', { kind: 'variable', name: 'IQ' } as const]]),
    flipFlop: {
      state: 'IQ',
      inverse: 'IQN',
      next: parseBooleanExpression(next),
      clock: parseBooleanExpression(polarity('C', code[0]!)),
      clear: value === '0' ? asynchronous : undefined,
      preset: value === '1' ? asynchronous : undefined,
    },
  };
}

/** $_MUX4_ … $_MUX16_: data pins A B …, select pins S T U V from the least significant. */
function multiplexer(type: string, selects: number): Cell {
  const pins = Array.from({ length: 2 ** selects }, (_, i) => 'ABCDEFGHIJKLMNOP'[i]!);
  let layer: BooleanExpression[] = pins.map(name => ({ kind: 'variable', name }));
  const names = 'STUV'.slice(0, selects).split('');
  for (const name of names) {
    const select: BooleanExpression = { kind: 'variable', name };
    layer = Array.from({ length: layer.length / 2 }, (_, i) => ({
      kind: 'or',
      left: { kind: 'and', left: { kind: 'not', of: select }, right: layer[2 * i]! },
      right: { kind: 'and', left: select, right: layer[2 * i + 1]! },
    }));
  }
  return { name: type, area: 0, inputs: [...pins, ...names], outputs: new Map([['Y', layer[0]!]]) };
}
