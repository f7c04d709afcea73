import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { MatrixArena, multiplyReference, multiplyTransposedReference } from './matmul.ts';

const size = fc.integer({ min: 1, max: 37 });

function filled(array: Float32Array, random: Random): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = random.normal() * 2 ** (random.below(20) - 10);
  return array;
}

test('the kernels equal their references bit for bit, whatever the shape', () => {
  fc.assert(
    fc.property(size, size, size, fc.integer(), (m, n, k, seed) => {
      const random = new Random(seed);
      const arena = new MatrixArena(8 + m * k + 2 * k * n + 2 * m * n + 64, k);
      const a = filled(arena.array(m * k), random);
      const b = filled(arena.array(k * n), random);
      const c = arena.array(m * n);
      arena.multiply(a, b, c, m, n, k);
      expect(new Uint32Array(c.slice().buffer)).toEqual(
        new Uint32Array(multiplyReference(a, b, m, n, k).buffer),
      );
      arena.multiplyTransposed(a, b, c, m, n, k);
      expect(new Uint32Array(c.slice().buffer)).toEqual(
        new Uint32Array(multiplyTransposedReference(a, b, m, n, k).buffer),
      );
    }),
    { numRuns: 60 },
  );
});

test('nothing past the result is written', () => {
  const arena = new MatrixArena(400, 8);
  const a = filled(arena.array(5 * 8), new Random(1));
  const b = filled(arena.array(8 * 9), new Random(2));
  const c = arena.array(5 * 9);
  const after = arena.array(16).fill(7);
  arena.multiply(a, b, c, 5, 9, 8);
  arena.multiplyTransposed(a, b, c, 5, 9, 8);
  expect(after.every(x => x === 7)).toBe(true);
});

test('arrays of another arena, short arrays and deep products are refused', () => {
  const arena = new MatrixArena(64, 4);
  const a = arena.array(16);
  expect(() => arena.multiply(a, a, new Float32Array(16), 4, 4, 4)).toThrow('outside');
  expect(() => arena.multiply(a, a, a, 5, 4, 4)).toThrow('too short');
  expect(() => arena.multiply(a, a, a, 1, 1, 16)).toThrow('past 4');
  expect(() => arena.array(1000)).toThrow('full');
});
