import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeValue, elementBits, nearestCode, parseFormat, valueTable } from './index.ts';

const small = [
  'int4',
  'uint3',
  'fix3.2',
  'ufix1.7',
  'fp4e2m1',
  'fp6e2m3',
  'fp6e3m2',
  'fp8e4m3',
  'fp8e5m2',
  'lns8g8',
  'lns5g2',
];

test.each(small)('%s: every code decodes to a value that encodes to it', notation => {
  const { element } = parseFormat(notation);
  const table = valueTable(element);
  table.forEach((value, u) => {
    if (!Number.isFinite(value) || (element.kind === 'lns' && value === 0)) return;
    const signed = (element.kind === 'int' || element.kind === 'fixed') && element.signed;
    const code = signed && u >= table.length / 2 ? u - table.length : u;
    if (element.kind === 'int' && code === -(2 ** (element.bits - 1))) return; // not used: the codes are symmetric
    expect(nearestCode(element, value)).toBe(code);
  });
});

test.each(small.filter(n => !n.startsWith('lns')))('%s: no value is nearer than the one chosen', notation => {
  const { element } = parseFormat(notation);
  const values = [...valueTable(element)].filter(v => Number.isFinite(v));
  if (element.kind === 'int' && element.signed) values.splice(values.indexOf(Math.min(...values)), 1);
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), x => {
      const y = x % 600;
      const got = Math.abs(codeValue(element, nearestCode(element, y)) - y);
      expect(got).toBe(Math.min(...values.map(v => Math.abs(v - y))));
    }),
  );
});

test('known bit patterns', () => {
  const code = (notation: string, y: number): number => nearestCode(parseFormat(notation).element, y);
  expect(code('fp8e4m3', 448)).toBe(0x7e);
  expect(code('fp8e4m3', 1e9)).toBe(0x7e);
  expect(code('fp8e4m3', -1)).toBe(0xb8);
  expect(code('fp8e4m3', 2 ** -10)).toBe(0); // tie to even: half of the smallest subnormal
  expect(code('fp8e5m2', 57344)).toBe(0x7b);
  expect(code('fp4e2m1', 2.5)).toBe(4); // tie between 2 and 3 goes to 2
  expect(code('fp4e2m1', 5)).toBe(6); // tie between 4 and 6 goes to 4
  expect(code('fp16', 1 / 3)).toBe(0x3555);
  expect(code('bf16', 1 / 3)).toBe(0x3eab);
  expect(code('int4', 2.5)).toBe(2);
  expect(code('int4', -3.5)).toBe(-4);
  expect(code('int4', -9)).toBe(-7);
  expect(code('fix6.2', 31.9)).toBe(127);
  expect(code('lns8g8', 1.0905077)).toBe(1);
  expect(Number.isNaN(codeValue(parseFormat('fp8e4m3').element, 0x7f))).toBe(true);
  expect(codeValue(parseFormat('fp8e5m2').element, 0x7c)).toBe(Number.POSITIVE_INFINITY);
});

test('fp32, fp16 and bf16 agree with the machine', () => {
  const view = new DataView(new ArrayBuffer(4));
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), x => {
      view.setFloat32(0, x);
      const { element } = parseFormat('fp32');
      expect(elementBits(element)).toBe(32);
      expect(nearestCode(element, x)).toBe(view.getUint32(0));
      expect(Object.is(codeValue(element, view.getUint32(0)), x)).toBe(true);
    }),
  );
});
