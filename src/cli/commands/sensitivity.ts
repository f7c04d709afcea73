// `bitwright sensitivity`: which layers a weight format hurts most, by the network's outputs on calibration data.

import { taskNames } from '../../demo/index.ts';
import { parseFormat } from '../../format/index.ts';
import { sensitivity } from '../../quantize/index.ts';
import { type CommandSpec, integerOption } from '../context.ts';
import { addDataOptions, loadModelAndData } from '../model-data.ts';

export const command: CommandSpec = {
  summary: 'rank layers by what a format does to the output',
  configure(command) {
    addDataOptions(command);
    command
      .argument('[model]', 'ONNX file; or use --task')
      .option('--task <name>', `a built-in network with its data: ${taskNames.join(', ')}`)
      .option('--weights <format...>', 'formats to try', ['int4@v16:u4'])
      .option('--batches <n>', 'calibration batches used', integerOption('--batches', 1, 10000), 3);
  },
  async run(positional, options, context) {
    const { graph, calibration } = await loadModelAndData(positional[0], options, context);
    const formats = (options['weights'] as string[]).map(parseFormat);
    const few = await calibration.take(options['batches'] as number);
    const layers = await sensitivity(graph, formats, few, {
      threads: context.options.threads,
      progress: context.progress,
      signal: context.signal,
    });
    const sorted = [...layers].sort((a, b) => a.sqnr - b.sqnr);
    for (const l of sorted) {
      context.print(
        `${l.node.padEnd(28)} ${l.shape.join('x').padEnd(14)} ${l.format.padEnd(14)} ${l.sqnr.toFixed(2).padStart(7)} dB  top-1 ${l.top1.toFixed(2).padStart(6)} %`,
      );
    }
    context.result({ layers: sorted });
  },
};
