// Draws one line of text as a 48-pixel-high RGB picture: seeded size, shear, tilt, blur, colours, shading and noise.
// Only the glyph outlines come from the canvas; everything after is plain arithmetic on our own numbers.

import { createCanvas } from '@napi-rs/canvas';
import type { Random } from '../core/random.ts';
import type { Typeface } from './fonts.ts';

/** Interleaved RGB, 8 bits a channel, row by row. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/** How hard the pictures are; each number is the far end of a range drawn from for every line. */
export interface Wear {
  /** Horizontal shift per unit of height, ±. */
  shear: number;
  /** Rotation in radians, ± (small-angle). */
  tilt: number;
  /** Standard deviation of the Gaussian blur in pixels of the 48-pixel-high picture. */
  blur: number;
  /** Standard deviation of the additive noise in grey levels. */
  noise: number;
  /** Least difference between the luminance of ink and paper, in grey levels. */
  contrast: number;
}

const HEIGHT = 48;
/** The glyphs are drawn this many times larger and averaged down. */
const OVERSAMPLING = 2;

/** The text as a picture of height 48 and whatever width it needs. All randomness comes from `random`. */
export function drawLine(text: string, face: Typeface, random: Random, wear: Wear): Picture {
  const size = random.between(25, 33) * face.scale;
  const shear = random.between(-wear.shear, wear.shear);
  const tilt = random.between(-wear.tilt, wear.tilt);
  const blur = random.between(0.2, 1) * wear.blur;
  const noise = random.between(0.2, 1) * wear.noise;
  const stretch = random.between(0.9, 1.1);
  const margin = random.between(5, 11);
  const baseline = random.between(33, 36);

  const glyphs = rasterize(text, face.family, size * OVERSAMPLING);
  const textWidth = (glyphs.advance / OVERSAMPLING) * stretch;
  const width = Math.ceil(textWidth + 2 * margin + Math.abs(shear) * HEIGHT);
  const ink = place(glyphs, width, { shear, tilt, stretch, baseline });
  if (blur > 0.05) blurInPlace(ink, width, HEIGHT, blur);
  return { width, height: HEIGHT, pixels: paint(ink, width, random, noise, wear.contrast) };
}

interface Glyphs {
  width: number;
  height: number;
  /** Where the text starts and its baseline, in pixels of this raster. */
  originX: number;
  originY: number;
  advance: number;
  /** Coverage 0..255. */
  coverage: Uint8Array;
}

const measuring = createCanvas(8, 8).getContext('2d');

function rasterize(text: string, family: string, size: number): Glyphs {
  const font = `${size.toFixed(2)}px ${family}`;
  measuring.font = font;
  const advance = measuring.measureText(text).width;
  const pad = Math.ceil(size * 0.3);
  const width = Math.ceil(advance) + 2 * pad;
  const height = Math.ceil(size * 1.6);
  const originY = Math.round(size * 1.15);
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.font = font;
  context.fillStyle = '#fff';
  context.fillText(text, pad, originY);
  const rgba = context.getImageData(0, 0, width, height).data;
  const coverage = new Uint8Array(width * height);
  for (let i = 0; i < coverage.length; i++) coverage[i] = rgba[4 * i + 3]!;
  return { width, height, originX: pad, originY, advance, coverage };
}

/** Resamples the glyphs into a width×48 plane of ink 0..1: each pixel is the mean of 2×2 bilinear samples. */
function place(
  glyphs: Glyphs,
  width: number,
  at: { shear: number; tilt: number; stretch: number; baseline: number },
): Float32Array {
  const out = new Float32Array(width * HEIGHT);
  const half = (glyphs.advance / OVERSAMPLING) * at.stretch * 0.5;
  const scaleX = OVERSAMPLING / at.stretch;
  const { coverage, width: gw, height: gh } = glyphs;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let s = 0; s < 4; s++) {
        const dx = x + 0.25 + 0.5 * (s & 1) - width / 2;
        const dy = y + 0.25 + 0.5 * (s >> 1) - HEIGHT / 2;
        const u = dx - at.shear * dy - at.tilt * dy;
        const v = dy + at.tilt * dx + HEIGHT / 2 - at.baseline;
        const gx = glyphs.originX + (u + half) * scaleX - 0.5;
        const gy = glyphs.originY + v * OVERSAMPLING - 0.5;
        const x0 = Math.floor(gx);
        const y0 = Math.floor(gy);
        if (x0 < 0 || y0 < 0 || x0 + 1 >= gw || y0 + 1 >= gh) continue;
        const fx = gx - x0;
        const fy = gy - y0;
        const i = y0 * gw + x0;
        sum +=
          (coverage[i]! * (1 - fx) + coverage[i + 1]! * fx) * (1 - fy) +
          (coverage[i + gw]! * (1 - fx) + coverage[i + gw + 1]! * fx) * fy;
      }
      out[y * width + x] = sum / (4 * 255);
    }
  }
  return out;
}

/** Separable Gaussian, edges held. */
export function blurInPlace(plane: Float32Array, width: number, height: number, sigma: number): void {
  const radius = Math.ceil(3 * sigma);
  const taps = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = taps.reduce((a, b) => a + b, 0);
  for (let i = 0; i < taps.length; i++) taps[i]! /= total;
  const pass = (count: number, step: number, lines: number, stride: number): void => {
    const line = new Float32Array(count);
    for (let l = 0; l < lines; l++) {
      for (let i = 0; i < count; i++) line[i] = plane[l * stride + i * step]!;
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let t = -radius; t <= radius; t++) {
          sum += taps[t + radius]! * line[Math.min(count - 1, Math.max(0, i + t))]!;
        }
        plane[l * stride + i * step] = sum;
      }
    }
  };
  pass(width, 1, height, width);
  pass(height, width, width, 1);
}

/** Mixes ink and paper colours, adds a linear shading and noise, rounds to 8 bits. */
function paint(
  ink: Float32Array,
  width: number,
  random: Random,
  noise: number,
  contrast: number,
): Uint8Array {
  const paperLight = random.uniform() < 0.8;
  const gap = random.between(contrast, 210);
  const low = random.between(10, 245 - gap);
  const tint = (level: number): number[] => [0, 1, 2].map(() => level + random.between(-18, 18));
  const paper = tint(paperLight ? low + gap : low);
  const pen = tint(paperLight ? low : low + gap);
  const slopeX = random.between(-20, 20) / width;
  const slopeY = random.between(-12, 12) / HEIGHT;
  const pixels = new Uint8Array(3 * width * HEIGHT);
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < width; x++, i++) {
      const shade = slopeX * (x - width / 2) + slopeY * (y - HEIGHT / 2);
      const grain = noise * random.normal();
      for (let c = 0; c < 3; c++) {
        const value = paper[c]! + (pen[c]! - paper[c]!) * ink[i]! + shade + grain;
        pixels[3 * i + c] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  }
  return pixels;
}
