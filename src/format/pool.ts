// Encoding and decoding over worker threads: slices along the first axis, when that is the channel axis.
// The same bits as one thread, since no scale spans two channels. Other layouts and small tensors stay on the caller's thread.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { BitwrightError } from '../core/errors.ts';
import { distModule } from '../core/places.ts';
import type { Quantized } from './codec.ts';
import { codeArray } from './element.ts';
import { decode, encode } from './fast.ts';
import { type Geometry, geometry, type TensorLayout } from './layout.ts';
import { type FormatLike, formatOf } from './notation.ts';
import type { SliceJob } from './pool-worker.ts';
import type { EncodeOptions } from './scales.ts';

/** Tensors of fewer elements are not worth a message to a worker. */
const smallest = 1 << 18;

type Numbers = Float32Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

export class FormatPool {
  private readonly workers: Worker[];

  /** @param threads workers started; default the machine's parallelism. Close the pool to let the process end. */
  constructor(threads: number = availableParallelism()) {
    const url = distModule('format/pool-worker');
    this.workers = Array.from({ length: Math.max(1, threads) }, () => new Worker(url));
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(w => w.terminate()));
  }

  /** As `encode` of fast.ts, with the same result and errors. Data in shared memory is not copied. */
  async encode(
    data: Float32Array,
    layout: TensorLayout,
    notation: FormatLike,
    options: EncodeOptions = {},
  ): Promise<Quantized> {
    const format = formatOf(notation);
    const g = geometry(layout, format);
    if (data.length !== g.count || !sliceable(layout, g)) return encode(data, layout, format, options);
    const shared = toShared(data);
    const { scaling } = format;
    const scale = scaling.kind === 'vector' ? scaling.scale : { kind: 'fp32' as const };
    const scaleCount = scale.kind === 'fp32' ? g.groups : scale.kind === 'e8m0' ? 0 : g.channels;
    const wide = scale.kind === 'uint' && scale.bits > 8;
    const q: Quantized = {
      format,
      layout,
      codes: toShared(codeArray(format.element, g.count)),
      scales: toShared(new Float32Array(scaleCount)),
      scaleCodes:
        scale.kind === 'fp32'
          ? undefined
          : toShared(wide ? new Uint16Array(g.groups) : new Uint8Array(g.groups)),
    };
    const { coarse } = options;
    const jobs = this.cut(layout, (layoutOf, part): SliceJob => {
      const given = coarse === undefined || typeof coarse === 'number' ? coarse : part(coarse);
      return {
        kind: 'encode',
        data: part(shared),
        options: { ...options, coarse: given },
        into: slice(q, layoutOf, part),
      };
    });
    return (await this.run(jobs)) ? q : encode(data, layout, format, options);
  }

  /** As `decode` of fast.ts. */
  async decode(q: Quantized): Promise<Float32Array> {
    const g = geometry(q.layout, q.format);
    if (!sliceable(q.layout, g)) return decode(q);
    const shared: Quantized = {
      ...q,
      codes: toShared(q.codes),
      scales: toShared(q.scales),
      scaleCodes: q.scaleCodes === undefined ? undefined : toShared(q.scaleCodes),
    };
    const out = toShared(new Float32Array(g.count));
    const jobs = this.cut(
      q.layout,
      (layoutOf, part): SliceJob => ({
        kind: 'decode',
        from: slice(shared, layoutOf, part),
        into: part(out),
      }),
    );
    return (await this.run(jobs)) ? out : decode(q);
  }

  /** One job a worker; `part` takes the worker's share of an array that is proportional to the first axis. */
  private cut(
    layout: TensorLayout,
    job: (layout: TensorLayout, part: <T extends Numbers>(array: T) => T) => SliceJob,
  ): SliceJob[] {
    const rows = layout.shape[0]!;
    const n = Math.min(this.workers.length, rows);
    return Array.from({ length: n }, (_, i) => {
      const from = Math.floor((rows * i) / n);
      const to = Math.floor((rows * (i + 1)) / n);
      const part = <T extends Numbers>(array: T): T => {
        const each = array.length / rows;
        return array.subarray(from * each, to * each) as T;
      };
      return job({ ...layout, shape: [to - from, ...layout.shape.slice(1)] }, part);
    });
  }

  private async run(jobs: SliceJob[]): Promise<boolean> {
    const done = await Promise.all(jobs.map((job, i) => answer(this.workers[i]!, job)));
    return done.every(Boolean);
  }
}

function answer(worker: Worker, job: SliceJob): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const clear = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    const onMessage = (ok: boolean): void => {
      clear();
      resolve(ok);
    };
    const onError = (error: unknown): void => {
      clear();
      reject(error);
    };
    const onExit = (): void => {
      clear();
      reject(new BitwrightError('a format worker ended before its answer'));
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(job);
  });
}

/** No scale spans two indices of the first axis. */
function sliceable(layout: TensorLayout, g: Geometry): boolean {
  return (
    g.count >= smallest &&
    layout.shape.length > 1 &&
    layout.channelAxis === 0 &&
    layout.reductionAxis !== 0 &&
    (g.kind === 'vector' || g.kind === 'channel')
  );
}

function slice(q: Quantized, layout: TensorLayout, part: <T extends Numbers>(array: T) => T): Quantized {
  const { format, codes, scales, scaleCodes } = q;
  return {
    format,
    layout,
    codes: part(codes),
    scales: part(scales),
    scaleCodes: scaleCodes === undefined ? undefined : part(scaleCodes),
  };
}

/** The array itself when it lies in shared memory, a shared copy otherwise. */
function toShared<T extends Numbers>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const copy = new (array.constructor as new (b: SharedArrayBuffer) => T)(
    new SharedArrayBuffer(array.byteLength),
  );
  copy.set(array);
  return copy;
}
