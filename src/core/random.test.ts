import { expect, test } from 'vitest';
import { Random } from './random.ts';

test('a seed fixes the stream; another seed gives another', () => {
  const a = new Random(7);
  const b = new Random(7);
  const c = new Random(8);
  const first = Array.from({ length: 5 }, () => a.uint32());
  expect(Array.from({ length: 5 }, () => b.uint32())).toEqual(first);
  expect(Array.from({ length: 5 }, () => c.uint32())).not.toEqual(first);
});

test('moments of the distributions', () => {
  const random = new Random(1);
  const n = 200_000;
  let sum = 0;
  let squares = 0;
  let laplaceSquares = 0;
  for (let i = 0; i < n; i++) {
    const z = random.normal();
    sum += z;
    squares += z * z;
    laplaceSquares += random.laplace() ** 2;
  }
  expect(Math.abs(sum / n)).toBeLessThan(0.01);
  expect(squares / n).toBeCloseTo(1, 1);
  expect(laplaceSquares / n).toBeCloseTo(2, 1);
});
