// Enumeration merges two multipliers of one product, keeps apart what differs in one pattern of a million, and never
// merges on samples.

import { expect, test } from 'vitest';
import { AigBuilder } from '../netlist/builder.ts';
import { enumerateEqual, mergeEqual } from './enumerate.ts';

/** a × b by rows of adders from the lowest bit up (or from the highest down). */
function multiply(b: AigBuilder, x: number[], y: number[], upwards: boolean): number[] {
  let sum: number[] = Array(x.length + y.length).fill(0);
  const order = y.map((_, i) => i);
  if (!upwards) order.reverse();
  for (const i of order) {
    let carry = 0;
    sum = sum.map((s, k) => {
      const p = k >= i && k - i < x.length ? b.addAnd(x[k - i]!, y[i]!) : 0;
      const half = b.addXor(s, p);
      const out = b.addXor(half, carry);
      carry = b.addOr(b.addAnd(s, p), b.addAnd(half, carry));
      return out;
    });
  }
  return sum;
}

test('two multipliers of 9 x 9 bits become one', () => {
  const b = new AigBuilder();
  const x = Array.from({ length: 9 }, () => b.addInput());
  const y = Array.from({ length: 9 }, () => b.addInput());
  const up = multiply(b, x, y, true);
  const down = multiply(b, x, y, false);
  for (const literal of [...up, ...down]) b.addOutput(literal);
  const aig = b.build();
  const { equal, merged, patterns } = enumerateEqual(aig);
  expect(patterns).toBeGreaterThanOrEqual(2 ** 18);
  expect(merged).toBeGreaterThan(17);
  const { outputs } = mergeEqual(aig, equal);
  expect([...outputs.slice(0, 18)]).toEqual([...outputs.slice(18)]);
  // fewer inputs allowed than the product has: its middle bits stay two
  const less = mergeEqual(aig, enumerateEqual(aig, { inputs: 10 }).equal).outputs;
  expect([...less.slice(0, 18)]).not.toEqual([...less.slice(18)]);
});

test('nets that differ on a single pattern stay apart; complements and constants merge', () => {
  const b = new AigBuilder();
  const x = Array.from({ length: 20 }, () => b.addInput());
  const rare = b.addAndAll(x);
  const parity = x.reduce((a, c) => b.addXor(a, c), 0);
  const almost = b.addXor(parity, rare);
  const again = x.reduceRight((a, c) => b.addXor(a, c), 1);
  const never = b.addAnd(b.addXor(x[0]!, x[1]!), b.addAnd(x[0]!, x[1]!));
  for (const literal of [rare, parity, almost, again, never]) b.addOutput(literal);
  const aig = b.build();
  const [r, p, a, g, n] = mergeEqual(aig, enumerateEqual(aig).equal).outputs;
  expect(r).not.toBe(0);
  expect(a).not.toBe(p);
  expect(g).toBe(p! ^ 1);
  expect(n).toBe(0);
});
