// The sets of clothing pictures: training, calibration and evaluation, from three separate random streams of one seed.

import { Random } from '../../core/random.ts';
import { drawGarment, SIZE } from './draw.ts';
import { garmentNames } from './garments.ts';

export interface Pictures {
  /** 28×28 grey levels each, one after another. */
  pixels: Uint8Array;
  /** Index into `garmentNames`. */
  labels: Uint8Array;
}

export type SetName = 'evaluation' | 'calibration' | 'training';
const streams: readonly SetName[] = ['evaluation', 'calibration', 'training'];

/** `count` pictures of a set, the ten classes in turn. A picture depends on seed, set and index only. */
export function pictures(seed: number, set: SetName, count: number): Pictures {
  const root = new Random(seed);
  let random = root;
  for (const name of streams) {
    random = root.fork();
    if (name === set) break;
  }
  const pixels = new Uint8Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % garmentNames.length;
    pixels.set(drawGarment(garmentNames[labels[i]!]!, random.fork()), i * SIZE * SIZE);
  }
  return { pixels, labels };
}

/** Grey levels to network inputs: 0..1. */
export function toInput(
  pixels: Uint8Array,
  from: number,
  count: number,
  out: Float32Array,
  offset: number,
): void {
  for (let i = 0; i < count; i++) out[offset + i] = pixels[from + i]! / 255;
}
