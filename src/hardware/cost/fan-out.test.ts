// Buffer trees: every sink still sees its net, no net is loaded beyond the limit, clocks and small nets stay as they are.

import { expect, test } from 'vitest';
import { bufferedNetlist } from './fan-out.ts';
import { findLibrary } from './find-library.ts';
import { type MappedNetlist, readMappedNetlist } from './netlist.ts';
import { surroundings } from './surroundings.ts';
import { analyseTiming } from './timing.ts';
import { tinyLibrary, tinyNetlist } from './tiny.fixture.ts';

const library = findLibrary('neutral');
const around = surroundings(library);

/** A flip-flop whose inverse goes to `count` flip-flops; the last of them drives an output. */
function wide(count: number): MappedNetlist {
  const flipFlop = (d: number, q: number) => ({
    type: 'DFF_X1',
    connections: { D: [d], CK: [2], Q: [q] },
  });
  const cells: Record<string, { type: string; connections: Record<string, number[]> }> = {
    first: flipFlop(3, 4),
    inverse: { type: 'INV_X1', connections: { A: [4], Y: [5] } },
  };
  for (let k = 0; k < count; k++) cells[`r${k}`] = flipFlop(5, 6 + k);
  const ports = {
    clk: { direction: 'input', bits: [2] },
    a: { direction: 'input', bits: [3] },
    y: { direction: 'output', bits: [5 + count] },
  };
  const netnames = { clk: { bits: [2] }, a: { bits: [3] }, q: { bits: [4] }, spread: { bits: [5] } };
  return readMappedNetlist(
    JSON.stringify({ modules: { top: { attributes: { top: '1' }, ports, cells, netnames } } }),
    library,
  );
}

/** The net a pin sees through buffers. */
function origin(netlist: MappedNetlist, net: number): number {
  const driver = netlist.drivers[net]!;
  if (typeof driver !== 'object') return net;
  const { cell, nets, name } = netlist.instances[driver.instance]!;
  if (!name.startsWith('$fan_out$')) return net;
  return origin(netlist, nets[cell.pins.findIndex(pin => !pin.output)]!);
}

test.each([
  10, 33, 500, 5000,
])('%i sinks see the same net through buffers that hold what they drive', count => {
  const before = wide(count);
  const after = bufferedNetlist(before, around);
  before.instances.forEach(({ cell, nets }, index) => {
    cell.pins.forEach((pin, k) => {
      const now = after.instances[index]!.nets[k]!;
      if (nets[k]! >= 0) expect(pin.output ? now : origin(after, now)).toBe(nets[k]);
    });
  });
  const limit = 8 * around.outputLoad;
  after.sinks.forEach((sinks, net) => {
    if (net === after.clock) expect(sinks.length).toBe(before.sinks[net]!.length);
    const load = sinks.reduce(
      (sum, s) => sum + after.instances[s.instance]!.cell.pins[s.pin]!.capacitance,
      0,
    );
    if (net !== after.clock) expect(load).toBeLessThanOrEqual(limit * 1.002);
  });
  const period = (netlist: MappedNetlist): number =>
    analyseTiming(netlist, { clock: 1000, outputLoad: around.outputLoad }).minPeriod;
  if (count === 10) expect(after).toBe(before);
  else if (count >= 500) expect(period(after)).toBeLessThan(period(before) / 3);
});

test('a library without a buffer changes nothing', () => {
  const netlist = readMappedNetlist(tinyNetlist, tinyLibrary());
  expect(bufferedNetlist(netlist, surroundings(tinyLibrary()))).toBe(netlist);
});
