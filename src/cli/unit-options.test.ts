// A parameter has one value, however often it is said.

import { expect, test } from 'vitest';
import { unitParameters } from './unit-options.ts';

test('the same value from an option and from --set is one value', () => {
  expect(
    unitParameters({ vector: 2, format: '4/8/-/-', set: ['vector=2', 'format=4/8/-/-,depth=3'] }),
  ).toEqual({
    vector: 2,
    format: '4/8/-/-',
    depth: 3,
  });
  expect(unitParameters({ fullRange: true, set: ['full-range=true'] })).toEqual({ fullRange: true });
});

test('two values are refused, and both are named', () => {
  const said = (given: Record<string, unknown>): string => {
    try {
      return JSON.stringify(unitParameters(given));
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(said({ scaleBits: 4, set: ['scale-bits=5'] })).toBe(
    "'scaleBits' is given twice: --scale-bits 4 and --set scaleBits=5; expected one of them",
  );
  expect(said({ fullRange: true, set: ['fullRange=false'] })).toBe(
    "'fullRange' is given twice: --full-range and --set fullRange=false; expected one of them",
  );
  expect(said({ format: 'int4', set: ['format=int8'] })).toContain('--format int4 and --set format=int8');
  expect(said({ set: ['a=1', 'a=2'] })).toContain('--set a=1 and --set a=2');
});
