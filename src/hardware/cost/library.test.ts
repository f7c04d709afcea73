// Lookup tables, the liberty reader's meaning and refusals, and the neutral library's own claims.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitwrightError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { wireCapacitance } from './library.ts';
import { parseTimingLibrary } from './library-read.ts';
import { LookupTable, type TableAxis } from './lookup-table.ts';
import { neutralLiberty, neutralLibrary } from './neutral-library.ts';
import { neutralModel } from './neutral-model.ts';
import { tinyLiberty, tinyLibrary } from './tiny.fixture.ts';

const axis = (slot: 0 | 1 | 2, ...index: number[]): TableAxis => ({ slot, index: Float64Array.from(index) });
const points = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 5 });

test('a multilinear function is reproduced everywhere, whatever the axes and their order', () => {
  fc.assert(
    fc.property(
      fc.array(points, { minLength: 0, maxLength: 3 }),
      fc.shuffledSubarray([0, 1, 2] as const, { minLength: 3, maxLength: 3 }),
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 8, maxLength: 8 }),
      fc.array(fc.double({ min: -80, max: 80, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (grids, order, coefficients, at) => {
        const axes = grids.map((g, i) => axis(order[i]!, ...g.sort((a, b) => a - b)));
        const used = axes.filter(a => a.index.length > 1).map(a => a.slot);
        const f = (x: readonly number[]): number =>
          coefficients.reduce((sum, c, mask) => {
            let term = c;
            for (let slot = 0; slot < 3; slot++) {
              if ((mask >> slot) & 1) term *= used.includes(slot as 0) ? x[slot]! : 1;
            }
            return sum + term;
          }, 0);
        const values: number[] = [];
        const fill = (depth: number, x: number[]): void => {
          if (depth === axes.length) values.push(f(x));
          else for (const p of axes[depth]!.index) fill(depth + 1, x.with(axes[depth]!.slot, p));
        };
        fill(0, [0, 0, 0]);
        const table = new LookupTable(axes, Float64Array.from(values));
        const exact = f(at);
        expect(Math.abs(table.evaluate(at[0]!, at[1]!, at[2]!) - exact)).toBeLessThan(
          1e-9 * (1 + Math.abs(exact) + 1e6),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('between grid points the table is linear, beyond them the last segment goes on', () => {
  const table = new LookupTable([axis(0, 0, 1, 3)], Float64Array.of(0, 10, 12));
  expect([-1, 0, 0.5, 1, 2, 3, 5].map(x => table.evaluate(x))).toEqual([-10, 0, 5, 10, 11, 12, 14]);
});

test('units, pins, arcs and wire loads of a liberty file', () => {
  const text = tinyLiberty
    .replace('time_unit : "1ps"', 'time_unit : "10ns"')
    .replace('capacitive_load_unit (1, ff)', 'capacitive_load_unit (2, pf)')
    .replace('leakage_power_unit : "1nW"', 'leakage_power_unit : "1uW"')
    .replace('voltage_unit : "1V"', 'voltage_unit : "100mV"');
  const library = parseTimingLibrary(Buffer.from(text), 'tiny.lib');
  const inv = library.cells.get('INV')!;
  const arc = inv.arcs[0]!;
  expect(library.voltage).toBeCloseTo(0.2, 12);
  expect(inv.pins[inv.pinIndex.get('A')!]!.capacitance).toBeCloseTo(4000, 9);
  // 10 + 2·load in units of 10 ns and 2 pF
  expect(arc.cellRise!.evaluate(0, 6000) / 1e4).toBeCloseTo(16, 9);
  expect(inv.power[0]!.rise!.evaluate(0)).toBeCloseTo(4 * 2000 * 0.01, 9);
  expect(inv.meanLeakage).toBeCloseTo(3000, 9);
  expect(arc.sense).toBe('negative');
  const wire = library.wireLoads.get('w')!;
  expect([0, 1, 2, 4].map(n => Math.round(wireCapacitance(wire, n) / 2))).toEqual([0, 1000, 3000, 5000]);
});

const refusals: [what: string, from: string | RegExp, to: string, message: RegExp][] = [
  ['a missing brace', /\}\s*$/, '', /tiny\.lib, line \d+: file ends too soon; expected/],
  [
    'a word as a number',
    'capacitance : 2;',
    'capacitance : two;',
    /line \d+: capacitance of 'pin A' is 'two'; expected a number/,
  ],
  [
    'a negative capacitance',
    'capacitance : 2;',
    'capacitance : -2;',
    /has capacitance -2.*expected zero or more/,
  ],
  [
    'an unknown template',
    'cell_rise (grid)',
    'cell_rise (gird)',
    /unknown template 'gird'; expected one of grid, check/,
  ],
  ['too few values', '"10, 30"', '"10"', /cell 'INV' has cell_rise of 3 values; expected 4 \(2 × 2\)/],
  ['a value that is no number', '"10, 30"', '"10, x"', /value that is no number/],
  ['an index that falls', 'index_2 ("0, 10")', 'index_2 ("10, 0")', /index that does not rise/],
  [
    'an unknown variable',
    'variable_2 : total_output_net_capacitance',
    'variable_2 : moon',
    /variable 'moon'; expected one of input_net_transition/,
  ],
  ['an unknown unit', '"1ps"', '"1 parsec"', /time_unit '1 parsec'; expected such as "1ns"/],
  [
    'a pin that is not there',
    'related_pin : "A"',
    'related_pin : "Z"',
    /cell 'INV' has no pin 'Z' \(related_pin\)/,
  ],
  ['an unknown sense', 'negative_unate', 'sideways', /timing_sense 'sideways'/],
  [
    'another delay model',
    'table_lookup',
    'generic_cmos',
    /delay model 'generic_cmos'; expected table_lookup/,
  ],
  ['no cells', /cell \([\s\S]*$/, '}', /no cells/],
];

test.each(refusals)('%s is refused in one line', (_, from, to, message) => {
  const text = tinyLiberty.replace(from, to);
  expect(text).not.toBe(tinyLiberty);
  const error = catchError(text);
  expect(error).toBeInstanceOf(BitwrightError);
  expect(error!.message).toMatch(message);
  expect(error!.message).not.toContain('\n');
});

function catchError(text: string): Error | undefined {
  try {
    parseTimingLibrary(Buffer.from(text), 'tiny.lib');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

test('damaged libraries are read or refused, never worse', () => {
  const random = new Random(3);
  const alphabet = '(){};:,"\\ \n0123456789abcXYZ!*/.-';
  let refused = 0;
  for (let run = 0; run < 400; run++) {
    let text = tinyLiberty;
    for (let k = random.below(4); k >= 0; k--) {
      const at = random.below(text.length);
      const cut = random.below(2) === 0 ? 1 + random.below(20) : 0;
      const put = random.below(3) === 0 ? '' : alphabet[random.below(alphabet.length)]!;
      text = text.slice(0, at) + put + text.slice(at + cut);
    }
    const error = catchError(text);
    if (error === undefined) continue;
    refused++;
    expect(error, text).toBeInstanceOf(BitwrightError);
    expect((error as BitwrightError).exitCode).toBe(3);
  }
  expect(refused).toBeGreaterThan(100);
});

test('the neutral library: NAND2 is 1, an inverter driving four takes 20 ps', () => {
  const library = neutralLibrary();
  expect(neutralLibrary()).toBe(library);
  expect(library.cells.get('NAND2_X1')!.area).toBe(1);
  const inverter = library.cells.get('INV_X1')!;
  const arc = inverter.arcs[0]!;
  let slew = 0;
  for (let i = 0; i < 20; i++) slew = arc.riseTransition!.evaluate(slew, 4);
  const delay = arc.cellRise!.evaluate(slew, 4);
  expect(delay).toBeGreaterThan(18.5);
  expect(delay).toBeLessThan(21.5);
  for (const cell of library.cells.values()) {
    expect(cell.logic.refused).toBeUndefined();
    expect(cell.area).toBeGreaterThan(0.5);
    expect(cell.arcs.length).toBeGreaterThan(0);
    for (const pin of cell.pins) if (!pin.output) expect(pin.capacitance).toBeGreaterThan(0.5);
    for (const { cellRise, riseTransition } of cell.arcs) {
      expect(cellRise!.evaluate(20, 8)).toBeGreaterThan(cellRise!.evaluate(20, 2));
      expect(riseTransition!.evaluate(20, 8)).toBeGreaterThan(0);
    }
  }
  // a stronger drive is faster under a heavy load, larger, and harder to drive
  const [one, two] = ['NAND2_X1', 'NAND2_X2'].map(name => library.cells.get(name)!);
  expect(two!.arcs[0]!.cellRise!.evaluate(20, 16)).toBeLessThan(one!.arcs[0]!.cellRise!.evaluate(20, 16));
  expect(two!.area).toBeCloseTo(5 / 3, 3);
  const senses = library.cells.get('MUX2_X1')!.arcs.map(a => a.sense);
  expect(senses).toEqual(['positive', 'positive', 'none']);
  expect(wireCapacitance(library.defaultWireLoad, 3)).toBeCloseTo(3 * neutralModel.wire, 9);
  expect(neutralLiberty()).toBe(neutralLiberty());
  expect(tinyLibrary().voltage).toBe(2);
});
