// The integers of the post-processing unit: coarse scaling, vector maximum, scale code, codes, as `encode` of the format
// room makes them with a coarse scale of one. Refuses nothing.

import type { Random } from '../../core/random.ts';
import { roundHalfEven } from '../../format/element.ts';
import type { Batch } from '../unit.ts';
import type { PpuPlan } from './options.ts';

/**
 * For each vector: y = x·c / 2^shift rounded half up and limited; m = max |y| (after a ReLU when codes are unsigned);
 * s = round(m / (top · 2^fraction)); code = round(y / (s · 2^fraction)), both to nearest, ties to even, saturating
 * (VS-Quant equations 7a to 7g with the elements rounded by the rounded scale).
 */
export function ppuGolden(plan: PpuPlan, input: Batch): Batch {
  const { vector, fraction, top, scaleTop, signed } = plan;
  const x = input.fields['x']!;
  const c = input.fields['c']!;
  const codes = new Float64Array(input.count * vector);
  const scales = new Float64Array(input.count);
  const unit = 2 ** fraction;
  const y = new Float64Array(vector);
  for (let t = 0; t < input.count; t++) {
    let m = 0;
    for (let i = 0; i < vector; i++) {
      y[i] = coarse(plan, x[t * vector + i]!, c[t * vector + i]!);
      m = Math.max(m, Math.abs(y[i]!));
    }
    const s = Math.min(roundHalfEven(m / (top * unit)), scaleTop);
    scales[t] = s;
    if (s === 0) continue;
    for (let i = 0; i < vector; i++) {
      const code = Math.min(roundHalfEven(Math.abs(y[i]!) / (s * unit)), top);
      codes[t * vector + i] = (signed && y[i]! < 0 ? -code : code) + 0;
    }
  }
  return { count: input.count, fields: { codes, scale: scales } };
}

/** Coarse scaling of one accumulator: rounded half up, limited to the magnitude, negatives to zero when unsigned. */
export function coarse(plan: PpuPlan, x: number, c: number): number {
  const limit = 2 ** plan.magnitudeBits - 1;
  const y = Math.floor((x * c + 2 ** (plan.shift - 1)) / 2 ** plan.shift);
  return Math.max(plan.signed ? -limit : 0, Math.min(limit, y));
}

/** Vectors of every size of magnitude, with outliers, ties, zeros and both ends. */
export function ppuStimuli(plan: PpuPlan, random: Random, count: number): Batch {
  const { vector, inputBits, multiplierBits } = plan;
  const x = new Float64Array(count * vector);
  const c = new Float64Array(count * vector);
  const half = 2 ** (inputBits - 1);
  const topC = 2 ** multiplierBits - 1;
  for (let t = 0; t < count; t++) {
    const size = 2 ** random.between(0, inputBits - 1);
    const kind = random.below(9);
    const shared = random.below(4) === 0 ? topC : random.below(topC + 1);
    for (let i = t * vector; i < (t + 1) * vector; i++) {
      let value = Math.round(random.between(-size, size));
      if (kind >= 6) value = random.below(2 * half) - half;
      if (kind === 0) value = random.below(2) === 0 ? -half : half - 1;
      else if (kind === 1 && random.below(vector) === 0) value = random.below(2) === 0 ? -half : half - 1;
      else if (kind === 2)
        value = value === 0 ? 0 : Math.sign(value) * 2 ** Math.floor(Math.log2(Math.abs(value)));
      x[i] = Math.max(-half, Math.min(half - 1, value)) + 0;
      c[i] =
        kind === 3 || kind === 7 ? random.below(topC + 1) : kind === 2 ? 2 ** (multiplierBits - 1) : shared;
    }
  }
  return { count, fields: { x, c } };
}
