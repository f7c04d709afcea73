// The form an activation's number format takes: signed or not, shifted or not, and where its static scale ends.
// Refuses values that are not finite; looks at calibration data only.

import { InputError } from '../core/errors.ts';
import { elementMax, type Format, MagnitudeHistogram, quantizeDequantize } from '../format/index.ts';
import type { Graph, QuantizableNode } from '../model/index.ts';
import { coarseFor, rangeOf } from './activations.ts';
import type { Breath } from './breath.ts';
import type { InputBatch } from './input-batch.ts';
import { nonNegative } from './nonnegative.ts';
import type { ResolvedOptions } from './options.ts';
import { type SoftmaxReplacement, softermaxUnit } from './softmax/index.ts';

/** What is worked out for an activation. */
export interface ActivationForm {
  format: Format;
  coarse: number;
  offset: number;
}

/**
 * Sign and offset of an activation format, and its coarse scale.
 * @param data the value's batches; each is read once for its range, and again for a histogram where static scales are clipped
 * @param users operators that read the value: padding keeps some from an offset
 */
export async function chooseForm(
  graph: Graph,
  value: string,
  format: Format,
  data: readonly InputBatch[],
  axis: number,
  users: readonly QuantizableNode[],
  options: Pick<ResolvedOptions, 'activationClip' | 'unsigned' | 'offset'>,
  replaced: readonly SoftmaxReplacement[],
  breath: Breath,
): Promise<ActivationForm> {
  const { element } = format;
  const clipping = options.activationClip;
  // where scales follow each vector at run time there is nothing to clip
  const clips = clipping.method !== 'max' && format.scaling.kind === 'tensor';
  let low = 0;
  let high = 0;
  for (const batch of data) {
    const range = rangeOf(batch.data);
    if (!Number.isFinite(range.low) || !Number.isFinite(range.high))
      throw new InputError(`value '${value}' holds ${wrong(range)} on calibration data`, {
        file: graph.file,
        expected: 'finite numbers where an activation is quantized',
      });
    low = Math.min(low, range.low);
    high = Math.max(high, range.high);
    await breath();
  }
  const form = async (signed: boolean, offset: number): Promise<ActivationForm> => {
    const own: Format = element.kind === 'int' ? { ...format, element: { ...element, signed } } : format;
    const peak = signed ? Math.max(high - offset, offset - low) : Math.max(0, high - offset);
    if (!clips || peak === 0) return { format: own, coarse: coarseFor(own, peak), offset };
    const histogram = new MagnitudeHistogram({ signed, name: value });
    for (const batch of data) {
      histogram.add(offset === 0 ? batch.data : batch.data.map(x => x - offset));
      await breath();
    }
    return { format: own, coarse: coarseFor(own, histogram.clip(own.element, clipping)), offset };
  };
  const whole = element.kind !== 'int' || element.signed;
  const signed = await form(whole, 0);
  if (element.kind !== 'int' || !element.signed || !options.unsigned) return signed;
  const unit = softermaxUnit(graph, value, replaced);
  const without: Format = { ...format, element: { ...element, signed: false } };
  if (unit !== undefined && without.scaling.kind === 'tensor' && high <= unit * elementMax(without.element))
    return { format: without, coarse: unit, offset: 0 };
  if (nonNegative(graph, value)) return form(false, 0);
  if (options.offset === 'none' || element.bits > 4) return signed;
  const padded = users.some(u => u.weight === undefined || u.kind === 'convTranspose');
  if (padded) return signed;
  const offset = Math.fround(low);
  const shifted = await form(false, offset);
  const sample = data[0]!;
  return noise(sample, shifted, axis) < noise(sample, signed, axis) ? shifted : signed;
}

const wrong = ({ low, high }: { low: number; high: number }): number => (Number.isFinite(low) ? high : low);

/** Squared error of an activation form on one sample of a batch. */
function noise(batch: InputBatch, form: ActivationForm, axis: number): number {
  const dims = [1, ...batch.dims.slice(1)];
  const size = dims.reduce((a, b) => a * b, 1);
  const data = batch.data.slice(0, size).map(x => x - form.offset);
  const vector = form.format.scaling.kind === 'vector' && form.format.scaling.scale.kind === 'fp32';
  const back = quantizeDequantize(
    data,
    { shape: dims, reductionAxis: axis },
    form.format,
    vector ? {} : { coarse: form.coarse },
  );
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (data[i]! - back[i]!) ** 2;
  return sum;
}
