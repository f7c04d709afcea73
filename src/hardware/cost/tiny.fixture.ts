// A library and a netlist small enough to compute by hand: every table is linear, every number round.
// delay(INV) = 10 + 2·load + 0.1·slew, slew(INV) = 5 + load; NAND2 rises in 20 + 3·load, falls in 12 + 2·load.

import type { TimingLibrary } from './library.ts';
import { parseTimingLibrary } from './library-read.ts';

const axes = 'index_1 ("0, 100"); index_2 ("0, 10");';
/** c + s·slew + l·load on a grid of slews 0, 100 and loads 0, 10. */
function linear(name: string, c: number, s: number, l: number): string {
  const row = (slew: number): string => `"${c + s * slew}, ${c + s * slew + 10 * l}"`;
  return `${name} (grid) { ${axes} values (${row(0)}, ${row(100)}); }`;
}

function gate(name: string, pins: string[], f: string, area: number, rise: number[], fall: number[]): string {
  return `cell (${name}) { area : ${area}; cell_leakage_power : 3;
    ${pins.map(p => `pin (${p}) { direction : input; capacitance : 2; }`).join('\n')}
    pin (Y) { direction : output; function : "${f}"; max_capacitance : 50;
      ${pins
        .map(
          p => `timing () { related_pin : "${p}"; timing_sense : negative_unate;
        ${linear('cell_rise', rise[0]!, 0.1, rise[1]!)} ${linear('cell_fall', fall[0]!, 0.1, fall[1]!)}
        ${linear('rise_transition', 5, 0, 1)} ${linear('fall_transition', 5, 0, 1)} }
      internal_power () { related_pin : "${p}"; rise_power (scalar) { values ("4"); } fall_power (scalar) { values ("2"); } }`,
        )
        .join('\n')} } }`;
}

export const tinyLiberty = `library (tiny) {
  delay_model : table_lookup; time_unit : "1ps"; capacitive_load_unit (1, ff); voltage_unit : "1V";
  leakage_power_unit : "1nW"; nom_voltage : 2;
  lu_table_template (grid) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance; index_1 ("0, 1"); index_2 ("0, 1"); }
  lu_table_template (check) { variable_1 : constrained_pin_transition; variable_2 : related_pin_transition; index_1 ("0, 100"); index_2 ("0, 100"); }
  wire_load (w) { capacitance : 1; slope : 1; fanout_length (1, 1); fanout_length (2, 3); }
  ${gate('INV', ['A'], '!A', 2, [10, 2], [10, 2])}
  ${gate('NAND2', ['A', 'B'], '!(A & B)', 3, [20, 3], [12, 2])}
  cell (DFF) { area : 10; cell_leakage_power : 5; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; capacitance : 1;
      timing () { related_pin : "CK"; timing_type : setup_rising;
        rise_constraint (check) { values ("30, 30", "40, 40"); } fall_constraint (check) { values ("30, 30", "40, 40"); } } }
    pin (CK) { direction : input; clock : true; capacitance : 1.5;
      internal_power () { rise_power (scalar) { values ("7"); } fall_power (scalar) { values ("5"); } } }
    pin (Q) { direction : output; function : "IQ";
      timing () { related_pin : "CK"; timing_type : rising_edge;
        ${linear('cell_rise', 50, 0, 1)} ${linear('cell_fall', 40, 0, 1)}
        ${linear('rise_transition', 6, 0, 1)} ${linear('fall_transition', 6, 0, 1)} }
      internal_power () { related_pin : "CK"; rise_power (scalar) { values ("8"); } fall_power (scalar) { values ("10"); } } } }
}`;

export function tinyLibrary(): TimingLibrary {
  return parseTimingLibrary(Buffer.from(tinyLiberty), 'tiny.lib');
}

/** q <= !(a & q); y = !q */
export const tinyNetlist = JSON.stringify({
  modules: {
    top: {
      attributes: { top: '1' },
      ports: {
        clk: { direction: 'input', bits: [2] },
        a: { direction: 'input', bits: [3] },
        y: { direction: 'output', bits: [4] },
      },
      cells: {
        g: { type: 'NAND2', connections: { A: [3], B: [5], Y: [6] } },
        r: { type: 'DFF', connections: { D: [6], CK: [2], Q: [5] } },
        i: { type: 'INV', connections: { A: [5], Y: [4] } },
      },
      netnames: {
        a: { bits: [3] },
        y: { bits: [4] },
        clk: { bits: [2] },
        q: { bits: [5] },
        d: { bits: [6] },
      },
    },
  },
});
