import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Aig } from '../aig.ts';
import { AigBuilder } from '../builder.ts';
import { generateAdder, generateMultiplier } from '../generate/index.ts';
import {
  ConeEncoder,
  coneGraph,
  equivalent,
  evaluateLiteral,
  miter,
  pairGraphs,
  proveEqual,
  Solver,
  sweep,
} from '../index.ts';

function randomAig(seed: number, inputs: number, ands: number): Aig {
  const random = new Random(seed);
  const fanin0 = new Uint32Array(ands);
  const fanin1 = new Uint32Array(ands);
  for (let i = 0; i < ands; i++) {
    const below = inputs + 1 + i;
    const low = Math.max(0, below - 12);
    const pair = [0, 1].map(() => 2 * (low + random.below(below - low)) + random.below(2));
    fanin0[i] = Math.min(...pair);
    fanin1[i] = Math.max(...pair);
  }
  return new Aig({ inputCount: inputs, fanin0, fanin1, outputs: Uint32Array.of(2 * (inputs + ands)) });
}

/** Truth table of every variable as a BigInt. */
function tables(aig: Aig): bigint[] {
  const rows = 1n << BigInt(aig.inputCount);
  const all = (1n << rows) - 1n;
  const list: bigint[] = [0n];
  for (let i = 0; i < aig.inputCount; i++) {
    let table = 0n;
    for (let r = 0n; r < rows; r++) if ((r >> BigInt(i)) & 1n) table |= 1n << r;
    list.push(table);
  }
  const read = (l: number): bigint => (l & 1 ? list[l >>> 1]! ^ all : list[l >>> 1]!);
  for (let i = 0; i < aig.andCount; i++) list.push(read(aig.fanin0[i]!) & read(aig.fanin1[i]!));
  return list;
}

/** The graph with one fan-in of one AND complemented. */
function withFault(aig: Aig, and: number): Aig {
  const fanin0 = aig.fanin0.slice();
  fanin0[and]! ^= 1;
  return new Aig({ inputCount: aig.inputCount, fanin0, fanin1: aig.fanin1, outputs: aig.outputs });
}

const differs = (a: Aig, b: Aig, inputs: Uint8Array): boolean =>
  a.outputs.some((x, i) => evaluateLiteral(a, x, inputs) !== evaluateLiteral(b, b.outputs[i]!, inputs));

