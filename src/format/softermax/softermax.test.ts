// The Softermax model against its definition in plain big numbers, its bounds, and its edge cases.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactSoftmax, powerError, powerFraction, rowError, Softermax, scoreScale } from './index.ts';

/** The paper's pseudo-code with the documented roundings, in BigInt, for the default formats. */
function plainRow(codes: readonly number[], vector: number, s: Softermax): number[] {
  const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));
  let maximum = -32n;
  let sum = 0n;
  const kept: { u: bigint[]; maximum: bigint }[] = [];
  for (let from = 0; from < codes.length; from += vector) {
    const slice = codes.slice(from, from + vector).map(BigInt);
    let next = maximum;
    for (const x of slice) {
      const up = -floorDiv(-x, 4n);
      if (up > next) next = up;
    }
    const u = slice.map(x => {
      if (x === -128n) return 0n;
      const whole = floorDiv(x, 4n);
      return BigInt(powerFraction(s.power, Number(x - 4n * whole))) / 2n ** (next - whole);
    });
    const total = u.reduce((a, b) => a + b / 32n, 0n);
    sum = sum / 2n ** (next - maximum) + (total + 8n) / 16n;
    if (sum > 65535n) sum = 65535n;
    maximum = next;
    kept.push({ u, maximum });
  }
  const { mantissa, lead } = s.reciprocal(Number(sum));
  return kept.flatMap(slice =>
    slice.u.map(u => {
      if (sum === 0n) return 0;
      const shift = maximum - slice.maximum + BigInt(lead - 5);
      const operand = u / 2n ** (shift + 3n);
      return Number((operand * BigInt(mantissa) + 2n ** 10n) / 2n ** 11n);
    }),
  );
}

const code = fc.oneof(fc.integer({ min: -128, max: 127 }), fc.constantFrom(-128, -127, 127, 0, 1, -4));

test('equals the pseudo-code in big integers for any row and vector width', () => {
  fc.assert(
    fc.property(
      fc.array(code, { minLength: 1, maxLength: 80 }),
      fc.constantFrom(1, 3, 16, 32),
      (codes, vector) => {
        const s = new Softermax({ vector });
        expect(Array.from(s.row(codes))).toEqual(plainRow(codes, vector, s));
      },
    ),
    { numRuns: 400 },
  );
});

test('a sum of an unmasked row is at least one half, so the reciprocal never shifts left', () => {
  fc.assert(
    fc.property(fc.array(code, { minLength: 1, maxLength: 100 }), codes => {
      const { sums } = new Softermax().unnormed(codes);
      const unmasked = codes.some(c => c !== -128);
      const last = sums.at(-1)!;
      expect(unmasked ? last >= 38 : last === 0).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test('reciprocal: every sum within 1.1 % and a mantissa in [1/2, 1]', () => {
  const s = new Softermax();
  for (let d = 32; d < 65536; d++) {
    const { mantissa, lead } = s.reciprocal(d);
    expect(mantissa >= 64 && mantissa <= 128).toBe(true);
    expect(Math.abs(((mantissa / 128) * d) / 2 ** lead - 1)).toBeLessThan(0.011);
  }
});

test('power of two: exact tables at two fraction bits, 0.2 % with four segments on more', () => {
  expect(new Softermax().power.intercept).toEqual([32768, 38968, 46341, 55109]);
  expect(powerError(new Softermax().parameters)).toBeLessThan(2e-6);
  for (const f of [3, 4, 6, 8]) {
    expect(powerError(new Softermax({ input: `fix6.${f}` }).parameters)).toBeLessThan(0.002);
    expect(powerError(new Softermax({ input: `fix6.${f}`, powerSegments: 16 }).parameters)).toBeLessThan(
      2e-4,
    );
  }
});

test('rows of equal scores, masked scores, one element, saturated sums', () => {
  const s = new Softermax();
  expect(Array.from(s.row([5]))).toEqual([128]);
  expect(Array.from(s.row([-128, -128]))).toEqual([0, 0]);
  expect(Array.from(s.row([-128, -127, -128]))).toEqual([0, 128, 0]);
  expect(Array.from(s.row(new Array(64).fill(0)))).toEqual(new Array(64).fill(2));
  expect(s.unnormed(new Array(2048).fill(127)).sums.at(-1)).toBeGreaterThan(0);
  expect(s.unnormed(new Array(2048).fill(0)).sums.at(-1)).toBe(65535);
  expect(() => s.row([])).toThrow(/empty row/);
});

test('close to exact softmax of the coded scores', () => {
  const s = new Softermax();
  const scale = scoreScale(s.parameters);
  const codes = [-20, -3, 0, 4, 9, 13, 14, -60].map(c => s.code(c * scale, scale));
  expect(codes).toEqual([-20, -3, 0, 4, 9, 13, 14, -60]);
  const exact = exactSoftmax(
    codes.map(c => c / 4),
    '2',
  );
  const got = Array.from(s.row(codes), y => y / 128);
  expect(rowError(exact, got).max).toBeLessThan(0.01);
});

test('scores saturate, and the lowest code is the masked one', () => {
  const s = new Softermax();
  const scale = scoreScale(s.parameters);
  expect([s.code(1e9, scale), s.code(-1e9, scale), s.code(Number.NEGATIVE_INFINITY, scale)]).toEqual([
    127, -128, -128,
  ]);
});

test('options outside their ranges are refused', () => {
  expect(() => new Softermax({ input: 'ufix6.2' })).toThrow(/signed fixed-point/);
  expect(() => new Softermax({ vector: 0 })).toThrow(/1 to 1024/);
  expect(() => new Softermax({ powerSegments: 3 })).toThrow(/power of two/);
  expect(() => new Softermax({ addendFraction: 4 })).toThrow(/6 to 15/);
});
