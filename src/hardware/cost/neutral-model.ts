// The constants of the technology-neutral model, and numbers and tables as its liberty text has them.
// Refuses to know a cell.

/**
 * The constants of the model. tau is the delay of an inverter driving one of its kind without parasitics; an inverter
 * that drives four of its kind takes about 5 tau plus its slew term: 20 ps.
 */
export const neutralModel = {
  /** ps */
  tau: 3.2,
  /** Input capacitance of the inverter of drive 1, fF. */
  capacitance: 1,
  voltage: 1,
  /** Share of the input slew that adds to the delay. */
  slewToDelay: 0.12,
  /** Share of the input slew that adds to the output slew. */
  slewToSlew: 0.1,
  /** Short-circuit energy, fJ a ps of input slew and unit of drive. */
  shortCircuit: 0.003,
  /** nW a transistor column and unit of drive. */
  leakage: 0.5,
  /** Wire of a net: fF a sink. */
  wire: 0.5,
} as const;

/** Input slews of every table, ps. */
export const slews = [1, 10, 25, 60, 150, 400];
/** Loads of every table, fF a unit of drive. */
export const loads = [0, 1, 2, 4, 8, 16];

/** The values of a table over input slew and load of a cell of this drive. */
export function values(drive: number, at: (slew: number, load: number) => number): string {
  const rows = slews.map(s => `"${loads.map(l => text(at(s, l * drive))).join(', ')}"`);
  return `values ( \\\n            ${rows.join(', \\\n            ')});`;
}

/** A number as liberty text has it. */
export function text(x: number): string {
  return String(Number(x.toFixed(5)));
}

/** (columns of all fingers + one diffusion break) / 3, so that NAND2 is 1. */
export function area(columns: number): number {
  return Number(((columns + 1) / 3).toFixed(4));
}
