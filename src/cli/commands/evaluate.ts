// `bitwright evaluate`: a task's score of a model, or over a folder its accuracy (with labels) and its agreement with a
// reference model.

import { UsageError } from '../../core/errors.ts';
import { createTask, taskNames } from '../../demo/index.ts';
import { evaluateData, evaluateTask } from '../../quantize/index.ts';
import type { CommandSpec } from '../context.ts';
import { addDataOptions, openFolder, readSingle } from '../model-data.ts';

export const command: CommandSpec = {
  summary: 'score a model, or compare it with a reference',
  configure(command) {
    addDataOptions(command);
    command
      .argument('[model]', "ONNX file (default: the task's own network)")
      .option('--task <name>', `labelled data: ${taskNames.join(', ')}`)
      .option('--reference <model>', 'the fp32 model to compare with');
  },
  async run(positional, options, context) {
    const run = { threads: context.options.threads, progress: context.progress, signal: context.signal };
    const name = options['task'] as string | undefined;
    if (name !== undefined) {
      const task = createTask(name, { seed: context.options.seed });
      const graph = readSingle(positional[0] ?? task.model, context);
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
    if (positional[0] === undefined || folder === undefined) {
      throw new UsageError('nothing to evaluate', { expected: '--task NAME, or MODEL --data DIR' });
    }
    const graph = readSingle(positional[0], context);
    const base = reference === undefined ? undefined : readSingle(reference, context);
    const source = openFolder(folder, base ?? graph, options);
    if (base === undefined && !source.labelled) {
      throw new UsageError('nothing to compare with', {
        expected: 'labels in the folder, or --reference MODEL',
      });
    }
    const { samples, agreement, top1 } = await evaluateData(graph, source, { ...run, reference: base });
    if (top1 !== undefined) {
      context.print(`top-1 ${top1.value.toFixed(2)} ± ${top1.error.toFixed(2)} % of ${samples} samples`);
    }
    if (agreement !== undefined) {
      context.print(
        `output SQNR ${agreement.sqnr.toFixed(2)} dB, top-1 agreement ${agreement.top1.toFixed(2)} % (${samples} samples)`,
      );
    }
    const row = {
      scheme: positional[0],
      metric: top1 === undefined ? 'agreement' : 'top1',
      value: top1?.value ?? agreement?.top1,
      error: top1?.error,
    };
    context.result({ rows: [row], samples, top1, agreement });
  },
};
