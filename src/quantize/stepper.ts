// Runs a graph piece by piece over all calibration batches: asked for some values, it computes what they depend on and has not
// been run yet, then forgets what nobody needs any more. The graph may be changed in its part not yet run.
// Refuses to hold more than a given number of bytes of live activations.

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { AbortedError, InputError } from '../core/errors.ts';
import {
  type DataType,
  type Feeds,
  Graph,
  type GraphNode,
  GraphNode as Node,
  serializeModel,
} from '../model/index.ts';

type Live = Record<string, OrtTensor>;

export interface StepperOptions {
  threads?: number | undefined;
  /** Bytes of live activations allowed; default 1 GiB. */
  maxBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

export class Stepper {
  readonly graph: Graph;
  private live: Live[];
  private readonly done = new Set<string>();
  private readonly options: StepperOptions;

  /** @param batches feeds of the graph's inputs, one record a batch */
  constructor(graph: Graph, batches: readonly Feeds[], options: StepperOptions = {}) {
    this.graph = graph;
    this.options = options;
    this.live = batches.map(feeds => {
      const record: Live = {};
      for (const { name } of graph.inputs) {
        const feed = feeds[name];
        if (feed === undefined) throw new InputError(`input '${name}' is not fed`, { file: graph.file });
        record[name] = new OrtTensor(feed.type as never, feed.data as never, feed.dims);
      }
      return record;
    });
  }

  /** Another stepper that shares what has been computed so far, over a graph with the same executed part. */
  branch(graph: Graph): Stepper {
    const copy = new Stepper(graph, [], this.options);
    copy.live = this.live.map(x => ({ ...x }));
    for (const name of this.done) copy.done.add(name);
    return copy;
  }

  /** Batches of a value that has been computed. */
  get(value: string): OrtTensor[] {
    return this.live.map(x => {
      const tensor = x[value];
      if (tensor === undefined)
        throw new InputError(`value '${value}' is not at hand`, { file: this.graph.file });
      return tensor;
    });
  }

  /** Computes values and whatever they need. */
  async reach(values: readonly string[]): Promise<void> {
    const { graph, options } = this;
    const needed = this.pending(values);
    if (needed.length === 0) return;
    const names = new Set(needed.map(n => n.name));
    const piece = new Graph();
    piece.name = 'piece';
    piece.opsets = new Map(graph.opsets);
    piece.functions = [...graph.functions];
    piece.modelSource = graph.modelSource;
    const made = new Set(needed.flatMap(n => n.outputs));
    const inputs: string[] = [];
    for (const node of needed) {
      for (const input of [...node.inputs, ...node.captures]) {
        if (input === '' || made.has(input) || piece.has(input)) continue;
        const constant = graph.constant(input);
        if (constant !== undefined) piece.setConstant(input, constant);
        else {
          const type = this.live[0]?.[input]?.type as DataType | undefined;
          piece.inputs.push({ name: input, type: { type: type ?? 'float32' } });
          inputs.push(input);
        }
      }
    }
    for (const node of needed) piece.insert(new Node(node));
    const wanted = new Set(values);
    const needLater = (value: string): boolean =>
      wanted.has(value) ||
      graph.isOutput(value) ||
      graph.consumers(value).some(n => !this.done.has(n.name) && !names.has(n.name));
    const outputs = [...made].filter(v => v !== '' && needLater(v));
    for (const name of outputs) piece.outputs.push({ name, type: undefined });
    const session = await InferenceSession.create(serializeModel(piece), {
      executionProviders: ['cpu'],
      intraOpNumThreads: options.threads ?? 1,
      logSeverityLevel: 4,
    });
    for (const name of names) this.done.add(name);
    try {
      let bytes = 0;
      for (let b = 0; b < this.live.length; b++) {
        if (options.signal?.aborted === true) throw new AbortedError('stopped');
        const record = this.live[b]!;
        const feeds: Live = {};
        for (const name of inputs) feeds[name] = record[name]!;
        const results = await session.run(feeds, outputs);
        const next: Live = {};
        for (const [name, tensor] of Object.entries(record)) if (needLater(name)) next[name] = tensor;
        for (const name of outputs) next[name] = results[name]!;
        for (const tensor of Object.values(next))
          bytes += (tensor.data as { byteLength?: number }).byteLength ?? 0;
        if (bytes > (options.maxBytes ?? 2 ** 30)) {
          throw new InputError('calibration activations do not fit into memory', {
            file: graph.file,
            expected: `at most ${options.maxBytes ?? 2 ** 30} bytes; use fewer calibration samples`,
          });
        }
        this.live[b] = next;
        await new Promise(resolve => setImmediate(resolve)); // lets signals in
      }
    } finally {
      await session.release();
    }
  }

  private pending(values: readonly string[]): GraphNode[] {
    const needed = new Set<GraphNode>();
    const stack = [...values];
    while (stack.length > 0) {
      const node = this.graph.producer(stack.pop()!);
      if (node === undefined || needed.has(node) || this.done.has(node.name)) continue;
      needed.add(node);
      stack.push(...node.inputs, ...node.captures);
    }
    return this.graph.order().filter(n => needed.has(n));
  }
}
