// One operator of a graph. Inputs and outputs are value names ('' for an input left out).
// Refuses to be rewired on its own: the graph does that, so that its index of producers and consumers stays right.

import type { NodeProto } from 'onnx-buf';
import type { Attribute } from './attribute.ts';
import type { Tensor } from './tensor.ts';

export class GraphNode {
  /** Unique within its graph (made up where the file leaves it empty or repeats it). */
  readonly name: string;
  /** Operator type and domain; '' is the standard ONNX domain. */
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Map<string, Attribute>;
  /** Names of this graph that the bodies of an If, Loop or Scan use. */
  readonly captures: readonly string[];
  /** The message the node was read from: keeps documentation and metadata through writing. */
  readonly source: NodeProto | undefined;

  constructor(fields: {
    name: string;
    op: string;
    domain?: string | undefined;
    inputs: readonly string[];
    outputs: readonly string[];
    attributes?: Map<string, Attribute> | undefined;
    captures?: readonly string[] | undefined;
    source?: NodeProto | undefined;
  }) {
    this.name = fields.name;
    this.op = fields.op;
    this.domain = fields.domain ?? '';
    this.inputs = fields.inputs;
    this.outputs = fields.outputs;
    this.attributes = fields.attributes ?? new Map();
    this.captures = fields.captures ?? [];
    this.source = fields.source;
  }

  /** True for an operator of the standard domain with this name. */
  is(op: string): boolean {
    return this.op === op && this.domain === '';
  }

  /** True when the node holds a body (If, Loop, Scan, SequenceMap). */
  get hasBody(): boolean {
    for (const a of this.attributes.values()) if (a.kind === 'graph' || a.kind === 'graphs') return true;
    return false;
  }

  /** Integer attribute, clamped to the safe range (INT64_MAX means "to the end" in older slices). */
  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  int(name: string, fallback?: number): number | undefined {
    const a = this.attributes.get(name);
    return a?.kind === 'int' ? clampInt(a.value) : fallback;
  }

  /** List of integers, each clamped to the safe range. */
  ints(name: string): number[] | undefined {
    const a = this.attributes.get(name);
    return a?.kind === 'ints' ? a.value.map(clampInt) : undefined;
  }

  float(name: string): number | undefined;
  float(name: string, fallback: number): number;
  float(name: string, fallback?: number): number | undefined {
    const a = this.attributes.get(name);
    return a?.kind === 'float' ? a.value : fallback;
  }

  floats(name: string): readonly number[] | undefined {
    const a = this.attributes.get(name);
    return a?.kind === 'floats' ? a.value : undefined;
  }

  string(name: string): string | undefined;
  string(name: string, fallback: string): string;
  string(name: string, fallback?: string): string | undefined {
    const a = this.attributes.get(name);
    return a?.kind === 'string' ? a.value : fallback;
  }

  tensor(name: string): Tensor | undefined {
    const a = this.attributes.get(name);
    return a?.kind === 'tensor' ? a.value : undefined;
  }
}

function clampInt(value: bigint): number {
  if (value > 9007199254740991n) return Number.MAX_SAFE_INTEGER;
  if (value < -9007199254740991n) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}
