// The table of commands: name, summary for --help, and the module loaded only when the command runs.
// A name of two words is a subcommand of a group. One line a command, kept in the order --help shows.

import type { CommandSpec } from './context.ts';

export interface CommandEntry {
  name: string;
  summary: string;
  load(): Promise<{ command: CommandSpec }>;
  /**
   * Works in one piece, or in few long ones, in which no signal could be told: Ctrl-C then ends the process at once, as the system does it. Files
   * have their names only when they are whole.
   */
  synchronous?: true;
}

export const groups: Record<string, string> = {
  netlist: 'read, write, generate and simulate gate netlists',
  reason: 'find adders and multipliers in gate netlists',
};

export const commands: CommandEntry[] = [
  {
    name: 'demo',
    summary: 'quantize a real network and compare schemes',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'quantize',
    summary: 'quantize an ONNX model',
    load: () => import('./commands/quantize.ts'),
  },
  {
    name: 'evaluate',
    summary: 'score a model, or compare it with a reference',
    load: () => import('./commands/evaluate.ts'),
  },
  {
    name: 'sensitivity',
    summary: 'rank layers by what a format does to the output',
    load: () => import('./commands/sensitivity.ts'),
  },
  {
    name: 'inspect',
    summary: 'show what an ONNX model holds and what can be quantized',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'format',
    summary: 'explain a number format',
    load: () => import('./commands/format.ts'),
    synchronous: true,
  },
  {
    name: 'rtl',
    summary: 'generate the RTL of a unit for a number format',
    load: () => import('./commands/rtl.ts'),
    synchronous: true,
  },
  {
    name: 'equivalence',
    summary: 'check the RTL of a unit against its golden model',
    load: () => import('./commands/equivalence.ts'),
  },
  {
    name: 'cost',
    summary: 'area, timing and energy of a unit against a baseline',
    load: () => import('./commands/cost.ts'),
  },
  {
    name: 'verify',
    summary: 'prove latency-insensitive RTL: no use of invalid data, no deadlock',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'netlist generate',
    summary: 'generate an adder or multiplier',
    load: () => import('./commands/netlist-generate.ts'),
    synchronous: true,
  },
  {
    name: 'netlist convert',
    summary: 'convert a netlist from one format to another',
    load: () => import('./commands/netlist-convert.ts'),
    synchronous: true,
  },
  {
    name: 'netlist stats',
    summary: 'count what a netlist holds',
    load: () => import('./commands/netlist-stats.ts'),
    synchronous: true,
  },
  {
    name: 'netlist simulate',
    summary: 'simulate random traces or given vectors of a netlist',
    load: () => import('./commands/netlist-simulate.ts'),
    synchronous: true,
  },
  {
    name: 'reason find',
    summary: 'find the full and half adders of a netlist',
    load: () => import('./commands/reason-find.ts'),
    synchronous: true,
  },
  {
    name: 'reason check',
    summary: 'prove or refute that a netlist multiplies',
    load: () => import('./commands/reason-check.ts'),
    synchronous: true,
  },
  {
    name: 'reason train',
    summary: 'train the network that labels adders in a netlist',
    load: () => import('./commands/reason-train.ts'),
  },
  {
    name: 'reason predict',
    summary: 'label sums and carries of a netlist with the network',
    load: () => import('./commands/reason-predict.ts'),
  },
];
