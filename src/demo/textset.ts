// The two sets of drawn lines, calibration and evaluation, and their grouping into batches of one width.
// A line's picture depends only on the seed, its set and its index: never on the subset or batch size asked for.

import { Random } from '../core/random.ts';
import { loadTypefaces, typefaces } from './fonts.ts';
import { lineTexts } from './lines.ts';
import { drawLine, type Picture, type Wear } from './picture.ts';

export interface Line {
  index: number;
  text: string;
  /** Index into `typefaces`. */
  face: number;
  /** Seed of its drawing. */
  seed: number;
}

export interface LineSets {
  calibration: Line[];
  evaluation: Line[];
}

/** Texts, typefaces and drawing seeds of both sets. No text occurs twice in or between them. */
export function lineSets(seed: number, calibrationSize: number, evaluationSize: number): LineSets {
  const taken = new Set<string>();
  const build = (random: Random, count: number): Line[] =>
    lineTexts(random, count, taken).map((text, index) => ({
      index,
      text,
      face: random.below(typefaces.length),
      seed: random.uint32(),
    }));
  const root = new Random(seed);
  const evaluationRandom = root.fork();
  const calibrationRandom = root.fork();
  return {
    evaluation: build(evaluationRandom, evaluationSize),
    calibration: build(calibrationRandom, calibrationSize),
  };
}

/** The picture of a line. */
export function drawn(line: Line, wear: Wear): Picture {
  loadTypefaces();
  return drawLine(line.text, typefaces[line.face]!, new Random(line.seed), wear);
}

/**
 * Groups of at most `most` items of equal width, narrow ones first, in order of index inside a width:
 * small batches, no padding that depends on the neighbours.
 */
export function byWidth<T extends { width: number }>(items: readonly T[], most: number): T[][] {
  const widths = [...new Set(items.map(i => i.width))].sort((a, b) => a - b);
  const groups: T[][] = [];
  for (const width of widths) {
    const same = items.filter(i => i.width === width);
    for (let i = 0; i < same.length; i += most) groups.push(same.slice(i, i + most));
  }
  return groups;
}

/**
 * Writes a picture into one sample of an NCHW batch as PP-OCR does: blue, green, red planes, (x/255 - 0.5)/0.5;
 * columns past the picture stay 0.
 */
export function writeSample(picture: Picture, out: Float32Array, offset: number, width: number): void {
  const { height, pixels } = picture;
  const plane = height * width;
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      let at = offset + c * plane + y * width;
      for (let x = 0, p = 3 * y * picture.width + 2 - c; x < picture.width; x++, p += 3) {
        out[at++] = pixels[p]! / 127.5 - 1;
      }
    }
  }
}
