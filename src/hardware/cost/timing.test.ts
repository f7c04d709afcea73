// Timing and energy against numbers worked out by hand on a netlist of three cells.

import { expect, test } from 'vitest';
import { Simulator } from '../../netlist/simulate.ts';
import { cycleEnergy } from './energy.ts';
import { parseTimingLibrary } from './library-read.ts';
import { netlistArea, readMappedNetlist, topologicalOrder } from './netlist.ts';
import { netlistAig } from './netlist-aig.ts';
import { analyseTiming } from './timing.ts';
import { tinyLiberty, tinyLibrary, tinyNetlist } from './tiny.fixture.ts';

const library = tinyLibrary();
const netlist = readMappedNetlist(tinyNetlist, library);

test('arrival times of three cells, by hand', () => {
  const timing = analyseTiming(netlist, { clock: 100, wire: null });
  // q drives NAND2/B and INV/A: 4 fF. rise 50 + 4 = 54 with slew 10, fall 40 + 4 = 44 with slew 10
  // d drives D: 1 fF. NAND2 rise from q's fall 44 + 20 + 3 + 0.1·10 = 68; fall from q's rise 54 + 12 + 2 + 1 = 69
  // both with slew 6: setup 30 + 0.1·6 = 30.6, so the register needs 99.6
  expect(timing.minPeriod).toBeCloseTo(99.6, 9);
  expect(timing.met).toBe(true);
  expect(timing.slack).toBeCloseTo(0.4, 9);
  // y from q's rise: 54 + 10 + 0 + 1 = 65; a reaches d earlier than q does, so no worst path starts there
  expect(timing.groups).toEqual({
    'register-register': expect.closeTo(99.6, 9),
    'register-output': expect.closeTo(65, 9),
  });
  expect(timing.critical!.steps.map(s => [s.instance, s.edge, Number(s.arrival.toFixed(6))])).toEqual([
    ['r', 'rise', 54],
    ['g', 'fall', 69],
  ]);
  expect(timing.critical!.end).toBe('r/D');
});

test('wires, input delay and slew, output delay and load, clock slew', () => {
  const wire = library.wireLoads.get('w')!;
  // q: fan-out 2, wire 3 fF more; d: fan-out 1, wire 1 fF more. q rise 50 + 7 = 57 slew 13
  // d falls 57 + 12 + 4 + 1.3 = 74.3 with slew 7: setup 30.7
  const wired = analyseTiming(netlist, { clock: 100, wire });
  expect(wired.minPeriod).toBeCloseTo(105, 9);
  expect(wired.met).toBe(false);
  const late = analyseTiming(netlist, {
    ...{ clock: 100, wire: null, inputDelay: 60, inputSlew: 50, outputDelay: 20, outputLoad: 5 },
  });
  // a: 60 + 20 + 3 + 5 = 88, setup 30.6; y: 54 + 10 + 2·5 + 1 + 20 = 95
  expect(late.groups['input-register']).toBeCloseTo(118.6, 9);
  expect(late.groups['register-output']).toBeCloseTo(95, 9);
  const slow = analyseTiming(netlist, { clock: 100, wire: null, clockSlew: 100 });
  expect(slow.minPeriod).toBeCloseTo(99.6, 9); // clock to output does not depend on slew in this library
});

