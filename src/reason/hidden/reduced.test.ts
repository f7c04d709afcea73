import { expect, test } from 'vitest';
import { generateAdder, pairGraphs } from '../../netlist/index.ts';
import { reduceGraph } from './reduced.ts';
import { SatProof } from './sat-proof.ts';

test('SAT merges what no window of 16 leaves proves: the carries of differently built adders', () => {
  const width = 40;
  const { aig, pairs } = pairGraphs(
    generateAdder({ kind: 'ripple', width }),
    generateAdder({ kind: 'kogge-stone', width }),
  );
  const graph = reduceGraph(aig);
  for (const { a, b } of pairs) {
    expect(graph.literalOf[a >>> 1]! ^ (a & 1)).toBe(graph.literalOf[b >>> 1]! ^ (b & 1));
  }
  expect(graph.sat!.proved).toBeGreaterThan(0);
  expect(graph.sat!.proved).toBeLessThan(graph.merged);
});

test('SAT proves no more than holds', () => {
  const aig = generateAdder({ kind: 'ripple', width: 12 });
  const sat = new SatProof({
    firstAnd: aig.firstAnd,
    fanin0: aig.fanin0,
    fanin1: aig.fanin1,
    base: aig.firstAnd,
    levels: aig.levels(),
  });
  const [low, high] = [aig.outputs[3]!, aig.outputs[12]!];
  expect(sat.equal(low, low)).toBe(true);
  expect(sat.equal(low, low ^ 1)).toBe(false);
  expect(sat.equal(low, high)).toBe(false);
  expect(sat.equal(high, 0)).toBe(false);
});
