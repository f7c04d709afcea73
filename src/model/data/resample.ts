// Resizes interleaved 8-bit pictures: a triangle filter as wide as the reduction (what imaging libraries call bilinear
// with antialiasing), or the nearest pixel. Plain arithmetic, the same on every machine.

/** Rows of `channels` interleaved values. */
export interface Raster {
  width: number;
  height: number;
  channels: number;
  pixels: ArrayLike<number>;
}

export type Filter = 'bilinear' | 'nearest';

/** The picture in another size, in the range of its values and not rounded. */
export function resample(source: Raster, width: number, height: number, filter: Filter): Float32Array {
  const { channels } = source;
  const across = taps(source.width, width, filter);
  const down = taps(source.height, height, filter);
  const rows = new Float32Array(width * source.height * channels);
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = across[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++) {
          sum += weights[i]! * source.pixels[(y * source.width + first + i) * channels + c]!;
        }
        rows[(y * width + x) * channels + c] = sum;
      }
    }
  }
  const line = width * channels;
  const out = new Float32Array(line * height);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y]!;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      for (let k = 0; k < line; k++) {
        out[y * line + k] = out[y * line + k]! + weight * rows[(first + i) * line + k]!;
      }
    }
  }
  return out;
}

/** For each target place, the first source place and the weights from there; they sum to one. */
function taps(from: number, to: number, filter: Filter): { first: number; weights: number[] }[] {
  const ratio = from / to;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * ratio;
    if (filter === 'nearest') return { first: Math.min(from - 1, Math.floor(center)), weights: [1] };
    const reach = Math.max(1, ratio);
    const first = Math.max(0, Math.floor(center - reach));
    const last = Math.min(from - 1, Math.ceil(center + reach) - 1);
    const weights: number[] = [];
    for (let j = first; j <= last; j++) weights.push(Math.max(0, 1 - Math.abs(j + 0.5 - center) / reach));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map(w => w / sum) };
  });
}
