// The cells of the technology-neutral library that hold a bit, as liberty text: the flip-flop and the clock gate.
// Refuses levels of drive: the caller says which are made.

import { neutralFlipFlop } from './neutral-cells.ts';
import { area, neutralModel, text, values } from './neutral-model.ts';

type Surface = (slew: number, load: number) => number;

/** Delays and slews of both edges. */
function delayTables(drive: number, delay: Surface, slew: Surface): string {
  const table = (kind: string, at: Surface): string =>
    `        ${kind} (delay_x${drive}) {
          ${values(drive, at)}
        }`;
  return [
    ...['cell_rise', 'cell_fall'].map(kind => table(kind, delay)),
    ...['rise_transition', 'fall_transition'].map(kind => table(kind, slew)),
  ].join('\n');
}

/** A setup or hold time of both edges, ps at no slew. */
function constraints(time: number): string {
  const row = [1, 60, 400].map(
    data => `"${[1, 60, 400].map(() => text(time + neutralModel.slewToDelay * data)).join(', ')}"`,
  );
  return ['rise_constraint', 'fall_constraint']
    .map(
      kind => `        ${kind} (constraint) {
          values (${row.join(', ')});
        }`,
    )
    .join('\n');
}

/** Energy of a pin for both edges, fJ at no slew. */
function power(energy: number): string {
  const { shortCircuit } = neutralModel;
  return ['rise_power', 'fall_power']
    .map(
      kind => `        ${kind} (passive) {
          values ("${text(energy + shortCircuit)}, ${text(energy + shortCircuit * 400)}");
        }`,
    )
    .join('\n');
}

/** Of a pin that is sampled at the rising clock: setup, hold, and the energy of its transitions inside. */
function sampledPinText(): string {
  const { tau, capacitance, voltage } = neutralModel;
  const { setup, hold } = neutralFlipFlop;
  return `      timing () {
        related_pin : "CK";
        timing_type : setup_rising;
${constraints(tau * setup)}
      }
      timing () {
        related_pin : "CK";
        timing_type : hold_rising;
${constraints(tau * hold)}
      }
      internal_power () {
${power(voltage * voltage * capacitance)}
      }`;
}

/** Slew of an output that drives `l`, whatever the slew at the input. */
function outputSlew(drive: number): (inputSlew: number, l: number) => number {
  const { tau, capacitance } = neutralModel;
  return (_, l) => 2 * tau * (1 / 2 + l / (drive * capacitance));
}

export function flipFlopText(drive: number): string {
  const { tau, capacitance, voltage, slewToDelay, leakage } = neutralModel;
  const { name, columns, clockToOutput } = neutralFlipFlop;
  const total = columns + (drive - 1);
  const half = (voltage * voltage) / 2;
  const delay = (s: number, l: number): number =>
    tau * (clockToOutput + l / (drive * capacitance)) + slewToDelay * s;
  const slew = outputSlew(drive);
  return `  cell (${name}_X${drive}) {
    area : ${area(total)};
    cell_leakage_power : ${text(leakage * total)};
    ff (IQ, IQN) {
      next_state : "D";
      clocked_on : "CK";
    }
    pin (D) {
      direction : input;
      capacitance : ${text(capacitance)};
${sampledPinText()}
    }
    pin (CK) {
      direction : input;
      clock : true;
      capacitance : ${text(capacitance)};
      internal_power () {
${power(half * 6 * capacitance)}
      }
    }
    pin (Q) {
      direction : output;
      function : "IQ";
      max_capacitance : ${text(16 * drive * capacitance)};
      timing () {
        related_pin : "CK";
        timing_type : rising_edge;
        timing_sense : non_unate;
${delayTables(drive, delay, slew)}
      }
      internal_power () {
        related_pin : "CK";
        rise_power (passive) {
          values ("${text(half * capacitance * (7 + drive))}, ${text(half * capacitance * (7 + drive))}");
        }
        fall_power (passive) {
          values ("${text(half * capacitance * (7 + drive))}, ${text(half * capacitance * (7 + drive))}");
        }
      }
    }
  }`;
}

/** A latch, open while the clock is low, and an AND of its output with the clock: half a flip-flop, a NAND and an inverter. */
export function clockGateText(drive: number): string {
  const { tau, capacitance, voltage, slewToDelay, leakage } = neutralModel;
  const columns = neutralFlipFlop.columns / 2 + 2 + drive;
  const half = (voltage * voltage) / 2;
  const delay = (s: number, l: number): number =>
    tau * (2 + drive + 1 + l / (drive * capacitance)) + slewToDelay * s;
  const slew = outputSlew(drive);
  return `  cell (CLKGATE_X${drive}) {
    area : ${area(columns)};
    clock_gating_integrated_cell : "latch_posedge";
    dont_use : true;
    cell_leakage_power : ${text(leakage * columns)};
    statetable ("CK EN", "IQ") {
      table : "L L : - : L, L H : - : H, H - : - : N";
    }
    pin (EN) {
      direction : input;
      clock_gate_enable_pin : true;
      capacitance : ${text(capacitance)};
${sampledPinText()}
    }
    pin (CK) {
      direction : input;
      clock : true;
      clock_gate_clock_pin : true;
      capacitance : ${text((1 + 4 / 3) * capacitance)};
      internal_power () {
${power(half * 3 * capacitance)}
      }
    }
    pin (GCK) {
      direction : output;
      clock_gate_out_pin : true;
      state_function : "CK * IQ";
      max_capacitance : ${text(16 * drive * capacitance)};
      timing () {
        related_pin : "CK";
        timing_sense : positive_unate;
${delayTables(drive, delay, slew)}
      }
      internal_power () {
        related_pin : "CK";
${power(half * capacitance * (2 + drive + drive))}
      }
    }
  }`;
}
