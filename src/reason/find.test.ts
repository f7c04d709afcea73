import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { Aig, generateMultiplier, MemorySink, readAiger } from '../netlist/index.ts';
import { adderLiterals, writeAnnotatedJson, writeAnnotatedVerilog } from './annotate.ts';
import type { AdderList } from './exact/adders.ts';
import { detectAdders } from './exact/detect.ts';
import { buildAdderTree } from './exact/tree.ts';
import { findAdders } from './find.ts';
import { sumScorer } from './gnn/index.ts';

/** Values of every variable under all assignments of the inputs, 32 to a word. */
function exhaustive(aig: Aig): Int32Array[] {
  const words = Math.max(1, 2 ** aig.inputCount / 32);
  const values: Int32Array[] = [new Int32Array(words)];
  for (let i = 0; i < aig.inputCount; i++) {
    const value = new Int32Array(words);
    for (let w = 0; w < words; w++) {
      for (let b = 0; b < 32; b++) if (((w * 32 + b) >>> i) & 1) value[w]! |= 1 << b;
    }
    values.push(value);
  }
  for (let i = 0; i < aig.andCount; i++) {
    const [a, b] = [aig.fanin0[i]!, aig.fanin1[i]!];
    const [x, y] = [values[a >>> 1]!, values[b >>> 1]!];
    values.push(x.map((word, w) => (word ^ -(a & 1)) & (y[w]! ^ -(b & 1))));
  }
  return values;
}

/** Index of the first adder that is not one, by arithmetic on all input assignments; -1 when all are. */
function firstWrong(aig: Aig, adders: AdderList): number {
  const values = exhaustive(aig);
  const read = (literal: number, w: number): number => values[literal >>> 1]![w]! ^ -(literal & 1);
  for (let i = 0; i < adders.count; i++) {
    const { operands, sum, carry } = adderLiterals(adders, i);
    for (let w = 0; w < values[0]!.length; w++) {
      const [a, b, c] = operands.map(x => read(x, w)) as [number, number, number | undefined];
      const s = read(sum, w);
      const m = read(carry, w);
      if (s !== (a ^ b ^ (c ?? 0)) || m !== ((a & b) | (a & (c ?? 0)) | (b & (c ?? 0)))) return i;
    }
  }
  return -1;
}

const fixture = (name: string): Aig =>
  readAiger(fileURLToPath(new URL(`fixtures/${name}.aig`, import.meta.url)));

// full adders of the multiplier before mapping, those cuts still show, and the least the search must find
test.each([
  ['csa8-osu018', 48, 12, 48],
  ['csa8-simple', 48, 14, 47],
  ['csa8-complex', 48, 4, 47],
  ['booth8-osu018', 27, 5, 27],
  ['booth8-simple', 27, 7, 26],
  ['booth8-complex', 27, 6, 25],
])('%s: of %i full adders cuts show %i, the search %i, none wrong', async (name, original, shown, least) => {
  const aig = fixture(name);
  expect(detectAdders(aig).adders.fullAdders).toBe(shown);
  const { adders, source } = await findAdders(aig);
  expect(adders.fullAdders).toBeGreaterThanOrEqual(least);
  expect(adders.fullAdders).toBeLessThanOrEqual(original);
  expect(source.length).toBe(adders.count);
  expect(firstWrong(aig, adders)).toBe(-1);
});

test('a scorer is credited with what is found around its nodes, misled it costs nothing', async () => {
  const aig = fixture('csa8-complex');
  const plain = await findAdders(aig);
  const count = (source: Uint8Array, code: number): number => source.filter(x => x === code).length;
  const all = await findAdders(aig, { scorer: a => new Float32Array(a.variableCount).fill(1) });
  expect(all.adders.fullAdders).toBeGreaterThanOrEqual(plain.adders.fullAdders);
  expect(count(all.source, 2)).toBe(all.statistics.hidden!.scored.proved);
  expect(firstWrong(aig, all.adders)).toBe(-1);
  const none = await findAdders(aig, { scorer: a => new Float32Array(a.variableCount) });
  expect(none.adders.data).toEqual(plain.adders.data);
  expect(count(none.source, 2)).toBe(0);
  const network = await findAdders(aig, { scorer: sumScorer(), onlyScored: true });
  expect(count(network.source, 2)).toBeGreaterThan(30);
  expect(firstWrong(aig, network.adders)).toBe(-1);
});

