// A circuit as the network sees it: nodes, features, one edge list (CSR) a relation and its transpose.
// Refuses to hold more than one copy of an edge a direction; large graphs go through windows.ts instead.

import type { Aig } from '../../netlist/index.ts';
import type { Architecture, Relation } from './architecture.ts';
import { FeatureReader, featureSource, fieldCount } from './features.ts';

/** Edges of one relation by receiving node. */
export interface Csr {
  offsets: Uint32Array;
  indices: Uint32Array;
}

export interface GnnGraph {
  nodes: number;
  /** Embedding rows (nodes × fieldCount) or null with published features. */
  ids: Uint16Array | null;
  /** Published features (nodes × 4) or null. */
  published: Float32Array | null;
  relations: Csr[];
  transposed: Csr[];
  /** 1/degree of each node, or null for a plain sum. */
  scales: (Float32Array | null)[];
  /** Node of the first AND. Default: variables are nodes. Published: inputs, ANDs, outputs (ABC's order, from 0). */
  firstAnd: number;
}

/** CSR from parallel lists of receivers and senders, edges kept in list order. */
export function csr(nodes: number, receivers: Uint32Array, senders: Uint32Array): Csr {
  const offsets = new Uint32Array(nodes + 1);
  for (const r of receivers) offsets[r + 1]!++;
  for (let i = 0; i < nodes; i++) offsets[i + 1]! += offsets[i]!;
  const next = offsets.slice(0, nodes);
  const indices = new Uint32Array(receivers.length);
  for (let e = 0; e < receivers.length; e++) indices[next[receivers[e]!]!++] = senders[e]!;
  return { offsets, indices };
}

/** Means are taken over these relations, plain sums over the others. */
export function isMean(relation: Relation): boolean {
  return relation === 'fanin' || relation === 'fanout';
}

function inverseDegrees(c: Csr): Float32Array {
  const scale = new Float32Array(c.offsets.length - 1);
  for (let i = 0; i < scale.length; i++) {
    const d = c.offsets[i + 1]! - c.offsets[i]!;
    scale[i] = d > 0 ? 1 / d : 0;
  }
  return scale;
}

/** The whole circuit as a graph for `a`. */
export function buildGraph(aig: Aig, a: Architecture): GnnGraph {
  return a.input === 'published' ? publishedGraph(aig) : localGraph(aig, a);
}

/**
 * Gamora's graph and features: inputs, ANDs, outputs; x = 0000, 11c₀c₁, 0011. An output has two edges, from its driver
 * and from the first output, as in the published data. A constant driver (dropped by the paper) gives no edge.
 */
export function publishedGraph(aig: Aig): GnnGraph {
  const { firstAnd, andCount, fanin0, fanin1, outputs } = aig;
  const base = firstAnd - 1;
  const nodes = base + andCount + outputs.length;
  const published = new Float32Array(nodes * 4);
  const edges: [number[], number[]] = [[], []];
  const edge = (to: number, literal: number): void => {
    if (literal < 2) return;
    edges[0].push(to);
    edges[1].push((literal >>> 1) - 1);
  };
  for (let i = 0; i < andCount; i++) {
    published.set([1, 1, fanin0[i]! & 1, fanin1[i]! & 1], (base + i) * 4);
    edge(base + i, fanin0[i]!);
    edge(base + i, fanin1[i]!);
  }
  outputs.forEach((literal, k) => {
    const node = base + andCount + k;
    published.set([0, 0, 1, 1], node * 4);
    edge(node, literal);
    edge(node, 2 * (base + andCount + 1));
  });
  const receivers = Uint32Array.from(edges[0]);
  const senders = Uint32Array.from(edges[1]);
  const forward = csr(nodes, receivers, senders);
  return {
    nodes,
    ids: null,
    published,
    relations: [forward],
    transposed: [csr(nodes, senders, receivers)],
    scales: [inverseDegrees(forward)],
    firstAnd: base,
  };
}

function localGraph(aig: Aig, a: Architecture): GnnGraph {
  const nodes = aig.variableCount;
  const source = featureSource(aig, a.simulate);
  const reader = new FeatureReader(source);
  const ids = new Uint16Array(nodes * fieldCount);
  for (let v = 0; v < nodes; v++) reader.read(v, ids, v * fieldCount);
  const relations: Csr[] = [];
  const transposed: Csr[] = [];
  for (const relation of a.relations) {
    const to: number[] = [];
    const from: number[] = [];
    for (let i = 0; i < aig.andCount; i++) {
      for (const literal of [aig.fanin0[i]!, aig.fanin1[i]!]) {
        const u = literal >>> 1;
        const v = aig.firstAnd + i;
        if (relation === 'fanout') {
          if (source.fanouts[u]! > a.fanoutLimit || u < aig.firstAnd) continue;
          to.push(u);
          from.push(v);
        } else if (relation === 'fanin' || (relation === 'complemented') === ((literal & 1) === 1)) {
          to.push(v);
          from.push(u);
        }
      }
    }
    const receivers = Uint32Array.from(to);
    const senders = Uint32Array.from(from);
    relations.push(csr(nodes, receivers, senders));
    transposed.push(csr(nodes, senders, receivers));
  }
  const scales = a.relations.map((r, k) => (isMean(r) ? inverseDegrees(relations[k]!) : null));
  return { nodes, ids, published: null, relations, transposed, scales, firstAnd: aig.firstAnd };
}
