// Static shapes: what is known of every value's dimensions from the inputs' declarations alone, without running the model.
// Small integer tensors (the targets of Reshape and the like) are followed as values. Refuses to guess: a dimension it cannot
// derive is null, a value of unknown rank has no entry; operators it does not know make values of unknown rank.

import type { Graph } from './graph.ts';
import type { Dimension } from './graph-types.ts';
import { ruleOf } from './infer-operators.ts';
import type { Shapes } from './shapes.ts';
import { elementCount, type Tensor, toNumbers } from './tensor.ts';

export type StaticShape = readonly Dimension[];

/** What operators see of a value. */
export interface Known {
  shape: StaticShape | undefined;
  /** Elements of a small integer tensor in order, where known. */
  values: readonly Dimension[] | undefined;
}

/** More elements than a shape has dimensions are not followed. */
const mostValues = 64;

/**
 * Shapes of all values that can be derived.
 * @param given dimensions of inputs, instead of those declared
 */
export function inferShapes(
  graph: Graph,
  given: ReadonlyMap<string, StaticShape> = new Map(),
): Map<string, StaticShape> {
  const known = new Map<string, Known>();
  for (const input of graph.inputs) {
    const shape = given.get(input.name) ?? input.type?.shape;
    known.set(input.name, { shape: shape?.map(named), values: undefined });
  }
  for (const [name, tensor] of graph.constants) known.set(name, ofConstant(tensor));
  const nothing: Known = { shape: undefined, values: undefined };
  for (const node of graph.order()) {
    const rule = node.domain === '' ? ruleOf(node.op) : undefined;
    const inputs = node.inputs.map(name => (name === '' ? undefined : (known.get(name) ?? nothing)));
    const outputs = rule?.(node, inputs, graph.opset) ?? [];
    node.outputs.forEach((name, i) => {
      const declared = graph.shapeOf(name)?.map(named);
      const made = outputs[i] ?? nothing;
      const shape = given.size > 0 ? made.shape : merge(made.shape, declared);
      known.set(name, { shape, values: made.values });
    });
  }
  const shapes = new Map<string, StaticShape>();
  for (const [name, { shape }] of known) if (shape !== undefined) shapes.set(name, shape);
  return shapes;
}

/** The entries whose dimensions are all numbers. */
export function knownShapes(shapes: ReadonlyMap<string, StaticShape>): Shapes {
  const known: Shapes = new Map();
  for (const [name, shape] of shapes) {
    if (shape.every(d => typeof d === 'number')) known.set(name, shape as number[]);
  }
  return known;
}

function ofConstant(tensor: Tensor): Known {
  const { type, dims } = tensor;
  const small =
    (type === 'int64' || type === 'int32') && elementCount(dims) <= mostValues && dims.length <= 1;
  return { shape: dims, values: small ? toNumbers(tensor) : undefined };
}

/** Negative and zero numbers of a declaration say nothing (-1 is some exporters' "unknown"). */
function named(d: Dimension): Dimension {
  return typeof d === 'number' && d < 0 ? null : d;
}

/** What was derived, with gaps filled from the declaration when the ranks agree. */
function merge(made: StaticShape | undefined, declared: StaticShape | undefined): StaticShape | undefined {
  if (made === undefined) return declared;
  if (declared === undefined || declared.length !== made.length) return made;
  return made.map((d, i) => (typeof d === 'number' ? d : (declared[i] ?? d)));
}
