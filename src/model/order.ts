// Nodes so that each stands after the makers of its inputs. Keeps its own stack: deep graphs do not deepen the call stack.
// Refuses cycles.

import { InputError } from '../core/errors.ts';
import type { GraphNode } from './node.ts';

/**
 * Depth-first order; the order of `nodes` where that already holds.
 * @param producer the node that makes a value, undefined for inputs and constants
 * @throws InputError naming a node of a cycle
 */
export function topologicalOrder(
  nodes: Iterable<GraphNode>,
  producer: (value: string) => GraphNode | undefined,
  file: string | undefined,
): GraphNode[] {
  const out: GraphNode[] = [];
  const state = new Map<GraphNode, 'open' | 'done'>();
  const stack: { node: GraphNode; needs: GraphNode[]; next: number }[] = [];
  const enter = (node: GraphNode): void => {
    state.set(node, 'open');
    const needs: GraphNode[] = [];
    for (const input of [...node.inputs, ...node.captures]) {
      const maker = producer(input);
      if (maker !== undefined) needs.push(maker);
    }
    stack.push({ node, needs, next: 0 });
  };
  for (const root of nodes) {
    if (state.has(root)) continue;
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const need = top.needs[top.next++];
      if (need === undefined) {
        state.set(top.node, 'done');
        out.push(top.node);
        stack.pop();
      } else if (state.get(need) === 'open') {
        throw new InputError('the graph has a cycle', { file, node: need.name });
      } else if (!state.has(need)) enter(need);
    }
  }
  return out;
}
