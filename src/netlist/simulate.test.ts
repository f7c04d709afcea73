import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { AigBuilder } from './builder.ts';
import { randomGraph } from './random-graph.fixture.ts';
import { measureActivity, packVectors, randomWords, Simulator, unpackVectors } from './simulate.ts';
import { literalWords, simulateReference } from './simulate-reference.ts';

test('the kernel equals the reference bit for bit, whatever the number of words', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, words) => {
      const random = new Random(seed);
      const aig = randomGraph(random, {
        inputs: 1 + random.below(9),
        latches: random.below(4),
        ands: random.below(300),
      });
      const inputs = randomWords(random, aig.inputCount, words);
      const latches = randomWords(random, aig.latchCount, words);
      const leaves = new Uint32Array([...inputs, ...latches]);
      const expected = simulateReference(aig, leaves, words);
      const got = new Simulator(aig).run(inputs, words, latches);
      aig.outputs.forEach((literal, i) => {
        expect(got.slice(i * words, (i + 1) * words)).toEqual(literalWords(expected, literal, words));
      });
    }),
    { numRuns: 60 },
  );
});

test('a counter counts: latches clock together and start at their reset values', () => {
  const b = new AigBuilder();
  const enable = b.addInput('enable');
  const bits = [b.addLatch('q0', 0), b.addLatch('q1', 1), b.addLatch('q2', 0)];
  let carry = enable;
  for (const bit of bits) {
    b.setNext(bit, b.addXor(bit, carry));
    carry = b.addAnd(bit, carry);
    b.addOutput(bit);
  }
  const simulator = new Simulator(b.build());
  const seen: number[] = [];
  simulator.trace(
    10,
    (step, words) => words.fill(step === 3 ? 0 : 0xffffffff),
    (_, block) => {
      const row = new Uint32Array(simulator.blockWords);
      let value = 0;
      simulator.aig.outputs.forEach((literal, i) => {
        simulator.read(block, literal, row, 0);
        expect(new Set(row).size).toBe(1);
        value |= (row[0]! & 1) << i;
      });
      seen.push(value);
    },
  );
  expect(seen).toEqual([2, 3, 4, 5, 5, 6, 7, 0, 1, 2]);
});

test('activity of simple gates is near its expectation', () => {
  const b = new AigBuilder();
  const [x, y, z] = [b.addInput(), b.addInput(), b.addInput()];
  const q = b.addLatch('toggle');
  b.setNext(q, q ^ 1);
  const and = b.addAnd(x, y);
  b.addOutput(b.addAnd(and, z));
  const activity = measureActivity(b.build(), { steps: 64, inputProbability: [0.5, 0.5, 0.1] });
  expect(activity.vectors).toBe(64 * 512);
  expect(activity.probability[x >> 1]).toBeCloseTo(0.5, 1);
  expect(activity.probability[z >> 1]).toBeCloseTo(0.1, 1);
  expect(activity.probability[and >> 1]).toBeCloseTo(0.25, 1);
  expect(activity.toggleRate[x >> 1]).toBeCloseTo(0.5, 1);
  expect(activity.toggleRate[z >> 1]).toBeCloseTo(0.18, 1);
  expect(activity.toggleRate[q >> 1]).toBe(1);
  expect(activity.probability[q >> 1]).toBe(0.5);
});

test('vectors pack into words and back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 0n, max: (1n << 70n) - 1n }), { minLength: 1, maxLength: 70 }),
      vectors => {
        expect(unpackVectors(packVectors(vectors, 70), 70, vectors.length)).toEqual(vectors);
      },
    ),
  );
});

test('arrays that do not fit are refused', () => {
  const b = new AigBuilder();
  b.addOutput(b.addAnd(b.addInput(), b.addInput()));
  expect(() => new Simulator(b.build()).run(new Uint32Array(3), 2)).toThrow(/3 input words; expected 4/);
});
