// The examples that ship with the package (assets/verify) and the verdicts they must get.
// Plain data. Refuses nothing: main.ts compares.

export type Expected = 'proved' | 'refuted';

export interface Example {
  /** Name of the row in tables. */
  name: string;
  /** Row of the reference's table of seeded bugs; 14 is the correct version of another row. */
  row?: number | undefined;
  /** File in assets/verify; for a generated unit, its name in the hardware room. */
  file: string;
  top: string;
  parameters: Readonly<Record<string, string | number | boolean>>;
  /** `file` names a unit that the hardware room generates. */
  generated?: boolean | undefined;
  /** Verdicts; properties that are not named are not checked. */
  expected: Readonly<Partial<Record<'P1' | 'P2' | 'P3' | 'P4' | 'P5', Expected>>>;
  /** The design is cut at its channels and proved module by module. */
  compositional?: boolean | undefined;
}

const good = { P1: 'proved', P2: 'proved' } as const;
const influenced = { P1: 'refuted', P2: 'proved' } as const;
const deadlocked = { P1: 'proved', P2: 'refuted' } as const;

/** A correct version and a buggy one of a row. */
function pair(row: number, top: string, buggy: Example['expected'], file = `${top}.sv`): Example[] {
  return [
    { name: `${top}, bug`, row, file, top, parameters: { BUG: 1 }, expected: buggy },
    { name: top, row: 14, file, top, parameters: {}, expected: good },
  ];
}

/** The 14 rows: 1 to 13 with their defect, 14 the correct version of each. */
export const referenceRows: readonly Example[] = [
  ...pair(1, 'accumulator', influenced),
  ...pair(2, 'crossbar', influenced),
  ...pair(2, 'crossbar_locked', { P1: 'refuted', P2: 'refuted' }),
  ...pair(3, 'scratchpad', influenced),
  ...pair(4, 'peek_stage', influenced),
  ...pair(5, 'mode_register', influenced),
  {
    name: 'garbage_latch',
    row: 6,
    file: 'garbage_latch.sv',
    top: 'garbage_latch',
    parameters: {},
    expected: good,
  },
  {
    name: 'garbage_latch, tidy',
    row: 14,
    file: 'garbage_latch.sv',
    top: 'garbage_latch',
    parameters: { CAPTURE_ALWAYS: 0 },
    expected: good,
  },
  ...pair(7, 'ordered_join', deadlocked),
  {
    name: 'fork_join, one slot too shallow',
    row: 8,
    file: 'fork_join.sv',
    top: 'fork_join',
    parameters: { GROUP: 4, DEPTH: 3 },
    expected: deadlocked,
  },
  {
    name: 'fork_join',
    row: 14,
    file: 'fork_join.sv',
    top: 'fork_join',
    parameters: { GROUP: 4, DEPTH: 4 },
    expected: good,
  },
  ...pair(9, 'request_response', deadlocked),
  ...pair(10, 'buffered_port', deadlocked),
  ...pair(11, 'credit_loop', deadlocked),
  ...pair(12, 'handshake', deadlocked),
  ...pair(13, 'stall_loop', deadlocked, 'stall_pipeline.sv'),
  {
    name: 'stall_pipeline alone, stall mode',
    row: 13,
    file: 'stall_pipeline.sv',
    top: 'stall_pipeline',
    parameters: { BUG: 1 },
    expected: good,
  },
];

const moves = { P1: 'proved', P2: 'proved', P5: 'proved' } as const;

function fifo(depth: number, width: number): Example {
  return {
    name: `fifo ${depth} x ${width}`,
    file: 'fifo.sv',
    top: 'fifo',
    parameters: { DEPTH: depth, W: width },
    expected: { P5: 'proved' },
  };
}

function skid(stages: number, bug = 0): Example {
  const outcome: Record<number, Example['expected']> = {
    0: moves,
    1: { P1: 'proved', P5: 'refuted' },
    2: { P1: 'proved', P5: 'refuted' },
    3: { P1: 'proved', P5: 'refuted' },
    4: { P1: 'proved', P2: 'refuted', P5: 'proved' },
    5: { P1: 'refuted', P5: 'refuted' },
  };
  return {
    name: `skid pipeline of ${stages}${bug === 0 ? '' : `, bug ${bug}`}`,
    file: 'skid_pipeline.sv',
    top: 'skid_pipeline',
    parameters: { STAGES: stages, W: 8, BUG: bug },
    expected: outcome[bug]!,
    compositional: stages > 4,
  };
}

function axis(
  top: string,
  parameters: Record<string, number>,
  expected: Example['expected'],
  file = `${top}.v`,
): Example {
  const set = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return { name: `${top}${set.length > 0 ? ` ${set.join(' ')}` : ''}`, file, top, parameters, expected };
}

