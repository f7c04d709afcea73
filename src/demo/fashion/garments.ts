// Outlines of ten kinds of clothing as polygons in a frame of -1..1 (x to the right, y down), with seeded proportions.
// The ranges of neighbouring kinds overlap on purpose (shirt, T-shirt, pullover, coat): no classifier gets all of them.

import type { Random } from '../../core/random.ts';
import { band, chance, collar, frontLine, mirrored, type Part, stroke, top } from './garment-pieces.ts';
import type { Point } from './surface.ts';

export const garmentNames = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
] as const;

export type GarmentName = (typeof garmentNames)[number];

type Maker = (r: Random) => Part[];

const makers: Record<GarmentName, Maker> = {
  'T-shirt': r => {
    const t = top(r, {
      shoulder: [0.4, 0.56],
      waist: [0.36, 0.52],
      hem: [0.36, 0.54],
      bottom: [0.6, 0.9],
      neckDepth: [0.06, 0.24],
      sleeve: chance(r, 0.12) ? [0, 0] : [0.32, 0.62],
      spread: [0.4, 0.8],
    });
    const parts = [t.outline];
    if (chance(r, 0.3)) {
      const w = r.between(0.1, 0.25);
      parts.push({
        corners: stroke([-w, -0.25], [w, -0.25], r.between(0.1, 0.35)),
        tone: r.between(0.5, 1.5),
      });
    }
    return parts;
  },
  trousers: r => {
    const waist = r.between(0.24, 0.36);
    const hip = waist + r.between(0.02, 0.1);
    const crotch = r.between(-0.45, -0.15);
    const spread = r.between(0.28, 0.48);
    const ankle = r.between(0.12, 0.22);
    const length = chance(r, 0.12) ? r.between(0.1, 0.4) : r.between(0.75, 0.95);
    const half: Point[] = [
      [0, -0.9],
      [waist, -0.9],
      [hip, -0.55],
      [spread, length],
      [Math.max(0.02, spread - ankle), length],
      [r.between(0, 0.04), crotch],
    ];
    const parts: Part[] = [{ corners: mirrored(half), tone: 1 }];
    if (chance(r, 0.6)) parts.push(band(waist, -0.86, 0.08, r.between(0.5, 0.9)));
    return parts;
  },
  pullover: r => {
    const t = top(r, {
      shoulder: [0.4, 0.56],
      waist: [0.38, 0.54],
      hem: [0.36, 0.54],
      bottom: [0.6, 0.88],
      neckDepth: [0.04, 0.16],
      sleeve: [1.05, 1.45],
      spread: [0.08, 0.34],
    });
    const parts = [t.outline];
    if (chance(r, 0.6)) parts.push(band(t.hem, t.bottom - 0.05, 0.1, r.between(0.7, 0.95)));
    if (chance(r, 0.08)) parts.push(...collar(r, t, r.between(0.8, 1.1)));
    if (chance(r, 0.06)) parts.push(frontLine(r, t, 0.04, r.between(0.5, 0.9)));
    return parts;
  },
  dress: r => {
    const t = top(r, {
      shoulder: [0.2, 0.36],
      waist: [0.16, 0.32],
      hem: [0.26, 0.6],
      bottom: [0.8, 0.97],
      neckDepth: [0.05, 0.3],
      sleeve: chance(r, 0.55) ? [0, 0] : chance(r, 0.6) ? [0.2, 0.5] : [0.9, 1.2],
      spread: [0.15, 0.5],
    });
    const parts = [t.outline];
    if (chance(r, 0.3)) parts.push(band(0.3, r.between(-0.1, 0.1), 0.06, r.between(0.4, 0.8)));
    return parts;
  },
  coat: r => {
    const t = top(r, {
      shoulder: [0.4, 0.54],
      waist: [0.36, 0.5],
      hem: [0.38, 0.58],
      bottom: [0.72, 0.96],
      neckDepth: [0.05, 0.3],
      sleeve: [1.05, 1.45],
      spread: [0.08, 0.32],
    });
    const parts = [t.outline];
    if (chance(r, 0.94)) parts.push(frontLine(r, t, r.between(0.05, 0.1), r.between(0.1, 0.6)));
    if (chance(r, 0.7)) parts.push(...collar(r, t, r.between(0.6, 1.25)));
    if (chance(r, 0.25)) parts.push(band(0.42, r.between(0, 0.15), 0.07, r.between(0.4, 0.8)));
    return parts;
  },
  sandal: r => {
    const heel = chance(r, 0.45) ? r.between(0.25, 0.55) : r.between(0, 0.12);
    const sole = r.between(0.08, 0.18);
    const floor = r.between(0.35, 0.55);
    const back: Point = [0.82, floor - heel];
    const arch: Point = [r.between(0, 0.35), floor - heel * r.between(0.25, 0.5)];
    const parts: Part[] = [
      { corners: stroke([-0.85, floor], arch, sole), tone: r.between(0.7, 1.1) },
      { corners: stroke(arch, back, sole), tone: r.between(0.7, 1.1) },
    ];
    if (heel > 0.15) {
      parts.push({ corners: stroke([0.74, back[1]], [0.7, floor + 0.05], r.between(0.08, 0.2)), tone: 1 });
    }
    const straps = 2 + r.below(3);
    for (let i = 0; i < straps; i++) {
      const from = -0.7 + (1.3 * (i + r.between(0.1, 0.6))) / straps;
      const peak = floor - r.between(0.25, 0.5) - (from > 0.2 ? heel : 0);
      parts.push({
        corners: stroke([from, floor - 0.05], [from + r.between(0.15, 0.35), peak], r.between(0.06, 0.14)),
        tone: 1,
      });
    }
    if (chance(r, 0.6))
      parts.push({ corners: stroke([0.78, back[1]], [r.between(0.4, 0.6), back[1] - 0.4], 0.08), tone: 1 });
    return parts;
  },
  shirt: r => {
    const long = chance(r, 0.6);
    const t = top(r, {
      shoulder: [0.4, 0.56],
      waist: [0.34, 0.5],
      hem: [0.36, 0.54],
      bottom: [0.62, 0.92],
      neckDepth: [0.05, 0.22],
      sleeve: long ? [0.9, 1.35] : [0.32, 0.65],
      spread: long ? [0.1, 0.42] : [0.4, 0.8],
    });
    const parts = [t.outline];
    if (chance(r, 0.94))
      parts.push(...collar(r, t, chance(r, 0.5) ? r.between(0.55, 0.85) : r.between(1.15, 1.4)));
    if (chance(r, 0.88)) parts.push(frontLine(r, t, r.between(0.03, 0.06), r.between(0.55, 0.85)));
    if (chance(r, 0.3))
      parts.push({ corners: stroke([0.13, -0.2], [0.3, -0.2], 0.18), tone: r.between(0.75, 0.92) });
    return parts;
  },
  sneaker: r => {
    const collarY = r.between(-0.28, -0.02);
    const toe = r.between(0.02, 0.16);
    const floor = r.between(0.36, 0.5);
    const soleHeight = r.between(0.1, 0.22);
    const upper: Point[] = [
      [-0.88, floor - soleHeight * 0.5],
      [-0.86, floor - soleHeight - toe],
      [-0.5, floor - soleHeight - toe - r.between(0.06, 0.14)],
      [r.between(-0.1, 0.15), collarY - r.between(0, 0.12)],
      [r.between(0.3, 0.5), collarY + r.between(0, 0.1)],
      [0.8, collarY - r.between(-0.02, 0.16)],
      [0.86, floor - soleHeight * 0.5],
    ];
    const parts: Part[] = [
      { corners: upper, tone: 1 },
      { corners: stroke([-0.9, floor], [0.88, floor], soleHeight), tone: r.between(0.5, 1.5) },
    ];
    for (let i = 0, laces = r.below(4); i < laces; i++) {
      const x = -0.4 + 0.14 * i;
      parts.push({
        corners: stroke([x, 0.1 - 0.09 * i], [x + 0.16, 0.2 - 0.09 * i], 0.05),
        tone: r.between(0.3, 1.6),
      });
    }
    return parts;
  },
  bag: r => {
    const width = r.between(0.5, 0.85);
    const bodyTop = r.between(-0.4, 0);
    const bottom = r.between(0.5, 0.8);
    const taper = r.between(-0.15, 0.15);
    const body: Point[] = [
      [-width + taper, bodyTop],
      [width - taper, bodyTop],
      [width, bottom],
      [-width, bottom],
    ];
    const parts: Part[] = [{ corners: body, tone: 1 }];
    const reach = width * r.between(0.35, 0.8);
    const peak = Math.max(-0.95, bodyTop - r.between(0.15, 0.6));
    const thick = r.between(0.06, 0.14);
    parts.push(
      { corners: stroke([-reach, bodyTop], [-reach * 0.7, peak], thick), tone: 1 },
      { corners: stroke([-reach * 0.75, peak], [reach * 0.75, peak], thick), tone: 1 },
      { corners: stroke([reach, bodyTop], [reach * 0.7, peak], thick), tone: 1 },
    );
    if (chance(r, 0.5)) parts.push(band(width, bodyTop + r.between(0.15, 0.35), 0.06, r.between(0.4, 0.8)));
    return parts;
  },
  'ankle boot': r => {
    const shaftTop = r.between(-0.85, -0.4);
    const front = r.between(-0.15, 0.1);
    const floor = r.between(0.55, 0.75);
    const toe = r.between(0.16, 0.32);
    const heel = chance(r, 0.4) ? r.between(0.15, 0.35) : 0.04;
    const outline: Point[] = [
      [front + r.between(-0.06, 0.06), shaftTop],
      [0.72 + r.between(-0.06, 0.08), shaftTop],
      [0.78, floor - heel],
      [0.2, floor - heel * 0.6],
      [-0.82, floor],
      [-0.84, floor - toe],
      [front - 0.15, floor - toe - r.between(0.15, 0.3)],
    ];
    const parts: Part[] = [
      { corners: outline, tone: 1 },
      { corners: stroke([-0.84, floor], [0.15, floor - heel * 0.6], 0.1), tone: r.between(0.4, 1.3) },
    ];
    if (heel > 0.1)
      parts.push({
        corners: stroke([0.66, floor - heel], [0.64, floor + 0.06], r.between(0.14, 0.3)),
        tone: r.between(0.5, 1),
      });
    if (chance(r, 0.4))
      parts.push({
        corners: stroke([0.35, shaftTop], [0.38, shaftTop + 0.4], 0.1),
        tone: r.between(0.5, 0.8),
      });
    return parts;
  },
};

/** The parts of one garment, back to front. */
export function garment(name: GarmentName, random: Random): Part[] {
  return makers[name](random);
}
