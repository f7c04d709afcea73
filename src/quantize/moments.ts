// Second moments of a layer's inputs over the calibration stream: covariance of the quantized inputs, their covariance with
// the fp32 inputs, and both means. Memory depends on the layer alone. Positions are sub-sampled by a fixed stride.
// Refuses inputs that are not finite.

import { type ErrorPlace, InputError } from '../core/errors.ts';
import { ensureMemory, loadKernel } from '../kernels/load.ts';
import { type Breath, KernelPool, noBreath } from './breath.ts';
import {
  channelMeans,
  type InputBatch,
  imageSize,
  outputSize,
  panelRows,
  positionsOf,
  sizeOfSample,
  spread,
} from './input-batch.ts';
import type { RowForm } from './layers.ts';
import { farFromOne } from './row-solver.ts';

interface GramKernel {
  heapBase(): number;
  accumulate(a: number, b: number, rows: number, groups: number, g: number, upper: number): void;
  pack(
    ...args: [
      x: number,
      channels: number,
      height: number,
      width: number,
      kernelH: number,
      kernelW: number,
      dilationH: number,
      dilationW: number,
      positions: number,
      rows: number,
      shift: number,
      panel: number,
      sums: number,
    ]
  ): void;
  packRows(x: number, features: number, rows: number, shift: number, panel: number, sums: number): void;
}

/**
 * Moments of one group: row-major features x features, feature order (tap, channel). Second moments hold up to a power of two,
 * one for all groups: 1 unless the squares of the inputs leave float32.
 */
export interface GroupMoments {
  /** Covariance of the quantized inputs. */
  covariance: Float32Array;
  /** Covariance of fp32 input i with quantized input j. */
  cross: Float32Array;
  mean: Float64Array;
  meanFull: Float64Array;
}

export interface Moments {
  positions: number;
  groups: GroupMoments[];
}

const pool = new KernelPool(() => loadKernel<GramKernel>('gram'));

/**
 * Moments of a layer.
 * @param quantized inputs the layer will see; `full` the fp32 network's inputs of the same samples, batch by batch
 * @param limit most positions used; they are spread evenly with a stride prime to the widths that occur
 * @param breath awaited between samples
 * @param place the layer, for errors
 * @throws InputError when inputs are not finite
 */
export async function gatherMoments(
  form: RowForm,
  quantized: readonly InputBatch[],
  full: readonly InputBatch[],
  limit: number,
  breath: Breath = noBreath,
  place: ErrorPlace = {},
): Promise<Moments> {
  return pool.use(async kernel => {
    const moments = await gather(kernel, form, quantized, full, limit, breath, 1);
    if (inRange(moments)) return moments;
    const unit = await unitOf([...full, ...quantized], breath, place);
    return unit === 1 ? moments : gather(kernel, form, quantized, full, limit, breath, unit);
  });
}

/** True when the largest variance is a number that the fit can square. */
function inRange({ groups }: Moments): boolean {
  let peak = 0;
  for (const { covariance } of groups) {
    const step = Math.sqrt(covariance.length) + 1;
    for (let i = 0; i < covariance.length; i += step) {
      if (!Number.isFinite(covariance[i])) return false;
      peak = Math.max(peak, covariance[i]!);
    }
  }
  return peak > 2 ** -80 && peak < 2 ** 80;
}

/** What to divide inputs by. @throws InputError when one is not finite */
async function unitOf(batches: readonly InputBatch[], breath: Breath, place: ErrorPlace): Promise<number> {
  let peak = 0;
  for (const batch of batches) {
    for (const x of batch.data) {
      if (!Number.isFinite(x))
        throw new InputError(`its input holds ${x} on calibration data`, {
          ...place,
          expected: 'finite numbers',
        });
      peak = Math.max(peak, Math.abs(x));
    }
    const pause = breath();
    if (pause !== undefined) await pause;
  }
  return peak > 0 ? farFromOne(peak) : 1;
}

