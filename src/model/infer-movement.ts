// Shape rules of operators that move values: reshape, transpose, concatenate, slice, gather, pad, split and their like.

import type { Dimension } from './graph-types.ts';
import type { StaticShape } from './infer.ts';
import { axesOf, broadcast, positive, type Rule, shapeAt, shaped } from './infer-rule.ts';

export const reshape: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  const target = inputs[1]?.values;
  if (target === undefined) {
    const [rank] = inputs[1]?.shape ?? [];
    return [shaped(typeof rank === 'number' ? new Array<Dimension>(rank).fill(null) : undefined)];
  }
  const allowZero = node.int('allowzero', 0) !== 0;
  const out = target.map((d, i): Dimension => (d === 0 && !allowZero ? (shape?.[i] ?? null) : d));
  const open = out.indexOf(-1);
  const values = inputs[0]?.values;
  if (open < 0) return [shaped(out, values)];
  return [
    shaped(
      out.map((d, i) => (i === open ? quotient(shape, out, open) : d)),
      values,
    ),
  ];
};

/** The open dimension: what is left when equal names are struck out on both sides. */
function quotient(shape: StaticShape | undefined, out: StaticShape, open: number): Dimension {
  if (shape === undefined) return null;
  const over = [...shape];
  let factor = 1;
  for (const [i, d] of out.entries()) {
    if (i === open) continue;
    if (typeof d === 'number') factor *= d;
    else {
      const at = d === null ? -1 : over.indexOf(d);
      if (at < 0) return null;
      over.splice(at, 1);
    }
  }
  const names = over.filter(d => typeof d !== 'number');
  const count = over.reduce<number>((a, d) => (typeof d === 'number' ? a * d : a), 1);
  if (names.length === 0) return factor > 0 && count % factor === 0 ? count / factor : null;
  return names.length === 1 && count === factor ? names[0]! : null;
}

export const flatten: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [shaped([null, null])];
  const axis = positive(node.int('axis', 1), shape.length);
  const count = (dims: StaticShape): Dimension => {
    const open = dims.filter(d => d !== 1);
    if (open.length === 1) return open[0]!;
    return dims.every(d => typeof d === 'number')
      ? dims.reduce<number>((a, d) => a * (d as number), 1)
      : null;
  };
  return [shaped([count(shape.slice(0, axis)), count(shape.slice(axis))])];
};

export const transpose: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const order = node.ints('perm') ?? shape.map((_, i) => shape.length - 1 - i);
  return [shaped(order.map(i => shape[i] ?? null))];
};

export const concat: Rule = (node, inputs) => {
  const shapes = inputs.map(i => i?.shape);
  const first = shapes.find(s => s !== undefined);
  if (first === undefined) return [];
  const axis = positive(node.int('axis', 0), first.length);
  const out = first.map((_, i): Dimension => {
    const dims = shapes.map(s => s?.[i] ?? null);
    if (i === axis) {
      if (dims.every(d => typeof d === 'number')) return dims.reduce<number>((a, d) => a + (d as number), 0);
      return dims.length === 1 ? dims[0]! : null;
    }
    return dims.find(d => typeof d === 'number') ?? dims.find(d => d !== null) ?? null;
  });
  const parts = inputs.map(i => i?.values);
  const values = parts.every(p => p !== undefined) && first.length === 1 ? parts.flat() : undefined;
  return [shaped(out, values)];
};

export const slice: Rule = (node, inputs, opset) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const list = (name: string, at: number): readonly Dimension[] | undefined =>
    opset < 10 ? node.ints(name) : inputs[at]?.values;
  const starts = list('starts', 1);
  const ends = list('ends', 2);
  const present = opset >= 10 && inputs[3] !== undefined;
  const axes = list('axes', 3) ?? (present ? undefined : starts?.map((_, i) => i));
  const steps = opset < 10 || inputs[4] === undefined ? axes?.map(() => 1) : inputs[4].values;
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined)
    return [shaped(shape.map(() => null))];
  const out = [...shape];
  let values = shape.length === 1 ? inputs[0]?.values : undefined;
  axes.forEach((axis, k) => {
    if (typeof axis !== 'number') {
      out.fill(null);
      return;
    }
    const i = positive(axis, shape.length);
    const [d, start, end, step] = [shape[i] ?? null, starts[k]!, ends[k]!, steps[k]!];
    if (start === 0 && step === 1 && typeof end === 'number' && end > 2 ** 31 - 2) return;
    if (
      typeof d !== 'number' ||
      typeof start !== 'number' ||
      typeof end !== 'number' ||
      typeof step !== 'number'
    ) {
      // an end that is the dimension itself leaves it
      if (!(start === 0 && step === 1 && end !== null && end === d)) out[i] = null;
      if (out[i] === null) values = undefined;
      return;
    }
    const clamp = (x: number, low: number, high: number): number =>
      Math.min(Math.max(x < 0 ? x + d : x, low), high);
    const [from, to] =
      step > 0 ? [clamp(start, 0, d), clamp(end, 0, d)] : [clamp(start, 0, d - 1), clamp(end, -1, d - 1)];
    const count = Math.max(0, Math.ceil((to - from) / step));
    out[i] = count;
    if (values !== undefined)
      values = Array.from({ length: count }, (_, j) => values![from + j * step] ?? null);
  });
  return [shaped(out, values)];
};

