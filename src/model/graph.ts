// A model in memory: nodes, constants, inputs, outputs, value types, and an index of producers and consumers.
// Bodies of If, Loop and Scan stay opaque: the graph knows only which of its names they use and refuses to rename those.

import type { FunctionProto, GraphProto, ModelProto, TypeProto } from 'onnx-buf';
import { requireObject } from '../core/arguments.ts';
import { BitwrightError, InputError } from '../core/errors.ts';
import type { ConstantOrigin, Dimension, GraphValue, NodeFields, ValueType } from './graph-types.ts';
import { GraphNode } from './node.ts';
import { topologicalOrder } from './order.ts';
import type { Tensor } from './tensor.ts';
import { UniqueNames } from './unique-names.ts';
import { ValueIndex } from './value-index.ts';

/** @param what whose argument @throws UsageError for what is no model */
export function requireGraph(what: string, graph: unknown): void {
  requireObject(what, graph, 'nodes', 'a model, as readModelFile gives');
}

export class Graph {
  name = '';
  /** File the graph was read from, for errors. */
  file: string | undefined;
  /** Version of each operator set, by domain ('' is the standard one). */
  opsets = new Map<string, number>();
  /** Model-local functions, kept as they are. */
  functions: FunctionProto[] = [];
  /** The model message without its graph (producer, metadata), and the graph message without its contents. */
  modelSource: ModelProto | undefined;
  graphSource: GraphProto | undefined;
  inputs: GraphValue[] = [];
  outputs: GraphValue[] = [];
  /** Types from the file's value_info and from shape inference. */
  readonly types = new Map<string, ValueType>();
  /** Types of values that are not tensors. */
  readonly otherTypes = new Map<string, TypeProto>();
  readonly origins = new Map<string, ConstantOrigin>();

  private readonly nodeSet = new Set<GraphNode>();
  private readonly nodeNames = new Map<string, GraphNode>();
  private readonly constantMap = new Map<string, Tensor>();
  private readonly values = new ValueIndex();
  private readonly names = new UniqueNames();
  private inputNames: { list: readonly GraphValue[]; names: ReadonlySet<string> } = {
    list: [],
    names: new Set(),
  };
  private orderCache: readonly GraphNode[] | undefined;

  /** Version of the standard operator set. */
  get opset(): number {
    return this.opsets.get('') ?? 0;
  }

  /** Every node, in no promised order; see `order`. */
  get nodes(): ReadonlySet<GraphNode> {
    return this.nodeSet;
  }

  get constants(): ReadonlyMap<string, Tensor> {
    return this.constantMap;
  }

  node(name: string): GraphNode | undefined {
    return this.nodeNames.get(name);
  }

  /** The node that makes this value; undefined for inputs and constants. */
  producer(value: string): GraphNode | undefined {
    return this.values.producer(value);
  }

  /** Nodes that use this value as an input or inside a body, each once. */
  consumers(value: string): GraphNode[] {
    return this.values.consumers(value);
  }

  /** The constant under this name, or undefined when the value is computed or fed. */
  constant(value: string | undefined): Tensor | undefined {
    return value === undefined ? undefined : this.constantMap.get(value);
  }

  isInput(value: string): boolean {
    const { inputs } = this;
    const cached = this.inputNames;
    if (cached.list === inputs && cached.names.size === inputs.length) return cached.names.has(value);
    this.inputNames = { list: inputs, names: new Set(inputs.map(x => x.name)) };
    return this.inputNames.names.has(value);
  }

  isOutput(value: string): boolean {
    return this.outputs.some(x => x.name === value);
  }

  /** True when the body of an If, Loop or Scan uses this value. */
  isCaptured(value: string): boolean {
    return this.values.isCaptured(value);
  }

  /** True when something in the graph makes or holds this value. */
  has(value: string): boolean {
    return this.producer(value) !== undefined || this.constantMap.has(value) || this.isInput(value);
  }

  /** Type of a value: a constant's own, a declared one, or an inferred one. */
  typeOf(value: string): ValueType | undefined {
    const constant = this.constantMap.get(value);
    if (constant !== undefined) return { type: constant.type, shape: constant.dims };
    const named = (x: GraphValue): boolean => x.name === value;
    return this.types.get(value) ?? this.inputs.find(named)?.type ?? this.outputs.find(named)?.type;
  }

  /** Shape of a value, or undefined when its rank is not known. */
  shapeOf(value: string): readonly Dimension[] | undefined {
    return this.typeOf(value)?.shape;
  }

  /** A name that no value and no node has: the hint, or the hint with a number. */
  uniqueName(hint: string): string {
    return this.names.make(hint, name => this.nodeNames.has(name) || this.has(name));
  }

  /** Names that must not be made up again, e.g. those inside bodies. */
  reserve(names: Iterable<string>): void {
    this.names.reserve(names);
  }

  /** Adds a constant under a new name made from the hint. @returns its name */
  addConstant(hint: string, tensor: Tensor): string {
    const name = this.uniqueName(hint);
    this.setConstant(name, tensor);
    return name;
  }

  /** Sets or replaces a constant. @throws BitwrightError when a node or an input already has the name */
  setConstant(name: string, tensor: Tensor, origin?: ConstantOrigin): void {
    if (this.producer(name) !== undefined || this.isInput(name)) {
      throw new BitwrightError(`value '${name}' is computed: it cannot become a constant`);
    }
    this.constantMap.set(name, tensor);
    if (origin !== undefined) this.origins.set(name, origin);
    else if (!this.origins.has(name)) this.origins.set(name, { from: 'initializer' });
    else {
      const { input: _, ...rest } = this.origins.get(name)!;
      this.origins.set(name, rest);
    }
  }

