// Liberty text to a TimingLibrary: units, templates, pins, timing, power, wire loads.
// Refuses delay models other than lookup tables, tables that do not fit their axes, and pins or units it cannot read.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InputError } from '../../core/errors.ts';
import { type BooleanExpression, parseBooleanExpression } from '../../netlist/boolean-expression.ts';
import { type Cell, libertyCells } from '../../netlist/cell-library.ts';
import { type LibertyGroup, libertyGroups, libertyValue, readLiberty } from '../../netlist/liberty.ts';
import type {
  ConstraintArc,
  DelayArc,
  InternalPower,
  Leakage,
  Pin,
  TimingCell,
  TimingLibrary,
  WireLoad,
} from './library.ts';
import { fail, type LibertyUnits, number, optionalNumber, readUnits } from './library-units.ts';
import type { LookupTable } from './lookup-table.ts';
import { TableReader } from './table-read.ts';

/** Reads a library file. @throws InputError with file and line */
export function readTimingLibrary(path: string): TimingLibrary {
  let text: Uint8Array;
  try {
    text = readFileSync(path);
  } catch (error) {
    throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file: path });
  }
  return parseTimingLibrary(text, path);
}

/** Reads a library from its text. @throws InputError with file and line */
export function parseTimingLibrary(text: Uint8Array, file: string): TimingLibrary {
  const group = readLiberty({ bytes: text, file });
  if (group.kind !== 'library') fail(`the outermost group is '${group.kind}'`, group, file, 'library');
  const model = libertyValue(group, 'delay_model');
  if (model !== undefined && model !== 'table_lookup') {
    fail(`delay model '${model}'`, group, file, 'table_lookup');
  }
  const units = readUnits(group, file);
  const logic = libertyCells(group, file);
  const tables = new TableReader(group, file);
  const cells = new Map<string, TimingCell>();
  for (const cell of libertyGroups(group, 'cell')) {
    const name = cell.arguments[0]!;
    cells.set(name, readCell(cell, logic.get(name)!, { group, file, units, tables }));
  }
  if (cells.size === 0) fail('no cells', group, file, 'at least one cell group');
  const wireLoads = new Map<string, WireLoad>();
  for (const wire of libertyGroups(group, 'wire_load')) {
    const read = readWireLoad(wire, units, file);
    wireLoads.set(read.name, read);
  }
  return {
    name: group.arguments[0] ?? 'library',
    file,
    text,
    hash: createHash('sha256').update(text).digest('hex'),
    voltage: readVoltage(group, units, file),
    units,
    areaUnit: 'µm²',
    cells,
    wireLoads,
    defaultWireLoad: wireLoads.get(libertyValue(group, 'default_wire_load') ?? ''),
  };
}

interface Reading {
  group: LibertyGroup;
  file: string;
  units: LibertyUnits;
  tables: TableReader;
}

/** Operating voltage: of the default operating conditions, else the nominal one, else 1. */
function readVoltage(library: LibertyGroup, units: LibertyUnits, file: string): number {
  const name = libertyValue(library, 'default_operating_conditions');
  const conditions = libertyGroups(library, 'operating_conditions').find(x => x.arguments[0] === name);
  const own = conditions === undefined ? undefined : optionalNumber(conditions, 'voltage', file);
  const value = (own ?? optionalNumber(library, 'nom_voltage', file) ?? 1) * units.voltage;
  if (!(value > 0)) fail(`voltage ${value}`, library, file, 'a positive voltage');
  return value;
}

function readWireLoad(group: LibertyGroup, units: LibertyUnits, file: string): WireLoad {
  const lengths: [number, number][] = [];
  const once = group.attributes.get('fanout_length');
  for (const entry of group.repeated?.get('fanout_length') ?? (once === undefined ? [] : [once])) {
    const [fanout, length] = entry.map(Number);
    if (!Number.isFinite(fanout) || !Number.isFinite(length)) {
      fail('malformed fanout_length', group, file, 'two numbers');
    }
    lengths.push([fanout!, length!]);
  }
  lengths.sort((a, b) => a[0] - b[0]);
  return {
    name: group.arguments[0] ?? '',
    capacitance: number(group, 'capacitance', file) * units.capacitance,
    slope: optionalNumber(group, 'slope', file) ?? 0,
    lengths: lengths.filter(([f], i) => i === 0 || f > lengths[i - 1]![0]),
  };
}

