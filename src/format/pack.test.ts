import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorMeter, mse, packNibbles, sqnr, unpackNibbles } from './index.ts';
import { FormatKernel } from './kernel.ts';

test('nibbles: low first, odd count padded with 0, round trip, and the kernel the same bytes', () => {
  expect([...packNibbles(Int8Array.of(-7, 7, -1))]).toEqual([0x79, 0x0f]);
  expect([...packNibbles(Uint8Array.of(1, 15))]).toEqual([0xf1]);
  const kernel = new FormatKernel();
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -8, max: 7 }), { maxLength: 100 }),
      fc.boolean(),
      (list, signed) => {
        const codes = signed ? Int8Array.from(list) : Uint8Array.from(list, c => c & 15);
        const packed = packNibbles(codes);
        expect(unpackNibbles(packed, codes.length, signed)).toEqual(codes);
        const [src, middle, dst] = kernel.layOut(128, 128, 128) as [number, number, number];
        kernel.bytes(src, codes.length).set(new Uint8Array(codes.buffer));
        kernel.run.pack(src, codes.length, middle);
        expect([...kernel.bytes(middle, packed.length)]).toEqual([...packed]);
        kernel.run.unpack(middle, codes.length, signed ? 1 : 0, dst);
        expect([...kernel.bytes(dst, codes.length)]).toEqual([...new Uint8Array(codes.buffer)]);
      },
    ),
  );
  expect(() => unpackNibbles(new Uint8Array(2), 5, true)).toThrow('3 for 5');
});

test('ErrorMeter: chunks add up to the whole; mse, worst error and SQNR by hand', () => {
  const meter = new ErrorMeter();
  expect(meter.mse).toBe(0);
  expect(meter.sqnr).toBe(Number.POSITIVE_INFINITY);
  meter.add([3, 4], [3, 3]);
  meter.add([0], [-2]);
  expect(meter.count).toBe(3);
  expect(meter.mse).toBeCloseTo(5 / 3, 12);
  expect(meter.maxError).toBe(2);
  expect(meter.sqnr).toBeCloseTo(10 * Math.log10(25 / 5), 12);
  expect(mse([1, 2], [1, 4])).toBe(2);
  expect(sqnr([10], [9])).toBeCloseTo(20, 12);
  expect(() => meter.add([1], [])).toThrow('1 against 0');
});
