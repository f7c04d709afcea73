// `bitwright evaluate`: a task's score of a model, or without labels its agreement with a reference model.

import { UsageError } from '../../core/errors.ts';
import { createTask } from '../../demo/index.ts';
import { readModelFile } from '../../model/index.ts';
import { compareOutputs, evaluateTask, readDataFolder } from '../../quantize/index.ts';
import { type CommandSpec, integerOption } from '../context.ts';

export const command: CommandSpec = {
  summary: 'score a model, or compare it with a reference',
  configure(command) {
    command
      .argument('[model]', "ONNX file; default the task's own network")
      .option('--task <name>', 'labelled data: recognizer, direction, fashion')
      .option('--samples <n>', 'only the first so many samples', integerOption('--samples', 1, 100000))
      .option('--reference <model>', 'without labels: the fp32 model to compare with')
      .option('--data <dir>', 'without labels: arrays, .npy or .npz by input name');
  },
  async run(positional, options, context) {
    const run = { threads: context.options.threads, progress: context.progress, signal: context.signal };
    const name = options['task'] as string | undefined;
    if (name !== undefined) {
      const task = createTask(name === 'recognizer' ? 'recogniser' : name, { seed: context.options.seed });
      const graph = readModelFile(positional[0] ?? task.model);
      const score = await evaluateTask(graph, task, {
        ...run,
        samples: options['samples'] as number | undefined,
      });
      const chars =
        score.characters === undefined ? '' : `, characters ${score.characters.value.toFixed(2)} %`;
      context.print(
        `${task.metric} ${score.exact.value.toFixed(2)} ± ${score.exact.error.toFixed(2)} %${chars}`,
      );
      const row = {
        scheme: positional[0] ?? 'fp32',
        lines: score.exact.value,
        linesError: score.exact.error,
        characters: score.characters?.value,
        metric: task.metric,
        value: score.exact.value,
      };
      context.result({ rows: [row], answers: score.answers });
      return;
    }
    const reference = options['reference'] as string | undefined;
    const folder = options['data'] as string | undefined;
    if (positional[0] === undefined || reference === undefined || folder === undefined) {
      throw new UsageError('nothing to compare', {
        expected: '--task NAME, or MODEL --reference MODEL --data DIR',
      });
    }
    const base = readModelFile(reference);
    const agreement = await compareOutputs(
      base,
      readModelFile(positional[0]),
      readDataFolder(folder, base),
      run,
    );
    context.print(
      `output SQNR ${agreement.sqnr.toFixed(2)} dB, top-1 agreement ${agreement.top1.toFixed(2)} %`,
    );
    context.result({
      rows: [{ scheme: positional[0], metric: 'agreement', value: agreement.top1 }],
      agreement,
    });
  },
};
