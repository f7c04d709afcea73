// bitwright netlist stats FILE [--liberty FILE] [--genlib FILE] [--top NAME]

import { reachable } from '../../netlist/strash.ts';
import type { CommandSpec } from '../context.ts';
import { addNetlistInput, readNetlistInput } from '../netlist-options.ts';

export const command: CommandSpec = {
  summary: 'count what a netlist holds',
  configure(command) {
    addNetlistInput(command);
  },
  async run([file = ''], options, context) {
    const start = performance.now();
    const aig = readNetlistInput(file, options);
    const seconds = (performance.now() - start) / 1000;
    const used = reachable(aig);
    let unusedAnds = 0;
    for (let v = aig.firstAnd; v < aig.variableCount; v++) if (used[v] === 0) unusedAnds++;
    const fields = {
      inputs: aig.inputCount,
      latches: aig.latchCount,
      outputs: aig.outputs.length,
      ands: aig.andCount,
      unusedAnds,
      depth: aig.depth(),
      largestFanout: aig.fanoutCounts().reduce((most, x) => Math.max(most, x), 0),
      bads: aig.bads.length,
      constraints: aig.constraints.length,
      justice: aig.justice.length,
      fairness: aig.fairness.length,
    };
    for (const [name, value] of Object.entries(fields)) context.print(`${name.padEnd(14)} ${value}`);
    context.result({ input: file, ...fields, seconds });
  },
};
