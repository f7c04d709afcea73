// Puts pictures side by side into one PNG, as a data URL for a report that opens offline.

import { createCanvas } from '@napi-rs/canvas';
import type { Picture } from './picture.ts';

const GAP = 6;

/** Pictures in rows of `columns`, left-aligned in equal columns, reading order. @returns `data:image/png;base64,…` */
export function stack(pictures: readonly Picture[], columns: number): string {
  const cellWidth = Math.max(1, ...pictures.map(p => p.width)) + GAP;
  const cellHeight = Math.max(1, ...pictures.map(p => p.height)) + GAP;
  const rows = Math.max(1, Math.ceil(pictures.length / columns));
  const canvas = createCanvas(Math.min(columns, pictures.length || 1) * cellWidth, rows * cellHeight);
  const context = canvas.getContext('2d');
  pictures.forEach((picture, i) => {
    const image = context.createImageData(picture.width, picture.height);
    for (let p = 0; p < picture.width * picture.height; p++) {
      image.data[4 * p] = picture.pixels[3 * p]!;
      image.data[4 * p + 1] = picture.pixels[3 * p + 1]!;
      image.data[4 * p + 2] = picture.pixels[3 * p + 2]!;
      image.data[4 * p + 3] = 255;
    }
    context.putImageData(image, (i % columns) * cellWidth, Math.floor(i / columns) * cellHeight);
  });
  return `data:image/png;base64,${canvas.toBuffer('image/png').toString('base64')}`;
}
