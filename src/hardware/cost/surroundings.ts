// What is outside a unit, in terms of a library: driving cell, loads, what registers take of a clock; the inverter that
// delays are measured in. Refuses libraries without an inverter or a D flip-flop.

import { InputError } from '../../core/errors.ts';
import type { TimingCell, TimingLibrary } from './library.ts';
import { clockPin } from './netlist.ts';

/** What is outside the unit: its inputs come from a mid-size cell, every output drives four small inverters. */
export interface Surroundings {
  drivingCell: string | undefined;
  /** fF */
  outputLoad: number;
  /** Clock to output and setup of the library's smallest flip-flop, ps: what mapping leaves to the registers. */
  registerTime: number;
}

/** @throws InputError when the library has no inverter or no flip-flop that can be mapped */
export function surroundings(library: TimingLibrary): Surroundings {
  const inverter = smallest(library, cell => isFunction(cell, 'not'));
  const flipFlop = smallest(library, cell => {
    const ff = cell.logic.flipFlop;
    return ff !== undefined && ff.next.kind === 'variable' && clockPin(cell) !== undefined;
  });
  if (inverter === undefined || flipFlop === undefined) {
    const what = inverter === undefined ? 'inverter' : 'D flip-flop';
    throw new InputError(`the library has no ${what}`, {
      file: library.file,
      expected: 'gates, inverters and D flip-flops',
    });
  }
  const capacitance = inputCapacitance(inverter);
  const buffers = [...library.cells.values()].filter(c => usable(c) && isFunction(c, 'buffer'));
  buffers.sort((a, b) => a.area - b.area);
  const load = 4 * capacitance;
  const edge = flipFlop.arcs.filter(a => a.kind === 'edge');
  const clockToOutput = Math.max(
    0,
    ...edge.flatMap(a => [a.cellRise?.evaluate(0, load) ?? 0, a.cellFall?.evaluate(0, load) ?? 0]),
  );
  const slew = edge[0]?.riseTransition?.evaluate(0, load) ?? 0;
  const setup = Math.max(
    0,
    ...flipFlop.constraints
      .filter(c => c.kind === 'setup' && flipFlop.pins[c.data]!.name === dataPin(flipFlop))
      .flatMap(c => [c.rise?.evaluate(slew, 0) ?? 0, c.fall?.evaluate(slew, 0) ?? 0]),
  );
  return {
    drivingCell: buffers[Math.floor(buffers.length / 2)]?.name,
    outputLoad: load,
    registerTime: clockToOutput + setup,
  };
}

/** Delay of an inverter that drives four of its kind, in a chain of such, ps. */
export function fanoutOfFour(library: TimingLibrary): number {
  const inverter = smallest(library, cell => isFunction(cell, 'not'));
  const arc = inverter?.arcs[0];
  if (inverter === undefined || arc === undefined) return 20;
  const load = 4 * inputCapacitance(inverter);
  let slew = 0;
  for (let i = 0; i < 10; i++) {
    slew =
      ((arc.riseTransition?.evaluate(slew, load) ?? 0) + (arc.fallTransition?.evaluate(slew, load) ?? 0)) / 2;
  }
  return ((arc.cellRise?.evaluate(slew, load) ?? 0) + (arc.cellFall?.evaluate(slew, load) ?? 0)) / 2;
}

function usable(cell: TimingCell): boolean {
  return !cell.dontUse && cell.logic.refused === undefined && cell.arcs.length > 0;
}

function smallest(library: TimingLibrary, wanted: (cell: TimingCell) => boolean): TimingCell | undefined {
  let best: TimingCell | undefined;
  for (const cell of library.cells.values()) {
    if (usable(cell) && wanted(cell) && (best === undefined || cell.area < best.area)) best = cell;
  }
  return best;
}

function isFunction(cell: TimingCell, kind: 'not' | 'buffer'): boolean {
  const { logic } = cell;
  if (logic.inputs.length !== 1 || logic.outputs.size !== 1 || logic.flipFlop !== undefined) return false;
  const [f] = logic.outputs.values();
  return kind === 'not' ? f!.kind === 'not' && f!.of.kind === 'variable' : f!.kind === 'variable';
}

function inputCapacitance(cell: TimingCell): number {
  return Math.max(...cell.pins.filter(p => !p.output).map(p => p.capacitance));
}

function dataPin(cell: TimingCell): string | undefined {
  const next = cell.logic.flipFlop?.next;
  return next?.kind === 'variable' ? next.name : undefined;
}
