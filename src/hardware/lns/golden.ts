// The exact integers of an LNS dot product as the MAC computes them: terms, remainder bins, constants, accumulator.
// Refuses scales: they are real factors applied outside. Source: LNS-Madam, dot product and hybrid Mitchell approximation.

import type { Random } from '../../core/random.ts';
import type { Batch } from '../unit.ts';
import type { LnsMacPlan } from './options.ts';

/** A product of two codes: its bin (upper remainder bits) and its integer in units of 2^drop, sign included. */
export function lnsTerm(plan: LnsMacPlan, a: number, b: number): { bin: number; value: number } {
  const half = 2 ** (plan.bits - 1);
  const ea = a % half;
  const eb = b % half;
  if (ea === 0 || eb === 0) return { bin: 0, value: 0 };
  const p = ea + eb;
  const q = Math.floor(p / plan.gamma);
  const r = p % plan.gamma;
  const low = 2 ** plan.mitchellBits;
  // (gamma + rL) / gamma * 2^q with rL the remainder bits below the bin, in units of 2^drop
  const magnitude = Math.floor((1 + (r % low) / plan.gamma) * 2 ** (q - plan.drop));
  return { bin: Math.floor(r / low), value: a >= half !== b >= half ? -magnitude + 0 : magnitude };
}

/** Bins, their bias taken off, times constants: the sum in units of 2^drop, rounded half up, before it saturates. */
export function lnsConvert(plan: LnsMacPlan, bins: ArrayLike<number>): number {
  if (plan.lut === 1) return bins[0]!;
  let sum = 2 ** (plan.constantBits - 1);
  for (let m = 0; m < plan.lut; m++) sum += plan.constants[m]! * (bins[m]! - plan.bias);
  return Math.floor(sum / 2 ** plan.constantBits);
}

/** The stream of the unit: bins accumulate vector after vector, saturating; each `last` gives one saturated sum. */
export function lnsMacGolden(plan: LnsMacPlan, batch: Batch): Batch {
  const { w, a, last } = batch.fields as Record<'w' | 'a' | 'last', Float64Array>;
  const saturate = (x: number, bits: number): number =>
    Math.min(Math.max(x, -(2 ** (bits - 1))), 2 ** (bits - 1) - 1);
  const out: number[] = [];
  const bins = new Float64Array(plan.lut).fill(plan.bias);
  const vector = new Float64Array(plan.lut);
  for (let t = 0; t < batch.count; t++) {
    vector.fill(0);
    for (let i = t * plan.lanes; i < (t + 1) * plan.lanes; i++) {
      const { bin, value } = lnsTerm(plan, w[i]!, a[i]!);
      vector[bin]! += value;
    }
    for (let m = 0; m < plan.lut; m++) bins[m] = saturate(bins[m]! + vector[m]!, plan.binWidth);
    if (last[t] !== 1) continue;
    out.push(saturate(lnsConvert(plan, bins), plan.accumulator));
    bins.fill(plan.bias);
  }
  return { count: out.length, fields: { acc: Float64Array.from(out) } };
}

/**
 * A dot product of any length by the unit's arithmetic, as a real number before scales: the exact LNS model for use in
 * software. `w` and `a` are codes of the same length; the tail of the last vector counts as zeros.
 */
export function lnsDot(plan: LnsMacPlan, w: ArrayLike<number>, a: ArrayLike<number>): number {
  const count = Math.max(1, Math.ceil(w.length / plan.lanes));
  const pad = (x: ArrayLike<number>): Float64Array => {
    const out = new Float64Array(count * plan.lanes);
    out.set(x);
    return out;
  };
  const last = new Float64Array(count);
  last[count - 1] = 1;
  const { fields } = lnsMacGolden(plan, { count, fields: { w: pad(w), a: pad(a), last } });
  return fields['acc']![0]! * 2 ** plan.drop;
}

/** Mostly typical codes; some vectors of extremes, zeros, one sign, or one remainder, so that bins and sums saturate. */
export function lnsMacStimuli(plan: LnsMacPlan, random: Random, count: number): Batch {
  const { lanes, bits } = plan;
  const half = 2 ** (bits - 1);
  const w = new Float64Array(count * lanes);
  const a = new Float64Array(count * lanes);
  const last = new Float64Array(count);
  for (let t = 0; t < count; t++) {
    const kind = random.below(8);
    const sign = random.below(2) * half;
    const shared = 1 + random.below(half - 1);
    for (let i = t * lanes; i < (t + 1) * lanes; i++) {
      w[i] = random.below(2 * half);
      a[i] = random.below(2 * half);
      if (kind === 0) {
        w[i] = sign + half - 1 - random.below(4);
        a[i] = half - 1 - random.below(4);
      } else if (kind === 1) {
        w[i] = random.pick([0, half, half - 1, 2 * half - 1, 1]);
      } else if (kind === 2) {
        w[i] = random.below(2) * half + shared;
        a[i] = random.below(4) === 0 ? 0 : shared;
      }
    }
    last[t] = random.below(random.below(16) === 0 ? 64 : 3) === 0 ? 1 : 0;
  }
  return { count, fields: { w, a, last } };
}
