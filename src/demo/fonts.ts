// The typefaces lines are drawn in: five open fonts from npm packages, each under a private family name.
// Refuses to fall back on the machine's own fonts: a font that does not load is an error.

import { GlobalFonts } from '@napi-rs/canvas';
import { InputError } from '../core/errors.ts';
import { packageFile } from './packages.ts';

export interface Typeface {
  /** Name of the font, for people. */
  name: string;
  /** Family name it is registered under. */
  family: string;
  /** File inside its npm package. */
  file: string;
  /** Factor on the font size that evens out the heights of the small letters. */
  scale: number;
}

const face = (name: string, slug: string, weight: number, scale: number): Typeface => ({
  name: weight === 400 ? name : `${name} Bold`,
  family: `bitwright-${slug}-${weight}`,
  file: `@fontsource/${slug}/files/${slug}-latin-${weight}-normal.woff2`,
  scale,
});

export const typefaces: readonly Typeface[] = [
  face('Lato', 'lato', 400, 1.02),
  face('DejaVu Sans', 'dejavu-sans', 400, 0.94),
  face('PT Serif', 'pt-serif', 400, 1.03),
  face('Crimson Text', 'crimson-text', 400, 1.18),
  face('Courier Prime', 'courier-prime', 400, 1.04),
  face('PT Serif', 'pt-serif', 700, 1.0),
];

let loaded = false;

/** Registers every typeface once. @throws InputError naming the file of a font that does not load */
export function loadTypefaces(): void {
  if (loaded) return;
  for (const { family, file } of typefaces) {
    if (GlobalFonts.has(family)) continue;
    if (!GlobalFonts.registerFromPath(packageFile(file), family)) {
      throw new InputError('the font does not load', { file });
    }
  }
  loaded = true;
}