function readCell(group: LibertyGroup, logic: Cell, reading: Reading): TimingCell {
  const { file, units } = reading;
  const name = logic.name;
  const groups = [
    ...libertyGroups(group, 'pin'),
    ...[...libertyGroups(group, 'bus'), ...libertyGroups(group, 'bundle')].flatMap(x =>
      libertyGroups(x, 'pin'),
    ),
  ].flatMap(pin => pin.arguments.map(pinName => ({ pin, pinName })));
  const pins: Pin[] = groups.map(({ pin, pinName }) => readPin(pin, pinName, reading));
  const pinIndex = new Map(pins.map((p, i) => [p.name, i]));
  if (pinIndex.size < pins.length) fail(`cell '${name}' has a pin twice`, group, file);
  const area = optionalNumber(group, 'area', file) ?? 0;
  if (area < 0) fail(`cell '${name}' has area ${area}`, group, file, 'zero or more');
  const related = (owner: LibertyGroup): number[] => {
    const text = libertyValue(owner, 'related_pin') ?? libertyValue(owner, 'related_bus_pins');
    return (text ?? '').split(/[\s,]+/).flatMap(word => {
      if (word === '') return [];
      const index = pinIndex.get(word);
      if (index === undefined)
        fail(`cell '${name}' has no pin '${word}' (related_pin)`, owner, file, `one of its pins`);
      return [index!];
    });
  };
  const arcs: DelayArc[] = [];
  const constraints: ConstraintArc[] = [];
  const power: InternalPower[] = [];
  groups.forEach(({ pin }, index) => {
    for (const timing of libertyGroups(pin, 'timing')) {
      for (const from of related(timing)) readTiming(timing, from, index, name, reading, arcs, constraints);
    }
    for (const internal of libertyGroups(pin, 'internal_power')) {
      const { rise, fall } = readPower(internal, name, reading);
      const causes = pins[index]!.output ? related(internal) : [];
      const when = readWhen(internal, file);
      for (const cause of causes.length === 0 ? [undefined] : causes)
        power.push({ pin: index, related: cause, rise, fall, when });
    }
  });
  const leakage: Leakage[] = [];
  for (const entry of libertyGroups(group, 'leakage_power')) {
    const value = optionalNumber(entry, 'value', file);
    if (value === undefined) continue;
    leakage.push({ value: value * units.leakage, when: readWhen(entry, file) });
  }
  const own = optionalNumber(group, 'cell_leakage_power', file);
  const fallback = optionalNumber(reading.group, 'default_cell_leakage_power', file) ?? 0;
  const states = leakage.filter(x => x.when !== undefined);
  const mean =
    states.length > 0
      ? states.reduce((sum, x) => sum + x.value, 0) / states.length
      : (leakage[0]?.value ?? fallback * units.leakage);
  return {
    name,
    area,
    pins,
    pinIndex,
    logic,
    arcs,
    constraints,
    power,
    leakage,
    meanLeakage: own === undefined ? mean : own * units.leakage,
    dontUse: libertyValue(group, 'dont_use') === 'true',
    clockGate: clockGatePins(group, groups),
  };
}

/** Only the plain kind: one enable, no test pins. */
function clockGatePins(
  group: LibertyGroup,
  pins: readonly { pin: LibertyGroup; pinName: string }[],
): TimingCell['clockGate'] {
  if (libertyValue(group, 'clock_gating_integrated_cell') !== 'latch_posedge') return undefined;
  const place = (attribute: string): number =>
    pins.findIndex(({ pin }) => libertyValue(pin, attribute) === 'true');
  const enable = place('clock_gate_enable_pin');
  const clock = place('clock_gate_clock_pin');
  const output = place('clock_gate_out_pin');
  return enable < 0 || clock < 0 || output < 0 ? undefined : { enable, clock, output };
}

