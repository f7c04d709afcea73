// Every floating-point module through Yosys against its model: all operand pairs of 8-bit formats, all operands of
// one-operand units, random pairs biased to close exponents and corners for the wider ones.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { codeValue, nearestCode } from '../../format/element.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import {
  type FloatFormat,
  floatAdd,
  floatAdder,
  floatDivide,
  floatDivider,
  floatExponential,
  floatExponentialUnit,
  floatFormat,
  floatMax,
  floatMaximum,
  floatMultiplier,
  floatMultiply,
  floatToNumber,
  numberToFloat,
} from './index.ts';
import { runModule } from './pieces.fixture.ts';

afterAll(closeYosys);

const full = process.env['BITWRIGHT_FULL'] === '1';
const randomPairs = full ? 1 << 20 : 1 << 14;

function allPairs(format: FloatFormat): { a: Float64Array; b: Float64Array } {
  const n = 2 ** format.bits;
  return {
    a: Float64Array.from({ length: n * n }, (_, i) => i % n),
    b: Float64Array.from({ length: n * n }, (_, i) => Math.floor(i / n)),
  };
}

/** Half of the pairs have exponents within 3 + mantissa bits of each other, an eighth are corners. */
function somePairs(format: FloatFormat, count: number): { a: Float64Array; b: Float64Array } {
  const random = new Random(format.bits);
  const { mantissaBits: m, bits, maxCode } = format;
  const n = 2 ** bits;
  const corners = [0, 1, 2 ** m - 1, 2 ** m, maxCode, maxCode - 1, format.bias * 2 ** m, n / 2 - 1];
  const a = new Float64Array(count);
  const b = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    a[i] = random.below(n);
    b[i] = random.below(n);
    const kind = random.below(8);
    if (kind < 4) {
      const field = Math.floor((a[i]! % (n / 2)) / 2 ** m) + random.below(2 * m + 7) - (m + 3);
      const held = Math.min(Math.max(field, 0), 2 ** format.exponentBits - 1);
      const same = random.below(4) === 0;
      const fraction = same ? (a[i]! % 2 ** m) ^ random.below(4) : random.below(2 ** m);
      b[i] = random.below(2) * (n / 2) + held * 2 ** m + fraction;
    } else if (kind === 4) {
      a[i] = random.pick(corners) + random.below(2) * (n / 2);
      if (random.below(2) === 0) b[i] = random.pick(corners) + random.below(2) * (n / 2);
    }
  }
  return { a, b };
}

function expectEqual(
  operands: { a: Float64Array; b: Float64Array },
  y: Float64Array,
  model: (a: number, b: number) => number,
): void {
  for (let i = 0; i < y.length; i++) {
    const a = operands.a[i]!;
    const b = operands.b[i]!;
    const want = model(a, b);
    if (y[i] !== want) expect({ a, b, y: y[i] }).toEqual({ a, b, y: want });
  }
}

const pieces: [
  string,
  (f: FloatFormat) => RtlFile,
  (f: FloatFormat, a: number, b: number) => number,
  number,
][] = [
  ['max', floatMaximum, floatMax, 0],
  ['add', floatAdder, floatAdd, 0],
  ['multiply', floatMultiplier, floatMultiply, 0],
  ['divide', f => floatDivider(f), floatDivide, 0],
  ['divide in 4 stages', f => floatDivider(f, 4), floatDivide, 4],
];

for (const [what, make, model, edges] of pieces) {
  for (const name of ['fp8e4m3', 'fp8e5m2', 'fp16', 'bf16', 'fp24', 'fp32']) {
    if (what.startsWith('divide') && (name === 'fp24' || (edges > 0 && name !== 'fp16'))) continue;
    test(`${what} ${name}`, async () => {
      const format = floatFormat(name);
      const operands = format.bits === 8 ? allPairs(format) : somePairs(format, randomPairs);
      const { y } = await runModule(make(format), { ...operands }, format.bits, edges);
      expectEqual(operands, y, (a, b) => model(format, a, b));
    });
  }
}

test('a broken adder is noticed', async () => {
  const format = floatFormat('fp16');
  const good = floatAdder(format);
  const text = good.text.replace(' | fraction[0]', '');
  expect(text).not.toBe(good.text);
  const operands = somePairs(format, 1 << 12);
  const { y } = await runModule({ ...good, text }, operands, 16);
  expect(() => expectEqual(operands, y, (a, b) => floatAdd(format, a, b))).toThrow();
});

for (const base of ['2', 'e'] as const) {
  for (const name of ['fp16', 'bf16']) {
    test(`base ${base} exponential ${name}, every operand: model, and within one unit of the last place`, async () => {
      const format = floatFormat(name);
      const a = Float64Array.from({ length: 65536 }, (_, i) => i);
      // without registers and with two is what the units use
      const used = base === 'e' && name === 'fp16' ? ([0, 2] as const) : ([2] as const);
      for (const stages of full ? ([0, 1, 2] as const) : used) {
        const { y } = await runModule(floatExponentialUnit(format, base, stages), { a }, 16, stages);
        expectEqual({ a, b: a }, y, x => floatExponential(format, base, x));
      }
      let worst = 0;
      a.forEach(code => {
        const x = floatToNumber(format, code);
        const exact = base === '2' ? 2 ** x : Math.exp(x);
        const top = floatToNumber(format, format.maxCode);
        const low = 2 ** (1 - format.bias);
        if (!(exact >= low && exact < top)) return;
        const got = floatToNumber(format, floatExponential(format, base, code));
        const ulp = 2 ** (Math.floor(Math.log2(exact)) - format.mantissaBits);
        worst = Math.max(worst, Math.abs(got - exact) / ulp);
      });
      expect(worst).toBeLessThan(name === 'fp16' ? 0.9 : 1);
      expect(worst).toBeGreaterThan(0.5);
    });
  }
}

test('rounding agrees with the format room wherever neither is subnormal, infinite or NaN', () => {
  const random = new Random(7);
  for (const name of ['fp8e4m3', 'fp8e5m2', 'fp16', 'bf16', 'fp32'] as const) {
    const format = floatFormat(name);
    const element = { kind: 'float', name } as const;
    for (let i = 0; i < 20_000; i++) {
      const x = random.normal() * 2 ** random.between(-20, 20);
      const want = nearestCode(element, x);
      if (Math.abs(x) < 2 ** (1 - format.bias)) continue;
      expect(numberToFloat(format, x)).toBe(want);
      expect(floatToNumber(format, want)).toBe(codeValue(element, want));
    }
  }
});
