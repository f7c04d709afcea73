// `bitwright demo`: a real network under a list of number formats, accuracy beside effective bits.

import { join } from 'node:path';
import { packageVersion } from '../../core/places.ts';
import { createTask, taskNames } from '../../demo/index.ts';
import {
  bestNarrow,
  demoReport,
  demoSchemes,
  exportModel,
  formatOrNone,
  metricName,
  runSchemes,
  type SchemeRow,
  sensitivity,
  verdict,
} from '../../quantize/index.ts';
import { formatWithError, openReport, writeReport } from '../../report/index.ts';
import { type CommandSpec, integerOption } from '../context.ts';
import { exportText } from '../export-text.ts';

export const command: CommandSpec = {
  summary: 'quantize a real network and compare schemes',
  configure(command) {
    command
      .option('--task <name>', taskNames.join(', '), 'recogniser')
      .option(
        '--samples <n>',
        'only the first so many evaluation samples',
        integerOption('--samples', 1, 100000),
      )
      .option('--open', 'open the report in the browser')
      .option('--scheme <scheme...>', 'schemes to compare, e.g. int4@v16:u4 4/8/4/8 max:int4@channel');
  },
  async run(_positional, options, context) {
    const task = createTask(options['task'] as string, { seed: context.options.seed });
    const schemes = (options['scheme'] as string[] | undefined) ?? demoSchemes;
    context.print(task.title);
    const header = `${'scheme'.padEnd(22)} ${task.metric === 'lines' ? 'lines %' : 'top-1 %'}`.padEnd(38);
    context.print(`${header} ${task.metric === 'lines' ? 'chars %' : '       '}  bits   seconds`);
    const start = performance.now();
    const { outcomes, prepared, calibration } = await runSchemes(task, {
      schemes,
      threads: context.options.threads,
      samples: options['samples'] as number | undefined,
      progress: context.progress,
      signal: context.signal,
      onRow: ({ row }) => context.print(rowText(row)),
    });
    const rows = outcomes.map(o => o.row);
    context.print(`\n${verdict(rows, metricName(task))}`);
    const folder = context.options.out ?? join('bitwright-out', 'demo', task.name);
    const best = bestNarrow(outcomes);
    const exported =
      best?.result === undefined
        ? undefined
        : await exportModel(best.result.model, {
            path: join(folder, `${task.name}.${best.row.scheme.replace(/[^\w@.+-]+/g, '-')}.onnx`),
            samples: calibration.slice(0, 1),
            ...{ threads: context.options.threads, signal: context.signal },
          });
    if (exported !== undefined) context.print(exportText(exported.statistics, prepared));
    const format = best?.result === undefined ? undefined : formatOrNone(best.row.weights);
    const measured =
      format === undefined
        ? undefined
        : await sensitivity(prepared, [format], calibration.slice(0, 1), {
            ...{ threads: context.options.threads, progress: context.progress, signal: context.signal },
          });
    const report = await demoReport(task, outcomes, prepared, {
      seed: context.options.seed,
      version: packageVersion(),
      exported: exported?.statistics,
      sensitivity: measured,
      command: `bitwright demo --task ${task.name} --seed ${context.options.seed}`,
    });
    const written = writeReport(report, folder, { formats: ['html', 'json', 'junit'] });
    openReport(written.html!, { open: options['open'] === true, print: context.print });
    const seconds = (performance.now() - start) / 1000;
    context.result({
      task: task.name,
      title: task.title,
      rows,
      seconds,
      report: written,
      exported: exported?.statistics,
    });
  },
};

function rowText(row: SchemeRow): string {
  const value = formatWithError(row.value, row.linesError).padStart(12);
  const characters = row.characters === undefined ? '       ' : row.characters.toFixed(2).padStart(7);
  const seconds = (row.quantizeSeconds + row.evaluateSeconds).toFixed(1);
  return `${row.scheme.padEnd(22)} ${value.padEnd(15)} ${characters} ${row.effectiveBits.toFixed(2).padStart(6)} ${seconds.padStart(8)}`;
}
