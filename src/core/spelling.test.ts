import { expect, test } from 'vitest';
import { InputError, unknownWord } from './errors.ts';
import { editDistance, nearestSpelling } from './spelling.ts';

test('edit distance counts a swap of neighbours once', () => {
  expect(editDistance('octav', 'otcav')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
});

test('nearest spelling finds a slip and refuses a stranger', () => {
  expect(nearestSpelling('percentil', ['max', 'percentile', 'octav'])).toBe('percentile');
  expect(nearestSpelling('xyzzyplugh', ['max', 'percentile', 'octav'])).toBeUndefined();
});

test('errors are one line whatever the names inside them hold', () => {
  const error = new InputError('bad\nname \u001b[31m', { file: 'a.onnx', byte: 12, expected: 'x' });
  expect([...error.message].every(c => c >= ' ')).toBe(true);
  expect(error.message).toContain('a.onnx, byte 12: bad name');
  expect(unknownWord('clipping method', 'octv', ['max', 'octav']).message).toBe(
    "unknown clipping method 'octv'; expected one of max, octav; did you mean 'octav'?",
  );
});
