// The table of units tells the truth: every parameter it names is one the generator reads, and no other is taken.

import { expect, test } from 'vitest';
import { makeUnit, units } from './units.ts';

test.each(units.map(unit => [unit.name, unit] as const))('%s', async (name, entry) => {
  const usual = await makeUnit(name, {});
  const listed = Object.keys(entry.parameters);
  expect(listed).toEqual(expect.arrayContaining(Object.keys(usual.parameters)));
  // what a unit says it was asked for makes the same unit again
  expect((await makeUnit(name, usual.parameters)).files).toEqual(usual.files);
  for (const parameter of listed) {
    const value = usual.parameters[parameter];
    if (typeof value === 'boolean' && name === 'vector-mac') {
      expect((await makeUnit(name, { [parameter]: !value })).name).not.toBe(usual.name);
    } else {
      await expect(makeUnit(name, { [parameter]: 'nonsense' }), parameter).rejects.toThrow(/nonsense/);
    }
  }
  await expect(makeUnit(name, { fromat: 'int4' })).rejects.toThrow(
    new RegExp(`^unknown parameter of ${name} 'fromat'; expected one of ${listed.join(', ')}`),
  );
});
