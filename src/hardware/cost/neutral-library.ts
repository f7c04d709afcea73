// The technology-neutral library as liberty text: areas in NAND2 equivalents, delays from logical effort, energies from
// the capacitances that switch. Refuses to stand for any process: only ratios between two circuits mean something.

import { parseBooleanExpression } from '../../netlist/boolean-expression.ts';
import { unateness } from './expression.ts';
import type { TimingLibrary } from './library.ts';
import { parseTimingLibrary } from './library-read.ts';
import { type NeutralGate, neutralFlipFlop, neutralGates } from './neutral-cells.ts';
import { area, loads, neutralModel, slews, text, values } from './neutral-model.ts';
import { clockGateText, flipFlopText } from './neutral-sequential.ts';

/** Name that stands for the library where a file is expected. */
export const neutralName = 'neutral';

const cached = new Map<boolean, TimingLibrary>();

/** The library, parsed once; with clock gates or without. */
export function neutralLibrary(clockGates = false): TimingLibrary {
  let library = cached.get(clockGates);
  if (library === undefined) {
    const text = Buffer.from(neutralLiberty(clockGates));
    library = { ...parseTimingLibrary(text, neutralName), areaUnit: 'NAND2' };
    cached.set(clockGates, library);
  }
  return library;
}

/** The liberty text. */
export function neutralLiberty(clockGates = false): string {
  const { voltage, wire } = neutralModel;
  const cells = [
    ...neutralGates.flatMap(gate => gate.drives.map(drive => gateText(gate, drive))),
    ...neutralFlipFlop.drives.map(flipFlopText),
    ...(clockGates ? [clockGateText(2)] : []),
  ];
  return `/* Technology-neutral cells: area 1 = NAND2, delays by logical effort. Only ratios mean something. */
library (neutral) {
  delay_model : table_lookup;
  time_unit : "1ps";
  capacitive_load_unit (1, ff);
  voltage_unit : "1V";
  current_unit : "1uA";
  leakage_power_unit : "1nW";
  pulling_resistance_unit : "1kohm";
  nom_process : 1;
  nom_temperature : 25;
  nom_voltage : ${voltage};
  input_threshold_pct_rise : 50;
  input_threshold_pct_fall : 50;
  output_threshold_pct_rise : 50;
  output_threshold_pct_fall : 50;
  slew_lower_threshold_pct_rise : 20;
  slew_lower_threshold_pct_fall : 20;
  slew_upper_threshold_pct_rise : 80;
  slew_upper_threshold_pct_fall : 80;
  default_max_transition : 400;
  default_wire_load : "sinks";
  wire_load (sinks) {
    capacitance : 1;
    resistance : 0;
    area : 0;
    slope : ${wire};
    fanout_length (1, ${wire});
    fanout_length (2, ${2 * wire});
  }
${loadTemplates()}
  lu_table_template (constraint) {
    variable_1 : constrained_pin_transition;
    variable_2 : related_pin_transition;
    index_1 ("1, 60, 400");
    index_2 ("1, 60, 400");
  }
  power_lut_template (passive) {
    variable_1 : input_transition_time;
    index_1 ("1, 400");
  }
${cells.join('\n')}
}
`;
}

/** One template a drive strength: the loads grow with it. */
function loadTemplates(): string {
  const drives = [...new Set([...neutralGates.flatMap(g => g.drives), ...neutralFlipFlop.drives])];
  const axes = (drive: number): string => `
    index_1 ("${slews.join(', ')}");
    index_2 ("${loads.map(x => x * drive).join(', ')}");`;
  return drives
    .sort((a, b) => a - b)
    .map(
      drive => `  lu_table_template (delay_x${drive}) {
    variable_1 : input_net_transition;
    variable_2 : total_output_net_capacitance;${axes(drive)}
  }
  power_lut_template (power_x${drive}) {
    variable_1 : input_transition_time;
    variable_2 : total_output_net_capacitance;${axes(drive)}
  }`,
    )
    .join('\n');
}

function gateText(gate: NeutralGate, drive: number): string {
  const { tau, capacitance, voltage, slewToDelay, slewToSlew, shortCircuit, leakage } = neutralModel;
  // the input stage of a cell of two stages is a quarter of the output stage, drive 1 at least
  const first = gate.inner === undefined ? drive : Math.max(1, drive / 4);
  const hidden = gate.inner === undefined ? 0 : gate.inner.parasitic + drive / first;
  const inner = gate.inner?.columns ?? 0;
  const columns = Math.ceil(inner * first) + (gate.columns - inner) * drive;
  const function_ = parseBooleanExpression(gate.function);
  const half = (voltage * voltage) / 2;
  const pins = gate.inputs
    .map(
      ([pin, effort]) => `    pin (${pin}) {
      direction : input;
      capacitance : ${text(effort * (gate.inverted?.includes(pin) === true ? 1 : first) * capacitance)};
    }`,
    )
    .join('\n');
  const arcs = gate.inputs.map(([pin]) => {
    const inverter = gate.inverted?.includes(pin) === true;
    const fixed = gate.parasitic + hidden + (inverter ? 1 + (4 / 3) * drive : 0);
    const delay = (s: number, l: number): number =>
      tau * (fixed + l / (drive * capacitance)) + slewToDelay * s;
    const slew = (s: number, l: number): number =>
      2 * tau * (gate.parasitic / 2 + l / (drive * capacitance)) + slewToSlew * s;
    // parasitics of the output stage, and both parasitics and load of what lies before it
    const inside =
      half *
      capacitance *
      (gate.parasitic * drive +
        (gate.inner === undefined ? 0 : gate.inner.parasitic * first + drive) +
        (inverter ? 1 + (4 / 3) * drive : 0));
    const energy = (s: number): number => inside + shortCircuit * s * first;
    const table = (name: string, at: (s: number, l: number) => number): string =>
      `        ${name} (${name.endsWith('power') ? 'power' : 'delay'}_x${drive}) {
          ${values(drive, at)}
        }`;
    return `      timing () {
        related_pin : "${pin}";
        timing_sense : ${unateness(function_, pin)};
${['cell_rise', 'cell_fall'].map(n => table(n, delay)).join('\n')}
${['rise_transition', 'fall_transition'].map(n => table(n, slew)).join('\n')}
      }
      internal_power () {
        related_pin : "${pin}";
${['rise_power', 'fall_power'].map(n => table(n, energy)).join('\n')}
      }`;
  });
  return `  cell (${gate.name}_X${drive}) {
    area : ${area(columns)};
    cell_leakage_power : ${text(leakage * columns)};
${pins}
    pin (Y) {
      direction : output;
      function : "${gate.function}";
      max_capacitance : ${text(16 * drive * capacitance)};
${arcs.join('\n')}
    }
  }`;
}
