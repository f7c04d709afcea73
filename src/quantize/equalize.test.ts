import { expect, test } from 'vitest';
import { type Graph, runGraphOnce, toFloat32 } from '../model/index.ts';
import { equalize } from './equalize.ts';
import { smallBatches, smallNetwork } from './network.fixture.ts';

/** Largest over smallest range of the input channels of the pointwise convolution, in octaves. */
function spread(graph: Graph): number {
  const w = toFloat32(graph.constant('point.w')!);
  const ranges = new Array<number>(8).fill(0);
  w.forEach((x, i) => {
    ranges[i % 8] = Math.max(ranges[i % 8]!, Math.abs(x));
  });
  const d = toFloat32(graph.constant('depth.w')!);
  const rows = ranges.map((_, c) => Math.max(...d.subarray(c * 9, c * 9 + 9).map(Math.abs)));
  return Math.max(...ranges.map((r, c) => Math.abs(Math.log2(r / rows[c]!))));
}

test('outputs keep every bit, ranges of both sides meet', async () => {
  const before = smallNetwork();
  const after = before.clone();
  const { pairs, left } = equalize(after);
  expect(pairs.map(p => [p.first, p.second])).toEqual([
    ['stem', 'depth'],
    ['depth', 'point'],
    ['point', 'dense'],
  ]);
  expect(left.map(l => l.reason)).toEqual(['its values are an output of the network']);
  expect(pairs.every(p => p.moved > 0 && p.octaves >= 1)).toBe(true);
  expect(spread(after)).toBeLessThanOrEqual(1.001);
  expect(spread(before)).toBeGreaterThan(1.5);
  const [feeds] = smallBatches(1);
  const options = { optimization: 'disabled' as const };
  const a = await runGraphOnce(before, feeds!, options);
  const b = await runGraphOnce(after, feeds!, options);
  expect(b['scores']!.data).toEqual(a['scores']!.data);
});

test('paths that are not homogeneous or branch are refused with the reason', () => {
  const graph = smallNetwork();
  graph.replaceNode(graph.node('relu2')!, { op: 'HardSwish' });
  graph.addNode({ op: 'Abs', name: 'side', inputs: ['relu1.out'], outputs: ['side.out'] });
  const { pairs, left } = equalize(graph);
  expect(pairs.map(p => p.first)).toEqual(['point']);
  expect(left.find(l => l.node === 'depth')!.reason).toBe("HardSwish 'relu2' is not positive-homogeneous");
  expect(left.find(l => l.node === 'stem')!.reason).toBe('its values go to 2 operators');
});
