// Who makes and who uses each value of a graph. Kept right by the graph alone.
// Refuses a second maker of a value.

import { InputError } from '../core/errors.ts';
import type { GraphNode } from './node.ts';

export class ValueIndex {
  private readonly makers = new Map<string, GraphNode>();
  private readonly users = new Map<string, Set<GraphNode>>();

  /** The node that makes this value. */
  producer(value: string): GraphNode | undefined {
    return this.makers.get(value);
  }

  /** Nodes that use this value as an input or inside a body, each once. */
  consumers(value: string): GraphNode[] {
    return [...(this.users.get(value) ?? [])];
  }

  /** True when the body of a node uses this value. */
  isCaptured(value: string): boolean {
    for (const user of this.users.get(value) ?? []) if (user.captures.includes(value)) return true;
    return false;
  }

  /** @param taken values that something besides nodes holds @throws InputError for a value that something makes already */
  add(node: GraphNode, taken: (value: string) => boolean, file: string | undefined): void {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (this.makers.has(output) || taken(output))
        throw new InputError(`value '${output}' is made twice`, { file, node: node.name });
      this.makers.set(output, node);
    }
    this.use(node);
  }

  remove(node: GraphNode): void {
    for (const output of node.outputs) this.makers.delete(output);
    for (const input of [...node.inputs, ...node.captures]) this.users.get(input)?.delete(node);
  }

  /** Gives a node other inputs, in place. */
  rewire(node: GraphNode, inputs: readonly string[]): void {
    for (const input of node.inputs) this.users.get(input)?.delete(node);
    (node as { inputs: readonly string[] }).inputs = [...inputs];
    this.use(node);
  }

  private use(node: GraphNode): void {
    for (const value of [...node.inputs, ...node.captures]) {
      if (value === '') continue;
      let set = this.users.get(value);
      if (set === undefined) this.users.set(value, (set = new Set()));
      set.add(node);
    }
  }
}
