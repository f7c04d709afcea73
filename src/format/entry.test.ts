// Functions of formats take a format or its notation, and anything else is one line that says what they take.

import { expect, test } from 'vitest';
import { UsageError } from '../core/errors.ts';
import {
  bitsPerElement,
  chooseScales,
  clipMagnitude,
  decode,
  elementBits,
  elementMax,
  elementSigned,
  encode,
  encodeReference,
  explainFormat,
  FormatPool,
  geometry,
  octav,
  parseClip,
  parseFormat,
  printFormat,
  quantizeDequantize,
  sameFormat,
  storageBits,
} from './index.ts';

const data = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
const layout = { shape: [4, 16], channelAxis: 0, reductionAxis: 1 };

test.each([
  'int4',
  'int4@v8:u4',
  'fp4e2m1@v8',
  'int10@channel',
  'mxfp4e2m1',
])('%s by its notation', async text => {
  const format = parseFormat(text);
  expect(encode(data, layout, text)).toEqual(encode(data, layout, format));
  expect(encodeReference(data, layout, text)).toEqual(encodeReference(data, layout, format));
  expect(decode(encode(data, layout, text))).toEqual(quantizeDequantize(data, layout, text));
  expect(chooseScales(data, layout, text)).toEqual(chooseScales(data, layout, format));
  expect(geometry(layout, text)).toEqual(geometry(layout, format));
  expect(explainFormat(text)).toEqual(explainFormat(format));
  expect(storageBits(text, layout)).toBe(storageBits(format, layout));
  expect(bitsPerElement(text)).toBe(bitsPerElement(format));
  expect(printFormat(text)).toBe(text);
  expect(sameFormat(text, format)).toBe(true);
  expect(clipMagnitude(data, text, 'mse')).toBe(clipMagnitude(data, format.element, parseClip('mse')));
});

test('a pool takes notations, octav an element by name', async () => {
  const pool = new FormatPool(1);
  try {
    const { codes, scales } = await pool.encode(data, layout, 'int4@v8:u4');
    expect([[...codes], [...scales]]).toEqual([
      [...encode(data, layout, 'int4@v8:u4').codes],
      [...encode(data, layout, 'int4@v8:u4').scales],
    ]);
  } finally {
    await pool.close();
  }
  expect(octav(data, 'int4')).toBe(octav(data, { kind: 'int', bits: 4, signed: true }));
});

const wrong: [string, () => unknown, string][] = [
  ['no format', () => encode(data, layout, undefined as never), 'the number format is undefined'],
  ['a misspelt one', () => encode(data, layout, 'int4@chanel'), "did you mean 'int4@channel'"],
  [
    'an element',
    () => encode(data, layout, parseFormat('int4').element as never),
    'number format is an object',
  ],
  [
    'no layout',
    () => encode(data, undefined as never, 'int4'),
    'the layout is undefined; expected an object',
  ],
  ['a shape', () => encode(data, [4, 16] as never, 'int4'), 'the layout is an array of 2'],
  [
    'an array',
    () => encode([1, 2] as never, { shape: [2] }, 'int4'),
    'are an array of 2; expected a Float32Array',
  ],
  [
    'doubles',
    () => encodeReference(new Float64Array(2) as never, { shape: [2] }, 'fp16'),
    'are a Float64Array',
  ],
  ['no tensor', () => decode('int4' as never), "the tensor to decode is 'int4'; expected what encode gives"],
  [
    'no text',
    () => parseFormat(parseFormat('int4') as never),
    'the notation of a number format is an object',
  ],
  ['no method', () => parseClip(undefined as never), 'the clipping method is undefined'],
  ['no such method', () => clipMagnitude(data, 'int4', 'octaf'), "did you mean 'octav'"],
  ['floats for octav', () => octav(data, 'fp16' as never), 'octav of fp16; expected an integer element'],
  ['bits of a name', () => elementBits('int4' as never), "the element is 'int4'; expected an element"],
  ['sign of a name', () => elementSigned('int4' as never), "the element is 'int4'; expected an element"],
  ['top of a name', () => elementMax('int4' as never), "the element is 'int4'; expected an element"],
];

test.each(wrong)('%s', (_, work, message) => {
  expect(work).toThrow(UsageError);
  expect(work).toThrow(message);
});
