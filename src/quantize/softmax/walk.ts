// Replaces the softmaxes of a graph while the quantizer walks through it: each just before the first operator that depends on it
// is quantized, with the input format its scores on calibration data need. Refuses to touch what has already run.

import type { SoftermaxOptions } from '../../format/index.ts';
import type { Graph, GraphNode } from '../../model/index.ts';
import { LocalFunctions } from '../export/functions.ts';
import type { Stepper } from '../stepper.ts';
import { fitSoftermax, scoreRange } from './fit.ts';
import { chooseSoftmax, replaceSoftmax, type SoftmaxChoice, type SoftmaxReplacement } from './replace.ts';

export class SoftmaxWalk {
  readonly replaced: SoftmaxReplacement[] = [];
  private readonly graph: Graph;
  private readonly stepper: Stepper;
  private readonly options: SoftermaxOptions;
  private readonly choice: SoftmaxChoice;
  private readonly functions: LocalFunctions;
  private pending: GraphNode[];

  /** @param options undefined: nothing is replaced */
  constructor(graph: Graph, stepper: Stepper, options: SoftermaxOptions | undefined) {
    this.graph = graph;
    this.stepper = stepper;
    this.options = options ?? {};
    this.choice = options === undefined ? { taken: [], left: [] } : chooseSoftmax(graph);
    this.functions = new LocalFunctions(graph);
    this.pending = [...this.choice.taken];
  }

  get statistics() {
    return {
      replaced: this.replaced.map(({ node, model, range }) => ({
        node,
        input: `fix${model.parameters.input.integerBits}.${model.parameters.input.fractionBits}`,
        vector: model.parameters.vector,
        /** Largest calibrated score, in units of log2. */
        highest: range?.high,
      })),
      left: this.choice.left,
    };
  }

  /** Replaces the softmaxes that this operator depends on. */
  async before(operator: string): Promise<void> {
    if (this.pending.length === 0) return;
    const above = this.ancestors(operator);
    const due = this.pending.filter(n => above.has(n.name));
    this.pending = this.pending.filter(n => !above.has(n.name));
    for (const node of due) await this.replace(node.name);
  }

  /** Replaces those that no quantized operator depends on. */
  async rest(): Promise<void> {
    for (const node of this.pending.splice(0)) await this.replace(node.name);
  }

  private async replace(name: string): Promise<void> {
    const node = this.graph.node(name)!;
    const scores = node.inputs[0]!;
    let range: SoftmaxReplacement['range'];
    if (this.stepper.batches > 0) {
      await this.stepper.reach([scores]);
      range = scoreRange(this.stepper.get(scores));
    }
    const model = fitSoftermax(this.options, range);
    replaceSoftmax(this.graph, node, model, this.functions);
    this.replaced.push({ node: name, output: node.outputs[0]!, model, range });
  }

  private ancestors(operator: string): Set<string> {
    const found = new Set<string>();
    const stack = [this.graph.node(operator)!];
    while (stack.length > 0) {
      const node = stack.pop()!;
      for (const input of [...node.inputs, ...node.captures]) {
        const maker = this.graph.producer(input);
        if (maker === undefined || found.has(maker.name)) continue;
        found.add(maker.name);
        stack.push(maker);
      }
    }
    return found;
  }
}
