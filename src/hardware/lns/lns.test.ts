// The LNS MAC through Yosys against its integers, the integers against real arithmetic, and a broken unit.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { codeValue } from '../../format/element.ts';
import { readRtl } from '../../synthesis/rtl.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { proveUnits } from '../proof.ts';
import { checkStream } from '../stream-check.fixture.ts';
import { lnsDot, lnsMac, lnsTerm, planLnsMac } from './index.ts';

afterAll(closeYosys);

for (const parameters of [
  { format: 'lns8g8', lut: 8 },
  { format: 'lns8g8', lut: 4 },
  { format: 'lns8g8', lut: 2 },
  { format: 'lns8g8', lut: 1 },
  { format: 'lns8g8', lut: 8, lanes: 1, accumulator: 30 },
  { format: 'lns6g4', lut: 2, lanes: 7 },
  { format: 'lns5g2', lut: 1, lanes: 1, accumulator: 20 },
  { format: 'lns4g1', lut: 1, lanes: 3, accumulator: 20 },
]) {
  test(`lns-mac ${JSON.stringify(parameters)} computes its integers`, async () => {
    const unit = lnsMac({ lanes: 4, ...parameters });
    const result = await checkStream(unit, 8000);
    expect(result).toMatchObject({ accepted: 8000, violations: 0, wrong: [], warnings: [] });
  });
}

test('small MACs equal their second description by SAT: every state, every input', async () => {
  for (const parameters of [
    { lanes: 2, lut: 2 },
    { format: 'lns6g4', lanes: 3, lut: 4 },
    { format: 'lns6g4', lanes: 2, lut: 1 },
  ]) {
    const unit = lnsMac(parameters);
    const [a, b] = [unit.files, unit.reference!].map(files => readRtl({ files, top: unit.name }));
    const proof = proveUnits((await a!).aig, (await b!).aig, unit.input, { seconds: 30 });
    expect({ ...parameters, verdict: proof.verdict }).toEqual({ ...parameters, verdict: 'proved' });
  }
});

test('a wrong digit of a constant is noticed', async () => {
  const unit = lnsMac({ lanes: 2, lut: 8 });
  const flip = (text: string): string => text.replace(/(wire signed .* times_\d+_\d+ = .* )-( .*)/, '$1+$2');
  const files = unit.files.map(f => ({ ...f, text: flip(f.text) }));
  expect(files.some((f, i) => f.text !== unit.files[i]!.text)).toBe(true);
  expect((await checkStream(unit, 4000, files)).wrong.length).toBeGreaterThan(0);
});

test('every pair of codes: the product is within truncation and the approximation of the real one', () => {
  for (const [lut, worst] of [
    [8, 1e-6],
    [4, 0.0317],
    [2, 0.0604],
    [1, 0.0608],
  ] as const) {
    const plan = planLnsMac({ format: 'lns8g8', lut, accumulator: 40, drop: 0, lanes: 4 });
    const element = { kind: 'lns', bits: 8, gamma: 8 } as const;
    let error = 0;
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        const { bin, value } = lnsTerm(plan, a, b);
        const exact = codeValue(element, a) * codeValue(element, b);
        const got = value * 2 ** (bin / lut);
        if (exact === 0) expect(value).toBe(0);
        // truncation to an integer is below 1; the rest is Mitchell's overestimate
        else error = Math.max(error, (Math.abs(got - exact) - 2 ** (bin / lut)) / Math.abs(exact));
      }
    }
    expect(error).toBeLessThan(worst);
    if (lut < 8) expect(error).toBeGreaterThan(0.9 * worst);
  }
});

test('a long dot product is near the real one', () => {
  const random = new Random(9);
  const plan = planLnsMac({ format: 'lns8g8' });
  const element = { kind: 'lns', bits: 8, gamma: 8 } as const;
  const code = (): number => 60 + random.below(50) + random.below(2) * 128;
  const w = Array.from({ length: 100 }, code);
  const a = Array.from({ length: 100 }, code);
  const exact = w.reduce((sum, x, i) => sum + codeValue(element, x) * codeValue(element, a[i]!), 0);
  const size = w.reduce((sum, x, i) => sum + Math.abs(codeValue(element, x) * codeValue(element, a[i]!)), 0);
  expect(Math.abs(lnsDot(plan, w, a) - exact) / size).toBeLessThan(0.01);
});

test('what the unit cannot take is refused in one line', () => {
  expect(() => lnsMac({ format: 'int8' })).toThrow(/lns-mac cannot take the format int8/);
  expect(() => lnsMac({ lut: 3 })).toThrow(/a power of two from 1 to 8/);
  expect(() => lnsMac({ drop: 2 })).toThrow(/at least 15/);
});
