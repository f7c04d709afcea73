// bitwright reason train: trains the adder network on multipliers of at most 16 bits and scores it on wider ones.

import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';
import { generateMultiplier } from '../../netlist/index.ts';
import { architecture } from '../../reason/gnn/architecture.ts';
import {
  circuitLabels,
  circuitSets,
  predict,
  saveModel,
  score,
  trainingCircuits,
  trainModel,
} from '../../reason/gnn/index.ts';
import { type CommandSpec, integerOption, numberOption } from '../context.ts';

export const command: CommandSpec = {
  summary: 'train the network that labels adders in a netlist',
  configure(command) {
    command
      .option('--model <name>', 'default, or gamora: the published network', 'default')
      .option('--circuits <set>', `training circuits: ${circuitSets.join(', ')}`, 'mix')
      .option('--epochs <n>', 'passes over the circuits', integerOption('--epochs', 1, 100000), 150)
      .option('--rate <x>', 'learning rate at the start', numberOption('--rate', 1e-6, 1), 0.008);
  },
  async run(_, options, context) {
    const { seed, out = '.' } = context.options;
    const epochs = options['epochs'] as number;
    const set = options['circuits'] as string;
    const a = architecture(options['model'] as string);
    const result = await trainModel(a, trainingCircuits(set), {
      epochs,
      seed,
      rate: options['rate'] as number,
      checkpointFolder: out,
      progress: context.progress,
      signal: context.signal,
    });
    const path = join(out, `${a.name}.model`);
    saveModel(result.model, path);
    const held = [];
    for (const kind of ['csa', 'booth'] as const) {
      const aig = generateMultiplier({ kind, width: 32, signed: kind === 'booth', names: false });
      const labels = circuitLabels(aig);
      const { root } = await predict(aig, { model: result.model });
      const s = score(root, labels.root, ['carry', 'sum', 'other'], aig.firstAnd);
      held.push({ circuit: `${kind}32`, accuracy: s.accuracy, balanced: s.balanced });
    }
    const value = (100 * held.reduce((sum, h) => sum + h.balanced, 0)) / held.length;
    if (!Number.isFinite(value)) throw new InputError('training diverged', { expected: 'a smaller --rate' });
    const loss = result.losses.at(-1);
    context.print(
      `${path}: ${result.model.parameters.length} parameters, ${result.steps} steps, ${result.seconds.toFixed(1)} s`,
    );
    for (const h of held) {
      context.print(
        `${h.circuit}: root accuracy ${(100 * h.accuracy).toFixed(3)} %, balanced ${(100 * h.balanced).toFixed(3)} %`,
      );
    }
    context.result({
      metric: 'root balanced accuracy on unseen 32-bit array and Booth multipliers (percent)',
      value,
      seeds: [seed],
      epochs,
      seconds: result.seconds,
      model: path,
      parameters: result.model.parameters.length,
      nodes: result.nodes,
      steps: result.steps,
      resumedAt: result.resumedAt,
      loss,
      held,
    });
  },
};
