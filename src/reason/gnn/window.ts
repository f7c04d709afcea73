// Inference by distinct neighbourhoods: what a layer gives a node depends only on what the layer below gave the node and
// its neighbours, in order. Nodes that agree on that are computed once (colour refinement), so the dense layers run over
// a few thousand rows instead of every node. Results equal those of the whole graph bit for bit. Refuses to approximate:
// neighbourhoods count as the same only when they are, word by word.

import { ensureMemory } from '../../kernels/load.ts';
import { type Layout, layout, logitColumns } from './architecture.ts';
import { FeatureReader, fieldCount } from './features.ts';
import { foldedHead } from './folded-head.ts';
import { isMean } from './graph.ts';
import type { InferenceOutput, InferenceSource } from './inference.ts';
import { Interner } from './interner.ts';
import { wasmKernels } from './kernels.ts';
import type { Model } from './model.ts';

/** Rows a pass over the dense layers takes at once: they stay in the second-level cache. */
const block = 1024;
/** Neighbourhoods a layer may know before all are forgotten: it bounds the memory of irregular circuits. */
const most = 1 << 18;

/** What one layer (0: the features) knows. */
interface Level {
  /** Neighbourhoods: own state, shape (see `shapeOf`), fan-ins' and fan-outs' states below. Level 0: the feature code. */
  known: Interner;
  /** By variable, 1 + the number of its neighbourhood, or 0. Unused at level 0 and the last. */
  seen: Int32Array;
  width: number;
  /** Address and room (rows) of the vectors computed for neighbourhoods 0 … computed-1. */
  base: number;
  room: number;
  computed: number;
}

/** A model in kernel memory, ready to run windows; one instance a thread. It remembers neighbourhoods between windows. */
export class WindowModel {
  private readonly model: Model;
  private readonly layout: Layout;
  private readonly k = wasmKernels();
  private readonly source: InferenceSource;
  private readonly reader: FeatureReader;
  private readonly levels: Level[];
  private readonly depth: number;
  private readonly local: boolean;
  private readonly splitsFanins: boolean;
  private readonly p: number;
  private readonly headAt: number;
  private top: number;
  private types = new Int32Array(0);
  private answers = new Uint8Array(3 << 12);
  /** Nodes run through the last layer: one for each distinct neighbourhood. */
  computed = 0;

  constructor(model: Model, source: InferenceSource) {
    const a = model.architecture;
    this.model = model;
    this.source = source;
    this.layout = layout(a);
    this.reader = new FeatureReader(source);
    this.depth = a.widths.length;
    this.local = a.input === 'local';
    this.splitsFanins = a.relations.includes('plain') || a.relations.includes('complemented');
    this.p = (this.k.heapBase() + 15) & ~15;
    this.headAt = this.p + 4 * this.layout.size;
    const { head, bias } = foldedHead(model, this.layout);
    this.top = (this.headAt + 4 * (head.length + bias.length) + 15) & ~15;
    ensureMemory(this.k.memory, this.top);
    const f = new Float32Array(this.k.memory.buffer);
    f.set(model.parameters, this.p / 4);
    f.set(head, this.headAt / 4);
    f.set(bias, this.headAt / 4 + head.length);
    this.levels = [a.inputWidth, ...a.widths].map((width, i) => ({
      known: new Interner(),
      seen: new Int32Array(i > 0 && i < this.depth ? source.variableCount : 0),
      width,
      base: 0,
      room: 0,
      computed: 0,
    }));
  }

  /** Computes variables [from, to) into `out`. */
  run(from: number, to: number, out: InferenceOutput): void {
    if (this.types.length < to - from) this.types = new Int32Array(to - from);
    const { types, depth, levels } = this;
    for (let v = from; v < to; v++) types[v - from] = this.neighbourhood(depth, v);
    for (let level = 0; level <= depth; level++) this.compute(level);
    const { answers } = this;
    for (let v = from; v < to; v++) {
      const t = 3 * types[v - from]!;
      out.classes[v] = answers[t]!;
      out.carry[v] = answers[t + 1]!;
      out.sum[v] = answers[t + 2]!;
    }
    if (levels.some(l => l.known.count > most)) this.forget();
  }

  /** What the layers below `level` tell of a variable, as a number other than 0. */
  private state(level: number, v: number): number {
    if (level === 0) {
      const { codes } = this.source;
      const known = codes[v]!;
      if (known !== 0) return known;
      return (codes[v] = this.local ? this.reader.code(v) : this.publishedCode(v));
    }
    const { seen } = this.levels[level]!;
    const known = seen[v]!;
    if (known !== 0) return known;
    return (seen[v] = 1 + this.neighbourhood(level, v));
  }

