// The demo's results as a report: accuracy against scheme, bits, layers, weight histograms with clip lines, and the
// samples on which schemes differ. Refuses to measure anything: it only arranges what was measured.

import type { Task } from '../demo/index.ts';
import type { Graph } from '../model/index.ts';
import type { Report, Section } from '../report/index.ts';
import { goalChecks, modelChecks } from './checks.ts';
import type { SchemeOutcome, SchemeRow } from './demo.ts';
import type { ExportStatistics } from './export/index.ts';
import {
  accuracyBlocks,
  exampleBlocks,
  histogramBlocks,
  layerBlocks,
  leftBlocks,
  sensitivityBlocks,
} from './report-blocks.ts';
import type { LayerSensitivity } from './sensitivity.ts';

export interface DemoReportOptions {
  seed: number;
  version: string;
  command: string;
  /** What each layer's rounding alone does to the outputs, in the best scheme's format. */
  sensitivity?: readonly LayerSensitivity[] | undefined;
  /** The file of the best scheme, as compared after writing. */
  exported?: ExportStatistics | undefined;
  /** Most samples shown among those on which schemes differ. */
  examples?: number | undefined;
  /** Most layers whose weights are drawn as histograms. */
  histograms?: number | undefined;
}

/**
 * Builds the report of a demo run.
 * @param prepared the fp32 graph that was quantized, for the weight histograms
 */
export async function demoReport(
  task: Task,
  outcomes: readonly SchemeOutcome[],
  prepared: Graph,
  options: DemoReportOptions,
): Promise<Report> {
  const rows = outcomes.map(o => o.row);
  const best = bestNarrow(outcomes);
  const sections: Section[] = [{ title: 'Accuracy against scheme', blocks: accuracyBlocks(task, rows) }];
  if (best?.result !== undefined) {
    sections.push({
      title: `Layers under ${best.row.scheme}`,
      blocks: layerBlocks(best.result.statistics.layers),
    });
    if (options.sensitivity !== undefined) {
      sections.push({
        title: 'Sensitivity of the layers',
        blocks: sensitivityBlocks(options.sensitivity, best.result.statistics.layers),
      });
    }
    const drawn = histogramBlocks(prepared, best.result.statistics.layers, options.histograms ?? 4);
    sections.push({ title: 'Weights of the hardest layers', blocks: drawn });
  }
  const examples = await exampleBlocks(task, outcomes, options.examples ?? 12);
  if (examples.length > 0) sections.push({ title: 'Where schemes differ', blocks: examples });
  sections.push({ title: 'What was left in floating point', blocks: leftBlocks(prepared) });
  const goals = goalChecks(task, rows, outcomes[0]?.score.samples ?? 0);
  const checks = [
    ...(goals.cases.length > 0 ? [goals] : []),
    ...(best?.result === undefined ? [] : [modelChecks(best.result.statistics.layers, options.exported)]),
  ];
  if (checks.length > 0) sections.push({ title: 'Checks', blocks: checks });
  return {
    title: task.title,
    subtitle: 'One trained network under several number formats',
    summary: verdict(rows, metricName(task)),
    facts: [
      ['command', options.command],
      ['version', options.version],
      ['seed', String(options.seed)],
      ['calibration samples', String(task.calibrationSize)],
      ['evaluation samples', String(outcomes[0]?.score.samples ?? 0)],
    ],
    sections,
  };
}

/** The most accurate scheme below six bits; of equals the narrower. */
export function bestNarrow(outcomes: readonly SchemeOutcome[]): SchemeOutcome | undefined {
  const best = narrowRows(outcomes.map(o => o.row))[0];
  return outcomes.find(o => o.row === best);
}

/** Schemes below six bits, the most accurate first; of equals the narrower. */
function narrowRows(rows: readonly SchemeRow[]): SchemeRow[] {
  return rows
    .filter(r => r.effectiveBits < 6)
    .sort((a, b) => b.value - a.value || a.effectiveBits - b.effectiveBits);
}

export function metricName(task: Task): string {
  return task.metric === 'lines' ? 'exact lines' : 'top-1';
}

/**
 * The answer in words: the most accurate scheme below six bits, and what is as good within its standard error at fewer
 * bits. Says plainly when scales per vector are not needed.
 */
export function verdict(rows: readonly SchemeRow[], metric: string): string {
  const narrow = narrowRows(rows);
  const best = narrow[0];
  if (best === undefined) return 'No scheme below six bits was run.';
  const full = rows.find(r => r.method === 'fp32');
  const loss = full === undefined ? '' : ` (fp32: ${full.value.toFixed(1)} %)`;
  const first = `${best.scheme} keeps ${best.value.toFixed(1)} % ${metric} at ${best.effectiveBits.toFixed(2)} effective bits a weight${loss}.`;
  const coarse = narrow.find(
    r =>
      !r.weights.includes('@v') &&
      r.value + r.linesError >= best.value &&
      r.effectiveBits <= best.effectiveBits,
  );
  if (coarse === undefined)
    return `${first} No scheme without per-vector scales comes within one standard error of it.`;
  if (coarse === best) return `${first} Per-vector scaling is not the best scheme here.`;
  return `${first} Per-vector scaling is not clearly the best scheme here: ${coarse.scheme} (${coarse.value.toFixed(1)} %, ${coarse.effectiveBits.toFixed(2)} bits) is within one standard error of it.`;
}
