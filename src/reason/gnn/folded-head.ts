// The answering layer as inference runs it.

import { type Layout, logitColumns } from './architecture.ts';
import type { Model } from './model.ts';

/** The heads with batch normalisation folded in, so that inference is dense layers alone. */
export function foldedHead(model: Model, l: Layout): { head: Float32Array; bias: Float32Array } {
  const p = model.parameters;
  const head = p.slice(l.head.offset, l.head.offset + l.head.rows * l.head.columns);
  const bias = new Float32Array(logitColumns);
  if (l.headBias) bias.set(p.subarray(l.headBias.offset, l.headBias.offset + logitColumns));
  if (l.gamma && l.beta) {
    const width = l.head.rows;
    for (let k = 0; k < width; k++) {
      const scale = p[l.gamma.offset + k]! / Math.sqrt(model.running[width + k]! + 1e-5);
      const shift = p[l.beta.offset + k]! - model.running[k]! * scale;
      for (let j = 0; j < logitColumns; j++) {
        bias[j] = bias[j]! + shift * head[k * logitColumns + j]!;
        head[k * logitColumns + j] = head[k * logitColumns + j]! * scale;
      }
    }
  }
  return { head, bias };
}
