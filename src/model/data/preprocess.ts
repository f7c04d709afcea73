// How pictures become the model's input: the declared size, layout, channel order, scale, mean and deviation.
// Refuses unknown fields and values outside their ranges, naming the file that declares them.

import { readFileSync, statSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import { type Filter, type Raster, resample } from './resample.ts';

/** value = (pixel * scale - mean) / std, for each channel in the order the model takes them. */
export interface Preprocessing {
  /** Height and width in pixels. */
  size: readonly [number, number];
  layout: 'NCHW' | 'NHWC';
  channels: 'RGB' | 'BGR' | 'GRAY';
  /** Default 1/255. */
  scale: number;
  /** One for all channels or one each; defaults 0 and 1. */
  mean: readonly number[];
  std: readonly number[];
  /** stretch ignores the aspect ratio (default); fit keeps it and pads right and below; crop keeps it and cuts the middle; none refuses other sizes. */
  resize: 'stretch' | 'fit' | 'crop' | 'none';
  filter: Filter;
  /** Pixel value of the padding of `fit` and behind transparent pixels; default 0 and white. */
  pad: number;
  background: number;
}

const words = {
  layout: ['NCHW', 'NHWC'],
  channels: ['RGB', 'BGR', 'GRAY'],
  resize: ['stretch', 'fit', 'crop', 'none'],
  filter: ['bilinear', 'nearest'],
} as const;
const numbers = { scale: 1 / 255, pad: 0, background: 255 };
const fields = [...Object.keys(words), ...Object.keys(numbers), 'size', 'mean', 'std'];

/** Reads a declaration in YAML or JSON. @throws InputError naming file and field */
export function readPreprocessing(path: string): Preprocessing {
  let text: string;
  try {
    if (statSync(path).size > 1 << 16) {
      throw new InputError('is larger than 64 KiB', { file: path, expected: 'a preprocessing declaration' });
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file: path });
  }
  let value: unknown;
  try {
    value = parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new InputError(`is neither YAML nor JSON (${(error as Error).message})`, { file: path });
  }
  return checkPreprocessing(value, path);
}

/** Fills in defaults. @throws InputError for unknown fields and values outside their ranges */
export function checkPreprocessing(value: unknown, file: string): Preprocessing {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError('declares nothing', { file, expected: `fields ${fields.join(', ')}` });
  }
  const given = value as Record<string, unknown>;
  const refuse = (field: string, expected: string): never => {
    throw new InputError(`${field} is ${JSON.stringify(given[field])}`, { file, expected });
  };
  for (const key of Object.keys(given)) {
    if (!fields.includes(key)) {
      throw new InputError(`unknown field '${key}'`, {
        file,
        expected: `one of ${fields.join(', ')}`,
        nearest: nearestSpelling(key, fields),
      });
    }
  }
  const word = <K extends keyof typeof words>(field: K): (typeof words)[K][number] => {
    const list = words[field] as readonly string[];
    const found = given[field] ?? list[0]!;
    if (!list.includes(found as string)) refuse(field, `one of ${list.join(', ')}`);
    return found as (typeof words)[K][number];
  };
  const number = (field: keyof typeof numbers): number => {
    const found = given[field] ?? numbers[field];
    if (typeof found !== 'number' || !Number.isFinite(found)) refuse(field, 'a number');
    return found as number;
  };
  const channels = word('channels');
  const perChannel = (field: string, fallback: number, zero: boolean): number[] => {
    const found = given[field] ?? fallback;
    const list = Array.isArray(found) ? found : [found];
    const count = channels === 'GRAY' ? 1 : 3;
    const good = list.every(x => typeof x === 'number' && Number.isFinite(x) && (zero || x !== 0));
    if (!good || (list.length !== 1 && list.length !== count)) {
      refuse(field, `${zero ? '' : 'non-zero '}numbers, one or ${count}`);
    }
    return list.length === count ? list : new Array<number>(count).fill(list[0]);
  };
  const { size } = given;
  const side = (x: unknown): boolean => Number.isInteger(x) && (x as number) >= 1 && (x as number) <= 16384;
  if (!Array.isArray(size) || size.length !== 2 || !size.every(side)) {
    refuse('size', '[height, width] from 1 to 16384');
  }
  return {
    size: size as [number, number],
    ...{ layout: word('layout'), channels, resize: word('resize'), filter: word('filter') },
    ...{ scale: number('scale'), pad: number('pad'), background: number('background') },
    ...{ mean: perChannel('mean', 0, true), std: perChannel('std', 1, false) },
  };
}

