// What a floating-point MAC computes, bit for bit: exact products, the sum of a vector, the accumulator.
// Refuses infinities and NaN, as the floating-point pieces do (float/format.ts).

import type { Random } from '../../core/random.ts';
import { floatToNumber, numberToFloat, twoTo } from '../float/format.ts';
import { floatAdd } from '../float/golden.ts';
import type { Batch } from '../unit.ts';
import type { FpMacPlan } from './options.ts';

/** Exponent field of a magnitude as it counts: subnormals have that of the smallest normals, zeros have 0. */
function fieldOf(magnitude: number, unit: number, subnormals: boolean): number {
  const field = Math.floor(magnitude / unit);
  return field === 0 && subnormals && magnitude > 0 ? 1 : field;
}

/** The partial sum of one vector as a code of the accumulator's format. */
export function fpPartial(plan: FpMacPlan, w: ArrayLike<number>, a: ArrayLike<number>, at = 0): number {
  return plan.sum === 'fused' ? fusedPartial(plan, w, a, at) : treePartial(plan, w, a, at);
}

function fusedPartial(plan: FpMacPlan, w: ArrayLike<number>, a: ArrayLike<number>, at: number): number {
  const { format, lanes, subnormals, fraction, accumulate } = plan;
  const { bits, mantissaBits, bias } = format;
  const half = twoTo(bits - 1);
  const unit = twoTo(mantissaBits);
  let largest = 0;
  for (let i = at; i < at + lanes; i++) {
    const ew = fieldOf(w[i]! % half, unit, subnormals);
    const ea = fieldOf(a[i]! % half, unit, subnormals);
    if (ew > 0 && ea > 0 && ew + ea > largest) largest = ew + ea;
  }
  let sum = 0;
  for (let i = at; i < at + lanes; i++) {
    const mw = w[i]! % half;
    const ma = a[i]! % half;
    const ew = fieldOf(mw, unit, subnormals);
    const ea = fieldOf(ma, unit, subnormals);
    if (ew === 0 || ea === 0) continue;
    // significands are integers of mantissaBits + 1 bits; a subnormal has no leading one
    const sw = mw < unit ? mw : mw - (ew - 1) * unit;
    const sa = ma < unit ? ma : ma - (ea - 1) * unit;
    const aligned = Math.floor(sw * sa * twoTo(fraction - 2 * mantissaBits - (largest - ew - ea)));
    sum += w[i]! >= half !== a[i]! >= half ? -aligned : aligned;
  }
  return numberToFloat(accumulate, sum * 2 ** (largest - 2 * bias - fraction));
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
  const unit = 2 ** m;
  const near = (centre: number, spread: number): number => {
    const field = Math.min(Math.max(centre + random.below(2 * spread + 1) - spread, 0), top);
    return random.below(2) * half + field * unit + random.below(unit);
  };
  const corners = [0, 1, unit - 1, unit, maxCode, half - 1, format.bias * unit];
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
