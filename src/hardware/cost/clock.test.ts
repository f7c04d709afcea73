import { expect, test } from 'vitest';
import { units } from '../units.ts';
import { defaultClockFo4 } from './clock.ts';

test('the slowest kind of a run decides, and every kind named here exists', () => {
  expect(defaultClockFo4(['vector-mac', 'ppu'])).toBe(100);
  expect(defaultClockFo4(['vector-mac', 'fp-mac'])).toBe(200);
  const slow = units.filter(unit => defaultClockFo4([unit.name]) > 75);
  expect(slow).toHaveLength(7);
});
