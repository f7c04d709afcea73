// Evaluation samples as PNG data URLs, drawn back from the network's own input. Refuses inputs that are not [N,C,H,W]
// with one or three channels.

import { createCanvas } from '@napi-rs/canvas';
import type { Task } from '../demo/index.ts';

/** PNG data URLs of the wanted evaluation samples, by index; samples that are no pictures are left out. */
export async function pictures(task: Task, wanted: ReadonlySet<number>): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const last = Math.max(...wanted);
  for await (const batch of task.evaluation({ samples: last + 1 })) {
    const tensor = batch.inputs[task.inputName]!;
    batch.indices.forEach((index, i) => {
      if (!wanted.has(index)) return;
      const url = draw(tensor.data, tensor.dims, i);
      if (url !== undefined) found.set(index, url);
    });
    if (found.size === wanted.size) break;
  }
  return found;
}

/** One sample of a batch, its values stretched from their least and largest to black and white. */
function draw(data: Float32Array, dims: readonly number[], sample: number): string | undefined {
  const [, channels, height, width] = dims;
  if (dims.length !== 4 || (channels !== 1 && channels !== 3)) return undefined;
  const plane = height! * width!;
  const values = data.subarray(sample * channels * plane, (sample + 1) * channels * plane);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const x of values) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  const span = high > low ? high - low : 1;
  const canvas = createCanvas(width!, height!);
  const context = canvas.getContext('2d');
  const image = context.createImageData(width!, height!);
  for (let p = 0; p < plane; p++) {
    for (let c = 0; c < 3; c++) {
      const x = values[Math.min(c, channels - 1) * plane + p]!;
      image.data[4 * p + c] = Math.round((255 * (x - low)) / span);
    }
    image.data[4 * p + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return `data:image/png;base64,${canvas.toBuffer('image/png').toString('base64')}`;
}