test('energy of a cycle, by hand', () => {
  const timing = analyseTiming(netlist, { clock: 100, wire: null });
  const index = (name: string): number => netlist.netNames.indexOf(name);
  const toggles = new Float64Array(netlist.netNames.length);
  const probability = new Float64Array(netlist.netNames.length).fill(0.5);
  toggles[index('a')] = 0.5;
  toggles[index('q')] = 0.25;
  toggles[index('d')] = 0.4;
  toggles[index('y')] = 0.25;
  const e = cycleEnergy(netlist, timing, { toggles, probability, cycles: 1 }, 1000);
  // ½·V² = 2; a 2 fF, q 4 fF, d 1 fF, y 0 fF
  expect(e.load).toBeCloseTo(2 * (2 * 0.5 + 4 * 0.25 + 1 * 0.4), 9);
  // NAND2 3 fJ · 0.4, INV 3 fJ · 0.25; DFF 9 fJ · 0.25; clock 2 · (6 fJ + 2 · 1.5)
  expect(e.logic).toBeCloseTo(3 * 0.4 + 3 * 0.25, 9);
  expect(e.flipFlops).toBeCloseTo(9 * 0.25, 9);
  expect(e.clock).toBeCloseTo(2 * 6 + 2 * 2 * 1.5, 9);
  // 3 + 3 + 5 nW for 1000 ps
  expect(e.leakage).toBeCloseTo(0.011, 9);
  expect(e.total).toBeCloseTo(e.load + e.logic + e.flipFlops + e.clock + e.leakage, 9);
  expect(netlistArea(netlist)).toBe(15);
});

test('the graph behaves as the netlist: q <= !(a & q), y = !q', () => {
  const { aig, literals } = netlistAig(netlist);
  expect(aig.names.inputs).toEqual(['a']);
  expect(aig.latchCount).toBe(1);
  const simulator = new Simulator(aig);
  const n = simulator.blockWords;
  const seen: [number, number][] = [];
  const word = new Uint32Array(n);
  const q = literals[netlist.netNames.indexOf('q')]!;
  simulator.trace(
    4,
    (_, words) => words.fill(0xffffffff),
    (_, block) => {
      simulator.read(block, q, word, 0);
      const value = word[0]!;
      simulator.read(block, aig.outputs[0]!, word, 0);
      seen.push([value, word[0]!]);
    },
    new Uint32Array(n),
  );
  expect(seen).toEqual([
    [0, 0xffffffff],
    [0xffffffff, 0],
    [0, 0xffffffff],
    [0xffffffff, 0],
  ]);
  expect([...topologicalOrder(netlist)].length).toBe(3);
});

test('netlists that cannot be analysed are refused in one line', () => {
  const read = (change: (text: string) => string): unknown => {
    try {
      const n = readMappedNetlist(change(tinyNetlist), library);
      topologicalOrder(n);
      return n.top;
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(read(t => t)).toBe('top');
  expect(read(t => t.replace('"NAND2"', '"NAND3"'))).toBe(
    "netlist: cell 'NAND3' of instance 'g' is not in the library; expected cells of tiny; did you mean 'NAND2'?",
  );
  expect(read(t => t.replace('"Y":[6]', '"Y":[5]'))).toBe("netlist: net 'q' has two drivers");
  expect(read(t => t.replace('"A":[3]', '"A":[9]'))).toBe("netlist: net 'n9' has no driver");
  expect(read(t => t.replace('"B":[5]', '"B":[6]'))).toBe("top: combinational cycle through net 'd'");
  expect(read(t => t.replace('"A":[3],', ''))).toBe("netlist: pin 'A' of 'g' is not connected");
  expect(read(t => t.slice(1))).toBe('netlist: no JSON; expected a netlist of Yosys write_json');
});

test('flip-flops of both edges are refused', () => {
  const two = tinyLiberty.replace(
    /cell \(DFF\)[\s\S]*$/,
    m =>
      `${m.slice(0, m.lastIndexOf('}'))} ${m.slice(0, m.lastIndexOf('}')).replace('DFF', 'DFFN').replace('"CK"; }', '"!CK"; }').replace('rising_edge', 'falling_edge')} }`,
  );
  const both = parseTimingLibrary(Buffer.from(two), 'two.lib');
  const text = tinyNetlist.replace(
    '"cells":{',
    '"cells":{"n":{"type":"DFFN","connections":{"D":[6],"CK":[2],"Q":[7]}},',
  );
  expect(() => analyseTiming(readMappedNetlist(text, both), { clock: 1 })).toThrow(
    'top: flip-flops of both clock edges; expected one edge',
  );
});
