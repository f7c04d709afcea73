// A batch of a layer's inputs and its geometry: samples, positions and the stride they are sub-sampled by.
// Refuses nothing: shapes were checked when the graph was prepared.

import type { RowForm } from './layers.ts';

/** Positions packed at once. */
export const panelRows = 256;

/** A batch of inputs: dims[0] samples of a convolution, or rows of a matrix. `data` may be read from disk at each access. */
export interface InputBatch {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export function imageSize(q: InputBatch): [number, number] {
  return q.dims.length === 3 ? [1, q.dims[2]!] : [q.dims[2]!, q.dims[3]!];
}

export function outputSize(form: RowForm, height: number, width: number): [number, number] {
  const { kernel, strides, dilations, pads } = form.window!;
  const h = Math.floor((height + pads[0] + pads[2] - dilations[0] * (kernel[0] - 1) - 1) / strides[0]) + 1;
  const w = Math.floor((width + pads[1] + pads[3] - dilations[1] * (kernel[1] - 1) - 1) / strides[1]) + 1;
  return [Math.max(0, h), Math.max(0, w)];
}

export function positionsOf(form: RowForm, q: InputBatch): number {
  if (form.kind === 'matrix') return elements(q) / form.features;
  const [h, w] = outputSize(form, ...imageSize(q));
  return q.dims[0]! * h * w;
}

export function sizeOfSample(form: RowForm, q: InputBatch): number {
  return form.kind === 'conv' ? elements(q) / Math.max(1, q.dims[0]!) : panelRows * form.features;
}

function elements(q: InputBatch): number {
  return q.dims.reduce((a, b) => a * b, 1);
}

/** A stride that leaves at most about `limit` of `total` positions and is odd, so that it walks through all columns. */
export function spread(total: number, limit: number): number {
  const stride = Math.max(1, Math.floor(total / limit));
  return stride > 1 && stride % 2 === 0 ? stride + 1 : stride;
}

/** Mean of each input channel over one batch: an origin near the data, whatever it is exactly. */
export function channelMeans(form: RowForm, batch: InputBatch): Float32Array {
  const channels = form.channels * form.group;
  const inner = form.kind === 'conv' ? batch.dims.slice(2).reduce((a, b) => a * b, 1) : 1;
  const sums = new Float64Array(channels);
  const { data } = batch;
  for (let start = 0, c = 0; start < data.length; start += inner, c = c + 1 === channels ? 0 : c + 1) {
    let sum = 0;
    for (let i = start; i < start + inner; i++) sum += data[i]!;
    sums[c]! += sum;
  }
  const each = data.length / channels;
  return Float32Array.from(sums, s => s / Math.max(1, each));
}
