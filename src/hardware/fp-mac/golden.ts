// What a floating-point MAC computes, bit for bit: exact products, the sum of a vector, the accumulator.
// Refuses infinities and NaN, as the floating-point pieces do (float/format.ts).

import type { Random } from '../../core/random.ts';
import { type FloatFormat, floatToNumber, numberToFloat } from '../float/format.ts';
import { floatAdd } from '../float/golden.ts';
import type { Batch } from '../unit.ts';
import type { FpMacPlan } from './options.ts';

/** Significand (an integer of mantissaBits + 1 bits) and exponent field of a magnitude; a zero has field 0. */
function split(format: FloatFormat, code: number, subnormals: boolean): [significand: number, field: number] {
  const { mantissaBits: m, bits } = format;
  const magnitude = code % 2 ** (bits - 1);
  const field = Math.floor(magnitude / 2 ** m);
  const fraction = magnitude - field * 2 ** m;
  if (field > 0) return [2 ** m + fraction, field];
  return subnormals && fraction > 0 ? [fraction, 1] : [0, 0];
}

/** The partial sum of one vector as a code of the accumulator's format. */
export function fpPartial(plan: FpMacPlan, w: ArrayLike<number>, a: ArrayLike<number>, at = 0): number {
  return plan.sum === 'fused' ? fusedPartial(plan, w, a, at) : treePartial(plan, w, a, at);
}

function fusedPartial(plan: FpMacPlan, w: ArrayLike<number>, a: ArrayLike<number>, at: number): number {
  const { format, lanes, subnormals, fraction } = plan;
  const half = 2 ** (format.bits - 1);
  const products = new Float64Array(lanes);
  const exponents = new Int32Array(lanes);
  let largest = 0;
  for (let i = 0; i < lanes; i++) {
    const [sw, ew] = split(format, w[at + i]!, subnormals);
    const [sa, ea] = split(format, a[at + i]!, subnormals);
    if (sw === 0 || sa === 0) continue;
    products[i] = sw * sa;
    exponents[i] = ew + ea;
    largest = Math.max(largest, exponents[i]!);
  }
  let sum = 0;
  for (let i = 0; i < lanes; i++) {
    const shift = fraction - 2 * format.mantissaBits - (largest - exponents[i]!);
    const aligned = Math.floor(products[i]! * 2 ** shift);
    sum += w[at + i]! >= half !== a[at + i]! >= half ? -aligned : aligned;
  }
  return numberToFloat(plan.accumulate, sum * 2 ** (largest - 2 * format.bias - fraction));
}

function treePartial(plan: FpMacPlan, w: ArrayLike<number>, a: ArrayLike<number>, at: number): number {
  const { format, accumulate, lanes, subnormals } = plan;
  let level = Array.from({ length: lanes }, (_, i) =>
    numberToFloat(
      accumulate,
      floatToNumber(format, w[at + i]!, subnormals) * floatToNumber(format, a[at + i]!, subnormals),
    ),
  );
  while (level.length > 1) {
    const next: number[] = [];
    for (let i = 0; i < level.length; i += 2) {
      next.push(i + 1 < level.length ? floatAdd(accumulate, level[i]!, level[i + 1]!) : level[i]!);
    }
    level = next;
  }
  return level[0]!;
}

/** The stream of the unit: one accumulator code a `last`. */
export function fpMacGolden(plan: FpMacPlan, batch: Batch): Batch {
  const { w, a, last } = batch.fields as Record<'w' | 'a' | 'last', Float64Array>;
  const out: number[] = [];
  let sum = 0;
  for (let t = 0; t < batch.count; t++) {
    sum = floatAdd(plan.accumulate, sum, fpPartial(plan, w, a, t * plan.lanes));
    if (last[t] !== 1) continue;
    out.push(sum);
    sum = 0;
  }
  return { count: out.length, fields: { acc: Float64Array.from(out) } };
}

/** Typical magnitudes within a few binades; some vectors of any pattern, of corners, or of pairs that cancel. */
export function fpMacStimuli(plan: FpMacPlan, random: Random, count: number): Batch {
  const { lanes, format } = plan;
  const { bits, mantissaBits: m, exponentBits, maxCode } = format;
  const half = 2 ** (bits - 1);
  const top = 2 ** exponentBits - 1;
  const w = new Float64Array(count * lanes);
  const a = new Float64Array(count * lanes);
  const last = new Float64Array(count);
  const near = (centre: number, spread: number): number => {
    const field = Math.min(Math.max(centre + random.below(2 * spread + 1) - spread, 0), top);
    return random.below(2) * half + field * 2 ** m + random.below(2 ** m);
  };
  const corners = [0, 1, 2 ** m - 1, 2 ** m, maxCode, half - 1, format.bias * 2 ** m];
  for (let t = 0; t < count; t++) {
    const kind = random.below(8);
    const spread = random.pick([1, 3, m + 3]);
    const centre = kind === 4 ? random.below(top + 1) : format.bias;
    for (let i = t * lanes; i < (t + 1) * lanes; i++) {
      w[i] = near(centre, spread);
      a[i] = near(format.bias, spread);
      if (kind === 5) w[i] = random.below(2 * half);
      if (kind === 6) w[i] = random.pick(corners) + random.below(2) * half;
      if (kind === 7 && (i - t * lanes) % 2 === 1) {
        w[i] = (w[i - 1]! + half) % (2 * half);
        a[i] = a[i - 1]!;
        if (random.below(4) === 0) a[i] = (a[i]! ^ 1) >>> 0;
      }
    }
    last[t] = random.below(3) === 0 ? 1 : 0;
  }
  return { count, fields: { w, a, last } };
}
