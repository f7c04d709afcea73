// True shapes of the values inside a model, taken from one run: each value is followed by a Shape operator and only the
// shapes are fetched. Refuses to guess: values that are not tensors, and those the run cannot reach, have no entry.

import { AbortedError, InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import type { Graph } from './graph.ts';
import type { GraphValue } from './graph-types.ts';
import { inferShapes, knownShapes } from './infer.ts';
import { type Feeds, type Results, runGraphOnce, type SessionOptions } from './session.ts';
import {
  arrayClass,
  type DataType,
  elementCount,
  makeTensor,
  storageLength,
  type Tensor,
  toNumbers,
} from './tensor.ts';

export type Shapes = Map<string, readonly number[]>;

/** Operators whose outputs are sequences, maps or optionals, or may be. */
const notTensors = /^(Sequence(?!At|Length)|SplitToSequence|Optional|ZipMap|StringSplit)/;

/**
 * Shapes of all tensor values in one run.
 * @throws InputError when the runtime refuses the model or the feeds
 */
export async function measureShapes(
  graph: Graph,
  feeds: Feeds,
  options: Omit<SessionOptions, 'extraOutputs'> = {},
): Promise<Shapes> {
  const copy = graph.clone();
  const values = new Map<string, string>();
  for (const node of graph.order()) {
    if (node.domain !== '' || node.hasBody || notTensors.test(node.op)) continue;
    for (const value of node.outputs) {
      if (value === '' || graph.otherTypes.has(value)) continue;
      const shape = copy.uniqueName(`${value}_shape`);
      copy.addNode({ op: 'Shape', inputs: [value], outputs: [shape] });
      values.set(shape, value);
    }
  }
  copy.outputs = [...values.keys()].map(name => ({ name, type: undefined }));
  const shapes: Shapes = new Map();
  for (const [name, tensor] of Object.entries(feeds)) shapes.set(name, tensor.dims);
  for (const [name, tensor] of graph.constants) shapes.set(name, tensor.dims);
  if (values.size === 0) return shapes;
  const results: Results = await runGraphOnce(copy, feeds, { optimization: 'disabled', ...options });
  for (const [shape, value] of values) shapes.set(value, toNumbers(results[shape]!));
  return shapes;
}

/** Heights and widths tried where a model does not declare them: common image sizes, then the heights of text recognisers. */
const sizes: readonly (readonly [number, number])[] = [
  [224, 224],
  [48, 320],
  [32, 320],
  [640, 640],
  [28, 28],
  [64, 64],
];
const lengths = [16, 80, 128];

export interface MeasuredShapes {
  shapes: Shapes;
  /** Dimensions the inputs were given. */
  inputs: Record<string, readonly number[]>;
}

/**
 * Measures shapes with inputs of a default size: what the file declares, 1 for the first dimension, and for others the
 * first of a list of common sizes that the model runs with.
 * @param given dimensions of inputs by name, instead of the defaults
 * @throws InputError when the model runs with none of them; the runtime's words for the first are in the message
 */
export async function measureDefaultShapes(
  graph: Graph,
  given: ReadonlyMap<string, readonly number[]> = new Map(),
  options: Omit<SessionOptions, 'extraOutputs'> = {},
): Promise<MeasuredShapes> {
  const inputs = graph.inputs.filter(x => graph.constant(x.name) === undefined);
  const tried = new Set<string>();
  let first: Error | undefined;
  for (let i = 0; i < Math.max(sizes.length, lengths.length); i++) {
    const feeds: Record<string, Tensor> = {};
    for (const input of inputs) {
      const size = sizes[Math.min(i, sizes.length - 1)]!;
      const dims =
        given.get(input.name) ?? defaultDims(input, size, lengths[Math.min(i, lengths.length - 1)]!);
      feeds[input.name] = sample(input, dims);
    }
    const dims = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, t.dims]));
    const key = JSON.stringify(dims);
    if (tried.has(key)) continue;
    tried.add(key);
    try {
      return { shapes: await measureShapes(graph, feeds, options), inputs: dims };
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      first ??= error as Error;
    }
  }
  throw first ?? new InputError('has no inputs to run it with', { file: graph.file });
}

/**
 * Shapes with inputs of a default size, derived without running the model: as many as follow from the operators.
 * @param given dimensions of inputs by name, instead of the defaults
 */
export function inferDefaultShapes(
  graph: Graph,
  given: ReadonlyMap<string, readonly number[]> = new Map(),
): MeasuredShapes {
  const dims = new Map<string, readonly number[]>();
  for (const input of graph.inputs) {
    if (graph.constant(input.name) !== undefined) continue;
    dims.set(input.name, given.get(input.name) ?? defaultDims(input, sizes[0]!, lengths[0]!));
  }
  return { shapes: knownShapes(inferShapes(graph, dims)), inputs: Object.fromEntries(dims) };
}

function defaultDims(input: GraphValue, size: readonly [number, number], length: number): number[] {
  const shape = input.type?.shape;
  if (shape === undefined) {
    throw new InputError(`input '${input.name}' declares no rank`, { expected: 'its size to be given' });
  }
  const channelsLast = shape.length === 4 && typeof shape[3] === 'number' && shape[3] <= 4;
  return shape.map((d, i) => {
    if (typeof d === 'number' && d > 0) return d;
    if (i === 0) return 1;
    if (shape.length === 4) {
      const spatial = channelsLast ? i - 1 : i - 2;
      return spatial >= 0 && spatial < 2 ? size[spatial]! : 3;
    }
    return length;
  });
}

/** Floats are seeded noise, integers zero (an index that always exists), bools true. */
function sample(input: GraphValue, dims: readonly number[]): Tensor {
  const type: DataType = input.type?.type ?? 'float32';
  const count = elementCount(dims);
  if (!(count <= 2 ** 28)) {
    throw new InputError(`input '${input.name}' of [${dims.join(',')}] is too large to run`, {
      expected: `at most ${2 ** 28} elements`,
    });
  }
  if (type === 'string') return makeTensor(type, dims, new Array<Uint8Array>(count).fill(new Uint8Array()));
  const data = new (arrayClass(type))(storageLength(type, count));
  if (type === 'bool') data.fill(1 as never);
  if (data instanceof Float32Array || data instanceof Float64Array) {
    const random = new Random(1);
    for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1);
  }
  return makeTensor(type, dims, data);
}
