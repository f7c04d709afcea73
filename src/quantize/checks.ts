// Yes/no answers about a quantized network, for the report and JUnit: goals, every layer quantized, the written file.
// Refuses to measure: each verdict follows from statistics that were taken before.

import type { Task } from '../demo/index.ts';
import type { CheckCase, Checks } from '../report/index.ts';
import type { SchemeRow } from './demo.ts';
import type { ExportStatistics } from './export/index.ts';
import type { LayerStatistics } from './quantize.ts';

/** Least percent of the metric each scheme must keep on a whole evaluation set. */
export const goals: Partial<Record<string, Record<string, number>>> = {
  recogniser: { 'int4@v16:u4': 93, '4/8/4/8': 91 },
};

/** Goals of a task; skipped where only part of the evaluation set was run, absent where the scheme was not run. */
export function goalChecks(task: Task, rows: readonly SchemeRow[], samples: number): Checks {
  const wanted = Object.entries(goals[task.name] ?? {});
  const cases = wanted.flatMap(([scheme, least]): CheckCase[] => {
    const row = rows.find(r => r.scheme === scheme);
    if (row === undefined) return [];
    const name = `${scheme} keeps ${least} % ${task.metric}`;
    if (samples < task.evaluationSize)
      return [
        { name, status: 'skipped', message: `only ${samples} of ${task.evaluationSize} samples were run` },
      ];
    const details = `${row.value.toFixed(2)} ± ${row.linesError.toFixed(2)} %`;
    return [{ name, status: row.value >= least ? 'passed' : 'failed', message: details, details }];
  });
  return { kind: 'checks', suite: 'goals', cases };
}

/**
 * What the network and its file must fulfil.
 * @param kept names or patterns the user asked to leave in fp32: not a failure
 */
export function modelChecks(
  layers: readonly LayerStatistics[],
  exported: ExportStatistics | undefined,
  kept = false,
): Checks & { cases: CheckCase[] } {
  const left = layers.filter(l => l.elements > 0 && l.method === 'fp32').map(l => l.node);
  const cases: CheckCase[] = [
    {
      name: 'every layer is quantized',
      status: left.length === 0 ? 'passed' : kept ? 'skipped' : 'failed',
      message:
        left.length === 0 ? undefined : `${left.length} of ${layers.length} layers stay in fp32, as asked`,
      details: left.length === 0 ? `${layers.length} layers` : left.join(', '),
    },
  ];
  if (exported !== undefined) {
    const { codes, decoded, outputs } = exported.compared;
    cases.push({
      name: 'the file read again holds the codes and scales of the quantizer',
      status: codes > 0 ? 'passed' : 'failed',
      details: `${codes} codes equal, ${exported.weights.length} weights`,
    });
    cases.push({
      name: 'ONNX Runtime decodes every weight to our bits',
      status: decoded > 0 ? 'passed' : 'skipped',
      details: `${decoded} values`,
    });
    cases.push(outputCase(outputs, exported.format));
  }
  return { kind: 'checks', suite: 'model', cases };
}

function outputCase(
  outputs: ExportStatistics['compared']['outputs'],
  format: ExportStatistics['format'],
): CheckCase {
  const name = 'ONNX Runtime computes the outputs of the evaluation graph from the file';
  if (outputs === undefined) return { name, status: 'skipped', message: 'no samples were at hand' };
  const { maxDifference, maxOutput, samples } = outputs;
  const details = `largest difference ${maxDifference} at outputs up to ${maxOutput.toPrecision(4)}, ${samples} samples`;
  // MatMulNBits rounds activations inside: export has checked its own tolerance
  const equal = format === 'matmulnbits' || maxDifference === 0;
  return { name, status: equal ? 'passed' : 'failed', message: details, details };
}