function readPin(group: LibertyGroup, name: string, { group: library, file, units }: Reading): Pin {
  const direction = libertyValue(group, 'direction') ?? 'input';
  const output = direction !== 'input';
  const own = optionalNumber(group, 'capacitance', file);
  const rise = optionalNumber(group, 'rise_capacitance', file);
  const fall = optionalNumber(group, 'fall_capacitance', file);
  const both = rise !== undefined && fall !== undefined ? Math.max(rise, fall) : (rise ?? fall);
  const standard = optionalNumber(library, 'default_input_pin_cap', file) ?? 0;
  const factor = direction === 'output' ? 0 : units.capacitance;
  const capacitance = (own ?? both ?? standard) * factor;
  const riseCapacitance = (rise ?? own ?? both ?? standard) * factor;
  const fallCapacitance = (fall ?? own ?? both ?? standard) * factor;
  for (const value of [capacitance, riseCapacitance, fallCapacitance]) {
    if (value < 0) fail(`pin '${name}' has capacitance ${value}`, group, file, 'zero or more');
  }
  const maxCapacitance =
    optionalNumber(group, 'max_capacitance', file) ??
    (output ? optionalNumber(library, 'default_max_capacitance', file) : undefined);
  const maxTransition =
    optionalNumber(group, 'max_transition', file) ?? optionalNumber(library, 'default_max_transition', file);
  return {
    name,
    output,
    isClock: libertyValue(group, 'clock') === 'true',
    capacitance,
    riseCapacitance,
    fallCapacitance,
    maxCapacitance: maxCapacitance === undefined ? undefined : maxCapacitance * units.capacitance,
    maxTransition: maxTransition === undefined ? undefined : maxTransition * units.time,
  };
}

function readTiming(
  timing: LibertyGroup,
  from: number,
  to: number,
  cell: string,
  { file, units, tables }: Reading,
  arcs: DelayArc[],
  constraints: ConstraintArc[],
): void {
  const type = libertyValue(timing, 'timing_type') ?? 'combinational';
  const table = (name: string): LookupTable | undefined => tables.read(timing, name, cell, units.time);
  const constraint = /^(setup|hold)_(rising|falling)$/.exec(type);
  if (constraint !== null) {
    constraints.push({
      kind: constraint[1] as 'setup' | 'hold',
      data: to,
      clock: from,
      rising: constraint[2] === 'rising',
      rise: table('rise_constraint'),
      fall: table('fall_constraint'),
    });
    return;
  }
  const kinds: Record<string, DelayArc['kind']> = {
    combinational: 'combinational',
    combinational_rise: 'combinational',
    combinational_fall: 'combinational',
    rising_edge: 'edge',
    falling_edge: 'edge',
    clear: 'clear',
    preset: 'preset',
  };
  const kind = Object.hasOwn(kinds, type) ? kinds[type]! : undefined;
  // recovery, removal, pulse widths, three-state and non-sequential checks have no part in the paths analysed here
  if (kind === undefined) return;
  const senses: Record<string, DelayArc['sense']> = {
    positive_unate: 'positive',
    negative_unate: 'negative',
    non_unate: 'none',
  };
  const senseText = libertyValue(timing, 'timing_sense') ?? 'non_unate';
  const sense = Object.hasOwn(senses, senseText) ? senses[senseText]! : undefined;
  if (sense === undefined) {
    fail(
      `cell '${cell}' has timing_sense '${senseText}'`,
      timing,
      file,
      'positive_unate, negative_unate or non_unate',
    );
  }
  const arc: DelayArc = {
    from,
    to,
    sense: sense!,
    kind,
    rising: type !== 'falling_edge',
    cellRise: type === 'combinational_fall' ? undefined : table('cell_rise'),
    cellFall: type === 'combinational_rise' ? undefined : table('cell_fall'),
    riseTransition: table('rise_transition'),
    fallTransition: table('fall_transition'),
    when: readWhen(timing, file),
  };
  if (arc.cellRise !== undefined && arc.riseTransition === undefined) {
    fail(`cell '${cell}' has cell_rise without rise_transition`, timing, file, 'both tables');
  }
  if (arc.cellFall !== undefined && arc.fallTransition === undefined) {
    fail(`cell '${cell}' has cell_fall without fall_transition`, timing, file, 'both tables');
  }
  if (arc.cellRise !== undefined || arc.cellFall !== undefined) arcs.push(arc);
}

/** Tables of an internal_power group: a `power` table stands for both directions. */
function readPower(
  group: LibertyGroup,
  cell: string,
  { units, tables }: Reading,
): Pick<InternalPower, 'rise' | 'fall'> {
  const both = tables.read(group, 'power', cell, units.energy);
  return {
    rise: tables.read(group, 'rise_power', cell, units.energy) ?? both,
    fall: tables.read(group, 'fall_power', cell, units.energy) ?? both,
  };
}

function readWhen(group: LibertyGroup, file: string): BooleanExpression | undefined {
  const text = libertyValue(group, 'when');
  return text === undefined || text.trim() === ''
    ? undefined
    : parseBooleanExpression(text, { file, line: group.line });
}
