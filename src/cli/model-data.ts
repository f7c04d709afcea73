// What quantize, evaluate and sensitivity share: the model argument (a file, or a built-in task's network) with its data.
// Refuses a file without a data folder.

import type { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { createTask, type Task } from '../demo/index.ts';
import {
  type DataSource,
  type Graph,
  openData,
  readModelFile,
  singlePrecision,
  singlePrecisionNote,
} from '../model/index.ts';
import { Batches, calibrationBatches, type Prepared, prepareGraph, taskBatches } from '../quantize/index.ts';
import { type CommandContext, integerOption } from './context.ts';

export interface ModelAndData extends Prepared {
  file: string;
  task: Task | undefined;
  /** Made anew at each pass: not all in memory at once. */
  calibration: Batches;
}

/** @param options `task` names a built-in task; `data` is a folder of arrays or pictures for a model file */
export async function loadModelAndData(
  file: string | undefined,
  options: Record<string, unknown>,
  context: CommandContext,
  needed = true,
): Promise<ModelAndData> {
  const name = options['task'] as string | undefined;
  const folder = options['data'] as string | undefined;
  if (name !== undefined) {
    if (file !== undefined) throw new UsageError('a model file and --task exclude each other');
    const task = createTask(name, { seed: context.options.seed });
    const prepared = await prepare(readModelFile(task.model), context);
    return { ...prepared, file: task.model, task, calibration: taskBatches(task) };
  }
  if (file === undefined) throw new UsageError('no model', { expected: 'a model.onnx or --task NAME' });
  const graph = readSingle(file, context);
  if (folder === undefined && needed) {
    throw new UsageError('no calibration data', {
      expected: '--data FOLDER of .npy, .npz, .png or .jpg files',
    });
  }
  const calibration =
    folder === undefined ? Batches.from([]) : calibrationOf(folder, graph, options, context);
  return { ...(await prepare(graph, context)), file, task: undefined, calibration };
}

/** Reads a model; one in another floating-point type becomes float32, with a note, so that any data can be fed to it. */
export function readSingle(file: string, context: CommandContext): Graph {
  const graph = readModelFile(file);
  const note = singlePrecisionNote(singlePrecision(graph));
  if (note !== undefined) context.note(`note: ${file}: ${note}`);
  return graph;
}

function calibrationOf(
  folder: string,
  graph: Graph,
  options: Record<string, unknown>,
  context: CommandContext,
): Batches {
  const wanted = options['samples'] as number | undefined;
  const source = openFolder(folder, graph, options, wanted ?? mostCalibration);
  if (wanted === undefined && (source.samples ?? 0) >= mostCalibration) {
    context.note(`note: calibration uses the first ${mostCalibration} samples; --samples takes more`);
  }
  return calibrationBatches(source);
}

async function prepare(graph: Graph, context: CommandContext): Promise<Prepared> {
  const prepared = await prepareGraph(graph, context.signal);
  for (const { node, reason } of prepared.left) context.note(`note: ${node.name}: ${reason}`);
  return prepared;
}

/** This many samples suffice for calibration; more take time. */
const mostCalibration = 512;

/** Options of every command that takes `--data`. */
export function addDataOptions(command: Command): void {
  command
    .option('--data <dir>', 'samples: .npy or .npz by input name, or pictures with preprocess.yaml')
    .option('--preprocess <file>', 'how pictures become inputs (default: preprocess.yaml in the folder)')
    .option('--batch <n>', 'samples of one batch', integerOption('--batch', 1, 65536), 8)
    .option('--samples <n>', 'only the first so many samples', integerOption('--samples', 1, 10_000_000));
}

/** The folder of `--data` as a stream of batches for a model. */
export function openFolder(
  folder: string,
  graph: Graph,
  options: Record<string, unknown>,
  samples = options['samples'] as number | undefined,
): DataSource {
  const batch = options['batch'] as number | undefined;
  return openData(folder, graph, {
    samples,
    batch,
    preprocessing: options['preprocess'] as string | undefined,
  });
}

/** Collects a repeatable `PATTERN=FORMAT` option. @throws UsageError without the equals sign */
export function namedFormats(
  flag: string,
): (text: string, previous: [string, string][] | undefined) => [string, string][] {
  return (text, previous) => {
    const at = text.lastIndexOf('=');
    if (at < 1) throw new UsageError(`${flag} got '${text}'`, { expected: 'PATTERN=FORMAT' });
    return [...(previous ?? []), [text.slice(0, at), text.slice(at + 1)]];
  };
}
