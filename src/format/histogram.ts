// Streaming histogram of magnitudes for activation calibration: memory O(bins), whatever the number of values.
// The range is a power of two that doubles by merging neighbouring bins, so the result depends on the set of values only,
// not on their order or on how they were cut into batches. Refuses NaN and infinity.

import { InputError, UsageError } from '../core/errors.ts';
import { bestPoint, type ClipMethod, entropyThreshold, scaleOfClip } from './clip.ts';
import { codeValue, elementSigned, exponentOf, nearestCode } from './element.ts';
import type { Element } from './notation.ts';
import { octavConstant } from './octav.ts';
import { polishClip } from './polish.ts';

export interface HistogramOptions {
  /** Number of bins, even; default 2048. At least half of them lie below the largest magnitude. */
  bins?: number | undefined;
  /** True (default): magnitudes are |x|. False: max(x, 0), for unsigned elements; negative values count as zero. */
  signed?: boolean | undefined;
  /** Named in errors. */
  name?: string | undefined;
}

export class MagnitudeHistogram {
  readonly signed: boolean;
  /** Non-zero magnitudes in [i w, (i + 1) w), w = range / bins. */
  readonly counts: Float64Array;
  private readonly name: string;
  private top = 0;
  private n = 0;
  private zeroCount = 0;
  private lowest = 0;
  private highest = 0;

  /** @throws UsageError when the number of bins is not an even integer from 2 to 2^20 */
  constructor(options: HistogramOptions = {}) {
    const bins = options.bins ?? 2048;
    if (!Number.isInteger(bins) || bins < 2 || bins > 2 ** 20 || bins % 2 !== 0) {
      throw new UsageError(`${bins} histogram bins`, { expected: 'an even number from 2 to 1048576' });
    }
    this.counts = new Float64Array(bins);
    this.signed = options.signed ?? true;
    this.name = options.name ?? 'activation';
  }