  /** The number of a variable's neighbourhood at a level of 1 and above. */
  private neighbourhood(level: number, v: number): number {
    const { firstAnd, fanin0, fanin1, fanoutOffsets, fanoutIndices } = this.source;
    const { known } = this.levels[level]!;
    const below = level - 1;
    const first = fanoutOffsets.length > 0 ? fanoutOffsets[v]! : 0;
    const last = fanoutOffsets.length > 0 ? fanoutOffsets[v + 1]! : 0;
    const pool = known.room(4 + last - first);
    const start = known.end;
    let at = start + 2;
    let shape = 0;
    pool[start] = this.state(below, v);
    if (v >= firstAnd) {
      const a = fanin0[v - firstAnd]!;
      const b = fanin1[v - firstAnd]!;
      shape = shapeOf(a, b, this.splitsFanins);
      pool[at++] = this.state(below, a >>> 1);
      pool[at++] = this.state(below, b >>> 1);
    }
    pool[start + 1] = shape;
    for (let e = first; e < last; e++) pool[at++] = this.state(below, fanoutIndices[e]!);
    return known.intern(at);
  }

  /** 1 + the published features as four bits. */
  private publishedCode(v: number): number {
    const { firstAnd, fanin0, fanin1 } = this.source;
    if (v < firstAnd) return 1;
    return 2 + (fanin0[v - firstAnd]! & 1) + 2 * (fanin1[v - firstAnd]! & 1);
  }

  /** Vectors of the neighbourhoods a level met since the last call. */
  private compute(level: number): void {
    const l = this.levels[level]!;
    if (level > 0) this.internFeatures(level);
    if (l.room < l.known.count) this.enlarge(l);
    for (let from = l.computed; from < l.known.count; from += block) {
      const to = Math.min(from + block, l.known.count);
      if (level === 0) this.embed(l, from, to);
      else this.layer(level, from, to);
      if (level === this.depth) this.answer(l, from, to);
    }
    l.computed = l.known.count;
  }

  /** Features come as codes: the first layer's new neighbourhoods get them numbered, and new ones computed. */
  private internFeatures(level: number): void {
    if (level > 1) return;
    const { known, computed } = this.levels[1]!;
    const features = this.levels[0]!.known;
    const { pool, starts } = known;
    const from = computed < known.count ? starts[computed]! : known.end;
    if (this.codeIds.length < pool.length) {
      const grown = new Int32Array(pool.length);
      grown.set(this.codeIds);
      this.codeIds = grown;
    }
    for (let id = computed, i = from; id < known.count; id++) {
      for (const end = starts[id + 1]!; i < end; i++) {
        if (i === starts[id]! + 1) continue;
        features.room(1)[features.end] = pool[i]!;
        this.codeIds[i] = 1 + features.intern(features.end + 1);
      }
    }
    this.compute(0);
  }
  /** The first layer's pool with feature codes replaced by 1 + their numbers. */
  private codeIds = new Int32Array(0);

  private enlarge(l: Level): void {
    const room = Math.max(block, 2 * l.known.count);
    const base = this.top;
    this.top += 4 * l.width * room;
    ensureMemory(this.k.memory, this.top);
    new Float32Array(this.k.memory.buffer).copyWithin(
      base >>> 2,
      l.base >>> 2,
      (l.base >>> 2) + l.width * l.computed,
    );
    l.base = base;
    l.room = room;
  }

  private embed(l: Level, from: number, to: number): void {
    const { table } = this.layout;
    const { pool } = l.known;
    const out = l.base + 4 * l.width * from;
    if (table) {
      const ids = this.top;
      ensureMemory(this.k.memory, ids + 2 * fieldCount * block);
      const h = new Uint16Array(this.k.memory.buffer, ids, fieldCount * block);
      for (let i = from; i < to; i++) this.reader.decode(pool[i]!, h, (i - from) * fieldCount);
      this.k.embed(this.p + 4 * table.offset, ids, fieldCount, out, l.width, to - from, l.width);
      return;
    }
    const f = new Float32Array(this.k.memory.buffer, out, 4 * (to - from));
    for (let i = from, o = 0; i < to; i++, o += 4) {
      const c = pool[i]! - 2;
      f[o] = f[o + 1] = c < 0 ? 0 : 1;
      f[o + 2] = c < 0 ? 0 : c & 1;
      f[o + 3] = c < 0 ? 0 : c >> 1;
    }
  }

  /** One message-passing layer over neighbourhoods [from, to) of `level`. */
  private layer(level: number, from: number, to: number): void {
    const { k } = this;
    const { relations, fanoutLimit } = this.model.architecture;
    const below = this.levels[level - 1]!;
    const l = this.levels[level]!;
    const { starts } = l.known;
    const pool = level === 1 ? this.codeIds : l.known.pool;
    const shapes = l.known.pool;
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

  /** Heads over neighbourhoods [from, to) of the last level. */
  private answer(l: Level, from: number, to: number): void {
    const { k } = this;
    const n = to - from;
    const width = l.width;
    this.computed += n;
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

  private forget(): void {
    for (const l of this.levels) {
      l.known.clear();
      l.seen.fill(0);
      l.computed = 0;
    }
  }
}

/** Bits of an AND: 1 always; 2, 4, 8 first fan-in plain, complemented, not constant; 16, 32, 64 the same of the second. */
function shapeOf(a: number, b: number, split: boolean): number {
  const p = split ? (a & 1 ? 4 : 2) : 0;
  const q = split ? (b & 1 ? 32 : 16) : 0;
  return 1 | p | q | (a > 1 ? 8 : 0) | (b > 1 ? 64 : 0);
}
