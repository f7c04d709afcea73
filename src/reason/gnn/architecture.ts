// What a model is: its architecture, the layout of its parameters, and their seeded start values.
// Refuses to compute anything with them.

import { UsageError, unknownWord } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { featureRows, fieldCount } from './features.ts';

/** Task heads of three classes each: shared XOR, shared MAJ, root (structural labels), origin (original adders). */
export const heads = ['xor', 'maj', 'root', 'origin'] as const;
export type Head = (typeof heads)[number];
/** Logits a node: four columns a head, the fourth unused. */
export const logitColumns = heads.length * 4;

/** Edges a layer sums over. `fanin`: mean over both fan-ins. The others split or turn the edges. */
export type Relation = 'fanin' | 'plain' | 'complemented' | 'fanout';

export interface Architecture {
  name: 'default' | 'gamora';
  /** Categories embedded by a table (default) or the four published numbers (gamora). */
  input: 'local' | 'published';
  /** With `input` local: signatures of random simulation decide which nets are equal. */
  simulate: boolean;
  relations: Relation[];
  /** Width of the embedding; 4 with published input. */
  inputWidth: number;
  /** Width of each message-passing layer, multiples of four. */
  widths: number[];
  /** A square dense layer and batch normalisation before the heads, as published. */
  normalised: boolean;
  /** Fan-out messages stop at nets with more consumers than this: it bounds the halo of a window. */
  fanoutLimit: number;
}

export interface ParameterSlice {
  offset: number;
  rows: number;
  columns: number;
}

export interface Layout {
  size: number;
  table: ParameterSlice | undefined;
  layers: { weight: ParameterSlice; bias: ParameterSlice }[];
  dense: ParameterSlice | undefined;
  gamma: ParameterSlice | undefined;
  beta: ParameterSlice | undefined;
  head: ParameterSlice;
  headBias: ParameterSlice | undefined;
}

/** The model named `default` or `gamora`. @throws UsageError for another name */
export function architecture(name: string): Architecture {
  if (name === 'default') {
    return {
      name,
      input: 'local',
      simulate: false,
      relations: ['plain', 'complemented', 'fanout'],
      inputWidth: 24,
      widths: [24, 24],
      normalised: false,
      fanoutLimit: 8,
    };
  }
  if (name === 'gamora') {
    return {
      name,
      input: 'published',
      simulate: false,
      relations: ['fanin'],
      inputWidth: 4,
      widths: [32, 32, 32, 32],
      normalised: true,
      fanoutLimit: 0,
    };
  }
  throw unknownWord('model', name, ['default', 'gamora']);
}

/** Positions of all parameters in one flat f32 array. @throws UsageError when a width is not a multiple of four */
export function layout(a: Architecture): Layout {
  let offset = 0;
  const take = (rows: number, columns: number): ParameterSlice => {
    if (columns % 4 !== 0) throw new UsageError(`layer width ${columns}`, { expected: 'a multiple of four' });
    const slice = { offset, rows, columns };
    offset += rows * columns;
    return slice;
  };
  const table = a.input === 'local' ? take(featureRows, a.inputWidth) : undefined;
  let width = a.inputWidth;
  const layers = a.widths.map(next => {
    const weight = take(width * (1 + a.relations.length), next);
    width = next;
    return { weight, bias: take(1, next) };
  });
  const dense = a.normalised ? take(width, width) : undefined;
  const gamma = a.normalised ? take(1, width) : undefined;
  const beta = a.normalised ? take(1, width) : undefined;
  const head = take(width, logitColumns);
  const headBias = a.normalised ? undefined : take(1, logitColumns);
  return { size: offset, table, layers, dense, gamma, beta, head, headBias };
}

/** Start values: uniform ±√(3/fan-in) weights, zero biases, γ = 1; the unused logit columns stay zero. */
export function initialParameters(a: Architecture, seed: number): Float32Array {
  const l = layout(a);
  const p = new Float32Array(l.size);
  const random = new Random(seed);
  const fill = (s: ParameterSlice, bound: number): void => {
    for (let i = 0; i < s.rows * s.columns; i++) p[s.offset + i] = random.between(-bound, bound);
  };
  if (l.table) fill(l.table, Math.sqrt(3 / fieldCount));
  for (const { weight } of l.layers) fill(weight, Math.sqrt(3 / weight.rows));
  if (l.dense) fill(l.dense, Math.sqrt(3 / l.dense.rows));
  if (l.gamma) p.fill(1, l.gamma.offset, l.gamma.offset + l.gamma.columns);
  fill(l.head, Math.sqrt(3 / l.head.rows));
  for (let i = 3; i < l.head.rows * l.head.columns; i += 4) p[l.head.offset + i] = 0;
  return p;
}
