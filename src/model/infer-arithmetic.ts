// Shape rules of operators that compute: elementwise ones (whose small integer values are followed too, since shapes are computed
// with them), products, reductions.

import type { Dimension } from './graph-types.ts';
import { axesOf, broadcast, positive, type Rule, shapeAt, shaped } from './infer-rule.ts';

export const same: Rule = (_, inputs) => [shaped(shapeAt(inputs))];
export const keep: Rule = (_, inputs) => [shaped(shapeAt(inputs), inputs[0]?.values)];

const arithmetic: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
  Mod: (a, b) => a - b * Math.floor(a / b),
  Max: Math.max,
  Min: Math.min,
};

export const elementwise: Rule = (node, inputs) => {
  const shape = broadcast(inputs.filter(i => i !== undefined).map(i => i.shape));
  const [a, b] = [inputs[0]?.values, inputs[1]?.values];
  const compute = arithmetic[node.op];
  if (compute === undefined || a === undefined || b === undefined || inputs.length !== 2)
    return [shaped(shape)];
  const length = Math.max(a.length, b.length);
  const values = Array.from({ length }, (_, i): Dimension => {
    const [x, y] = [a[a.length === 1 ? 0 : i] ?? null, b[b.length === 1 ? 0 : i] ?? null];
    if (typeof x === 'number' && typeof y === 'number') return compute(x, y);
    if ((node.op === 'Mul' || node.op === 'Div') && y === 1) return x;
    if ((node.op === 'Add' || node.op === 'Sub') && y === 0) return x;
    return null;
  });
  return [shaped(shape, values)];
};

export const product: Rule = (_, inputs) => {
  const [a, b] = [shapeAt(inputs, 0), shapeAt(inputs, 1)];
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return [];
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)])!;
  const rows = a.length > 1 ? [a.at(-2)!] : [];
  const columns = b.length > 1 ? [b.at(-1)!] : [];
  return [shaped([...batch, ...rows, ...columns])];
};

export const gemm: Rule = (node, inputs) => {
  const [a, b] = [shapeAt(inputs, 0), shapeAt(inputs, 1)];
  if (a?.length !== 2 || b?.length !== 2) return [shaped([null, null])];
  return [shaped([a[node.int('transA', 0)]!, b[1 - node.int('transB', 0)]!])];
};

export const reduce: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const keeps = node.int('keepdims', 1) !== 0;
  const axes = axesOf(node, inputs);
  if (axes === 'unknown') return [shaped(keeps ? shape.map(() => null) : undefined)];
  if (axes === undefined || axes.length === 0) {
    if (axes !== undefined && node.int('noop_with_empty_axes', 0) !== 0) return [shaped(shape)];
    return [shaped(keeps ? shape.map(() => 1) : [])];
  }
  const reduced = new Set(axes.map(a => positive(a, shape.length)));
  if (keeps) return [shaped(shape.map((d, i) => (reduced.has(i) ? 1 : d)))];
  return [shaped(shape.filter((_, i) => !reduced.has(i)))];
};

export const pick: Rule = (node, inputs) => {
  const shape = shapeAt(inputs);
  if (shape === undefined) return [];
  const axis = positive(node.int('axis', 0), shape.length);
  const keeps = node.int('keepdims', 1) !== 0;
  return [shaped(keeps ? shape.map((d, i) => (i === axis ? 1 : d)) : shape.filter((_, i) => i !== axis))];
};
