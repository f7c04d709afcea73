// Inference over a window of variables: the window, then ring by ring the neighbours its layers need (the halo),
// recomputed exactly. Results equal those of the whole graph bit for bit. Refuses to keep states between windows.

import { ensureMemory } from '../../kernels/load.ts';
import { type Layout, layout, logitColumns } from './architecture.ts';
import { FeatureReader, type FeatureSource, fieldCount } from './features.ts';
import { isMean } from './graph.ts';
import { wasmKernels } from './kernels.ts';
import type { Model } from './model.ts';

/** Everything a window reads; arrays in shared memory can be posted to workers without a copy. */
export interface InferenceSource extends FeatureSource {
  variableCount: number;
  /** Consumers of each variable with at most `fanoutLimit` of them, in rising order; empty when no layer needs them. */
  fanoutOffsets: Uint32Array;
  fanoutIndices: Uint32Array;
}

/** What inference fills, indexed by variable. */
export interface InferenceOutput {
  /** Winning class of the four heads, two bits each: xor, maj, root, origin from the low end. */
  classes: Uint8Array;
  /** Probability of carry and sum by the origin head, rounded to 1/255. */
  carry: Uint8Array;
  sum: Uint8Array;
}

/** A model in kernel memory, ready to run windows; one instance a thread. */
export class WindowModel {
  private readonly model: Model;
  private readonly layout: Layout;
  private readonly k = wasmKernels();
  private readonly source: InferenceSource;
  private readonly reader: FeatureReader;
  private readonly local: Int32Array;
  private nodes = new Uint32Array(1 << 16);
  private readonly p: number;
  private readonly headAt: number;
  private readonly heap: number;
  /** Nodes computed, halo included. */
  computed = 0;

  constructor(model: Model, source: InferenceSource) {
    this.model = model;
    this.source = source;
    this.layout = layout(model.architecture);
    this.reader = new FeatureReader(source);
    this.local = new Int32Array(source.variableCount);
    this.p = (this.k.heapBase() + 15) & ~15;
    this.headAt = this.p + 4 * this.layout.size;
    const { head, bias } = foldedHead(model, this.layout);
    this.heap = (this.headAt + 4 * (head.length + bias.length) + 15) & ~15;
    ensureMemory(this.k.memory, this.heap);
    const f = new Float32Array(this.k.memory.buffer);
    f.set(model.parameters, this.p / 4);
    f.set(head, this.headAt / 4);
    f.set(bias, this.headAt / 4 + head.length);
  }

  /** Computes variables [from, to) into `out`. */
  run(from: number, to: number, out: InferenceOutput): void {
    const a = this.model.architecture;
    const l = this.layout;
    const k = this.k;
    const counts = this.collect(from, to);
    const depth = a.widths.length;
    const total = counts[depth]!;
    const rows = counts[depth - 1]!;
    this.computed += total;
    let at = this.heap;
    const take = (bytes: number): number => {
      const here = at;
      at += (bytes + 15) & ~15;
      return here;
    };
    const blocks = 1 + a.relations.length;
    const inputs = [a.inputWidth, ...a.widths];
    const edgeRoom = a.relations.map(r => (r === 'fanout' ? rows * a.fanoutLimit : rows * 2));
    const edges = a.relations.map((r, c) => ({
      offsets: take(4 * (rows + 1)),
      indices: take(4 * edgeRoom[c]!),
      scale: isMean(r) ? take(4 * rows) : 0,
    }));
    const ids = take(2 * fieldCount * total);
    // Two buffers take turns: layer i reads one and writes its result into the other.
    const strides = inputs.map((w, i) => (i < depth ? w * blocks : w));
    const bytes = [0, 0];
    strides.forEach((s, i) => {
      bytes[i & 1] = Math.max(bytes[i & 1]!, 4 * s * counts[depth - i]!);
    });
    const buffers = [take(bytes[0]!), take(bytes[1]!)];
    const last = a.widths.at(-1)!;
    const dense = l.dense ? take(4 * last * (to - from)) : 0;
    const logits = take(4 * logitColumns * (to - from));
    ensureMemory(k.memory, at);
    this.fill(edges, ids, buffers[0]!, strides[0]!, rows, total);
    if (l.table)
      k.embed(this.p + 4 * l.table.offset, ids, fieldCount, buffers[0]!, strides[0]!, total, a.inputWidth);
    for (let i = 0; i < depth; i++) {
      const z = buffers[i & 1]!;
      const s = strides[i]!;
      const w = inputs[i]!;
      const n = counts[depth - 1 - i]!;
      edges.forEach((e, c) => {
        k.aggregate(z, s, z + 4 * w * (c + 1), s, e.offsets, e.indices, 0, e.scale, n, w, 0);
      });
      const { weight, bias } = l.layers[i]!;
      const next = buffers[(i + 1) & 1]!;
      const wp = this.p + 4 * weight.offset;
      k.gemm(z, s, wp, this.p + 4 * bias.offset, next, strides[i + 1]!, n, weight.rows, weight.columns, 1);
    }
    let h = buffers[depth & 1]!;
    const n = to - from;
    if (l.dense) {
      k.gemm(h, last, this.p + 4 * l.dense.offset, 0, dense, last, n, last, last, 1);
      h = dense;
    }
    const headBias = this.headAt + 4 * last * logitColumns;
    k.gemm(h, last, this.headAt, headBias, logits, logitColumns, n, last, logitColumns, 0);
    this.answer(logits, from, to, out);
  }

