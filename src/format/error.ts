// Errors between a tensor and its quantized form: mean squared error and signal to quantization noise ratio.
// Streaming: feed any number of pairs of chunks. Refuses chunks of different length.

import { UsageError } from '../core/errors.ts';

/** Accumulates signal and noise power over chunks, in float64, in element order. */
export class ErrorMeter {
  private signal = 0;
  private noise = 0;
  private worst = 0;
  private n = 0;

  add(reference: ArrayLike<number>, approximation: ArrayLike<number>): void {
    if (reference.length !== approximation.length) {
      throw new UsageError(`error of ${reference.length} against ${approximation.length} values`);
    }
    for (let i = 0; i < reference.length; i++) {
      const x = reference[i]!;
      const d = x - approximation[i]!;
      this.signal += x * x;
      this.noise += d * d;
      if (Math.abs(d) > this.worst) this.worst = Math.abs(d);
    }
    this.n += reference.length;
  }

  get count(): number {
    return this.n;
  }

  /** Mean squared error; 0 when nothing was added. */
  get mse(): number {
    return this.n === 0 ? 0 : this.noise / this.n;
  }

  /** Largest absolute error. */
  get maxError(): number {
    return this.worst;
  }

  /** 10 log10(signal / noise) in dB; Infinity without noise. */
  get sqnr(): number {
    return this.noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(this.signal / this.noise);
  }
}

/** Mean squared error of two arrays of equal length. */
export function mse(reference: ArrayLike<number>, approximation: ArrayLike<number>): number {
  const meter = new ErrorMeter();
  meter.add(reference, approximation);
  return meter.mse;
}

/** Signal to quantization noise ratio in dB. */
export function sqnr(reference: ArrayLike<number>, approximation: ArrayLike<number>): number {
  const meter = new ErrorMeter();
  meter.add(reference, approximation);
  return meter.sqnr;
}
