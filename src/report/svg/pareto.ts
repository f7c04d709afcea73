// The Pareto front of a chart, and labels that avoid points, each other and the front.
// Refuses to place a label where there is no room: it is left out.

import type { XyPoint } from '../model.ts';
import { px, type Scale } from './axis.ts';

/** Pixels. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** The points that no other point beats in both directions, ordered by x. Ties in both count once. */
export function paretoFront(
  points: readonly XyPoint[],
  direction: { x: 'min' | 'max'; y: 'min' | 'max' },
): XyPoint[] {
  const sx = direction.x === 'min' ? 1 : -1;
  const sy = direction.y === 'min' ? 1 : -1;
  const sorted = points
    .filter(p => Number.isFinite(p.x) && Number.isFinite(p.y))
    .sort((a, b) => sx * (a.x - b.x) || sy * (a.y - b.y));
  const front: XyPoint[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (const point of sorted) {
    if (sy * point.y >= best) continue;
    best = sy * point.y;
    front.push(point);
  }
  return front.sort((a, b) => a.x - b.x);
}

/** A staircase: between two points of the front nothing better than their corner is known. */
export function frontCorners(
  front: readonly XyPoint[],
  x: Scale,
  y: Scale,
  pareto: { x: 'min' | 'max' },
): [number, number][] {
  const corners: [number, number][] = [];
  for (const p of front) {
    const [cx, cy] = [x.at(p.x), y.at(p.y)];
    const last = corners[corners.length - 1];
    if (last !== undefined) corners.push(pareto.x === 'min' ? [cx, last[1]] : [last[0], cy]);
    corners.push([cx, cy]);
  }
  return corners;
}

export function frontPath(corners: readonly (readonly [number, number])[]): string {
  if (corners.length < 2) return '';
  const d = corners.map(([cx, cy], i) => `${i === 0 ? 'M' : 'L'}${px(cx)} ${px(cy)}`).join('');
  return `<path class="front" d="${d}"/>`;
}

/** The stripes that the segments of a staircase cover. */
export function segmentBoxes(corners: readonly (readonly [number, number])[]): Box[] {
  return corners.slice(1).map(([x1, y1], i) => {
    const [x0, y0] = corners[i]!;
    return {
      x0: Math.min(x0, x1) - 3,
      x1: Math.max(x0, x1) + 3,
      y0: Math.min(y0, y1) - 3,
      y1: Math.max(y0, y1) + 3,
    };
  });
}

/** Where a label of a point at (cx, cy) fits: beside, above, below, or at a corner; undefined: nowhere. */
export function placeLabel(
  cx: number,
  cy: number,
  width: number,
  boxes: readonly Box[],
  area: Box,
): { x: number; y: number; anchor: 'start' | 'middle' | 'end'; box: Box } | undefined {
  const candidates: [number, number, 'start' | 'middle' | 'end'][] = [
    [cx + 8, cy + 4, 'start'],
    [cx - 8, cy + 4, 'end'],
    [cx, cy - 9, 'middle'],
    [cx, cy + 17, 'middle'],
    [cx + 7, cy - 7, 'start'],
    [cx + 7, cy + 15, 'start'],
    [cx - 7, cy - 7, 'end'],
    [cx - 7, cy + 15, 'end'],
  ];
  for (const [x, y, anchor] of candidates) {
    const x0 = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
    const box = { x0, x1: x0 + width, y0: y - 10, y1: y + 3 };
    if (box.x0 < area.x0 || box.x1 > area.x1 + 10 || box.y0 < area.y0 || box.y1 > area.y1) continue;
    if (boxes.some(b => b.x0 < box.x1 && b.x1 > box.x0 && b.y0 < box.y1 && b.y1 > box.y0)) continue;
    return { x, y, anchor, box };
  }
  return undefined;
}