  /** Lists the window and its rings; returns how many nodes lie within 0, 1, … layers. */
  private collect(from: number, to: number): number[] {
    const { firstAnd, fanin0, fanin1, fanoutOffsets, fanoutIndices } = this.source;
    const { local } = this;
    const wantsFanouts = fanoutOffsets.length > 0;
    let count = 0;
    const visit = (v: number): void => {
      if (local[v] !== 0) return;
      if (count === this.nodes.length) {
        const grown = new Uint32Array(2 * count);
        grown.set(this.nodes);
        this.nodes = grown;
      }
      this.nodes[count++] = v;
      local[v] = count;
    };
    for (let v = from; v < to; v++) visit(v);
    const counts = [count];
    let done = 0;
    for (let ring = 0; ring < this.model.architecture.widths.length; ring++) {
      const end = count;
      for (; done < end; done++) {
        const v = this.nodes[done]!;
        if (v >= firstAnd) {
          visit(fanin0[v - firstAnd]! >>> 1);
          visit(fanin1[v - firstAnd]! >>> 1);
        }
        if (wantsFanouts)
          for (let e = fanoutOffsets[v]!; e < fanoutOffsets[v + 1]!; e++) visit(fanoutIndices[e]!);
      }
      counts.push(count);
    }
    return counts;
  }

  /** Writes edges of the first `rows` nodes and features of all `total`, then forgets the local numbers. */
  private fill(
    edges: { offsets: number; indices: number; scale: number }[],
    ids: number,
    first: number,
    stride: number,
    rows: number,
    total: number,
  ): void {
    const { firstAnd, fanin0, fanin1, fanoutOffsets, fanoutIndices } = this.source;
    const { local, nodes } = this;
    const u = new Uint32Array(this.k.memory.buffer);
    const f = new Float32Array(this.k.memory.buffer);
    this.model.architecture.relations.forEach((relation, c) => {
      const { offsets, indices, scale } = edges[c]!;
      const base = indices >>> 2;
      let e = 0;
      for (let i = 0; i < rows; i++) {
        u[(offsets >>> 2) + i] = e;
        const v = nodes[i]!;
        const start = e;
        if (relation === 'fanout') {
          const end = fanoutOffsets[v + 1]!;
          for (let x = fanoutOffsets[v]!; x < end; x++) u[base + e++] = local[fanoutIndices[x]!]! - 1;
        } else if (v >= firstAnd) {
          const p = fanin0[v - firstAnd]!;
          const q = fanin1[v - firstAnd]!;
          if (relation === 'fanin') {
            if (p > 1) u[base + e++] = local[p >>> 1]! - 1;
            if (q > 1) u[base + e++] = local[q >>> 1]! - 1;
          } else {
            const want = relation === 'complemented' ? 1 : 0;
            if ((p & 1) === want) u[base + e++] = local[p >>> 1]! - 1;
            if ((q & 1) === want) u[base + e++] = local[q >>> 1]! - 1;
          }
        }
        if (scale !== 0) f[(scale >>> 2) + i] = e > start ? 1 / (e - start) : 0;
      }
      u[(offsets >>> 2) + rows] = e;
    });
    if (this.model.architecture.input === 'local') {
      const h = new Uint16Array(this.k.memory.buffer, ids, fieldCount * total);
      for (let i = 0; i < total; i++) this.reader.read(nodes[i]!, h, i * fieldCount);
    } else {
      for (let i = 0; i < total; i++) {
        const v = nodes[i]!;
        const o = (first >>> 2) + i * stride;
        const and = v >= firstAnd;
        f[o] = f[o + 1] = and ? 1 : 0;
        f[o + 2] = and ? fanin0[v - firstAnd]! & 1 : 0;
        f[o + 3] = and ? fanin1[v - firstAnd]! & 1 : 0;
      }
    }
    for (let i = 0; i < total; i++) local[nodes[i]!] = 0;
  }

  private answer(logits: number, from: number, to: number, out: InferenceOutput): void {
    const f = new Float32Array(this.k.memory.buffer, logits, (to - from) * logitColumns);
    for (let v = from, o = 0; v < to; v++, o += logitColumns) {
      let code = 0;
      for (let h = 0; h < 4; h++) {
        const a = f[o + 4 * h]!;
        const b = f[o + 4 * h + 1]!;
        const c = f[o + 4 * h + 2]!;
        code |= (b > a ? (c > b ? 2 : 1) : c > a ? 2 : 0) << (2 * h);
      }
      out.classes[v] = code;
      const x = Math.exp(f[o + 12]! - f[o + 14]!);
      const y = Math.exp(f[o + 13]! - f[o + 14]!);
      const s = 255 / (x + y + 1);
      out.carry[v] = x * s + 0.5;
      out.sum[v] = y * s + 0.5;
    }
  }
}

/** The heads with batch normalisation folded in, so that inference is dense layers alone. */
function foldedHead(model: Model, l: Layout): { head: Float32Array; bias: Float32Array } {
  const p = model.parameters;
  const head = p.slice(l.head.offset, l.head.offset + l.head.rows * l.head.columns);
  const bias = new Float32Array(logitColumns);
  if (l.headBias) bias.set(p.subarray(l.headBias.offset, l.headBias.offset + logitColumns));
  if (l.gamma && l.beta) {
    const width = l.head.rows;
    for (let k = 0; k < width; k++) {
      const scale = p[l.gamma.offset + k]! / Math.sqrt(model.running[width + k]! + 1e-5);
      const shift = p[l.beta.offset + k]! - model.running[k]! * scale;
      for (let j = 0; j < logitColumns; j++) {
        bias[j] = bias[j]! + shift * head[k * logitColumns + j]!;
        head[k * logitColumns + j] = head[k * logitColumns + j]! * scale;
      }
    }
  }
  return { head, bias };
}
