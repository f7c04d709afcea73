// Draws one 28×28 grey picture of a garment: seeded outline, place, grey, texture, shading, blur and noise.

import type { Random } from '../../core/random.ts';
import { blurInPlace } from '../picture.ts';
import { type GarmentName, garment } from './garments.ts';
import { type Point, type Shade, Surface } from './surface.ts';

export const SIZE = 28;

/** 28×28 grey levels, 0 (background) to 255, row by row. */
export function drawGarment(name: GarmentName, random: Random): Uint8Array {
  const parts = garment(name, random);
  const scale = random.between(10, 13.4);
  const aspect = random.between(0.9, 1.12);
  const turn = random.between(-0.2, 0.2);
  const lean = random.between(-0.12, 0.12);
  const shiftX = random.between(-1.8, 1.8);
  const shiftY = random.between(-1.5, 1.5);
  const flip = random.uniform() < 0.5 ? -1 : 1;
  const placed = ([x, y]: Point): Point => {
    const u = flip * x * aspect + lean * y;
    return [SIZE / 2 + shiftX + scale * (u - turn * y), SIZE / 2 + shiftY + scale * (y / aspect + turn * u)];
  };
  const grey = random.between(70, 235);
  const texture = pattern(random);
  const surface = new Surface(SIZE);
  for (const { corners, tone } of parts) {
    surface.fill(corners.map(placed), (x, y) => Math.min(255, grey * tone * shadeAt(texture, x, y)));
  }
  const plane = surface.pixels();
  blurInPlace(plane, SIZE, SIZE, random.between(0.3, 0.7));
  const noise = random.between(3, 20);
  return Uint8Array.from(plane, v => Math.max(0, Math.min(255, Math.round(v + noise * random.normal()))));
}

const shadeAt = (shade: Shade, x: number, y: number): number =>
  typeof shade === 'number' ? shade : shade(x, y);

/** A factor on the garment's grey: plain, stripes, checks or a slope. */
function pattern(random: Random): Shade {
  const kind = random.below(5);
  const depth = random.between(0.1, 0.45);
  const period = random.between(2.5, 7);
  const angle = random.pick([0, 1, 0.5, -0.5]);
  const phase = random.uniform();
  const wave = (t: number): number => {
    const f = t / period + phase;
    return f - Math.floor(f) < 0.5 ? 1 : 1 - depth;
  };
  if (kind === 0) return (x, y) => wave(x * angle + y * (1 - Math.abs(angle)));
  if (kind === 1) return (x, y) => Math.max(wave(x), wave(y));
  if (kind === 2) return (x, y) => 1 + depth * ((x - 14) * angle + (y - 14) * (1 - Math.abs(angle))) * 0.05;
  return 1;
}
