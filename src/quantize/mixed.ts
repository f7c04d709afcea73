// Automatic mixed precision on top of the quantizer: the formats of `chooseFormats` as rules, or the smallest budget whose
// calibration agreement stays within a drop. Refuses to use evaluation data.

import { BitwrightError, InputError, requireOptions } from '../core/errors.ts';
import { type Format, parseFormat } from '../format/index.ts';
import { requireGraph } from '../model/graph.ts';
import type { Feeds, Graph } from '../model/index.ts';
import { Batches } from './batches.ts';
import { type BudgetResult, chooseFormats } from './budget.ts';
import { agreementJudge, type Judge, type Loss, within } from './judge.ts';
import type { QuantizeOptions, Rule } from './options.ts';
import { type QuantizeContext, type QuantizeResult, quantize } from './quantize.ts';
import { type LayerSensitivity, sensitivity } from './sensitivity.ts';

/** Weight formats tried, narrow to wide. */
export const defaultLadder = ['int3@v16:u4', 'int4@v16:u4', 'int6@v16:u4', 'int8@v16:u4'];

export interface MixedOptions {
  /** Effective bits allowed; or: */
  budget?: number | undefined;
  /** Points allowed to be lost, as `judge` counts them, its standard error included (`within` of judge.ts). */
  maxDrop?: number | undefined;
  /**
   * Points lost by a quantized network, on data that is not used for anything else. Default: 100 minus the top-1 agreement
   * with the fp32 network on the last quarter of the calibration batches, which are then not fitted on while searching.
   */
  judge?: Judge | undefined;
  ladder?: readonly string[] | undefined;
}

export interface MixedResult {
  result: QuantizeResult;
  choice: BudgetResult;
  measured: LayerSensitivity[];
  /** Points lost under each budget tried, when `maxDrop` is given. */
  tried: ({ budget: number } & Loss)[];
}

/** Quantizes with formats chosen layer by layer. @throws UsageError for a budget below the narrowest formats */
export async function quantizeMixed(
  graph: Graph,
  options: QuantizeOptions,
  mixed: MixedOptions,
  calibration: readonly Feeds[] | Batches,
  context: QuantizeContext = {},
): Promise<MixedResult> {
  requireGraph('the model to quantize', graph);
  requireOptions('quantizeMixed', mixed, ['budget', 'maxDrop', 'judge', 'ladder']);
  const batches = Batches.from(calibration);
  const ladder: Format[] = (mixed.ladder ?? defaultLadder).map(parseFormat);
  const few = await batches.take(4);
  const measured = await sensitivity(graph, ladder, few, context);
  const run = async (
    budget: number,
    data: Batches,
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
    return { ...(await run(mixed.budget ?? 4.5, batches)), measured, tried: [] };
  }
  const judged = await judgeOf(graph, mixed, batches, context);
  const tried: MixedResult['tried'] = [];
  const narrowest = chooseFormats(measured, Number.POSITIVE_INFINITY, 'narrowest').effectiveBits;
  const budgets = [...new Set([narrowest, 3.6, 4, 4.5, 5, 6, 7, 8.5])].filter(b => b >= narrowest);
  for (const budget of budgets.sort((a, b) => a - b)) {
    const attempt = await run(budget, judged.fitting);
    const loss = await judged.judge(attempt.result.model.graph);
    tried.push({ budget, ...loss });
    if (!within(loss, mixed.maxDrop) && budget !== budgets.at(-1)) continue;
    const final = judged.fitting === batches ? attempt : await run(budget, batches);
    return { ...final, measured, tried };
  }
  throw new BitwrightError('no budget was tried');
}

/** The judge and the batches it leaves for fitting. */
async function judgeOf(
  graph: Graph,
  mixed: MixedOptions,
  batches: Batches,
  context: QuantizeContext,
): Promise<{ judge: Judge; fitting: Batches }> {
  if (mixed.judge !== undefined) return { judge: mixed.judge, fitting: batches };
  const count = await batches.count();
  if (count < 2) {
    throw new InputError('one batch of calibration data', {
      expected: 'two or more: --max-drop judges on batches it does not fit on',
    });
  }
  const held = Math.max(1, Math.floor(count / 4));
  const run = { threads: context.threads, signal: context.signal };
  return {
    judge: agreementJudge(graph, batches.slice(count - held), run),
    fitting: batches.slice(0, count - held),
  };
}