  removeConstant(name: string): void {
    this.constantMap.delete(name);
    this.origins.delete(name);
  }

  /** Adds a node. @throws BitwrightError when an output name is taken */
  addNode(fields: NodeFields): GraphNode {
    return this.insert(
      new GraphNode({
        name: this.uniqueName(fields.name ?? fields.op),
        op: fields.op,
        domain: fields.domain,
        inputs: [...fields.inputs],
        outputs: [...fields.outputs],
        attributes: new Map(Object.entries(fields.attributes ?? {})),
      }),
    );
  }

  /** Adds a node object whose name is already unique (reading, cloning). */
  insert(node: GraphNode): GraphNode {
    this.values.add(node, value => this.constantMap.has(value) || this.isInput(value), this.file);
    this.nodeSet.add(node);
    this.nodeNames.set(node.name, node);
    this.orderCache = undefined;
    return node;
  }

  /** Removes a node; its outputs then have no producer until another node takes their names. */
  removeNode(node: GraphNode): void {
    if (!this.nodeSet.delete(node)) return;
    this.nodeNames.delete(node.name);
    this.values.remove(node);
    this.orderCache = undefined;
  }

  /** Replaces a node by one with other operator, inputs, outputs or attributes; the rest is kept. @returns the new node */
  replaceNode(node: GraphNode, changes: Partial<Omit<NodeFields, 'name'>>): GraphNode {
    const next = new GraphNode({
      name: node.name,
      op: changes.op ?? node.op,
      domain: changes.domain ?? node.domain,
      inputs: [...(changes.inputs ?? node.inputs)],
      outputs: [...(changes.outputs ?? node.outputs)],
      attributes:
        changes.attributes === undefined ? node.attributes : new Map(Object.entries(changes.attributes)),
      captures: node.captures,
      source: node.source,
    });
    this.removeNode(node);
    return this.insert(next);
  }

  /** Rewires the inputs of a node in place. */
  setInputs(node: GraphNode, inputs: readonly string[]): void {
    this.values.rewire(node, inputs);
    this.orderCache = undefined;
  }

  setInput(node: GraphNode, index: number, value: string): void {
    const inputs = [...node.inputs];
    while (inputs.length < index) inputs.push('');
    inputs[index] = value;
    this.setInputs(node, inputs);
  }

  /**
   * Makes every user of `from` use `to`, except nodes in `except`. Graph outputs keep their name: the caller must
   * see to it that something still makes it (see `isOutput`).
   * @throws BitwrightError when a body uses `from`
   */
  replaceUses(from: string, to: string, except: ReadonlySet<GraphNode> = new Set()): void {
    if (this.isCaptured(from))
      throw new BitwrightError(`value '${from}' is used inside a body and keeps its name`);
    for (const user of this.consumers(from)) {
      if (except.has(user)) continue;
      this.setInputs(
        user,
        user.inputs.map(x => (x === from ? to : x)),
      );
    }
  }

  /** Adds a value to the outputs (to fetch it in a run). @throws InputError when nothing makes it */
  addOutput(name: string): void {
    if (this.isOutput(name)) return;
    if (!this.has(name)) throw new InputError(`the model has no value '${name}'`, { file: this.file });
    this.outputs.push({ name, type: this.typeOf(name) });
  }

  /** Nodes so that each stands after the makers of its inputs; the file's order where that already holds. */
  order(): readonly GraphNode[] {
    this.orderCache ??= topologicalOrder(this.nodeSet, value => this.producer(value), this.file);
    return this.orderCache;
  }

  /** Removes nodes and constants that no output needs. @returns how many of each */
  removeUnused(): { nodes: number; constants: number } {
    const needed = new Set<string>(this.outputs.map(x => x.name));
    const order = this.order();
    let nodes = 0;
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i]!;
      if (node.outputs.some(x => needed.has(x))) {
        for (const x of node.inputs) needed.add(x);
        for (const x of node.captures) needed.add(x);
      } else {
        this.removeNode(node);
        nodes++;
      }
    }
    let constants = 0;
    for (const name of [...this.constantMap.keys()]) {
      if (needed.has(name)) continue;
      this.removeConstant(name);
      constants++;
    }
    return { nodes, constants };
  }

  /** An independent copy; tensors are shared, since they are immutable. */
  clone(): Graph {
    const copy = new Graph();
    copy.name = this.name;
    copy.file = this.file;
    copy.opsets = new Map(this.opsets);
    copy.functions = [...this.functions];
    copy.modelSource = this.modelSource;
    copy.graphSource = this.graphSource;
    copy.inputs = [...this.inputs];
    copy.outputs = [...this.outputs];
    for (const [k, v] of this.types) copy.types.set(k, v);
    for (const [k, v] of this.otherTypes) copy.otherTypes.set(k, v);
    for (const [k, v] of this.constantMap) copy.constantMap.set(k, v);
    for (const [k, v] of this.origins) copy.origins.set(k, v);
    copy.reserve(this.names);
    for (const node of this.nodeSet) {
      copy.insert(
        new GraphNode({
          name: node.name,
          op: node.op,
          domain: node.domain,
          inputs: node.inputs,
          outputs: node.outputs,
          attributes: new Map(node.attributes),
          captures: node.captures,
          source: node.source,
        }),
      );
    }
    return copy;
  }
}
