// bitwright netlist simulate FILE [--steps N] [--seed N]: random traces; share of ones and toggle rate of each output

import { readNetlist } from '../../netlist/formats.ts';
import { measureActivity } from '../../netlist/simulate.ts';
import { type CommandSpec, integerOption } from '../context.ts';

export const command: CommandSpec = {
  summary: 'simulate random traces of a netlist',
  configure(command) {
    command
      .argument('<file>', 'netlist: .aig .aag .blif')
      .option('--steps <n>', 'clock cycles of each trace', integerOption('--steps', 2, 1_000_000), 64);
  },
  async run([file = ''], options, context) {
    const aig = readNetlist(file);
    const start = performance.now();
    const activity = measureActivity(aig, { steps: options['steps'] as number, seed: context.options.seed });
    const seconds = (performance.now() - start) / 1000;
    const rows = Array.from(aig.outputs, (literal, i) => {
      const p = activity.probability[literal >>> 1]!;
      return {
        output: aig.names.outputs?.[i] ?? `o${i}`,
        probability: literal & 1 ? 1 - p : p,
        toggleRate: activity.toggleRate[literal >>> 1]!,
      };
    });
    for (const row of rows) {
      context.print(`${row.output.padEnd(20)} ${row.probability.toFixed(4)} ${row.toggleRate.toFixed(4)}`);
    }
    context.result({ input: file, vectors: activity.vectors, rows, seconds });
  },
};
