// The integers a vector MAC computes, in plain arithmetic below 2^52; and legal operands to try it with.
// Refuses nothing: sequences longer than `depth` are the caller's mistake (the stimuli never make them).

import type { Random } from '../../core/random.ts';
import type { Batch } from '../unit.ts';
import { type Operand, roundScale, type VectorMacPlan } from './options.ts';

/**
 * acc = sum over the vectors up to `last` of (sum over lanes of w·a) × R(ws · as); one output each `last`
 * (VS-Quant equations 4 to 6). A missing scale counts as 1.
 */
export function vectorMacGolden(plan: VectorMacPlan, input: Batch): Batch {
  const { vector } = plan.options;
  const { w, a, ws, as, last } = input.fields as Record<string, Float64Array | undefined>;
  const bits = plan.options.scaleBits ?? plan.productBits;
  const out: number[] = [];
  let sum = 0;
  for (let t = 0, at = 0; t < input.count; t++) {
    let dot = 0;
    for (let lane = 0; lane < vector; lane++, at++) dot += w![at]! * a![at]!;
    const product = (ws === undefined ? 1 : ws[t]!) * (as === undefined ? 1 : as[t]!);
    sum += dot * (plan.productBits === 0 ? 1 : roundScale(product, plan.shift, bits));
    if (last![t] !== 0) {
      out.push(sum + 0);
      sum = 0;
    }
  }
  return { count: out.length, fields: { acc: Float64Array.from(out) } };
}

/** Lengths of accumulation the stimuli draw: short ones mostly, the full depth now and then. */
function drawLength(random: Random, depth: number): number {
  const r = random.below(16);
  if (r < 5) return 1;
  if (r < 15) return 1 + random.below(Math.min(depth, 12));
  return random.below(8) === 0 ? depth : 1 + random.below(Math.min(depth, 40));
}

/**
 * Legal transactions, corner-biased: whole vectors at one extreme, with alternating extremes, sparse, small, or uniform;
 * runs that push the accumulator to its ends at full depth.
 */
export function vectorMacStimuli(plan: VectorMacPlan, random: Random, count: number): Batch {
  const { vector, depth } = plan.options;
  const { weight, activation } = plan;
  const w = new Float64Array(count * vector);
  const a = new Float64Array(count * vector);
  const ws = weight.scaleBits > 0 ? new Float64Array(count) : undefined;
  const as = activation.scaleBits > 0 ? new Float64Array(count) : undefined;
  const last = new Float64Array(count);
  let left = drawLength(random, depth);
  let extreme = false;
  let sign = 0;
  for (let t = 0; t < count; t++) {
    if (left === 0) {
      left = drawLength(random, depth);
      extreme = random.below(8) === 0;
      sign = random.below(2);
    }
    left--;
    if (left === 0 || t === count - 1) last[t] = 1;
    const at = t * vector;
    if (extreme) {
      // the largest products of one sign
      const negative = sign === 1 && weight.low < 0;
      w.fill(negative ? weight.low : weight.high, at, at + vector);
      a.fill(activation.high, at, at + vector);
      if (!negative && activation.low < -activation.high) {
        w.fill(weight.low, at, at + vector);
        a.fill(activation.low, at, at + vector);
      }
    } else {
      fillOperand(weight, random, w, at, vector);
      fillOperand(activation, random, a, at, vector);
    }
    if (ws !== undefined) ws[t] = extreme ? 2 ** weight.scaleBits - 1 : drawScale(random, weight.scaleBits);
    if (as !== undefined)
      as[t] = extreme ? 2 ** activation.scaleBits - 1 : drawScale(random, activation.scaleBits);
  }
  const fields: Record<string, Float64Array> = { w, a };
  if (ws !== undefined) fields['ws'] = ws;
  if (as !== undefined) fields['as'] = as;
  fields['last'] = last;
  return { count, fields };
}

function drawScale(random: Random, bits: number): number {
  const r = random.uint32();
  const kind = r & 15;
  if (kind === 0) return 0;
  if (kind === 1) return 2 ** bits - 1;
  if (kind === 2) return 1;
  return (r >>> 8) & (2 ** bits - 1);
}

function fillOperand(o: Operand, random: Random, into: Float64Array, at: number, vector: number): void {
  const kind = random.below(8);
  const span = o.high - o.low + 1;
  const mask = 2 ** o.bits - 1;
  for (let i = at; i < at + vector; i++) {
    const r = random.uint32();
    let value: number;
    if (kind === 0) value = (r & 1) === 0 ? o.low : o.high;
    else if (kind === 1) value = r % 8 === 0 ? o.low + ((r >>> 8) % span) : 0;
    else if (kind === 2) value = Math.max(o.low, -1) + (r % 3);
    else value = o.low + (((r >>> 8) & mask) % span);
    into[i] = Math.min(value, o.high);
  }
}
