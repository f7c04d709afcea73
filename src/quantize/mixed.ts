// Automatic mixed precision on top of the quantizer: the formats of `chooseFormats` as rules, or the smallest budget whose
// calibration agreement stays within a drop. Refuses to use evaluation data.

import { BitwrightError, InputError } from '../core/errors.ts';
import { type Format, parseFormat } from '../format/index.ts';
import type { Feeds, Graph } from '../model/index.ts';
import { type BudgetResult, chooseFormats } from './budget.ts';
import { compareWith, outputsOf } from './evaluate.ts';
import type { QuantizeOptions, Rule } from './options.ts';
import { type QuantizeContext, type QuantizeResult, quantize } from './quantize.ts';
import { type LayerSensitivity, sensitivity } from './sensitivity.ts';

/** Weight formats tried, narrow to wide. */
export const defaultLadder = ['int3@v16:u4', 'int4@v16:u4', 'int6@v16:u4', 'int8@v16:u4'];

export interface MixedOptions {
  /** Effective bits allowed; or: */
  budget?: number | undefined;
  /** Points allowed to be lost, as `judge` counts them. */
  maxDrop?: number | undefined;
  /**
   * Points lost by a quantized network, on data that is not used for anything else. Default: 100 minus the top-1 agreement
   * with the fp32 network on the last quarter of the calibration batches, which are then not fitted on while searching.
   */
  judge?: ((graph: Graph) => Promise<number>) | undefined;
  ladder?: readonly string[] | undefined;
}

export interface MixedResult {
  result: QuantizeResult;
  choice: BudgetResult;
  measured: LayerSensitivity[];
  /** Points lost under each budget tried, when `maxDrop` is given. */
  tried: { budget: number; drop: number }[];
}

/** Quantizes with formats chosen layer by layer. @throws UsageError for a budget below the narrowest formats */
export async function quantizeMixed(
  graph: Graph,
  options: QuantizeOptions,
  mixed: MixedOptions,
  calibration: readonly Feeds[],
  context: QuantizeContext = {},
): Promise<MixedResult> {
  const ladder: Format[] = (mixed.ladder ?? defaultLadder).map(parseFormat);
  const few = calibration.slice(0, 4);
  const measured = await sensitivity(graph, ladder, few, context);
  const run = async (
    budget: number,
    data: readonly Feeds[],
  ): Promise<{ choice: BudgetResult; result: QuantizeResult }> => {
    const choice = chooseFormats(measured, budget);
    const rules: Rule[] = choice.choices.map(c => ({ pattern: c.node, weights: c.format }));
    const result = await quantize(
      graph,
      { ...options, rules: [...rules, ...(options.rules ?? [])] },
      data,
      context,
    );
    return { choice, result };
  };
  if (mixed.maxDrop === undefined) {
    return { ...(await run(mixed.budget ?? 4.5, calibration)), measured, tried: [] };
  }
  const judged = await judgeOf(graph, mixed, calibration, context);
  const tried: { budget: number; drop: number }[] = [];
  const narrowest = chooseFormats(measured, Number.POSITIVE_INFINITY, 'narrowest').effectiveBits;
  const budgets = [...new Set([narrowest, 3.6, 4, 4.5, 5, 6, 7, 8.5])].filter(b => b >= narrowest);
  for (const budget of budgets.sort((a, b) => a - b)) {
    const attempt = await run(budget, judged.fitting);
    const drop = await judged.judge(attempt.result.model.graph);
    tried.push({ budget, drop });
    if (drop > mixed.maxDrop && budget !== budgets.at(-1)) continue;
    const final = judged.fitting === calibration ? attempt : await run(budget, calibration);
    return { ...final, measured, tried };
  }
  throw new BitwrightError('no budget was tried');
}

/** The judge and the batches it leaves for fitting. */
async function judgeOf(
  graph: Graph,
  mixed: MixedOptions,
  calibration: readonly Feeds[],
  context: QuantizeContext,
): Promise<{ judge: (graph: Graph) => Promise<number>; fitting: readonly Feeds[] }> {
  if (mixed.judge !== undefined) return { judge: mixed.judge, fitting: calibration };
  if (calibration.length < 2) {
    throw new InputError('one batch of calibration data', {
      expected: 'two or more: --max-drop judges on batches it does not fit on',
    });
  }
  const held = Math.max(1, Math.floor(calibration.length / 4));
  const test = calibration.slice(-held);
  const run = { threads: context.threads, signal: context.signal };
  const reference = await outputsOf(graph, test, run);
  return {
    judge: async other => 100 - (await compareWith(reference, other, test, run)).top1,
    fitting: calibration.slice(0, -held),
  };
}