test('sweep merges exactly the nets truth tables call equal; proveEqual agrees', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 90 }),
      (seed, inputs, ands) => {
        const aig = randomAig(seed, inputs, ands);
        const table = tables(aig);
        const all = (1n << (1n << BigInt(inputs))) - 1n;
        const value = (l: number): bigint => (l & 1 ? table[l >>> 1]! ^ all : table[l >>> 1]!);
        const { representative, statistics } = sweep(aig, { seed, rounds: 1 });
        expect(statistics.undecided).toBe(0);
        const first = new Map<bigint, number>();
        for (let v = 0; v < aig.variableCount; v++) {
          const equal = first.get(value(2 * v)) ?? 2 * v;
          expect(representative[v]).toBe(equal);
          if (equal === 2 * v) {
            first.set(value(2 * v), 2 * v);
            first.set(value(2 * v + 1), 2 * v + 1);
          }
        }
        const random = new Random(seed);
        const a = random.below(2 * aig.variableCount);
        const b = random.below(2 * aig.variableCount);
        const cuts = [1, 2, 3].map(() => random.below(aig.variableCount));
        const proof = proveEqual(aig, a, b, { cuts });
        expect(proof.verdict).toBe(value(a) === value(b) ? 'proved' : 'refuted');
        if (proof.verdict === 'refuted') {
          const x = proof.counterexample!;
          expect(evaluateLiteral(aig, a, x)).not.toBe(evaluateLiteral(aig, b, x));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('adders of all kinds are equivalent, each with a planted fault is not', () => {
  const width = 24;
  const kinds = (['ripple', 'cla', 'kogge-stone'] as const).map(kind => generateAdder({ kind, width }));
  for (const other of kinds.slice(1)) {
    expect(equivalent(kinds[0]!, other)).toMatchObject({ verdict: 'equivalent', proved: width + 1 });
  }
  const random = new Random(7);
  for (let n = 0; n < 12; n++) {
    const faulty = withFault(kinds[2]!, random.below(kinds[2]!.andCount));
    const answer = equivalent(kinds[2]!, faulty);
    expect(answer.verdict).toBe('different');
    expect(differs(kinds[2]!, faulty, answer.counterexample!)).toBe(true);
  }
});

test('a difference on one input in 2^40 is found, and its repair proved', () => {
  const build = (faulty: boolean): Aig => {
    const b = new AigBuilder();
    const x = b.addInputs('x', 40);
    const sum = b.addXorAll(x);
    b.addOutput(faulty ? b.addXor(sum, b.addAndAll(x.map((l, i) => l ^ (i & 1)))) : sum);
    return b.build();
  };
  const answer = equivalent(build(true), build(false));
  expect(answer.verdict).toBe('different');
  expect(Array.from(answer.counterexample!)).toEqual(Array.from({ length: 40 }, (_, i) => 1 - (i & 1)));
  expect(equivalent(build(false), build(false)).verdict).toBe('equivalent');
});

test('array and Booth multipliers of 6 bits are equivalent', () => {
  const csa = generateMultiplier({ kind: 'csa', width: 6 });
  const booth = generateMultiplier({ kind: 'booth', width: 6 });
  expect(equivalent(csa, booth)).toMatchObject({ verdict: 'equivalent', proved: 12, pairs: 12 });
  const faulty = withFault(booth, booth.andCount >> 1);
  const answer = equivalent(csa, faulty);
  expect(answer.verdict).toBe('different');
  expect(differs(csa, faulty, answer.counterexample!)).toBe(true);
});

test('out of budget the answer is unknown', () => {
  const csa = generateMultiplier({ kind: 'csa', width: 12 });
  const booth = generateMultiplier({ kind: 'booth', width: 12 });
  const answer = equivalent(csa, booth, { sweepConflicts: 2, conflicts: 20 });
  expect(answer.verdict).toBe('unknown');
  expect(answer.output).toBeDefined();
  const { aig, pairs } = pairGraphs(csa, booth);
  expect(proveEqual(aig, pairs[12]!.a, pairs[12]!.b, { conflicts: 20 }).verdict).toBe('unknown');
  const stopped = new AbortController();
  stopped.abort();
  expect(() => sweep(aig, { signal: stopped.signal })).toThrow(/stopped/);
});

test('inputs pair by name or order; what does not pair is refused', () => {
  const build = (names: string[], init = 0): Aig => {
    const b = new AigBuilder();
    const [x, y] = names.map(n => b.addInput(n)) as [number, number];
    const latch = b.addLatch('q', init);
    const p = names[0] === 'a' ? x : y;
    const q = names[0] === 'a' ? y : x;
    b.addOutput(b.addAnd(p, q ^ 1), 'o');
    b.setNext(latch, b.addOr(latch, p));
    return b.build();
  };
  const ab = build(['a', 'b']);
  const ba = build(['b', 'a']);
  expect(equivalent(ab, ba)).toMatchObject({ verdict: 'equivalent', pairs: 2 });
  expect(equivalent(ab, ba, { match: 'order' })).toMatchObject({ verdict: 'different' });
  expect(() => equivalent(ab, build(['a', 'c']), { match: 'name' })).toThrow(/no namesake/);
  expect(() => equivalent(ab, build(['a', 'b'], 1))).toThrow(/starts differently/);
  expect(() => equivalent(ab, build(['a', 'b', 'c']))).toThrow(/2 and 3 inputs/);
  expect(() => proveEqual(ab, 2, 1000)).toThrow(/literal 1000/);
});

test('the miter is the difference', () => {
  const csa = generateMultiplier({ kind: 'csa', width: 3 });
  const faulty = withFault(csa, 5);
  const m = miter(csa, faulty);
  for (let n = 0; n < 64; n++) {
    const inputs = Uint8Array.from({ length: 6 }, (_, i) => (n >> i) & 1);
    expect(evaluateLiteral(m, m.outputs[0]!, inputs)).toBe(differs(csa, faulty, inputs) ? 1 : 0);
  }
});

test('only the cone asked for is encoded', () => {
  const aig = generateAdder({ kind: 'ripple', width: 32 });
  const solver = new Solver();
  const cone = new ConeEncoder(coneGraph(aig), solver);
  expect(cone.open([aig.outputs[0]!])).toMatchObject({ complete: true });
  expect(solver.variableCount).toBeLessThan(8);
  expect(cone.open([aig.outputs[31]!], 10)).toMatchObject({ opened: 10, complete: false });
  expect(solver.variableCount).toBeLessThan(40);
});
