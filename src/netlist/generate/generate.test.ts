import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Aig } from '../aig.ts';
import { packVectors, simulate, unpackVectors } from '../simulate.ts';
import { adderKinds, generateAdder } from './adder.ts';
import { generateMultiplier } from './multiplier.ts';

function values(aig: Aig, vectors: bigint[]): bigint[] {
  const words = Math.ceil(vectors.length / 32);
  const out = simulate(aig, packVectors(vectors, aig.inputCount), words);
  return unpackVectors(out, aig.outputs.length, vectors.length);
}

function operands(width: number, random: number[]): [bigint, bigint][] {
  const n = BigInt(width);
  const corners = [0n, 1n, (1n << n) - 1n, 1n << (n - 1n), (1n << (n - 1n)) - 1n].map(x =>
    BigInt.asUintN(width, x),
  );
  const pairs = corners.flatMap(x => corners.map((y): [bigint, bigint] => [x, y]));
  if (width <= 5) {
    for (let x = 0n; x < 1n << n; x++) for (let y = 0n; y < 1n << n; y++) pairs.push([x, y]);
  }
  for (let i = 0; i + 1 < random.length; i += 2) {
    let x = BigInt(random[i]!);
    let y = BigInt(random[i + 1]!);
    for (let bits = 32n; bits < n; bits += 32n) {
      x = x * 0x9e3779b1n + (y << 7n) + 1n;
      y = y * 0x85ebca6bn + (x << 3n) + 1n;
    }
    pairs.push([BigInt.asUintN(width, x), BigInt.asUintN(width, y)]);
  }
  return pairs;
}

const numbers = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 64, maxLength: 64 });

for (const kind of ['csa', 'booth'] as const) {
  for (const signed of [false, true]) {
    test(`${kind} ${signed ? 'signed' : 'unsigned'} multipliers give BigInt products at every width`, () => {
      for (const width of [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 24, 31, 32, 33, 64]) {
        const aig = generateMultiplier({ kind, width, signed });
        aig.check();
        fc.assert(
          fc.property(numbers, random => {
            const pairs = operands(width, random);
            const products = values(
              aig,
              pairs.map(([x, y]) => x | (y << BigInt(width))),
            );
            pairs.forEach(([x, y], i) => {
              const product = signed ? BigInt.asIntN(width, x) * BigInt.asIntN(width, y) : x * y;
              expect(products[i]).toBe(BigInt.asUintN(2 * width, product));
            });
          }),
          { numRuns: 2 },
        );
      }
    });
  }
}

test('AND counts are those of ABC gen -m and gen -b', () => {
  for (const n of [8, 16, 32, 64, 128]) {
    expect(generateMultiplier({ width: n }).andCount).toBe(8 * n * n - 11 * n);
    expect(generateMultiplier({ kind: 'booth', width: n, signed: true }).andCount).toBe(
      8 * n * n + 5.5 * n + 3,
    );
  }
});

for (const kind of adderKinds) {
  test(`${kind} adders give BigInt sums`, () => {
    for (const width of [1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 64, 100]) {
      for (const carryIn of [false, true]) {
        const aig = generateAdder({ kind, width, carryIn });
        aig.check();
        fc.assert(
          fc.property(numbers, random => {
            const pairs = operands(width, random);
            const carry = (i: number): bigint => (carryIn ? BigInt(i & 1) : 0n);
            const n = BigInt(width);
            const sums = values(
              aig,
              pairs.map(([x, y], i) => x | (y << n) | (carry(i) << (2n * n))),
            );
            pairs.forEach(([x, y], i) => {
              expect(sums[i]).toBe(x + y + carry(i));
            });
          }),
          { numRuns: 2 },
        );
      }
    }
  });
}

test('prefix and lookahead adders are shallow', () => {
  expect(generateAdder({ kind: 'ripple', width: 64 }).depth()).toBeGreaterThan(100);
  expect(generateAdder({ kind: 'cla', width: 64 }).depth()).toBeLessThan(40);
  expect(generateAdder({ kind: 'kogge-stone', width: 64 }).depth()).toBeLessThanOrEqual(18);
});

test('a width out of range is refused', () => {
  expect(() => generateMultiplier({ width: 0 })).toThrow(/expected an integer from 1/);
  expect(() => generateAdder({ width: 1.5 })).toThrow(/expected an integer from 1/);
});
