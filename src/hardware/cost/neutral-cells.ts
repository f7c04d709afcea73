// The cells of the technology-neutral library, by logical effort (Sutherland, Sproull, Harris: "Logical Effort").
// Numbers a stage: g input capacitance over that of an inverter of equal drive, p parasitic delay over that of the inverter.
// Refuses to be any foundry's cells: areas count transistor columns, delays count tau.

/** A cell of one output, in every drive strength listed. */
export interface NeutralGate {
  name: string;
  /** Transistor columns at drive 1: pairs of gates side by side. */
  columns: number;
  function: string;
  /** Logical effort of each input of the output stage, or of the input stage of a cell of two stages. */
  inputs: readonly (readonly [pin: string, effort: number])[];
  /** Parasitic delay of the output stage. */
  parasitic: number;
  /** Cells of two stages: parasitic delay and columns of the stage that drives the output stage. */
  inner?: { parasitic: number; columns: number } | undefined;
  /** Pins that pass one inverter more than the others. */
  inverted?: readonly string[] | undefined;
  drives: readonly number[];
}

const third = 1 / 3;

export const neutralGates: readonly NeutralGate[] = [
  { name: 'INV', columns: 1, function: '!A', inputs: [['A', 1]], parasitic: 1, drives: [1, 2, 4, 8, 16] },
  {
    name: 'BUF',
    columns: 2,
    function: 'A',
    inputs: [['A', 1]],
    parasitic: 1,
    inner: { parasitic: 1, columns: 1 },
    drives: [2, 4, 8, 16],
  },
  nand(2, [1, 2, 4]),
  nand(3, [1, 2]),
  nand(4, [1, 2]),
  nor(2, [1, 2, 4]),
  nor(3, [1, 2]),
  nor(4, [1]),
  {
    name: 'NAND2B',
    columns: 3,
    function: '!(!A & B)',
    inputs: [
      ['A', 1],
      ['B', 4 * third],
    ],
    parasitic: 2,
    inverted: ['A'],
    drives: [1, 2],
  },
  {
    name: 'NOR2B',
    columns: 3,
    function: '!(!A | B)',
    inputs: [
      ['A', 1],
      ['B', 5 * third],
    ],
    parasitic: 2,
    inverted: ['A'],
    drives: [1, 2],
  },
  twoStage('AND2', 3, 'A & B', 4 * third, 2),
  twoStage('AND3', 4, 'A & B & C', 5 * third, 3),
  twoStage('OR2', 3, 'A | B', 5 * third, 2),
  twoStage('OR3', 4, 'A | B | C', 7 * third, 3),
  {
    name: 'AOI21',
    columns: 3,
    function: '!((A & B) | C)',
    inputs: [
      ['A', 2],
      ['B', 2],
      ['C', 5 * third],
    ],
    parasitic: 7 * third,
    drives: [1, 2],
  },
  {
    name: 'OAI21',
    columns: 3,
    function: '!((A | B) & C)',
    inputs: [
      ['A', 2],
      ['B', 2],
      ['C', 4 * third],
    ],
    parasitic: 7 * third,
    drives: [1, 2],
  },
  complex('AOI22', '!((A & B) | (C & D))', 4),
  complex('OAI22', '!((A | B) & (C | D))', 4),
  complex('AOI211', '!((A & B) | C | D)', 13 * third),
  complex('OAI211', '!((A | B) & C & D)', 11 * third),
  {
    name: 'XOR2',
    columns: 5,
    function: 'A ^ B',
    inputs: [
      ['A', 8 * third],
      ['B', 8 * third],
    ],
    parasitic: 7 * third,
    inner: { parasitic: 2, columns: 2 },
    drives: [1, 2],
  },
  {
    name: 'XNOR2',
    columns: 5,
    function: '!(A ^ B)',
    inputs: [
      ['A', 8 * third],
      ['B', 8 * third],
    ],
    parasitic: 7 * third,
    inner: { parasitic: 2, columns: 2 },
    drives: [1, 2],
  },
  {
    name: 'MUX2',
    columns: 6,
    function: '(!S & A) | (S & B)',
    inputs: [
      ['A', 4 * third],
      ['B', 4 * third],
      ['S', 2],
    ],
    parasitic: 1,
    inner: { parasitic: 3, columns: 5 },
    drives: [1, 2],
  },
];

/** The flip-flop: transmission gates, one clock buffer of its own, rising edge. */
export const neutralFlipFlop = {
  name: 'DFF',
  columns: 16,
  /** Clock to output, in tau, beyond the load of the output stage. */
  clockToOutput: 11,
  setup: 7,
  hold: 1,
  drives: [1, 2, 4],
} as const;

function letters(n: number): string[] {
  return ['A', 'B', 'C', 'D'].slice(0, n);
}

function nand(n: number, drives: readonly number[]): NeutralGate {
  const pins = letters(n);
  return {
    name: `NAND${n}`,
    columns: n,
    function: `!(${pins.join(' & ')})`,
    inputs: pins.map(p => [p, (n + 2) / 3] as const),
    parasitic: n,
    drives,
  };
}

function nor(n: number, drives: readonly number[]): NeutralGate {
  const pins = letters(n);
  return {
    name: `NOR${n}`,
    columns: n,
    function: `!(${pins.join(' | ')})`,
    inputs: pins.map(p => [p, (2 * n + 1) / 3] as const),
    parasitic: n,
    drives,
  };
}

function twoStage(name: string, columns: number, text: string, effort: number, inner: number): NeutralGate {
  const pins = letters(inner);
  return {
    name,
    columns,
    function: text,
    inputs: pins.map(p => [p, effort] as const),
    parasitic: 1,
    inner: { parasitic: inner, columns: inner },
    drives: [1, 2, 4],
  };
}

function complex(name: string, text: string, parasitic: number): NeutralGate {
  const pins = letters(4);
  return {
    name,
    columns: 4,
    function: text,
    inputs: pins.map(p => [p, 2] as const),
    parasitic,
    drives: [1, 2],
  };
}
