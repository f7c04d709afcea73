import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Aig, generateMultiplier } from '../../netlist/index.ts';
import { detectAdders } from './detect.ts';
import { findAddersReference } from './reference.ts';
import { buildAdderTree } from './tree.ts';

/** Any topologically ordered graph: constants, equal fan-ins and copies of gates included; `near` makes it deep. */
function randomGraph(seed: number, inputs: number, ands: number, near: number): Aig {
  const random = new Random(seed);
  const fanin0 = new Uint32Array(ands);
  const fanin1 = new Uint32Array(ands);
  for (let i = 0; i < ands; i++) {
    const below = inputs + 1 + i;
    const pick = (): number => {
      const low = random.uniform() < 0.8 ? Math.max(0, below - near) : 0;
      return 2 * (low + random.below(below - low)) + random.below(2);
    };
    const a = pick();
    const b = pick();
    fanin0[i] = Math.min(a, b);
    fanin1[i] = Math.max(a, b);
  }
  const outputs = Uint32Array.from({ length: 3 }, () => random.below(2 * (inputs + 1 + ands)));
  return new Aig({ inputCount: inputs, fanin0, fanin1, outputs });
}

function expectSame(aig: Aig, maxCuts?: number): void {
  const fast = detectAdders(aig, { maxCuts });
  const slow = findAddersReference(aig, maxCuts);
  expect(fast.adders.data).toEqual(slow.adders);
  expect(fast.flags).toEqual(slow.flags);
  expect(fast.statistics.cuts).toBe(slow.cuts);
  expect(fast.statistics.xorNodes).toBe(slow.xorNodes);
}

test('kernel equals the definition on random graphs, hashed or not', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 120 }),
      fc.integer({ min: 2, max: 30 }),
      (seed, inputs, ands, near) => expectSame(randomGraph(seed, inputs, ands, near)),
    ),
    { numRuns: 400 },
  );
});

test('kernel equals the definition when cuts are capped', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 8, max: 20 }), (seed, cap) =>
      expectSame(randomGraph(seed, 4, 80, 4), cap),
    ),
    { numRuns: 60 },
  );
});

// gamora, section 6: counts of ABC's detector
const counts: [string, number, number, number, number][] = [
  ['csa', 8, 424, 48, 8],
  ['csa', 16, 1872, 224, 16],
  ['csa', 32, 7840, 960, 32],
  ['csa', 64, 32064, 3968, 64],
  ['csa', 128, 129664, 16128, 128],
  ['csa', 256, 521472, 65024, 256],
  ['booth', 8, 559, 27, 19],
  ['booth', 16, 2139, 119, 27],
  ['booth', 32, 8371, 495, 43],
  ['booth', 64, 33123, 2015, 75],
  ['booth', 128, 131779, 8127, 139],
  ['booth', 256, 525699, 32639, 267],
];

test.each(counts)('%s %i-bit: %i ANDs, %i full and %i half adders', (kind, width, ands, full, half) => {
  const aig = generateMultiplier({ kind: kind as 'csa' | 'booth', width, signed: kind === 'booth' });
  const { adders, statistics } = detectAdders(aig);
  expect(statistics.ands).toBe(ands);
  expect(adders.fullAdders).toBe(full);
  expect(adders.halfAdders).toBe(half);
  expect(statistics.cappedNodes).toBe(0);
  if (width <= 32) expectSame(aig);
});

test('class counts of the 8-bit array multiplier are the published ones', () => {
  const aig = generateMultiplier({ kind: 'csa', width: 8 });
  const { flags } = detectAdders(aig);
  const root = [0, 0, 0, 0];
  const shared = [0, 0, 0, 0];
  for (let v = aig.firstAnd; v < aig.variableCount; v++) {
    root[flags[v]! & 8 ? 1 : flags[v]! & 4 ? 2 : 3]!++;
    shared[flags[v]! & 3]!++;
  }
  expect(root.slice(1)).toEqual([56, 56, 312]);
  expect(shared).toEqual([201, 48, 1, 174]);
});

test('the adder tree of an array multiplier hangs together and ranks follow the columns', () => {
  const width = 16;
  const aig = generateMultiplier({ kind: 'csa', width });
  const { adders } = detectAdders(aig);
  const tree = buildAdderTree(adders, aig.variableCount);
  expect(tree.treeCount).toBe(1);
  expect(tree.rankConflicts).toBe(0);
  expect(tree.unordered).toBe(0);
  expect(tree.order.length).toBe(adders.count);
  // adders take columns 1 .. 2n-2; every product bit but the lowest is a root
  expect(Math.max(...tree.rank)).toBe(2 * width - 3);
  expect([...tree.roots].sort((a, b) => a - b)).toEqual(
    [...aig.outputs.slice(1)].map(x => x >>> 1).sort((a, b) => a - b),
  );
  expect(tree.leaves.length).toBe(width * width - 1);
  const place = new Map([...tree.order].map((adder, n) => [adder, n]));
  for (let i = 0; i < adders.count; i++) {
    for (let j = 0; j < adders.count; j++) {
      const feeds = [0, 1, 2].some(k =>
        [adders.sum(i), adders.carry(i)].includes(adders.leaf(j, k as 0 | 1 | 2)),
      );
      if (feeds) expect(place.get(i)!).toBeGreaterThan(place.get(j)!);
    }
  }
});

test('a graph of copies of one gate is refused, not waited for', () => {
  const copies = 60_000;
  const fanin0: number[] = [];
  const fanin1: number[] = [];
  for (let i = 0; i < copies; i++) {
    const v = 3 + 3 * i;
    fanin0.push(2, 3, Math.min(2 * v + 1, 2 * v + 3));
    fanin1.push(4, 5, 2 * v + 3);
  }
  const aig = new Aig({ inputCount: 2, fanin0: Uint32Array.from(fanin0), fanin1: Uint32Array.from(fanin1) });
  expect(() => detectAdders(aig)).toThrow(/too many copies/);
});
