// The LNS conversion through Yosys against its model, and the model against the format room's encoder.

import { afterAll, expect, test } from 'vitest';
import { codeValue, nearestCode } from '../../format/element.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { checkStream } from '../stream-check.fixture.ts';
import { lnsConvertUnit, lnsExponent } from './convert.ts';

afterAll(closeYosys);

for (const parameters of [{}, { format: 'lns6g4', accumulator: 16 }, { format: 'lns5g1', accumulator: 12 }]) {
  test(`lns-convert ${JSON.stringify(parameters)}`, async () => {
    const result = await checkStream(lnsConvertUnit(parameters), 30_000);
    expect(result).toMatchObject({ accepted: 30_000, violations: 0, wrong: [], warnings: [] });
  });
}

test('the exponent is the encoder of the format room, but for a thousandth of the mantissa at midpoints', () => {
  const element = { kind: 'lns', bits: 8, gamma: 8 } as const;
  let differing = 0;
  for (let magnitude = 2; magnitude < 40_000; magnitude++) {
    const want = nearestCode(element, magnitude);
    const got = lnsExponent(8, magnitude);
    if (got === want) continue;
    differing++;
    const middle = Math.sqrt(codeValue(element, want) * codeValue(element, got));
    expect(Math.abs(magnitude / middle - 1)).toBeLessThan(2 ** -9);
  }
  expect(differing).toBeLessThan(400);
});
