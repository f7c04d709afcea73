// What clothing is cut from: bodies with sleeves, collars, front lines, bands, in a frame of -1..1 (x to the right, y down).

import type { Random } from '../../core/random.ts';
import type { Point } from './surface.ts';

/** A filled area; `tone` multiplies the garment's own grey (1: the same, 0: black). */
export interface Part {
  corners: Point[];
  tone: number;
}

type Range = readonly [number, number];
const draw = (r: Random, [low, high]: Range): number => r.between(low, high);
export const chance = (r: Random, p: number): boolean => r.uniform() < p;

/** The right half, from the top of the middle line to its bottom, mirrored to a closed outline. */
export function mirrored(half: readonly Point[]): Point[] {
  return [...half, ...half.map(([x, y]): Point => [-x, y]).reverse()];
}

/** A thin quadrilateral from one point to another. */
export function stroke([x0, y0]: Point, [x1, y1]: Point, width: number): Point[] {
  const length = Math.max(1e-6, Math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2));
  const nx = (-(y1 - y0) / length) * width * 0.5;
  const ny = ((x1 - x0) / length) * width * 0.5;
  return [
    [x0 + nx, y0 + ny],
    [x1 + nx, y1 + ny],
    [x1 - nx, y1 - ny],
    [x0 - nx, y0 - ny],
  ];
}

interface TopRanges {
  shoulder: Range;
  waist: Range;
  hem: Range;
  bottom: Range;
  neckDepth: Range;
  sleeve: Range;
  /** Sideways reach of the sleeve per unit of its length. */
  spread: Range;
}

interface Top {
  outline: Part;
  bottom: number;
  hem: number;
  neck: number;
  neckDepth: number;
  cuff: Point;
  cuffWidth: number;
}

const SHOULDER_Y = -0.82;

/** The body of an upper garment with its sleeves (none when their length is 0). */
export function top(r: Random, ranges: TopRanges): Top {
  const shoulder = draw(r, ranges.shoulder);
  const waist = draw(r, ranges.waist);
  const hem = draw(r, ranges.hem);
  const bottom = draw(r, ranges.bottom);
  const neck = r.between(0.14, 0.24);
  const neckDepth = draw(r, ranges.neckDepth);
  const sleeve = draw(r, ranges.sleeve);
  const spread = draw(r, ranges.spread);
  const cuffWidth = r.between(0.17, 0.26);
  const down = Math.sqrt(Math.max(0, 1 - spread * spread));
  const shoulderY = SHOULDER_Y + r.between(0.04, 0.12);
  const cuff: Point = [shoulder + sleeve * spread, shoulderY + sleeve * down];
  const inner: Point = [cuff[0] - cuffWidth * down, cuff[1] + cuffWidth * spread];
  const pit: Point = [shoulder - r.between(0.03, 0.1), shoulderY + r.between(0.3, 0.4)];
  const half: Point[] = [
    [0, SHOULDER_Y + neckDepth],
    [neck * 0.7, SHOULDER_Y + neckDepth * 0.75],
    [neck, SHOULDER_Y],
    [shoulder, shoulderY],
  ];
  if (sleeve > 0) half.push(cuff, inner);
  half.push(pit, [waist, 0.1], [hem, bottom], [0, bottom]);
  return {
    outline: { corners: mirrored(half), tone: 1 },
    bottom,
    hem,
    neck,
    neckDepth,
    cuff: inner,
    cuffWidth,
  };
}

export function collar(r: Random, t: Top, tone: number): Part[] {
  const drop = r.between(0.14, 0.26);
  const right: Point[] = [
    [t.neck + 0.03, SHOULDER_Y - 0.02],
    [t.neck * 0.35, SHOULDER_Y + t.neckDepth],
    [t.neck * 0.8, SHOULDER_Y + t.neckDepth + drop],
  ];
  return [
    { corners: right, tone },
    { corners: right.map(([x, y]): Point => [-x, y]), tone },
  ];
}

export function frontLine(r: Random, t: Top, width: number, tone: number): Part {
  const x = r.between(-0.03, 0.03);
  return { corners: stroke([x, SHOULDER_Y + t.neckDepth], [x, t.bottom], width), tone };
}

export const band = (x: number, y: number, height: number, tone: number): Part => ({
  corners: stroke([-x, y], [x, y], height),
  tone,
});
