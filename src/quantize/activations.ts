// Inserts quantize-dequantize of activations as standard ONNX operators, integer for integer what the format room computes:
// s = fl(max / top), code = round(fl(s / coarse)), e = fl(code * coarse), q = round(clip(fl(x / e))), y = fl(q * e).
// Scales of vectors are found at run time (dynamic); the coarse scale and an offset are constants from calibration.
// Refuses elements other than integers.

import { UsageError } from '../core/errors.ts';
import { codeRange, elementMax, type Format, printFormat, scaleTop } from '../format/index.ts';
import { attribute, float32Tensor, type Graph, type GraphNode, int64Tensor } from '../model/index.ts';

/** One quantized activation: shared by all its consumers that reduce along the same axis. */
export interface ActivationQuantizer {
  /** The fp32 value, and the name of its quantized-dequantized twin in the graph. */
  value: string;
  output: string;
  /** Positive axis vectors run along, and the rank. */
  axis: number;
  rank: number;
  format: Format;
  /** Two-level: coarse scale gamma. `@tensor`: the scale. Otherwise unused (1). */
  coarse: number;
  /** Subtracted before and added after; 0 when none. In hardware it folds into the bias (at padded borders into one bias for each set of taps inside). */
  offset: number;
  /** Names of the nodes that read `output`, and of the nodes that make it. */
  consumers: string[];
  nodes: string[];
}

/** Divisors never fall below this, so that vectors of zeros divide to zero. */
const smallestDivisor = Math.fround(1e-30);

/** @throws UsageError when the format has no run-time form here */
export function checkActivationFormat(format: Format): void {
  const { element, scaling } = format;
  const scale = scaling.kind === 'vector' ? scaling.scale.kind : 'fp32';
  const known =
    scaling.kind === 'tensor' || (scaling.kind === 'vector' && (scale === 'fp32' || scale === 'uint'));
  if (element.kind === 'int' && known) return;
  throw new UsageError(`activations in ${printFormat(format)} are not supported`, {
    expected: 'integers with @tensor, @vN or @vN:uM',
    nearest: 'int8@v16:u8',
  });
}

/** Coarse scale that just covers `peak`, the largest magnitude seen (after the offset). */
export function coarseFor(format: Format, peak: number): number {
  const top = elementMax(format.element);
  const { scaling } = format;
  const scale = Math.fround((peak > 0 ? Math.max(peak, smallestDivisor) : 1e-12) / top);
  if (scaling.kind !== 'vector' || scaling.scale.kind === 'fp32')
    return scaling.kind === 'tensor' ? scale : 1;
  return Math.fround(scale / scaleTop(scaling.scale));
}

/** Adds the nodes and rewires `consumers` (all inputs of theirs that are `value`). */
export function insertActivationQuantizer(
  graph: Graph,
  spec: Omit<ActivationQuantizer, 'output' | 'nodes' | 'consumers'>,
  consumers: readonly GraphNode[],
): ActivationQuantizer {
  const { value, format, axis } = spec;
  const { scaling } = format;
  const { low, high } = codeRange(format.element);
  const stem = `${value}/q`;
  const nodes: string[] = [];
  const add = (
    op: string,
    inputs: string[],
    attributes: Record<string, ReturnType<typeof attribute.int>> = {},
  ): string => {
    const output = graph.uniqueName(`${stem}/${op}`);
    nodes.push(graph.addNode({ op, name: `${stem}/${op}`, inputs, outputs: [output], attributes }).name);
    return output;
  };
  const number = (x: number): string => graph.addConstant(`${stem}/c`, float32Tensor([], [x]));
  const ints = (...x: number[]): string => graph.addConstant(`${stem}/i`, int64Tensor(x));

  let x = value;
  if (spec.offset !== 0) x = add('Sub', [x, number(spec.offset)]);
  let y: string;
  if (scaling.kind === 'tensor') {
    const scale = number(spec.coarse);
    const ratio = add('Div', [x, scale]);
    y = add('Mul', [add('Round', [add('Clip', [ratio, number(low), number(high)])]), scale]);
  } else if (scaling.kind === 'vector') {
    const width = scaling.width;
    const shape = add('Shape', [x]);
    const length = add('Slice', [shape, ints(axis), ints(axis + 1), ints(0)]);
    const rest = add('Mod', [add('Sub', [ints(width), add('Mod', [length, ints(width)])]), ints(width)]);
    const zeros = (n: number): string[] => (n === 0 ? [] : [ints(...new Array<number>(n).fill(0))]);
    const before = zeros(spec.rank + axis);
    const after = zeros(spec.rank - axis - 1);
    const known = knownLength(graph, spec);
    const ragged = known === undefined || known % width !== 0;
    const padded = ragged
      ? add('Pad', [x, add('Concat', [...before, rest, ...after], { axis: attribute.int(0) })])
      : x;
    const whole = ragged ? add('Shape', [padded]) : shape;
    const cut = [ints(-1, width)];
    if (axis > 0) cut.unshift(add('Slice', [shape, ints(0), ints(axis), ints(0)]));
    if (axis + 1 < spec.rank) cut.push(add('Slice', [shape, ints(axis + 1), ints(spec.rank), ints(0)]));
    const split = add('Reshape', [padded, add('Concat', cut, { axis: attribute.int(0) })]);
    const magnitude = low < 0 ? add('Abs', [split]) : split;
    let scale = add('ReduceMax', [magnitude, ints(axis + 1)], { keepdims: attribute.int(1) });
    scale = add('Div', [scale, number(elementMax(format.element))]);
    if (scaling.scale.kind === 'uint') {
      const coarse = number(spec.coarse);
      const code = add('Round', [add('Div', [scale, coarse])]);
      scale = add('Mul', [add('Clip', [code, number(0), number(scaleTop(scaling.scale))]), coarse]);
    }
    const divisor = add('Max', [scale, number(smallestDivisor)]);
    const clipped = add('Clip', [add('Div', [split, divisor]), number(low), number(high)]);
    y = add('Mul', [add('Round', [clipped]), scale]);
    y = add('Reshape', [y, whole]);
    if (ragged) y = add('Slice', [y, ints(0), length, ints(axis)]);
  } else {
    throw new UsageError(`activations in ${printFormat(format)} are not supported`);
  }
  if (spec.offset !== 0) y = add('Add', [y, number(spec.offset)]);
  for (const node of consumers) {
    graph.setInputs(
      node,
      node.inputs.map(i => (i === value ? y : i)),
    );
  }
  return { ...spec, output: y, nodes, consumers: consumers.map(n => n.name) };
}

function knownLength(graph: Graph, spec: { value: string; axis: number }): number | undefined {
  const d = graph.shapeOf(spec.value)?.[spec.axis];
  return typeof d === 'number' ? d : undefined;
}

/** Smallest and largest element; zero is always inside. Both NaN when an element is. */
export function rangeOf(data: Float32Array): { low: number; high: number } {
  let low = 0;
  let high = 0;
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x < low) low = x;
    else if (x > high) high = x;
    else if (Number.isNaN(x)) return { low: x, high: x };
  }
  return { low, high };
}