/** Dimensions of one sample without the batch axis. */
export function sampleDims({ size, layout, channels }: Preprocessing): number[] {
  const depth = channels === 'GRAY' ? 1 : 3;
  return layout === 'NCHW' ? [depth, ...size] : [...size, depth];
}

/**
 * Writes one RGBA picture as a sample.
 * @throws InputError for another size where none is allowed
 */
export function preprocess(
  picture: Raster,
  how: Preprocessing,
  out: Float32Array,
  offset: number,
  file: string,
): void {
  const [height, width] = how.size;
  const depth = how.channels === 'GRAY' ? 1 : 3;
  const flat = flatten(picture, how);
  const { pixels, x0, y0, w, h } = placed(flat, how, file);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= x0 && x < x0 + w && y >= y0 && y < y0 + h;
      for (let c = 0; c < depth; c++) {
        const value = inside ? pixels[((y - y0) * w + x - x0) * depth + c]! : how.pad;
        const at = how.layout === 'NCHW' ? (c * height + y) * width + x : (y * width + x) * depth + c;
        out[offset + at] = (value * how.scale - how.mean[c]!) / how.std[c]!;
      }
    }
  }
}

/** RGBA over the background, in the channel order of the model. Grey is Rec. 601 luma. */
function flatten({ width, height, pixels }: Raster, how: Preprocessing): Raster {
  const depth = how.channels === 'GRAY' ? 1 : 3;
  const out = new Float32Array(width * height * depth);
  for (let i = 0; i < width * height; i++) {
    const alpha = pixels[i * 4 + 3]! / 255;
    const over = (c: number): number => pixels[i * 4 + c]! * alpha + how.background * (1 - alpha);
    if (depth === 1) out[i] = 0.299 * over(0) + 0.587 * over(1) + 0.114 * over(2);
    else for (let c = 0; c < 3; c++) out[i * 3 + c] = over(how.channels === 'RGB' ? c : 2 - c);
  }
  return { width, height, channels: depth, pixels: out };
}

/** The picture after resizing and where its top left corner lies in the sample. */
function placed(
  source: Raster,
  how: Preprocessing,
  file: string,
): { pixels: ArrayLike<number>; x0: number; y0: number; w: number; h: number } {
  const [height, width] = how.size;
  if (source.width === width && source.height === height) {
    return { pixels: source.pixels, x0: 0, y0: 0, w: width, h: height };
  }
  if (how.resize === 'none') {
    throw new InputError(`is ${source.width}x${source.height} pixels`, {
      file,
      expected: `${width}x${height}, or a resize mode`,
    });
  }
  let [w, h] = [width, height];
  if (how.resize === 'fit') {
    const ratio = Math.min(width / source.width, height / source.height);
    w = Math.max(1, Math.min(width, Math.round(source.width * ratio)));
    h = Math.max(1, Math.min(height, Math.round(source.height * ratio)));
  }
  const from = how.resize === 'crop' ? middle(source, width / height) : source;
  return { pixels: resample(from, w, h, how.filter), x0: 0, y0: 0, w, h };
}

/** The largest centered part with this aspect ratio. */
function middle(source: Raster, aspect: number): Raster {
  const width = Math.max(1, Math.min(source.width, Math.round(source.height * aspect)));
  const height = Math.max(1, Math.min(source.height, Math.round(source.width / aspect)));
  const left = Math.floor((source.width - width) / 2);
  const top = Math.floor((source.height - height) / 2);
  const { channels } = source;
  const pixels = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < width * channels; k++) {
      pixels[y * width * channels + k] = source.pixels[((top + y) * source.width + left) * channels + k]!;
    }
  }
  return { width, height, channels, pixels };
}