  /** Adds one batch. @throws InputError on NaN or infinity; the histogram is then unchanged */
  add(values: Float32Array): void {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      if (x - x !== 0) {
        throw new InputError(`'${this.name}' holds ${x} at ${i} of a batch`, { expected: 'finite values' });
      }
      if (x < low) low = x;
      if (x > high) high = x;
    }
    if (values.length === 0) return;
    this.widen(
      this.n === 0 ? low : Math.min(low, this.lowest),
      this.n === 0 ? high : Math.max(high, this.highest),
    );
    const { counts, signed } = this;
    const perUnit = this.top > 0 ? counts.length / this.top : 0;
    let zeros = 0;
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      const a = signed ? Math.abs(x) : x;
      if (a > 0) counts[Math.floor(a * perUnit)]!++;
      else zeros++;
    }
    this.zeroCount += zeros;
    this.n += values.length;
  }

  /** Adds what another histogram has seen. @throws UsageError when bins or signedness differ */
  merge(other: MagnitudeHistogram): void {
    if (other.counts.length !== this.counts.length || other.signed !== this.signed) {
      throw new UsageError('histograms of different form cannot be merged');
    }
    if (other.n === 0) return;
    const { lowest, highest } = other;
    this.widen(
      this.n === 0 ? lowest : Math.min(lowest, this.lowest),
      this.n === 0 ? highest : Math.max(highest, this.highest),
    );
    const factor = other.top > 0 ? this.top / other.top : 1;
    for (let i = 0; i < this.counts.length; i++) this.counts[Math.floor(i / factor)]! += other.counts[i]!;
    this.zeroCount += other.zeroCount;
    this.n += other.n;
  }

  /** Number of values seen. */
  get count(): number {
    return this.n;
  }

  /** Values whose magnitude is zero. */
  get zeros(): number {
    return this.zeroCount;
  }

  /** Smallest and largest value seen; 0 before any. */
  get low(): number {
    return this.lowest;
  }

  get high(): number {
    return this.highest;
  }

  /** Largest magnitude seen. */
  get peak(): number {
    return this.signed ? Math.max(-this.lowest, this.highest, 0) : Math.max(this.highest, 0);
  }

  /** Upper end of the last bin: the power of two above the peak; 0 before any non-zero magnitude. */
  get range(): number {
    return this.top;
  }

  /**
   * Clipping magnitude, float32 in [0, peak]; 0 only when every magnitude is zero. `max` is exact; the others place the
   * values of a bin at its middle (percentile: at its upper end), so they differ from clipMagnitude by about a bin.
   * @throws UsageError for octav and elements other than integers, or signedness other than the histogram's
   */
  clip(element: Element, clip: ClipMethod): number {
    if (elementSigned(element) !== this.signed) {
      throw new UsageError(`a histogram of ${this.signed ? 'signed' : 'unsigned'} magnitudes`, {
        expected: 'an element of the same signedness',
      });
    }
    const { peak } = this;
    if (peak === 0) return 0;
    switch (clip.method) {
      case 'max':
        return peak;
      case 'percentile':
        return this.percentile(clip.percent);
      case 'entropy':
        return this.entropy(element);
      case 'mse':
        return bestPoint(clip.points ?? 100, peak, c => this.squaredError(element, c));
      case 'octav': {
        if (element.kind !== 'int') {
          throw new UsageError('octav clips integer elements only', { nearest: 'mse' });
        }
        const s = this.octav(octavConstant(element, clip.constant), clip.updates ?? 10);
        return clip.polish === false ? s : polishClip(s, peak, c => this.squaredError(element, c));
      }
    }
  }

  /** Squared error of all values under the scale clip / elementMax, from bin middles. */
  squaredError(element: Element, clip: number): number {
    const s = scaleOfClip(clip, element);
    const width = this.top / this.counts.length;
    let sum = 0;
    for (let i = 0; i < this.counts.length; i++) {
      const n = this.counts[i]!;
      if (n === 0) continue;
      const x = (i + 0.5) * width;
      const d = x - (s > 0 ? codeValue(element, nearestCode(element, x / s)) * s : 0);
      sum += n * d * d;
    }
    return sum;
  }

  private percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent * this.n) / 100 - 1e-9));
    let seen = this.zeroCount;
    if (seen >= rank) return this.peak; // a percentile of zero would erase the set
    for (let i = 0; i < this.counts.length; i++) {
      seen += this.counts[i]!;
      if (seen >= rank) return Math.min(this.peak, Math.fround(((i + 1) / this.counts.length) * this.top));
    }
    return this.peak;
  }

  private entropy(element: Element): number {
    const width = this.top / this.counts.length;
    const used = Math.min(this.counts.length, Math.floor(this.peak / width) + 1);
    return Math.min(this.peak, entropyThreshold(this.counts.subarray(0, used), used * width, element));
  }

  /** OCTAV's recursion (octav.ts) over bins; the bin that holds the iterate is split in proportion. */
  private octav(constant: number, updates: number): number {
    const { counts, top, peak } = this;
    const width = top / counts.length;
    let total = 0;
    let nonZero = 0;
    for (let i = 0; i < counts.length; i++) {
      total += counts[i]! * (i + 0.5) * width;
      nonZero += counts[i]!;
    }
    let s = total / nonZero;
    for (let u = 0; u < updates; u++) {
      const at = Math.floor(s / width);
      let count = 0;
      let sum = 0;
      for (let i = counts.length - 1; i > at; i--) {
        count += counts[i]!;
        sum += counts[i]! * (i + 0.5) * width;
      }
      if (at < counts.length) {
        const part = counts[at]! * (at + 1 - s / width);
        count += part;
        sum += part * ((at + 1) * width + s) * 0.5;
      }
      s = sum / (constant * (nonZero - count) + count);
    }
    return s > 0 && s <= peak ? Math.fround(s) : peak;
  }

  /** Takes the new extremes; doubles the range until the largest magnitude lies inside. */
  private widen(low: number, high: number): void {
    this.lowest = low;
    this.highest = high;
    const { peak, counts } = this;
    if (peak === 0 || peak < this.top) return;
    const top = 2 ** (exponentOf(peak) + 1);
    const factor = this.top === 0 ? 1 : top / this.top;
    this.top = top;
    if (factor === 1) return;
    for (let i = 0; i < counts.length; i++) {
      const n = counts[i]!;
      counts[i] = 0;
      counts[Math.floor(i / factor)]! += n;
    }
  }
}
