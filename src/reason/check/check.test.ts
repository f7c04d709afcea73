import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import {
  Aig,
  AigBuilder,
  addArrayMultiplier,
  addBoothMultiplier,
  generateMultiplier,
  packVectors,
  simulate,
  unpackVectors,
} from '../../netlist/index.ts';
import { checkMultiplier, multiplierInterface } from './index.ts';

const kinds = ['csa', 'booth'] as const;
/** Too few vectors to find faults by luck, and no exhaustive simulation: algebra and SAT have to answer. */
const algebra = { vectors: 4, exhaustiveInputs: 0, timeout: 60 };

for (const kind of kinds) {
  test(`${kind} multipliers of widths 1 to 16 and 64 are proved by algebra`, async () => {
    for (const width of [...Array.from({ length: 16 }, (_, i) => i + 1), 64]) {
      for (const signed of [false, true]) {
        const aig = generateMultiplier({ kind, width, signed });
        const result = await checkMultiplier(aig, { ...algebra, signed });
        expect([width, signed, result.verdict]).toEqual([width, signed, 'proved']);
        expect(result.reason).not.toContain('simulated');
      }
    }
  });
}

test('operands of unequal widths are proved, by names and by order', async () => {
  for (const [n, m] of [
    [1, 5],
    [5, 1],
    [8, 5],
    [3, 12],
    [16, 9],
  ] as const) {
    for (const signed of [false, true]) {
      for (const add of [addArrayMultiplier, addBoothMultiplier]) {
        for (const named of [true, false]) {
          const builder = new AigBuilder();
          const bits = (stem: string, count: number): number[] =>
            Array.from({ length: count }, (_, i) => builder.addInput(named ? `${stem}[${i}]` : undefined));
          const a = bits('x', n);
          const b = bits('y', m);
          for (const literal of add(builder, a, b, signed)) builder.addOutput(literal);
          const operands = named ? 'x,y' : `${n},${m}`;
          const result = await checkMultiplier(builder.build(), { ...algebra, signed, operands });
          expect([n, m, signed, result.verdict]).toEqual([n, m, signed, 'proved']);
        }
      }
    }
  }
});

/** The graph with one gate changed; node ids stay. */
function withFault(aig: Aig, gate: number, fault: string): Aig {
  const fanin0 = aig.fanin0.slice();
  const fanin1 = aig.fanin1.slice();
  const outputs = aig.outputs.slice();
  const variable = aig.firstAnd + gate;
  const invertOutput = (): void => {
    for (const list of [fanin0, fanin1, outputs]) {
      list.forEach((literal, i) => {
        if (literal >>> 1 === variable) list[i] = literal ^ 1;
      });
    }
  };
  if (fault === 'inverted 0') fanin0[gate]! ^= 1;
  if (fault === 'inverted 1') fanin1[gate]! ^= 1;
  if (fault === 'or') {
    fanin0[gate]! ^= 1;
    fanin1[gate]! ^= 1;
    invertOutput();
  }
  if (fault === 'stuck at 0' || fault === 'stuck at 1') fanin0[gate] = 0;
  if (fault === 'stuck at 1') invertOutput();
  if (fault === 'other fan-in') fanin1[gate] = aig.fanin1[(7 * gate + 3) % (gate + 1)]!;
  if (fanin0[gate]! > fanin1[gate]!) [fanin0[gate], fanin1[gate]] = [fanin1[gate]!, fanin0[gate]!];
  return new Aig({ inputCount: aig.inputCount, fanin0, fanin1, outputs });
}

const faults = ['inverted 0', 'inverted 1', 'or', 'stuck at 0', 'stuck at 1', 'other fan-in'];

function multiplies(aig: Aig, width: number, signed: boolean): boolean {
  const count = 1 << (2 * width);
  const vectors = Array.from({ length: count }, (_, i) => BigInt(i));
  const out = unpackVectors(simulate(aig, packVectors(vectors, 2 * width), count / 32), 2 * width, count);
  const value = (x: bigint): bigint => (signed ? BigInt.asIntN(width, x) : BigInt.asUintN(width, x));
  return vectors.every((v, i) => BigInt.asUintN(2 * width, value(v) * value(v >> BigInt(width))) === out[i]);
}

