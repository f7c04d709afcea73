// Who says how many points a quantized network has lost while formats are chosen, and when that is little enough.
// Refuses evaluation data: tasks are judged on samples of another seed, networks without labels on held-out batches.

import { createTask, type Task } from '../demo/index.ts';
import type { Graph } from '../model/index.ts';
import type { Batches } from './batches.ts';
import { compareOutputs, evaluateTask, type RunOptions } from './evaluate.ts';

/** Points lost against the fp32 network, and the standard error of that number. */
export interface Loss {
  drop: number;
  error: number;
}

export type Judge = (graph: Graph) => Promise<Loss>;

/**
 * Points of the task's metric lost on samples of a seed that neither calibration nor evaluation uses. The standard error is that
 * of the difference sample by sample, which is smaller than those of the two scores.
 */
export async function taskJudge(task: Task, fp32: Graph, seed: number, run: RunOptions = {}): Promise<Judge> {
  const development = createTask(task.name, { seed: seed + 7919 });
  const hits = async (graph: Graph): Promise<boolean[]> => {
    const { answers } = await evaluateTask(graph, development, run);
    return answers.map(a => a.text === a.label);
  };
  const before = await hits(fp32);
  return async graph => {
    const after = await hits(graph);
    return lossOf(before.map((hit, i) => Number(hit) - Number(after[i]!)));
  };
}

/** 100 minus the top-1 agreement with the fp32 network on held-out batches. */
export function agreementJudge(fp32: Graph, batches: Batches, run: RunOptions = {}): Judge {
  return async graph => {
    const { top1, positions } = await compareOutputs(fp32, graph, batches, run);
    const share = top1 / 100;
    return {
      drop: 100 - top1,
      error: positions > 1 ? 100 * Math.sqrt((share * (1 - share)) / (positions - 1)) : 0,
    };
  };
}

/** Mean and standard error of losses of single samples, in percent. */
export function lossOf(losses: readonly number[]): Loss {
  const n = losses.length;
  if (n === 0) return { drop: 0, error: 0 };
  const mean = losses.reduce((a, b) => a + b, 0) / n;
  const squares = losses.reduce((a, b) => a + (b - mean) ** 2, 0);
  return { drop: 100 * mean, error: n > 1 ? 100 * Math.sqrt(squares / (n - 1) / n) : 0 };
}

/**
 * Whether a loss stays within an allowance: the loss measured plus one standard error must. A network that would be within it by
 * luck of the samples is so refused in five of six cases, at the price of somewhat more bits.
 */
export function within(loss: Loss, allowance: number): boolean {
  return loss.drop + loss.error <= allowance;
}
