import { expect, test } from 'vitest';
import { readBench } from './bench.ts';
import { simulate } from './simulate.ts';

const bench = (text: string) => readBench({ bytes: Buffer.from(text), file: 't.bench' });
const truth = (text: string): string => {
  const aig = bench(`# three inputs\nINPUT(a)\nINPUT( b )\ninput(c)\n\nOUTPUT(y)\n${text}\n`);
  return (simulate(aig, Uint32Array.of(0xaa, 0xcc, 0xf0), 1)[0]! & 0xff).toString(2).padStart(8, '0');
};

test.each([
  ['y = AND(a, b, c)', '10000000'],
  ['y = nand(a,b,c)', '01111111'],
  ['y = OR(a, b, c) # any fan-in', '11111110'],
  ['y = NOR(a, b, c)', '00000001'],
  ['y = XOR(a, b, c)', '10010110'],
  ['y = XNOR(a, b, c)', '01101001'],
  ['y = NOT(n)\nn = BUFF(b)', '00110011'],
  ['y = MUX(a, b, c)', '11011000'],
  ['y = LUT 0xd8 ( a, b, c )', '11011000'],
  ['y = vdd', '11111111'],
  ['y = OR(z, a)\nz = gnd', '10101010'],
])('%s', (line, expected) => {
  expect(truth(line)).toBe(expected);
});

test.each([
  ['y = NAMD(a, b)', /t\.bench, line 7: unknown gate 'NAMD'.*did you mean 'NAND'/],
  ['y = NOT(a, b)', /line 7: NOT of 2 operands; expected 1/],
  ['y = AND(a b)', /malformed operand 'a b'/],
  ['y AND(a, b)', /malformed line/],
  ['y = AND(a, q)', /net 'q' is used but nothing drives it/],
  ['y = AND(a, b)\ny = OR(a, b)', /line 8: net 'y' has two drivers \(first seen on line 7\)/],
  ['y = AND(z, b)\nz = OR(y, a)', /combinational cycle through 'y', 'z'/],
  ['y = LUT 0x100 (a, b, c)', /at most 8 bits/],
  ['y = DFF(a, b)', /DFF of 2 operands/],
  ['OUTPUT(y)\ny = BUFF(a)', /output 'y' declared twice/],
])('refuses %s', (line, message) => {
  expect(() => truth(line)).toThrow(message);
});
