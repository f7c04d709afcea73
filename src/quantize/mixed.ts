// Automatic mixed precision on top of the quantizer: the formats of `chooseFormats` as rules, or the smallest budget whose
// calibration agreement stays within a drop. Refuses to use evaluation data.

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
  /** Points of top-1 agreement with the fp32 network allowed to be lost on held-out calibration batches. */
  maxDrop?: number | undefined;
  ladder?: readonly string[] | undefined;
}

export interface MixedResult {
  result: QuantizeResult;
  choice: BudgetResult;
  measured: LayerSensitivity[];
  /** Agreement on held-out calibration batches for each budget tried, when `maxDrop` is given. */
  tried: { budget: number; top1: number }[];
}

/** Quantizes with formats chosen layer by layer. The last quarter of the calibration batches is held out for `maxDrop`. */
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
  const held = Math.max(1, Math.floor(calibration.length / 4));
  const fitting = calibration.length > 1 ? calibration.slice(0, -held) : calibration;
  const test = calibration.slice(-held);
  const reference = await outputsOf(graph, test, { threads: context.threads, signal: context.signal });
  const tried: { budget: number; top1: number }[] = [];
  for (const budget of [3.6, 4, 4.5, 5, 6, 7, 8.5]) {
    const { choice, result } = await run(budget, fitting).catch(error => {
      if ((error as Error).message.startsWith('budget of')) return { choice: undefined, result: undefined };
      throw error;
    });
    if (choice === undefined) continue;
    const { top1 } = await compareWith(reference, result.model.graph, test, {
      threads: context.threads,
      signal: context.signal,
    });
    tried.push({ budget, top1 });
    if (100 - top1 <= mixed.maxDrop || budget === 8.5)
      return { ...(await run(budget, calibration)), measured, tried };
  }
  return { ...(await run(8.5, calibration)), measured, tried };
}
