// A batch of graphs laid out for the kernels: relations, features and labels copied in, room for what the passes make.

import { type Architecture, heads, logitColumns } from './architecture.ts';
import { fieldCount } from './features.ts';
import type { GnnGraph } from './graph.ts';

export interface Batch {
  graphs: GnnGraph[];
  /** Labels of each head for each graph; 255 takes no part. */
  labels: Uint8Array[][];
}

export interface Buffers {
  x: number;
  relations: { offsets: number; indices: number; back: number; backIndices: number; scale: number }[];
  ids: number;
  labels: number[];
  /** Concatenated [h | messages…] of each layer; the last holds h alone. */
  z: number[];
  strides: number[];
  t: number;
  xhat: number;
  y: number;
  logits: number;
  dLogits: number;
  dz: number;
  dz2: number;
  end: number;
}

/** Where kernels find their memory. */
export interface KernelMemory {
  /** First byte a batch may take. */
  heap: number;
  grow(bytes: number): void;
  /** The memory as it is after growing. */
  buffer(): ArrayBufferLike;
}

/** Lays a batch of `nodes` nodes out in kernel memory. */
export function placeBatch(a: Architecture, batch: Batch, nodes: number, kernel: KernelMemory): Buffers {
  let at = kernel.heap;
  const take = (bytes: number): number => {
    const here = at;
    at += (bytes + 15) & ~15;
    return here;
  };
  const edges = a.relations.map((_, r) =>
    batch.graphs.reduce((n, graph) => n + graph.relations[r]!.indices.length, 0),
  );
  const relations = a.relations.map((_, r) => ({
    offsets: take(4 * (nodes + 1)),
    indices: take(4 * edges[r]!),
    back: take(4 * (nodes + 1)),
    backIndices: take(4 * edges[r]!),
    scale: batch.graphs[0]!.scales[r] === null ? 0 : take(4 * nodes),
  }));
  const blocks = 1 + a.relations.length;
  const inputs = [a.inputWidth, ...a.widths];
  const strides = inputs.map((w, l) => (l < a.widths.length ? w * blocks : w));
  const z = strides.map(s => take(4 * s * nodes));
  const width = a.widths.at(-1)!;
  const b: Buffers = {
    x: 0,
    relations,
    ids: take(a.input === 'local' ? 2 * fieldCount * nodes : 0),
    labels: heads.map(() => take(nodes)),
    z,
    strides,
    t: take(a.normalised ? 4 * width * nodes : 0),
    xhat: take(a.normalised ? 4 * width * nodes : 0),
    y: take(a.normalised ? 4 * width * nodes : 0),
    logits: take(4 * logitColumns * nodes),
    dLogits: take(4 * logitColumns * nodes),
    dz: take(4 * Math.max(...strides) * nodes),
    dz2: take(4 * Math.max(...strides) * nodes),
    end: at,
  };
  kernel.grow(at);
  const memory = kernel.buffer();
  const U = new Uint32Array(memory);
  const F = new Float32Array(memory);
  const H = new Uint16Array(memory);
  const B = new Uint8Array(memory);
  let base = 0;
  const edgeBase = a.relations.map(() => 0);
  batch.graphs.forEach((graph, gi) => {
    a.relations.forEach((_, r) => {
      const to = relations[r]!;
      const e = edgeBase[r]!;
      const forward = graph.relations[r]!;
      const back = graph.transposed[r]!;
      for (let i = 0; i <= graph.nodes; i++) {
        U[to.offsets / 4 + base + i] = forward.offsets[i]! + e;
        U[to.back / 4 + base + i] = back.offsets[i]! + e;
      }
      for (let i = 0; i < forward.indices.length; i++) {
        U[to.indices / 4 + e + i] = forward.indices[i]! + base;
        U[to.backIndices / 4 + e + i] = back.indices[i]! + base;
      }
      if (to.scale) F.set(graph.scales[r]!, to.scale / 4 + base);
      edgeBase[r] = e + forward.indices.length;
    });
    if (graph.ids) H.set(graph.ids, b.ids / 2 + base * fieldCount);
    if (graph.published) {
      for (let i = 0; i < graph.nodes; i++) {
        F.set(graph.published.subarray(4 * i, 4 * i + 4), z[0]! / 4 + (base + i) * strides[0]!);
      }
    }
    heads.forEach((_, h) => {
      const labels = batch.labels[gi]?.[h];
      if (labels) B.set(labels, b.labels[h]! + base);
    });
    base += graph.nodes;
  });
  return b;
}