/** FIFOs, skid-buffer pipelines, credit links, arbiters and AXI-stream blocks. */
const streamBlocks: readonly Example[] = [
  { ...fifo(4, 4), name: 'fifo 4 x 4, all', expected: moves },
  fifo(16, 8),
  fifo(64, 32),
  ...[1, 2, 3].map(
    (bug): Example => ({
      ...fifo(6, 8),
      name: `fifo 6 x 8, bug ${bug}`,
      parameters: { DEPTH: 6, W: 8, BUG: bug },
      expected: { P5: 'refuted' },
    }),
  ),
  {
    ...fifo(4, 4),
    name: 'fifo 4 x 4, bug 4',
    parameters: { DEPTH: 4, W: 4, BUG: 4 },
    expected: { P2: 'refuted', P5: 'proved' },
  },
  skid(2),
  ...[1, 2, 3, 4, 5].map(bug => skid(2, bug)),
  ...[4, 8, 16, 32].map(stages => skid(stages)),
  ...[1, 2, 3, 4, 5].map(bug => skid(16, bug)),
  {
    name: 'fork_join of 8, one slot too shallow',
    file: 'fork_join.sv',
    top: 'fork_join',
    parameters: { W: 1, GROUP: 8, DEPTH: 7 },
    expected: { P2: 'refuted' },
  },
  {
    name: 'fork_join of 8',
    file: 'fork_join.sv',
    top: 'fork_join',
    parameters: { W: 1, GROUP: 8, DEPTH: 8 },
    expected: { P2: 'proved' },
  },
  {
    name: 'credit_link',
    file: 'credit_link.sv',
    top: 'credit_link',
    parameters: { SLOTS: 3 },
    expected: moves,
  },
  {
    name: 'credit_link, bug 1',
    file: 'credit_link.sv',
    top: 'credit_link',
    parameters: { SLOTS: 3, BUG: 1 },
    expected: { P2: 'refuted', P5: 'proved' },
  },
  {
    name: 'credit_link, bug 2',
    file: 'credit_link.sv',
    top: 'credit_link',
    parameters: { SLOTS: 3, BUG: 2 },
    expected: { P5: 'refuted' },
  },
  { name: 'arbiter', file: 'arbiter.sv', top: 'arbiter', parameters: {}, expected: moves },
  {
    name: 'arbiter, bug 1',
    file: 'arbiter.sv',
    top: 'arbiter',
    parameters: { BUG: 1 },
    expected: { P1: 'refuted' },
  },
  {
    name: 'arbiter, bug 2',
    file: 'arbiter.sv',
    top: 'arbiter',
    parameters: { BUG: 2 },
    expected: { P1: 'proved', P2: 'refuted' },
  },
  {
    name: 'arbiter, bug 3',
    file: 'arbiter.sv',
    top: 'arbiter',
    parameters: { BUG: 3 },
    expected: { P1: 'proved', P5: 'refuted' },
  },
  axis('axis_register', { DATA_WIDTH: 16 }, { ...moves, P4: 'proved' }),
  axis('axis_register', { DATA_WIDTH: 16, REG_TYPE: 1 }, { ...moves, P4: 'proved' }),
  axis('axis_register', { DATA_WIDTH: 16, REG_TYPE: 0 }, { ...moves, P4: 'proved' }),
  axis('axis_register', { DATA_WIDTH: 16, BUG: 1 }, { P1: 'refuted', P5: 'refuted' }),
  axis('axis_fifo_async_reset', { ADDR_WIDTH: 2 }, { ...moves, P4: 'proved' }),
  axis('axis_fifo_async_reset', { ADDR_WIDTH: 2, BUG: 1 }, { P1: 'proved', P2: 'refuted' }),
  axis('axis_adapter_up', {}, good, 'axis_adapter.v'),
  axis('axis_adapter_up', { BUG: 1 }, { P1: 'refuted' }, 'axis_adapter.v'),
  axis('axis_adapter_down', {}, good, 'axis_adapter.v'),
  axis('axis_adapter_down', { BUG: 1 }, { P1: 'proved', P2: 'refuted' }, 'axis_adapter.v'),
  axis('axis_mux', {}, { ...moves, P4: 'proved' }),
  axis('axis_mux', { BUG: 1 }, { P1: 'refuted' }),
];

function unit(name: string, parameters: Example['parameters']): Example {
  return {
    name: `unit ${name}`,
    file: name,
    top: name,
    parameters,
    generated: true,
    expected: { P1: 'proved', P2: 'proved', P4: 'proved' },
  };
}

/** Every unit the hardware room generates, in small: control does not depend on how many lanes there are. */
export const generatedUnits: readonly Example[] = [
  unit('vector-mac', { vector: 2, depth: 4 }),
  unit('ppu', { vector: 2, inputBits: 14, multiplierBits: 4 }),
  unit('lns-mac', { lanes: 2, accumulator: 16 }),
  unit('lns-convert', {}),
  unit('fp-mac', { lanes: 2, format: 'fp8e4m3' }),
  unit('sparsity-detector', { lanes: 2, bits: 2 }),
  unit('label-table', { addressBits: 2 }),
  unit('channel-walk', { width: 2, indexBits: 2, addressBits: 4 }),
  unit('softermax-unnormed', { vector: 2 }),
  unit('softermax-normal', { vector: 2 }),
  unit('softmax-unnormed-fp16', { vector: 2 }),
  unit('softmax-normal-fp16', { vector: 2 }),
];

export const examples: readonly Example[] = [...referenceRows, ...streamBlocks, ...generatedUnits];
