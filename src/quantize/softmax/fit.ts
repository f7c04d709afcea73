// The input format of one Softermax from the scores a network really has: the paper's fraction bits, and the fewest integer
// bits (6 at least) in which no calibrated score saturates at the top and every row's maximum keeps 8 octaves below it.
// Refuses to go beyond 8 integer bits: scores then saturate, and the share is reported.

import { Softermax, type SoftermaxOptions } from '../../format/index.ts';
import type { InputBatch } from '../input-batch.ts';

const widest = 8;
/** Octaves below a row's maximum that can still show in an output of 7 fraction bits. */
const octaves = 8;

export interface ScoreRange {
  high: number;
  lowestPeak: number;
}

/** Range of scores over batches [..., n], in units of log2; scores below -1e4 count as masked. */
export function scoreRange(batches: Iterable<InputBatch>): ScoreRange | undefined {
  let high = Number.NEGATIVE_INFINITY;
  let lowestPeak = Number.POSITIVE_INFINITY;
  for (const batch of batches) {
    const { dims, data } = batch;
    const width = dims.at(-1) ?? 1;
    for (let from = 0; from < data.length; from += width) {
      let peak = -1e4;
      for (let i = from; i < from + width; i++) if (data[i]! > peak) peak = data[i]!;
      if (peak === -1e4) continue;
      high = Math.max(high, peak);
      lowestPeak = Math.min(lowestPeak, peak);
    }
  }
  if (high === Number.NEGATIVE_INFINITY) return undefined;
  return { high: high * Math.LOG2E, lowestPeak: lowestPeak * Math.LOG2E };
}

export function fitSoftermax(options: SoftermaxOptions, range: ScoreRange | undefined): Softermax {
  const first = new Softermax(options);
  if (options.input !== undefined || range === undefined) return first;
  const { fractionBits } = first.parameters.input;
  let bits = first.parameters.input.integerBits;
  const fits = (): boolean => {
    const half = 2 ** (bits - 1);
    return range.high <= half - 2 ** -fractionBits && range.lowestPeak - octaves >= -half;
  };
  while (!fits() && bits < widest) bits++;
  return new Softermax({ ...options, input: `fix${bits}.${fractionBits}` });
}
