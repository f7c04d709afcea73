// `bitwright inspect model.onnx`: what a model holds, what of it can be quantized, and what cannot and why.

import { AbortedError, BitwrightError, InputError, UsageError } from '../../core/errors.ts';
import {
  type Graph,
  inferDefaultShapes,
  inspectModel,
  type MeasuredShapes,
  measureDefaultShapes,
  readModelFile,
  singlePrecision,
} from '../../model/index.ts';
import { renderConsole, writeReport } from '../../report/index.ts';
import type { CommandSpec } from '../context.ts';
import { inspectReport } from '../inspect-report.ts';

export const command: CommandSpec = {
  summary: 'show what an ONNX model holds and what can be quantized',
  configure(command) {
    command
      .argument('<model>', 'ONNX file')
      .option(
        '--size <input=dims>',
        'dimensions of an input for the run that measures shapes, e.g. x=1x3x48x320',
        sizes,
      )
      .option('--no-run', 'do not run the model: shapes are derived from the operators');
  },
  async run(positional, options, context) {
    const graph = readModelFile(positional[0]!);
    const given = (options['size'] as Map<string, number[]> | undefined) ?? new Map<string, number[]>();
    for (const name of given.keys()) {
      if (graph.isInput(name)) continue;
      const names = graph.inputs.map(x => x.name);
      throw new UsageError(`--size names input '${name}'`, { expected: `one of ${names.join(', ')}` });
    }
    // an operator may exist in float32 only
    const single = graph.clone();
    singlePrecision(single);
    let measured: MeasuredShapes | undefined;
    let reason = '--no-run';
    if (options['run'] !== false) {
      try {
        measured = await measureDefaultShapes(single, given, {
          signal: context.signal,
          threads: context.options.threads,
        });
      } catch (error) {
        // With a size given, the user asked for exactly that run.
        if (!(error instanceof BitwrightError) || error instanceof AbortedError || given.size > 0)
          throw error;
        reason = error.message;
      }
    }
    const derived = measured ?? derive(single, given);
    const summary = inspectModel(graph, derived?.shapes);
    const report = inspectReport(summary, measured ?? { reason });
    context.print(renderConsole(report).trimEnd());
    if (context.options.out !== undefined) {
      const { html } = writeReport(report, context.options.out, { name: 'inspect' });
      context.print(`\nwrote ${html}`);
    }
    context.result({
      ...summary,
      run: measured === undefined ? { reason, derivedFor: derived?.inputs } : { inputs: measured.inputs },
    });
  },
};

/** Shapes without a run; undefined when an input declares no rank. */
function derive(graph: Graph, given: ReadonlyMap<string, number[]>): MeasuredShapes | undefined {
  try {
    return inferDefaultShapes(graph, given);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function sizes(text: string, previous: Map<string, number[]> | undefined): Map<string, number[]> {
  const at = text.lastIndexOf('=');
  const dims = text
    .slice(at + 1)
    .split('x')
    .map(Number);
  if (at < 1 || !/^\d+(x\d+)*$/.test(text.slice(at + 1)) || dims.some(d => d < 1 || d > 2 ** 24)) {
    throw new UsageError(`--size got '${text}'`, { expected: 'INPUT=DIMxDIM..., e.g. x=1x3x48x320' });
  }
  return new Map(previous ?? []).set(text.slice(0, at), dims);
}
