// What a constant settles in a netlist of four cells: k <= !(0 & q) is always 1, d <= !(k & q), y = !k, z = !(1 & q).

import { expect, test } from 'vitest';
import { readMappedNetlist, topologicalOrder } from './netlist.ts';
import { openArcs, tiedNets } from './tied.ts';
import { analyseTiming } from './timing.ts';
import { tinyLibrary } from './tiny.fixture.ts';

const netlist = readMappedNetlist(
  JSON.stringify({
    modules: {
      top: {
        attributes: { top: '1' },
        ports: {
          clk: { direction: 'input', bits: [2] },
          y: { direction: 'output', bits: [3] },
          z: { direction: 'output', bits: [7] },
        },
        cells: {
          tie: { type: 'NAND2', connections: { A: ['0'], B: [4], Y: [5] } },
          next: { type: 'NAND2', connections: { A: [5], B: [4], Y: [6] } },
          r: { type: 'DFF', connections: { D: [6], CK: [2], Q: [4] } },
          i: { type: 'INV', connections: { A: [5], Y: [3] } },
          s: { type: 'NAND2', connections: { A: ['1'], B: [4], Y: [7] } },
        },
        netnames: {
          clk: { bits: [2] },
          y: { bits: [3] },
          q: { bits: [4] },
          k: { bits: [5] },
          d: { bits: [6] },
        },
      },
    },
  }),
  tinyLibrary(),
);

test('constants go through gates they settle and stop at those they do not', () => {
  const tied = tiedNets(netlist, topologicalOrder(netlist));
  const value = (name: string): number | undefined => tied[netlist.netNames.indexOf(name)];
  expect([value('k'), value('y'), value('d'), value('q')]).toEqual([1, 0, undefined, undefined]);
  const open = netlist.instances.map(instance => [
    instance.name,
    openArcs(instance, tied).map(arc => instance.cell.pins[arc.from]!.name),
  ]);
  expect(Object.fromEntries(open)).toEqual({ tie: [], next: ['B'], r: ['CK'], i: [], s: ['B'] });
});

test('no path runs through what never changes, as other timing tools have it', () => {
  const timing = analyseTiming(netlist, { clock: 100, wire: null });
  // q drives three NAND2 pins, 6 fF: rise 56, fall 46, slew 12. d falls 56 + 12 + 2 + 1.2 = 71.2, setup 30.6;
  // through k it would be one gate later. y has no path at all
  expect(timing.minPeriod).toBeCloseTo(101.8, 9);
  expect(timing.critical!.steps.map(s => s.instance)).toEqual(['r', 'next']);
  expect(timing.endpoints.map(e => e.name).sort()).toEqual(['D', 'z']);
});