async function gather(
  kernel: GramKernel & { memory: WebAssembly.Memory },
  form: RowForm,
  quantized: readonly InputBatch[],
  full: readonly InputBatch[],
  limit: number,
  breath: Breath,
  unit: number,
): Promise<Moments> {
  const { channels, features, group } = form;
  const padded = (features + 7) & ~7;
  const blocks = padded / 8;
  const sampleSize = Math.max(...quantized.map(q => sizeOfSample(form, q)));
  let next = (kernel.heapBase() + 15) & ~15;
  const take = (bytes: number): number => {
    const at = next;
    next += (bytes + 15) & ~15;
    return at;
  };
  const panelA = take(panelRows * padded * 4);
  const panelB = take(panelRows * padded * 4);
  const zeroed = next;
  const own = take(padded * padded * 4 * group);
  const cross = take(padded * padded * 4 * group);
  const sumsA = take(padded * 4 * group);
  const sumsB = take(padded * 4 * group);
  const shift = take(Math.max(padded, channels * group) * 4);
  const where = take(panelRows * 8);
  const xa = take(sampleSize * 4);
  const xb = take(sampleSize * 4);
  ensureMemory(kernel.memory, next + 64);
  const f = new Float32Array(kernel.memory.buffer);
  const i32 = new Int32Array(kernel.memory.buffer);
  new Uint8Array(kernel.memory.buffer, zeroed, xa - zeroed).fill(0);
  const fill = (data: Float32Array, to: number): void => {
    f.set(data, to / 4);
    if (unit !== 1) for (let i = 0; i < data.length; i++) f[to / 4 + i]! /= unit;
  };
  fill(channelMeans(form, full[0]!), shift);

  let total = 0;
  for (const q of quantized) total += positionsOf(form, q);
  const stride = spread(total, limit);
  let counter = 0;
  let positions = 0;
  const list = new Int32Array(panelRows * 2);
  for (let b = 0; b < quantized.length; b++) {
    const q = quantized[b]!;
    const dataA = q.data;
    const dataB = full[b]!.data;
    const samples = form.kind === 'conv' ? q.dims[0]! : 1;
    const size = dataA.length / Math.max(1, samples);
    for (let s = 0; s < samples; s++) {
      const pause = breath();
      if (pause !== undefined) await pause;
      if (form.kind === 'matrix') {
        const rows = size / features;
        for (let row = 0; row < rows; ) {
          const count = Math.min(panelRows, rows - row);
          fill(dataA.subarray(row * features, (row + count) * features), xa);
          fill(dataB.subarray(row * features, (row + count) * features), xb);
          kernel.packRows(xa, features, count, shift, panelA, sumsA);
          kernel.packRows(xb, features, count, shift, panelB, sumsB);
          kernel.accumulate(panelA, panelA, count, blocks, own, 1);
          kernel.accumulate(panelB, panelA, count, blocks, cross, 0);
          positions += count;
          row += count;
        }
        continue;
      }
      fill(dataA.subarray(s * size, (s + 1) * size), xa);
      fill(dataB.subarray(s * size, (s + 1) * size), xb);
      const { kernel: k, strides, dilations, pads } = form.window!;
      const [height, width] = imageSize(q);
      const [outH, outW] = outputSize(form, height, width);
      let count = 0;
      const flush = (): void => {
        if (count === 0) return;
        i32.set(list.subarray(0, count * 2), where / 4);
        for (let g = 0; g < group; g++) {
          const plane = g * channels * height * width * 4;
          const sh = shift + g * channels * 4;
          const geometryArgs = [channels, height, width, k[0], k[1], dilations[0], dilations[1]] as const;
          kernel.pack(xa + plane, ...geometryArgs, where, count, sh, panelA, sumsA + g * padded * 4);
          kernel.pack(xb + plane, ...geometryArgs, where, count, sh, panelB, sumsB + g * padded * 4);
          const offset = g * padded * padded * 4;
          kernel.accumulate(panelA, panelA, count, blocks, own + offset, 1);
          kernel.accumulate(panelB, panelA, count, blocks, cross + offset, 0);
        }
        positions += count;
        count = 0;
      };
      for (let y = 0; y < outH; y++) {
        for (let x = 0; x < outW; x++) {
          if (counter++ % stride !== 0) continue;
          list[count * 2] = y * strides[0] - pads[0];
          list[count * 2 + 1] = x * strides[1] - pads[1];
          if (++count === panelRows) flush();
        }
      }
      flush();
    }
  }

  const groups: GroupMoments[] = [];
  for (let g = 0; g < group; g++) {
    groups.push(
      central(f, features, padded, positions, {
        own: own / 4 + g * padded * padded,
        cross: cross / 4 + g * padded * padded,
        sumsA: sumsA / 4 + g * padded,
        sumsB: sumsB / 4 + g * padded,
        shift: i => f[shift / 4 + g * channels + (i % channels)]!,
        unit,
      }),
    );
  }
  return { positions, groups };
}

function central(
  f: Float32Array,
  features: number,
  padded: number,
  n: number,
  at: {
    own: number;
    cross: number;
    sumsA: number;
    sumsB: number;
    shift: (i: number) => number;
    unit: number;
  },
): GroupMoments {
  const covariance = new Float32Array(features * features);
  const cross = new Float32Array(features * features);
  const mean = new Float64Array(features);
  const meanFull = new Float64Array(features);
  const count = Math.max(1, n);
  for (let i = 0; i < features; i++) {
    mean[i] = f[at.sumsA + i]! / count;
    meanFull[i] = f[at.sumsB + i]! / count;
  }
  for (let i = 0; i < features; i++) {
    for (let j = 0; j < features; j++) {
      cross[i * features + j] = f[at.cross + i * padded + j]! / count - meanFull[i]! * mean[j]!;
      if (j < i) continue;
      const value = f[at.own + i * padded + j]! / count - mean[i]! * mean[j]!;
      covariance[i * features + j] = value;
      covariance[j * features + i] = value;
    }
  }
  for (let i = 0; i < features; i++) {
    mean[i] = (mean[i]! + at.shift(i)) * at.unit;
    meanFull[i] = (meanFull[i]! + at.shift(i)) * at.unit;
  }
  return { covariance, cross, mean, meanFull };
}
