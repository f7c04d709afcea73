// Score rows as attention has them and as corners want them; the normalisation unit gets what the first unit makes of them.

import type { Random } from '../../core/random.ts';
import type { Softermax } from '../../format/index.ts';
import { type Batch, type Channel, emptyBatch } from '../unit.ts';

/** Transactions of the unnormalised unit: rows of 1 to 12 slices, of many spreads, rising, flat, masked, at the limits. */
export function scoreRows(model: Softermax, channel: Channel, random: Random, count: number): Batch {
  const { vector, input } = model.parameters;
  const batch = emptyBatch(channel, count);
  const { x, last } = batch.fields as { x: Float64Array; last: Float64Array };
  const { masked, highest } = model;
  const one = 2 ** input.fractionBits;
  let left = 0;
  let slope = 0;
  let spread = 1;
  let middle = 0;
  let mask = 0;
  for (let t = 0; t < count; t++) {
    if (left === 0) {
      left = 1 + random.below(12);
      spread = random.pick([0, 0.3, 1, 2, 4, 16]) * one;
      middle = random.pick([0, 0, 0, masked / 2, masked, highest]);
      slope = random.pick([0, 0, 0, one, 4 * one, -2 * one]);
      mask = random.pick([0, 0, 0, 0.2, 1]);
    }
    for (let i = 0; i < vector; i++) {
      const code = Math.round(middle + spread * random.normal());
      const kind = random.below(64);
      let value = Math.min(highest, Math.max(masked, code));
      if (kind === 0) value = random.pick([masked, masked + 1, highest, 0, -1, 1]);
      else if (random.uniform() < mask) value = masked;
      x[t * vector + i] = value;
    }
    middle += slope;
    left--;
    last[t] = left === 0 ? 1 : 0;
  }
  if (count > 0) last[count - 1] = 1;
  return batch;
}

/** Transactions of the normalisation unit: numerators, maxima and sums of such rows. */
export function normalStimuli(model: Softermax, channel: Channel, random: Random, count: number): Batch {
  const { vector } = model.parameters;
  const scores = scoreRows(
    model,
    {
      ...{ name: 'in', direction: 'in' },
      fields: [
        { name: 'x', lanes: vector, bits: 1, signed: true },
        { name: 'last', lanes: 1, bits: 1, signed: false },
      ],
    },
    random,
    count,
  );
  const batch = emptyBatch(channel, count);
  const { u, maximum, row_maximum: top, sum } = batch.fields as Record<string, Float64Array>;
  let first = 0;
  for (let t = 0; t < count; t++) {
    if (scores.fields['last']![t] !== 1) continue;
    const row = model.unnormed(scores.fields['x']!.subarray(first * vector, (t + 1) * vector));
    u!.set(row.numerators, first * vector);
    for (let k = first; k <= t; k++) {
      maximum![k] = row.maxima[k - first]!;
      top![k] = row.maxima.at(-1)!;
      sum![k] = row.sums.at(-1)!;
    }
    first = t + 1;
  }
  return batch;
}
