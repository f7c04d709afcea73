// What a floating-point MAC is asked for and the widths that follow.
// Refuses formats without hardware and accumulators with a smaller range than the operands.

import { UsageError } from '../../core/errors.ts';
import { type FloatFormat, floatFormat } from '../float/format.ts';
import { integerParameter } from '../parameters.ts';
import type { UnitParameters } from '../unit.ts';

export interface FpMacPlan {
  format: FloatFormat;
  accumulate: FloatFormat;
  lanes: number;
  /**
   * `fused`: products aligned to the largest exponent and summed as integers, one normalisation a vector;
   * `tree`: a balanced tree of floating-point adders in the format of the accumulator.
   */
  sum: 'fused' | 'tree';
  /** Fused: pipeline stages, 3, or 4 with registers between the products and their alignment. */
  stages: number;
  /** Subnormal operands count (8-bit formats); otherwise they are zero. */
  subnormals: boolean;
  /** Fused: fraction bits an aligned product keeps below 2^0 of the largest product's exponent. */
  fraction: number;
  /** Fused: bits of an aligned product, and of the magnitude of a sum. */
  alignedBits: number;
  sumBits: number;
}

const accumulators: Readonly<Record<string, string>> = {
  fp8e4m3: 'fp24',
  fp8e5m2: 'fp24',
  fp16: 'fp32',
  bf16: 'fp32',
  fp32: 'fp32',
};

/** Checks parameters and derives the datapath. @throws UsageError, one line */
export function planFpMac(parameters: UnitParameters): FpMacPlan {
  const name = String(parameters['format'] ?? 'fp16');
  if (accumulators[name] === undefined) {
    throw new UsageError(`fp-mac cannot take the format ${name}`, {
      expected: `one of ${Object.keys(accumulators).join(', ')}`,
    });
  }
  const format = floatFormat(name);
  const accumulate = floatFormat(String(parameters['accumulate'] ?? accumulators[name]));
  if (
    accumulate.exponentBits < format.exponentBits ||
    accumulate.mantissaBits < 2 * (format.bits === 8 ? format.mantissaBits : 0)
  ) {
    throw new UsageError(`fp-mac ${name} with accumulator ${accumulate.name}`, {
      expected: 'an accumulator of at least the exponent bits of the operands, fp16 or wider',
    });
  }
  const lanes = integerParameter('fp-mac', parameters, 'lanes', { low: 1, high: 256, fallback: 32 });
  const sum = String(parameters['sum'] ?? 'fused');
  if (sum !== 'fused' && sum !== 'tree') {
    throw new UsageError(`fp-mac sum ${sum}`, { expected: 'fused or tree' });
  }
  const stages = integerParameter('fp-mac', parameters, 'stages', { low: 3, high: 4, fallback: 3 });
  const fraction = integerParameter('fp-mac', parameters, 'fraction', {
    low: 2,
    high: accumulate.mantissaBits + 2,
    fallback: accumulate.mantissaBits + 2,
  });
  const alignedBits = fraction + 2;
  return {
    format,
    accumulate,
    lanes,
    sum,
    stages,
    subnormals: format.bits === 8,
    fraction,
    alignedBits,
    sumBits: alignedBits + Math.ceil(Math.log2(lanes)),
  };
}