test('every single-gate fault of 4-bit multipliers is decided rightly', async () => {
  const tally = { proved: 0, refuted: 0, unknown: 0 };
  for (const kind of kinds) {
    for (const signed of [false, true]) {
      const aig = generateMultiplier({ kind, width: 4, signed });
      for (let gate = 0; gate < aig.andCount; gate += 2) {
        for (const fault of faults) {
          const faulty = withFault(aig, gate, fault);
          const result = await checkMultiplier(faulty, { ...algebra, signed });
          tally[result.verdict]++;
          const truth = multiplies(faulty, 4, signed) ? 'proved' : 'refuted';
          expect([kind, signed, gate, fault, result.verdict]).toEqual([kind, signed, gate, fault, truth]);
        }
      }
    }
  }
  expect(tally.unknown).toBe(0);
  expect(tally.proved).toBeGreaterThan(0);
  expect(tally.refuted).toBeGreaterThan(1000);
});

test('faults of wider multipliers are refuted with operands on which the netlist is wrong', async () => {
  const random = new Random(5);
  for (const kind of kinds) {
    const aig = generateMultiplier({ kind, width: 12 });
    for (let round = 0; round < 40; round++) {
      const faulty = withFault(aig, random.below(aig.andCount), random.pick(faults));
      const result = await checkMultiplier(faulty, { ...algebra, signed: false });
      expect(result.verdict).not.toBe('unknown');
      const example = result.counterexample;
      expect(example !== undefined).toBe(result.verdict === 'refuted');
      if (example === undefined) continue;
      const inputs = packVectors([example.a | (example.b << 12n)], 24);
      expect(unpackVectors(simulate(faulty, inputs, 1), 24, 1)[0]).toBe(example.product);
      expect(example.product).not.toBe(example.a * example.b);
      expect(example.expected).toBe(example.a * example.b);
    }
  }
});

test('a product wrong on one operand pair of 2^48 is refuted with that pair', async () => {
  const random = new Random(11);
  for (const kind of kinds) {
    const builder = new AigBuilder();
    const a = builder.addInputs('a', 24);
    const b = builder.addInputs('b', 24);
    const product = (kind === 'csa' ? addArrayMultiplier : addBoothMultiplier)(builder, a, b, false);
    const values = [random.below(1 << 24), random.below(1 << 24)] as const;
    const trigger = builder.addAndAll(
      [a, b].flatMap((bits, k) => bits.map((literal, i) => literal ^ (((values[k]! >> i) & 1) ^ 1))),
    );
    product[29] = builder.addXor(product[29]!, trigger);
    for (const literal of product) builder.addOutput(literal);
    const result = await checkMultiplier(builder.build(), { signed: false });
    expect(result.verdict).toBe('refuted');
    expect([result.counterexample!.a, result.counterexample!.b]).toEqual(values.map(BigInt));
    expect(result.counterexample!.product).toBe(result.counterexample!.expected ^ (1n << 29n));
  }
});

test('simulation settles the sign', async () => {
  for (const signed of [false, true]) {
    const result = await checkMultiplier(generateMultiplier({ width: 9, signed }));
    expect([result.verdict, result.signed]).toEqual(['proved', signed]);
    const other = await checkMultiplier(generateMultiplier({ width: 9, signed }), { signed: !signed });
    expect(other.verdict).toBe('refuted');
  }
});

test('out of time is unknown, with its reason', async () => {
  const result = await checkMultiplier(generateMultiplier({ width: 32 }), { vectors: 32, timeout: 1e-6 });
  expect(result.verdict).toBe('unknown');
  expect(result.reason).toContain('time limit');
});

test('names order the bits of operands and product', () => {
  const builder = new AigBuilder();
  const names = ['q1', 'q0', 'p_1', 'p_0'];
  const literals = names.map(name => builder.addInput(name));
  literals.forEach((literal, i) => {
    builder.addOutput(literal, `m[${3 - i}]`);
  });
  const net = multiplierInterface(builder.build());
  expect(net.names).toEqual(['q', 'p']);
  expect(net.operands).toEqual([
    [1, 0],
    [3, 2],
  ]);
  expect(net.product).toEqual([...literals].reverse());
});

test('netlists without two operands are refused in one line', async () => {
  const builder = new AigBuilder();
  for (let i = 0; i < 3; i++) builder.addOutput(builder.addInput());
  const odd = builder.build();
  await expect(checkMultiplier(odd)).rejects.toThrow(/--operands 8,5/);
  await expect(checkMultiplier(odd, { operands: '2,2' })).rejects.toThrow(/sum 3/);
  await expect(checkMultiplier(odd, { operands: 'a,b' })).rejects.toThrow(/no input bus 'a'/);
  const latch = new AigBuilder();
  latch.addOutput(latch.addAnd(latch.addInput(), latch.addLatch()));
  await expect(checkMultiplier(latch.build())).rejects.toThrow(/1 latches/);
});
