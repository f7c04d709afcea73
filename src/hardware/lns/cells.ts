// One-bit pieces that mapping keeps apart: adders of NAND and OR-AND gates, decoders of two bits, pairs of lines.
// Refuses to be merged: as one piece of logic mapping trades switching for area.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module } from '../rtl/index.ts';

const boundary = { boundary: true };

function gate(name: string, what: string, inputs: readonly string[], function_: string): RtlFile {
  const m = new Module(name, [what], boundary);
  for (const port of inputs) m.input(port);
  m.output('y');
  m.raw(`assign y = ${function_};`);
  return m.file();
}

/**
 * Modules NAME_KIND(a, b, c) -> s, t and their gates. `count`: a + b + c = s + 2t, and `take`: a - b - c = s - 2t, for b and c that
 * mostly rest; `late`: the sum where a comes last and passes one gate; `second`: the sum after a NAND. `four`, `four_on`: decoders.
 */
export function bitAdders(name: string): RtlFile[] {
  const build = (kind: string, text: string, lines: (m: Module, nand: Gate, oai: Gate) => void): RtlFile => {
    const m = new Module(`${name}_${kind}`, [text]);
    for (const port of ['a', 'b', 'c']) m.input(port);
    m.output('s');
    m.output('t');
    const of =
      (gateName: string): Gate =>
      (y, a, b, c) => {
        if (y !== 's' && y !== 't') m.raw(`wire ${y};`);
        m.instance(`${name}_${gateName}`, `u_${y}`, { a, b, ...(c === undefined ? {} : { c }), y });
      };
    lines(m, of('nand'), of('oai'));
    return m.file();
  };
  const decoder = (kind: string, text: string, inputs: readonly string[]): RtlFile => {
    const m = new Module(`${name}_${kind}`, [text]);
    for (const port of inputs) m.input(port);
    m.output('n', 4);
    const gated = inputs.length > 2;
    const nand = (line: number, a: string, b: string): void => {
      const on = gated ? { c: 'on' } : {};
      m.instance(`${name}_nand${gated ? '3' : ''}`, `u_${line}`, { a, b, ...on, y: `n[${line}]` });
    };
    nand(3, 'high', 'low');
    nand(2, 'high', 'n[3]');
    nand(1, 'low', 'n[3]');
    if (!gated) m.instance(`${name}_or`, 'u_0', { a: 'high', b: 'low', y: 'n[0]' });
    else {
      m.raw('wire none;');
      m.instance(`${name}_nor`, 'u_none', { a: 'high', b: 'low', y: 'none' });
      m.instance(`${name}_nand`, 'u_0', { a: 'none', b: 'on', y: 'n[0]' });
    }
    return m.file();
  };
  const second = (): RtlFile => {
    const m = new Module(`${name}_second`, ['Full adder after a NAND: a + b + c = s + 2t.']);
    for (const port of ['a', 'b', 'c_n']) m.input(port);
    m.output('s_n');
    m.output('t');
    m.raw('wire both;', 'wire same;', 'wire kept;');
    m.instance(`${name}_nand`, 'u_both', { a: 'a', b: 'b', y: 'both' });
    m.instance(`${name}_oai`, 'u_same', { a: 'a', b: 'b', c: 'both', y: 'same' });
    m.instance(`${name}_nand`, 'u_kept', { a: 'same', b: 'c_n', y: 'kept' });
    m.instance(`${name}_oai`, 'u_s', { a: 'same', b: 'c_n', c: 'kept', y: 's_n' });
    m.instance(`${name}_oai`, 'u_t', { a: 'same', b: 'c_n', c: 'both', y: 't' });
    return m.file();
  };
  return [
    second(),
    gate(`${name}_or`, 'Either.', ['a', 'b'], 'a | b'),
    gate(`${name}_nor`, 'Neither.', ['a', 'b'], '~(a | b)'),
    gate(`${name}_nand3`, 'Not all.', ['a', 'b', 'c'], '~(a & b & c)'),
    decoder('four', 'Two bits to one of four lines, active low, without their complements.', ['high', 'low']),
    decoder('four_on', 'Two bits to one of four lines, active low, or to none.', ['high', 'low', 'on']),
    gate(`${name}_xor`, 'Exclusive or.', ['a', 'b'], 'a ^ b'),
    gate(`${name}_nand`, 'Not both.', ['a', 'b'], '~(a & b)'),
    gate(`${name}_oai`, 'Not (c and one of a, b).', ['a', 'b', 'c'], '~((a | b) & c)'),
    build('count', 'Full adder: a + b + c = s + 2t; little happens while b and c rest.', (_m, nand, oai) => {
      restingSum(nand, oai);
      nand('passed', 'c', 'kept');
      nand('t', 'both', 'passed');
    }),
    build(
      'take',
      'Full subtractor: a - b - c = s - 2t; little happens while b and c rest.',
      (_m, nand, oai) => {
        restingSum(nand, oai);
        nand('lacking', 'b', 'both');
        nand('t', 'lacking', 'kept');
      },
    ),
    build('late', 'Full adder: a + b + c = s + 2t; a passes one gate while b and c rest.', (m, nand) => {
      m.raw('wire x;');
      m.instance(`${name}_xor`, 'u_x', { a: 'b', b: 'c', y: 'x' });
      m.instance(`${name}_xor`, 'u_s', { a: 'a', b: 'x', y: 's' });
      nand('both', 'b', 'c');
      nand('passed', 'a', 'x');
      nand('t', 'both', 'passed');
    }),
  ];
}

/** s = a ^ b ^ c; of its inner nets, `both` is not (a and b), `kept` not ((a ^ b) and c). */
function restingSum(nand: Gate, oai: Gate): void {
  nand('both', 'a', 'b');
  oai('same', 'a', 'b', 'both');
  nand('kept', 'same', 'c');
  oai('s', 'same', 'c', 'kept');
}

type Gate = (y: string, a: string, b: string, c?: string) => void;
