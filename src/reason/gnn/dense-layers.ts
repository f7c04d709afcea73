// The dense part of a model over numbered rows in kernel memory: embedding, message-passing layers, heads. Level 0 holds the
// features' vectors, level i those of layer i; rows are appended and stay where they are. Refuses to know what a row stands for.

import { ensureMemory } from '../../kernels/load.ts';
import { type Layout, layout, logitColumns } from './architecture.ts';
import { type FeatureReader, fieldCount } from './features.ts';
import { foldedHead } from './folded-head.ts';
import { isMean } from './graph.ts';
import { wasmKernels } from './kernels.ts';
import type { Model } from './model.ts';

/** Rows a pass takes at once: they stay in the second-level cache. */
export const block = 1024;

/** Vectors of one level. */
interface Rows {
  width: number;
  /** Address and room (rows). */
  base: number;
  room: number;
}

/** A model in kernel memory; one instance a thread. */
export class DenseLayers {
  private readonly model: Model;
  private readonly layout: Layout;
  private readonly k = wasmKernels();
  private readonly rows: Rows[];
  private readonly p: number;
  private readonly headAt: number;
  private top: number;
  /** Classes (two bits a head), carry and sum in 255ths of each row of the last level. */
  answers = new Uint8Array(3 << 12);

  constructor(model: Model) {
    const a = model.architecture;
    this.model = model;
    this.layout = layout(a);
    this.p = (this.k.heapBase() + 15) & ~15;
    this.headAt = this.p + 4 * this.layout.size;
    const { head, bias } = foldedHead(model, this.layout);
    this.top = (this.headAt + 4 * (head.length + bias.length) + 15) & ~15;
    ensureMemory(this.k.memory, this.top);
    const f = new Float32Array(this.k.memory.buffer);
    f.set(model.parameters, this.p / 4);
    f.set(head, this.headAt / 4);
    f.set(bias, this.headAt / 4 + head.length);
    this.rows = [a.inputWidth, ...a.widths].map(width => ({ width, base: 0, room: 0 }));
  }

  /** Room for `count` rows at a level, of which `computed` are kept. */
  reserve(level: number, count: number, computed: number): void {
    const l = this.rows[level]!;
    if (l.room >= count) return;
    const room = Math.max(block, 2 * count);
    const base = this.top;
    this.top += 4 * l.width * room;
    ensureMemory(this.k.memory, this.top);
    new Float32Array(this.k.memory.buffer).copyWithin(
      base >>> 2,
      l.base >>> 2,
      (l.base >>> 2) + l.width * computed,
    );
    l.base = base;
    l.room = room;
  }

  /** Rows [from, to) of level 0. @param codes feature code of each row; without a table 1 + the published features */
  embed(codes: Int32Array, reader: FeatureReader, from: number, to: number): void {
    const { table } = this.layout;
    const l = this.rows[0]!;
    const out = l.base + 4 * l.width * from;
    if (table) {
      const ids = this.top;
      ensureMemory(this.k.memory, ids + 2 * fieldCount * block);
      const h = new Uint16Array(this.k.memory.buffer, ids, fieldCount * block);
      for (let i = from; i < to; i++) reader.decode(codes[i]!, h, (i - from) * fieldCount);
      this.k.embed(this.p + 4 * table.offset, ids, fieldCount, out, l.width, to - from, l.width);
      return;
    }
    const f = new Float32Array(this.k.memory.buffer, out, 4 * (to - from));
    for (let i = from, o = 0; i < to; i++, o += 4) {
      const c = codes[i]! - 2;
      f[o] = f[o + 1] = c < 0 ? 0 : 1;
      f[o + 2] = c < 0 ? 0 : c & 1;
      f[o + 3] = c < 0 ? 0 : c >> 1;
    }
  }

