// Sums in any order are equal words; sums of other numbers are not called so.

import { expect, test } from 'vitest';
import { AigBuilder } from '../netlist/builder.ts';
import { WordProver } from './word-proof.ts';

/** a + b modulo 2^length, by full adders in the two forms synthesis and hand-written cells have. */
function add(
  b: AigBuilder,
  x: readonly number[],
  y: readonly number[],
  carry = 0,
  byMajority = false,
): number[] {
  return x.map((bit, i) => {
    const half = b.addXor(bit, y[i]!);
    const sum = b.addXor(half, carry);
    carry = byMajority ? b.addMaj(bit, y[i]!, carry) : b.addOr(b.addAnd(bit, y[i]!), b.addAnd(half, carry));
    return sum;
  });
}

/** Two words that add eight numbers in a chain and in a tree with late negations. */
function chainAndTree(break_: boolean): { b: AigBuilder; chain: number[]; tree: number[] } {
  const b = new AigBuilder();
  const width = 9;
  const sign = (bits: readonly number[], to: number): number[] =>
    Array.from({ length: to }, (_, i) => bits[Math.min(i, bits.length - 1)]!);
  const terms = Array.from({ length: 8 }, (_, i) => [...b.addInputs(`t${i}`, 5), 0]);
  const negative = b.addInputs('negative', 8);
  const zero = new Array<number>(width).fill(0);
  let chain = zero;
  terms.forEach((term, i) => {
    const flipped = term.map(bit => b.addXor(bit, negative[i]!));
    chain = add(b, chain, sign(add(b, flipped, new Array<number>(6).fill(0), negative[i]!), width));
  });
  // complemented only: the ones are the carries of adders that have nothing to do with their lane
  let level = terms.map((term, i) => term.map(bit => b.addXor(bit, negative[i]!)));
  const ones = break_ ? [...negative.slice(0, 7), 0] : [...negative];
  while (level.length > 1) {
    const wide = Math.min(width, level[0]!.length + 1);
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      add(b, sign(level[2 * i]!, wide), sign(level[2 * i + 1]!, wide), ones.shift()!, i % 2 === 1),
    );
  }
  const tree = add(b, level[0]!, zero, ones.shift()!);
  return { b, chain, tree };
}

test.each([false, true])('a chain and a tree of signed sums, one of them broken: %s', broken => {
  const { b, chain, tree } = chainAndTree(broken);
  for (const literal of [...chain, ...tree]) b.addOutput(literal);
  const aig = b.build();
  const words = new WordProver(aig);
  expect(words.equal([...aig.outputs.slice(0, 9)], [...aig.outputs.slice(9)])).toBe(!broken);
});

test('a or b and a and b count what a and b count', () => {
  const b = new AigBuilder();
  const lines = b.addInputs('line', 4);
  const either = [b.addOr(lines[0]!, lines[1]!), b.addOr(lines[2]!, lines[3]!)];
  const both = [b.addAnd(lines[0]!, lines[1]!), b.addAnd(lines[2]!, lines[3]!)];
  const count = (bits: readonly number[]): number[] =>
    bits.reduce((sum, bit) => add(b, sum, [bit, 0, 0]), [0, 0, 0] as number[]);
  const words = [count(lines), count([...either, ...both]), count([...either, both[0]!])];
  for (const word of words) for (const literal of word) b.addOutput(literal);
  const aig = b.build();
  const [plain, paired, short] = [0, 3, 6].map(at => [...aig.outputs.slice(at, at + 3)]);
  const prover = new WordProver(aig);
  expect(prover.equal(plain!, paired!)).toBe(true);
  expect(prover.equal(plain!, short!)).toBe(false);
});
