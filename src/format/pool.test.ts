import { afterAll, expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { decode, type EncodeOptions, encode, FormatPool, parseFormat, type TensorLayout } from './index.ts';

const pool = new FormatPool(3);
afterAll(() => pool.close());

const random = new Random(8);
const shape = [67, 100, 41];
const data = Float32Array.from({ length: 67 * 4100 }, () => random.normal());
const layout: TensorLayout = { shape, channelAxis: 0, reductionAxis: 1, name: 'w' };

test.each<[string, EncodeOptions]>([
  ['int4@v16:u4', {}],
  ['int4@v16:u10', { order: 'paper' }],
  ['int8@channel', { clipping: { method: 'octav' } }],
  ['int4@v16', {}],
  ['int8@v32:e8m0', {}],
  ['fp4e2m1@v16:fp8e4m3', { coarse: Float32Array.from({ length: 67 }, (_, i) => 0.001 * (i + 1)) }],
  ['int4@tensor', {}],
])('three threads give the bits of one: %s', async (notation, options) => {
  const format = parseFormat(notation);
  const one = encode(data, layout, format, options);
  const many = await pool.encode(data, layout, format, options);
  expect(Buffer.from(many.codes.buffer).equals(Buffer.from(one.codes.buffer))).toBe(true);
  expect([...many.scales]).toEqual([...one.scales]);
  expect(many.scaleCodes === undefined ? undefined : [...many.scaleCodes]).toEqual(
    one.scaleCodes === undefined ? undefined : [...one.scaleCodes],
  );
  expect(Buffer.from((await pool.decode(many)).buffer).equals(Buffer.from(decode(one).buffer))).toBe(true);
});

test('a NaN is named by its index in the whole tensor', async () => {
  const bad = data.slice();
  bad[50 * 4100 + 41 * 3 + 7] = Number.NaN;
  await expect(pool.encode(bad, layout, parseFormat('int4@v16:u4'))).rejects.toThrow(
    "'w' holds NaN at [50, 3, 7]",
  );
});