  /**
   * Rows [from, to) of a level of 1 and above.
   * @param pool of row i from starts[i]: 1 + the row below of the node, its shape, 1 + the rows of fan-ins (of an AND) and fan-outs
   * @param shapes where the shapes stand, at the places of `pool`
   */
  layer(
    level: number,
    pool: Int32Array,
    shapes: Int32Array,
    starts: Int32Array,
    from: number,
    to: number,
  ): void {
    const { k } = this;
    const { relations, fanoutLimit } = this.model.architecture;
    const below = this.rows[level - 1]!;
    const l = this.rows[level]!;
    const n = to - from;
    const w = below.width;
    const stride = w * (1 + relations.length);
    const z = this.top;
    const offsets = z + 4 * stride * block;
    const scale = offsets + 4 * (block + 4);
    const indices = scale + 4 * block;
    ensureMemory(k.memory, indices + 4 * block * Math.max(2, fanoutLimit));
    const u = new Uint32Array(k.memory.buffer);
    const f = new Float32Array(k.memory.buffer);
    const list = indices >>> 2;
    for (let c = 0; c <= relations.length; c++) {
      const relation = c === 0 ? undefined : relations[c - 1];
      let e = 0;
      for (let i = 0; i < n; i++) {
        const at = starts[from + i]!;
        const end = starts[from + i + 1]!;
        const shape = shapes[at + 1]!;
        const and = shape !== 0;
        const start = e;
        u[(offsets >>> 2) + i] = e;
        if (relation === undefined) u[list + e++] = pool[at]! - 1;
        else if (relation === 'fanout') {
          for (let x = at + (and ? 4 : 2); x < end; x++) u[list + e++] = pool[x]! - 1;
        } else if (and) {
          const want = relation === 'fanin' ? 8 : relation === 'plain' ? 2 : 4;
          if (shape & want) u[list + e++] = pool[at + 2]! - 1;
          if (shape & (want << 3)) u[list + e++] = pool[at + 3]! - 1;
        }
        f[(scale >>> 2) + i] = e > start ? 1 / (e - start) : 0;
      }
      u[(offsets >>> 2) + n] = e;
      const mean = relation !== undefined && isMean(relation) ? scale : 0;
      k.aggregate(below.base, w, z + 4 * w * c, stride, offsets, indices, 0, mean, n, w, 0);
    }
    const { weight, bias } = this.layout.layers[level - 1]!;
    const y = l.base + 4 * l.width * from;
    const wp = this.p + 4 * weight.offset;
    k.gemm(z, stride, wp, this.p + 4 * bias.offset, y, l.width, n, weight.rows, weight.columns, 1);
  }

  /** Heads over rows [from, to) of the last level. */
  answer(from: number, to: number): void {
    const { k } = this;
    const l = this.rows.at(-1)!;
    const n = to - from;
    const width = l.width;
    const dense = this.top;
    const logits = dense + 4 * width * block;
    ensureMemory(k.memory, logits + 4 * logitColumns * block);
    let h = l.base + 4 * width * from;
    if (this.layout.dense) {
      k.gemm(h, width, this.p + 4 * this.layout.dense.offset, 0, dense, width, n, width, width, 1);
      h = dense;
    }
    const headBias = this.headAt + 4 * width * logitColumns;
    k.gemm(h, width, this.headAt, headBias, logits, logitColumns, n, width, logitColumns, 0);
    if (this.answers.length < 3 * to) {
      const grown = new Uint8Array(6 * to);
      grown.set(this.answers);
      this.answers = grown;
    }
    const f = new Float32Array(k.memory.buffer, logits, n * logitColumns);
    for (let t = 3 * from, o = 0; t < 3 * to; t += 3, o += logitColumns) {
      let code = 0;
      for (let head = 0; head < 4; head++) {
        const a = f[o + 4 * head]!;
        const b = f[o + 4 * head + 1]!;
        const c = f[o + 4 * head + 2]!;
        code |= (b > a ? (c > b ? 2 : 1) : c > a ? 2 : 0) << (2 * head);
      }
      this.answers[t] = code;
      const x = Math.exp(f[o + 12]! - f[o + 14]!);
      const y = Math.exp(f[o + 13]! - f[o + 14]!);
      const s = 255 / (x + y + 1);
      this.answers[t + 1] = x * s + 0.5;
      this.answers[t + 2] = y * s + 0.5;
    }
  }
}