export const gather: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  const indices = inputs[1];
  if (shape === undefined || indices?.shape === undefined) return [];
  const axis = positive(node.int('axis', 0), shape.length);
  const values = inputs[0]?.values;
  const picked =
    values !== undefined && shape.length === 1
      ? indices.values?.map(
          (i): Dimension => (typeof i === 'number' ? (values[positive(i, values.length)] ?? null) : null),
        )
      : undefined;
  return [shaped([...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)], picked)];
};

export const squeeze: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  const axes = axesOf(node, inputs);
  if (shape === undefined || axes === 'unknown') return [];
  if (axes === undefined) {
    if (shape.some(d => typeof d !== 'number')) return [];
    return [
      shaped(
        shape.filter(d => d !== 1),
        inputs[0]?.values,
      ),
    ];
  }
  const gone = new Set(axes.map(a => positive(a, shape.length)));
  return [
    shaped(
      shape.filter((_, i) => !gone.has(i)),
      inputs[0]?.values,
    ),
  ];
};

export const unsqueeze: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  const axes = axesOf(node, inputs);
  if (shape === undefined || axes === 'unknown' || axes === undefined) return [];
  const rank = shape.length + axes.length;
  const made = new Set(axes.map(a => positive(a, rank)));
  let next = 0;
  const out = Array.from({ length: rank }, (_, i): Dimension => (made.has(i) ? 1 : shape[next++]!));
  return [shaped(out, inputs[0]?.values)];
};

export const shapeOperator: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [shaped([null])];
  const clamp = (x: number): number => Math.min(Math.max(positive(x, shape.length), 0), shape.length);
  const part = shape.slice(clamp(node.int('start', 0)), clamp(node.int('end', shape.length)));
  return [shaped([part.length], part)];
};

export const expand: Rule = (_, inputs) => [shaped(broadcast([shapeAt(inputs), inputs[1]?.values]))];

export const filled: Rule = (_, inputs) => [shaped(inputs[0]?.values)];

export const pad: Rule = (node, inputs, opset) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const pads = opset < 11 ? node.ints('pads') : inputs[1]?.values;
  if (pads === undefined || pads.length !== 2 * shape.length || inputs[3] !== undefined)
    return [shaped(shape.map(() => null))];
  return [
    shaped(
      shape.map((d, i): Dimension => {
        const [a, b] = [pads[i]!, pads[i + shape.length]!];
        if (a === 0 && b === 0) return d;
        return typeof d === 'number' && typeof a === 'number' && typeof b === 'number' ? d + a + b : null;
      }),
    ),
  ];
};

export const split: Rule = (node, inputs, opset) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const axis = positive(node.int('axis', 0), shape.length);
  const sizes = opset < 13 ? node.ints('split') : inputs[1]?.values;
  const d = shape[axis] ?? null;
  const n = node.outputs.length;
  return node.outputs.map((_, i) => {
    const even =
      typeof d === 'number' ? Math.min(Math.ceil(d / n), Math.max(0, d - i * Math.ceil(d / n))) : null;
    const size = sizes === undefined ? even : (sizes[i] ?? null);
    return shaped(shape.map((x, k) => (k === axis ? size : x)));
  });
};

export const tile: Rule = (_, inputs) => {
  const shape = shapeAt(inputs);
  const times = inputs[1]?.values;
  if (shape === undefined) return [];
  return [
    shaped(
      shape.map((d, i): Dimension => {
        const t = times?.[i] ?? null;
        if (t === 1) return d;
        return typeof d === 'number' && typeof t === 'number' ? d * t : null;
      }),
    ),
  ];
};

export const resize: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const sizes = node.is('Resize') ? inputs[3]?.values : undefined;
  return [shaped(sizes?.length === shape.length ? sizes : shape.map(() => null))];
};
