// Writes the automatic padding of convolutions as numbers, where they do not depend on sizes that only a run tells.
// Refuses (leaves, with the reason) strided convolutions over open dimensions, and transposed ones.

import { attribute } from '../attribute.ts';
import type { Graph } from '../graph.ts';
import { inferShapes } from '../infer.ts';
import type { GraphNode } from '../node.ts';
import { did, newStatistics, type PassStatistics } from './statistics.ts';

export function explicitPads(graph: Graph): PassStatistics {
  const statistics = newStatistics('explicitPads');
  let shapes: ReturnType<typeof inferShapes> | undefined;
  for (const node of graph.order()) {
    if (!node.is('Conv')) continue;
    const mode = node.string('auto_pad', 'NOTSET');
    if (mode === 'NOTSET') continue;
    const kernel = graph.constant(node.inputs[1])?.dims.slice(2) ?? node.ints('kernel_shape');
    if (kernel === undefined) {
      statistics.left.push({ node: node.name, reason: 'its window is not known' });
      continue;
    }
    shapes ??= inferShapes(graph);
    const pads = padsOf(node, mode, kernel, shapes.get(node.inputs[0]!)?.slice(2));
    if (pads === undefined) {
      statistics.left.push({ node: node.name, reason: 'its padding depends on sizes that only a run tells' });
      continue;
    }
    const attributes = { ...Object.fromEntries(node.attributes), pads: attribute.ints(pads) };
    delete (attributes as Record<string, unknown>)['auto_pad'];
    graph.replaceNode(node, { attributes });
    did(statistics, node.op);
  }
  return statistics;
}

/** Begins of all axes, then ends: SAME gives ceil(size / stride) outputs, an odd pad more at the end (UPPER) or the begin (LOWER). */
function padsOf(
  node: GraphNode,
  mode: string,
  kernel: readonly number[],
  size: readonly unknown[] | undefined,
): number[] | undefined {
  const begins: number[] = [];
  const ends: number[] = [];
  const strides = node.ints('strides');
  const dilations = node.ints('dilations');
  for (let axis = 0; axis < kernel.length; axis++) {
    const stride = strides?.[axis] ?? 1;
    const reach = (kernel[axis]! - 1) * (dilations?.[axis] ?? 1) + 1;
    const length = size?.[axis];
    let total: number;
    if (mode === 'VALID') total = 0;
    else if (stride === 1) total = reach - 1;
    else if (typeof length === 'number') {
      total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
    } else return undefined;
    const small = Math.floor(total / 2);
    begins.push(mode === 'SAME_LOWER' ? total - small : small);
    ends.push(mode === 'SAME_LOWER' ? small : total - small);
  }
  return [...begins, ...ends];
}
