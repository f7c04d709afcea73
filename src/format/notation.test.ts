import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitsPerElement,
  type Element,
  type Format,
  floatNames,
  parseFormat,
  parseShorthand,
  printFormat,
  type ScaleFormat,
  type Scaling,
  storageBits,
} from './index.ts';

const element: fc.Arbitrary<Element> = fc.oneof(
  fc.record({
    kind: fc.constant('int' as const),
    signed: fc.boolean(),
    bits: fc.integer({ min: 2, max: 16 }),
  }),
  fc.record({ kind: fc.constant('float' as const), name: fc.constantFrom(...floatNames) }),
  fc
    .record({ bits: fc.integer({ min: 3, max: 8 }), log: fc.integer({ min: 0, max: 5 }) })
    .map(r => ({ kind: 'lns' as const, bits: r.bits, gamma: 2 ** r.log })),
);
const scale: fc.Arbitrary<ScaleFormat> = fc.oneof(
  fc.constantFrom<ScaleFormat>({ kind: 'fp32' }, { kind: 'fp8e4m3' }),
  fc.integer({ min: 1, max: 16 }).map(bits => ({ kind: 'uint' as const, bits })),
);
const scaling: fc.Arbitrary<Scaling> = fc.oneof(
  fc.constantFrom<Scaling>({ kind: 'none' }, { kind: 'tensor' }, { kind: 'channel' }),
  fc.record({ kind: fc.constant('vector' as const), width: fc.integer({ min: 1, max: 65536 }), scale }),
);

test('every format prints and parses back to itself', () => {
  fc.assert(
    fc.property(element, scaling, (e, s) => {
      const format: Format = { element: e, scaling: s };
      expect(parseFormat(printFormat(format))).toEqual(format);
    }),
  );
  for (const text of [
    'fix6.2',
    'ufix1.15',
    'fix1.31',
    'mxint8',
    'mxfp4e2m1',
    'int8@v16:e8m0',
    'lns16g2048',
  ]) {
    expect(printFormat(parseFormat(text))).toBe(text);
  }
  expect(printFormat(parseFormat('fp8e5m2@v32:e8m0'))).toBe('mxfp8e5m2');
});

test('whatever is typed, parsing ends in a canonical format or a usage error', () => {
  const letters = fc.constantFrom(...'intufpxlnsgemv0123456789@:.-/'.split(''));
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 16 }), text => {
      let format: Format;
      try {
        format = parseFormat(text);
      } catch (error) {
        expect((error as { exitCode: number }).exitCode).toBe(2);
        return;
      }
      expect(printFormat(parseFormat(printFormat(format)))).toBe(printFormat(format));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['itn4@v16:u4', "did you mean 'int4@v16:u4'?"],
  ['int4@v16:u44', 'unknown scale format'],
  ['int4@chanel', "did you mean 'int4@channel'?"],
  ['int4@v16:fp8', "did you mean 'int4@v16:fp8e4m3'?"],
  ['int4@v16:fp32', "did you mean 'int4@v16'?"],
  ['fix6.2@channel', "did you mean 'fix6.2'?"],
  ['mxfp4e2m1@v16', 'carries its own scaling'],
  ['int1', 'int2 to int16'],
  ['int04', 'unknown element'],
  ['lns8g7', 'power of two'],
  ['', 'unknown element'],
  ['int4@v0', 'unknown scaling'],
  ['int4@v999999', '1 to 65536'],
])('%s is refused with its reason', (text, reason) => {
  expect(() => parseFormat(text)).toThrow(reason);
});

test('the shorthand of VS-Quant', () => {
  const pair = parseShorthand('4/8/4/8');
  expect(printFormat(pair.weight)).toBe('int4@v16:u4');
  expect(printFormat(pair.activation)).toBe('int8@v16:u8');
  const coarse = parseShorthand('4/4U/-/6', { vector: 64 });
  expect(printFormat(coarse.weight)).toBe('int4@channel');
  expect(printFormat(coarse.activation)).toBe('uint4@v64:u6');
  expect(printFormat(parseShorthand('4/8/fp/-').weight)).toBe('int4@v16');
  expect(() => parseShorthand('4/8/4')).toThrow('W/A/ws/as');
});

test('effective bits count scales exactly, short vectors included', () => {
  const format = parseFormat('int4@v16:u4');
  expect(bitsPerElement(format)).toBe(4.25);
  const layout = { shape: [2, 20, 3, 3], channelAxis: 0, reductionAxis: 1 };
  expect(storageBits(format, layout)).toBe(360 * 4 + 2 * 2 * 9 * 4 + 2 * 32);
  expect(storageBits(parseFormat('int4@channel'), layout)).toBe(360 * 4 + 2 * 32);
  expect(storageBits(parseFormat('mxfp4e2m1'), layout)).toBe(360 * 4 + 2 * 9 * 8);
  expect(bitsPerElement(parseFormat('int8'), { shape: [0] })).toBe(8);
});
