// bitwright netlist simulate FILE: --vectors FILE runs directed stimulus and prints each cycle; without it random traces
// of --steps cycles, and the share of ones and toggle rate of each output.

import type { Aig } from '../../netlist/aig.ts';
import { measureActivity } from '../../netlist/simulate.ts';
import { readStimulus, runStimulus } from '../../netlist/stimulus.ts';
import { type CommandContext, type CommandSpec, integerOption } from '../context.ts';
import { addNetlistInput, readNetlistInput } from '../netlist-options.ts';

export const command: CommandSpec = {
  summary: 'simulate random traces or given vectors of a netlist',
  configure(command) {
    addNetlistInput(command);
    command
      .option('--steps <n>', 'clock cycles of each random trace', integerOption('--steps', 2, 1_000_000), 64)
      .option('--vectors <file>', 'one line of 0 and 1 a vector, an input a character')
      .option(
        '--initial <bit>',
        'value of uninitialised latches with --vectors',
        integerOption('--initial', 0, 1),
      );
  },
  async run([file = ''], options, context) {
    const aig = readNetlistInput(file, options);
    const vectors = options['vectors'] as string | undefined;
    if (vectors === undefined) randomTraces(aig, file, options['steps'] as number, context);
    else directed(aig, file, vectors, options['initial'] as 0 | 1 | undefined, context);
  },
};

function directed(
  aig: Aig,
  file: string,
  vectorFile: string,
  initial: 0 | 1 | undefined,
  context: CommandContext,
): void {
  const vectors = readStimulus(vectorFile, aig.inputCount);
  const start = performance.now();
  const rows = runStimulus(aig, vectors, initial);
  const seconds = (performance.now() - start) / 1000;
  for (const row of rows) {
    context.print(
      aig.latchCount === 0
        ? `${row.inputs} ${row.outputs}`
        : `${row.state} ${row.inputs} ${row.outputs} ${row.next}`,
    );
  }
  context.result({ input: file, vectors: rows.length, rows, seconds });
}

function randomTraces(aig: Aig, file: string, steps: number, context: CommandContext): void {
  const start = performance.now();
  const activity = measureActivity(aig, { steps, seed: context.options.seed });
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
}
