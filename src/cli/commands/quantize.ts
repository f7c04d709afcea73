// `bitwright quantize model.onnx --weights int4@v16:u4 --activations int8@v16:u8 --data DIR --out DIR`.

import { basename, join } from 'node:path';
import { UsageError, unknownWord } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import { taskNames } from '../../demo/index.ts';
import {
  compareOutputs,
  type ExportFormat,
  evaluateTask,
  exportFormats,
  exportModel,
  type LayerStatistics,
  type Loss,
  modelChecks,
  parseScheme,
  type QuantizeOptions,
  quantize,
  quantizeMixed,
  type Rule,
  requireNBits,
  taskJudge,
  within,
} from '../../quantize/index.ts';
import { type CheckCase, renderJunit } from '../../report/index.ts';
import { type CommandSpec, numberOption } from '../context.ts';
import { exportText, kibibytes } from '../export-text.ts';
import { addDataOptions, loadModelAndData, namedFormats } from '../model-data.ts';

export const command: CommandSpec = {
  summary: 'quantize an ONNX model',
  configure(command) {
    addDataOptions(command);
    command
      .argument('[model]', 'ONNX file; or use --task')
      .option('--task <name>', `a built-in network with its data: ${taskNames.join(', ')}`)
      .option('--weights <format>', 'format of weights', 'int4@v16:u4')
      .option('--activations <format>', 'format of activations', 'fp32')
      .option('--scheme <scheme>', 'both at once: W/A/ws/as, WEIGHTS+ACTIVATIONS, max:...')
      .option(
        '--activation-clip <method>',
        'of static @tensor activations: max, percentile:99.99, entropy, mse, octav',
        'max',
      )
      .option('--layer <rule>', 'PATTERN=FORMAT for weights; last match wins', namedFormats('--layer'))
      .option('--layer-activations <rule>', 'PATTERN=FORMAT', namedFormats('--layer-activations'))
      .option('--first <format>', 'weights of the first layer')
      .option('--last <format>', 'weights of the last layer')
      .option('--depthwise <format>', 'weights of depthwise convolutions')
      .option('--keep <pattern...>', 'leave these layers in fp32')
      .option('--equalize', 'move ranges between layers where that is exact')
      .option('--softmax <name>', 'of attention: exact, softermax, softermax@v32, softermax:fix6.2', 'exact')
      .option('--method <name>', 'compensate or max', 'compensate')
      .option('--format <name>', 'of the file written with --out: qdq (standard ONNX) or matmulnbits', 'qdq')
      .option(
        '--budget <bits>',
        'mixed precision within so many effective bits',
        numberOption('--budget', 1, 32),
      )
      .option(
        '--max-drop <points>',
        'mixed precision within so many points: of accuracy on drawn development samples with --task, else of top-1 agreement with fp32 on a quarter of the data',
        numberOption('--max-drop', 0, 100),
      );
  },
  async run(positional, options, context) {
    const format = options['format'] as ExportFormat;
    if (!exportFormats.includes(format)) throw unknownWord('export format', format, exportFormats);
    if (format !== 'qdq' && context.options.out === undefined)
      throw new UsageError(`--format ${format} writes a file`, { expected: '--out DIR' });
    const { graph, task, calibration, file } = await loadModelAndData(positional[0], options, context);
    const scheme = options['scheme'] as string | undefined;
    const pairs = (name: string): [string, string][] =>
      (options[name] as [string, string][] | undefined) ?? [];
    const rules: Rule[] = [
      ...pairs('layer').map(([pattern, weights]) => ({ pattern, weights })),
      ...pairs('layerActivations').map(([pattern, activations]) => ({ pattern, activations })),
    ];
    const special = (name: string) =>
      options[name] === undefined ? undefined : { weights: options[name] as string };
    const wanted: QuantizeOptions = {
      method: options['method'] as 'max' | 'compensate',
      equalize: options['equalize'] === true,
      softmax: options['softmax'] as string,
      activationClip: options['activationClip'] as string,
      weights: options['weights'] as string,
      activations: options['activations'] as string,
      ...(scheme === undefined ? {} : parseScheme(scheme)),
      ...{ rules, first: special('first'), last: special('last'), depthwise: special('depthwise') },
      keep: options['keep'] as string[] | undefined,
    };
    const run = { threads: context.options.threads, progress: context.progress, signal: context.signal };
    const checkpoint = {
      folder: join(context.options.out ?? '.', '.bitwright'),
      seconds: Number(process.env['BITWRIGHT_CHECKPOINT_SECONDS'] ?? 5),
    };
    const fitting = { ...run, checkpoint };
    const budget = options['budget'] as number | undefined;
    const maxDrop = options['maxDrop'] as number | undefined;
    if (budget !== undefined && maxDrop !== undefined)
      throw new UsageError('--budget and --max-drop exclude each other', { expected: 'one of them' });
    if (format === 'matmulnbits' && budget === undefined && maxDrop === undefined)
      requireNBits(graph, wanted);
    const judge =
      task === undefined || maxDrop === undefined
        ? undefined
        : await taskJudge(task, graph, context.options.seed, run);
    const mixed =
      budget === undefined && maxDrop === undefined
        ? undefined
        : await quantizeMixed(graph, wanted, { budget, maxDrop, judge }, calibration, fitting);
    const result = mixed?.result ?? (await quantize(graph, wanted, calibration, fitting));
    const { statistics } = result;
    for (const { budget, drop, error } of mixed?.tried ?? []) {
      context.print(
        `budget ${budget.toFixed(2)}: ${drop.toFixed(2)} ± ${error.toFixed(2)} points lost on development data`,
      );
    }
    if (statistics.resumed > 0)
      context.note(`note: resumed with ${statistics.resumed} results of a stopped run`);
    for (const pattern of statistics.unmatched) context.note(`note: no layer matches '${pattern}'`);
    for (const p of statistics.equalized?.pairs ?? []) {
      context.print(
        `${p.first} -> ${p.second}: ${p.moved} of ${p.channels} channels moved, at most ${p.octaves} octaves`,
      );
    }
    for (const { node, reason } of statistics.equalized?.left ?? []) {
      context.note(`note: ${node} is not equalized: ${reason}`);
    }
    for (const layer of statistics.layers) context.print(layerText(layer));
    for (const s of statistics.softmax?.replaced ?? []) {
      const highest = s.highest === undefined ? '' : `, highest score ${s.highest.toFixed(1)} (base 2)`;
      context.print(`${s.node.padEnd(28)} softermax, scores in ${s.input}, slices of ${s.vector}${highest}`);
    }
    for (const { node, reason } of statistics.softmax?.left ?? []) {
      context.note(`note: softmax ${node} stays exact: ${reason}`);
    }
    const agreement = await compareOutputs(graph, result.model.graph, calibration, run);
    const score = task === undefined ? undefined : await evaluateTask(result.model.graph, task, run);
    context.print(
      `\neffective bits ${statistics.effectiveBits.toFixed(3)}, weights ${kibibytes(statistics.weightBytes)}, ${statistics.seconds.toFixed(1)} s`,
    );
    context.print(
      `output SQNR ${agreement.sqnr.toFixed(1)} dB, top-1 agreement with fp32 ${agreement.top1.toFixed(2)} % (calibration data)`,
    );
    if (score !== undefined) {
      context.print(`${task!.metric} ${score.exact.value.toFixed(2)} ± ${score.exact.error.toFixed(2)} %`);
    }
    const row = {
      scheme:
        scheme ??
        (wanted.activations === 'fp32' ? wanted.weights : `${wanted.weights}+${wanted.activations}`),
      lines: score?.exact.value,
      linesError: score?.exact.error,
      characters: score?.characters?.value,
      metric: task?.metric ?? 'agreement',
      value: score?.exact.value ?? agreement.top1,
      effectiveBits: statistics.effectiveBits,
    };
    const exported =
      context.options.out === undefined
        ? undefined
        : await exportModel(result.model, {
            path: join(context.options.out, `${basename(file, '.onnx')}.quantized.onnx`),
            ...{ format, samples: await calibration.take(2) },
            ...{ threads: context.options.threads, signal: context.signal },
          });
    if (exported !== undefined) context.print(exportText(exported.statistics, graph));
    const fields = {
      model: file,
      ...(exported === undefined ? {} : { exported: exported.statistics }),
      rows: [row],
      agreement,
      layers: statistics.layers,
      equalized: statistics.equalized,
      resumed: statistics.resumed,
      softmax: statistics.softmax,
      ...(mixed === undefined ? {} : { choices: mixed.choice.choices, tried: mixed.tried }),
    };
    if (context.options.out !== undefined) {
      const path = join(context.options.out, 'quantize.json');
      writeFileAtomic(path, `${JSON.stringify(fields, undefined, 2)}\n`);
      const asked = (wanted.keep?.length ?? 0) > 0 || rules.length > 0 || wanted.weights === 'fp32';
      const checks = modelChecks(statistics.layers, exported?.statistics, asked);
      if (maxDrop !== undefined) checks.cases = [...checks.cases, dropCheck(mixed?.tried.at(-1), maxDrop)];
      writeFileAtomic(join(context.options.out, 'quantize.junit.xml'), renderJunit([checks]));
      context.print(`wrote ${path}`);
    }
    context.result(fields);
  },
};

function dropCheck(loss: Loss | undefined, allowance: number): CheckCase {
  const name = `at most ${allowance} points lost on development data, standard error included`;
  if (loss === undefined) return { name, status: 'skipped' };
  const details = `${loss.drop.toFixed(2)} ± ${loss.error.toFixed(2)} points`;
  return { name, status: within(loss, allowance) ? 'passed' : 'failed', message: details, details };
}

function layerText(l: LayerStatistics): string {
  const format = `${l.weights}${l.activations === 'fp32' ? '' : ` + ${l.activations}`}`;
  return `${l.node.padEnd(28)} ${l.shape.join('x').padEnd(14)} ${format.padEnd(32)} ${l.method.padEnd(12)} ${l.bits.toFixed(2).padStart(6)} bits ${l.weightSqnr.toFixed(1).padStart(6)} dB`;
}