test('a wrong adder would be noticed', () => {
  const aig = generateMultiplier({ kind: 'csa', width: 4 });
  const { adders } = detectAdders(aig);
  expect(firstWrong(aig, adders)).toBe(-1);
  adders.data[5]! ^= 1;
  expect(firstWrong(aig, adders)).toBe(0);
});

test('exact and hybrid answers hold on random graphs, whatever their shape', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 150 }),
      async (seed, inputs, ands) => {
        const random = new Random(seed);
        const fanin0 = new Uint32Array(ands);
        const fanin1 = new Uint32Array(ands);
        for (let i = 0; i < ands; i++) {
          const below = inputs + 1 + i;
          const low = Math.max(0, below - 14);
          const pair = [0, 1].map(() => 2 * (low + random.below(below - low)) + random.below(2));
          fanin0[i] = Math.min(...pair);
          fanin1[i] = Math.max(...pair);
        }
        const aig = new Aig({ inputCount: inputs, fanin0, fanin1 });
        const { adders } = await findAdders(aig);
        // cuts may hold constant nets: an adder over them is still one
        expect(firstWrong(aig, adders)).toBe(-1);
      },
    ),
    { numRuns: 40 },
  );
});

test('a search is put down within a second of the signal', async () => {
  const random = new Random(1);
  const [inputs, ands] = [40, 20_000];
  const fanin0 = new Uint32Array(ands);
  const fanin1 = new Uint32Array(ands);
  for (let i = 0; i < ands; i++) {
    const below = inputs + 1 + i;
    const pair = [0, 1].map(() => 2 * (below - 1 - random.below(14)) + random.below(2));
    fanin0[i] = Math.min(...pair);
    fanin1[i] = Math.max(...pair);
  }
  const controller = new AbortController();
  let fired = 0;
  setTimeout(() => {
    fired = performance.now();
    controller.abort();
  }, 300);
  const begin = performance.now();
  const search = findAdders(new Aig({ inputCount: inputs, fanin0, fanin1 }), { signal: controller.signal });
  await expect(search).rejects.toThrow('adder search stopped');
  expect(fired - begin).toBeLessThan(1300);
  expect(performance.now() - fired).toBeLessThan(1000);
});

test('on plain multipliers hybrid equals exact', async () => {
  for (const kind of ['csa', 'booth'] as const) {
    const aig = generateMultiplier({ kind, width: 16, signed: kind === 'booth' });
    const exact = await findAdders(aig, { mode: 'exact' });
    const hybrid = await findAdders(aig);
    expect(hybrid.adders.data).toEqual(exact.adders.data);
    expect(hybrid.flags).toEqual(exact.flags);
    expect(exact.statistics.hiddenSkipped).toBe('exact mode');
  }
});

test('annotated netlists keep the logic and carry the hints', async () => {
  const aig = generateMultiplier({ kind: 'csa', width: 4 });
  const { adders } = await findAdders(aig);
  const tree = buildAdderTree(adders, aig.variableCount);
  const verilog = new MemorySink();
  writeAnnotatedVerilog(aig, adders, tree, verilog);
  const text = Buffer.from(verilog.bytes()).toString();
  expect(text.match(/\n {2}wire n\d+ = /g)).toHaveLength(aig.andCount);
  expect(text.match(/\/\/ (complement of the )?sum of/g)).toHaveLength(adders.count);
  expect(text.match(/\/\/ (complement of the )?carry of/g)).toHaveLength(adders.count);
  const json = new MemorySink();
  writeAnnotatedJson(aig, adders, tree, json);
  const parsed = JSON.parse(Buffer.from(json.bytes()).toString());
  const cells = Object.values(parsed.modules.annotated.cells) as {
    type: string;
    attributes: Record<string, string>;
  }[];
  expect(cells.filter(c => c.type === '$_AND_')).toHaveLength(aig.andCount);
  expect(cells.filter(c => c.attributes['adder_output'] === 'sum')).toHaveLength(adders.count);
});
