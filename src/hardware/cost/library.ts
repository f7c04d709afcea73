// A standard-cell library as timing and energy need it: pins, arcs, tables, flip-flops, wire loads; units already settled.
// Times in ps, capacitances in fF, voltages in V, energies in fJ, leakage in nW, areas as the library has them.

import type { BooleanExpression } from '../../netlist/boolean-expression.ts';
import type { Cell } from '../../netlist/cell-library.ts';
import type { LibertyUnits } from './library-units.ts';
import type { LookupTable } from './lookup-table.ts';

export type Unateness = 'positive' | 'negative' | 'none';

/** Delay from one input pin to one output pin. */
export interface DelayArc {
  /** Pin indices of the cell. */
  from: number;
  to: number;
  sense: Unateness;
  /** `edge` arcs start at the active clock edge, `clear`/`preset` at an asynchronous control. */
  kind: 'combinational' | 'edge' | 'clear' | 'preset';
  /** For `edge`: the clock edge. */
  rising: boolean;
  /** Tables over input slew and load; a missing direction is an edge the arc cannot cause. */
  cellRise?: LookupTable | undefined;
  cellFall?: LookupTable | undefined;
  riseTransition?: LookupTable | undefined;
  fallTransition?: LookupTable | undefined;
  when?: BooleanExpression | undefined;
}

/** Setup or hold of a data pin against a clock pin; tables over data slew and clock slew. */
export interface ConstraintArc {
  kind: 'setup' | 'hold';
  data: number;
  clock: number;
  rising: boolean;
  rise?: LookupTable | undefined;
  fall?: LookupTable | undefined;
}

/** Energy inside the cell of one transition of `pin`, in fJ. */
export interface InternalPower {
  /** Pin whose transition is meant. */
  pin: number;
  /** Input that caused it, for output pins. */
  related: number | undefined;
  rise: LookupTable | undefined;
  fall: LookupTable | undefined;
  when: BooleanExpression | undefined;
}

export interface Leakage {
  /** nW */
  value: number;
  when: BooleanExpression | undefined;
}

export interface Pin {
  name: string;
  output: boolean;
  isClock: boolean;
  /** Input capacitance in fF (0 for outputs). */
  capacitance: number;
  /** The same while the pin rises and falls; libraries may tell them apart. */
  riseCapacitance: number;
  fallCapacitance: number;
  /** fF; undefined when the library sets none. */
  maxCapacitance: number | undefined;
  /** ps */
  maxTransition: number | undefined;
}

/** Pin indices of a clock gate. */
export interface ClockGatePins {
  enable: number;
  clock: number;
  output: number;
}

export interface TimingCell {
  name: string;
  area: number;
  pins: readonly Pin[];
  pinIndex: ReadonlyMap<string, number>;
  /** Function, flip-flop, and why it cannot be used, as the netlist room reads them. */
  logic: Cell;
  arcs: readonly DelayArc[];
  constraints: readonly ConstraintArc[];
  power: readonly InternalPower[];
  leakage: readonly Leakage[];
  /** State-independent leakage in nW: the cell's own figure, or the mean of its states. */
  meanLeakage: number;
  /** Not for synthesis. */
  dontUse: boolean;
  /** Clock gates whose latch is open while the clock is low: their pins. */
  clockGate?: ClockGatePins | undefined;
}

/** Net capacitance by fan-out, interpolated and continued linearly. */
export interface WireLoad {
  name: string;
  /** fF a unit of length. */
  capacitance: number;
  /** Length a fan-out beyond the last entry. */
  slope: number;
  /** Rising fan-outs with their lengths. */
  lengths: readonly (readonly [fanout: number, length: number])[];
}

export interface TimingLibrary {
  name: string;
  /** Name in messages. */
  file: string;
  /** The liberty text, for the synthesis tool. */
  text: Uint8Array;
  /** SHA-256 of the text. */
  hash: string;
  voltage: number;
  /** Factors from the library's numbers to the units here. */
  units: LibertyUnits;
  /** What areas are counted in. Liberty has no attribute for it: µm² by custom, NAND2 in the neutral library. */
  areaUnit: string;
  cells: ReadonlyMap<string, TimingCell>;
  wireLoads: ReadonlyMap<string, WireLoad>;
  /** The library's default wire load, if it names one. */
  defaultWireLoad: WireLoad | undefined;
}

/** Capacitance in fF of the wire of a net. */
export function wireCapacitance(wire: WireLoad | undefined, fanout: number): number {
  if (wire === undefined || fanout === 0) return 0;
  const { lengths, slope, capacitance } = wire;
  const last = lengths.length - 1;
  if (last < 0) return capacitance * slope * fanout;
  let length: number;
  const [f0, l0] = lengths[0]!;
  if (fanout <= f0) length = f0 > 0 ? (l0 * fanout) / f0 : l0;
  else if (fanout >= lengths[last]![0]) length = lengths[last]![1] + slope * (fanout - lengths[last]![0]);
  else {
    let i = 0;
    while (lengths[i + 1]![0] < fanout) i++;
    const [fa, la] = lengths[i]!;
    const [fb, lb] = lengths[i + 1]!;
    length = la + ((lb - la) * (fanout - fa)) / (fb - fa);
  }
  return capacitance * length;
}

/** A cell by name. */
export function cellNamed(library: TimingLibrary, name: string): TimingCell | undefined {
  return library.cells.get(name);
}
