// What shape rules of operators share: their form, axes, broadcasting.

import type { Dimension } from './graph-types.ts';
import type { Known, StaticShape } from './infer.ts';
import type { GraphNode } from './node.ts';

export type Inputs = readonly (Known | undefined)[];
export type Rule = (node: GraphNode, inputs: Inputs, opset: number) => (Known | undefined)[];

export const shaped = (shape: StaticShape | undefined, values?: readonly Dimension[] | undefined): Known => ({
  shape,
  values,
});
export const shapeAt = (inputs: Inputs, i = 0): StaticShape | undefined => inputs[i]?.shape;
export const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Two dimensions under broadcasting. */
function broadcastDimension(a: Dimension, b: Dimension): Dimension {
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return a === b ? a : null;
}

export function broadcast(shapes: readonly (StaticShape | undefined)[]): StaticShape | undefined {
  if (shapes.length === 0 || shapes.some(s => s === undefined)) return undefined;
  const list = shapes as readonly StaticShape[];
  const rank = Math.max(...list.map(s => s.length));
  return Array.from({ length: rank }, (_, i) =>
    list.reduce<Dimension>(
      (d, s) => broadcastDimension(d, s[i - rank + s.length] ?? (i < rank - s.length ? 1 : null)),
      1,
    ),
  );
}

/** Axes from the second input (newer operator sets) or the attribute. */
export function axesOf(node: GraphNode, inputs: Inputs, at = 1): number[] | undefined | 'unknown' {
  if (inputs[at] !== undefined) {
    const values = inputs[at].values;
    return values?.every(v => typeof v === 'number') ? (values as number[]) : 'unknown';
  }
  return node.ints('axes');
}
