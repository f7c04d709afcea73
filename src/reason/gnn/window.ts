// Inference by distinct neighbourhoods: what a layer gives a node depends only on what the layer below gave the node and
// its neighbours, in order. Nodes that agree on that are computed once (colour refinement), so the dense layers run over
// a few thousand rows instead of every node. Results equal those of the whole graph bit for bit. Refuses to approximate:
// neighbourhoods count as the same only when they are, word by word.

import { block, DenseLayers } from './dense-layers.ts';
import { FeatureReader } from './features.ts';
import type { InferenceOutput, InferenceSource } from './inference.ts';
import { Interner } from './interner.ts';
import type { Model } from './model.ts';

/** Neighbourhoods a layer may know before all are forgotten: it bounds the memory of irregular circuits. */
const most = 1 << 18;

/** What one layer (0: the features) knows. */
interface Level {
  /** Neighbourhoods: own state, shape (see `shapeOf`), fan-ins' and fan-outs' states below. Level 0: the feature code. */
  known: Interner;
  /** By variable, 1 + the number of its neighbourhood, or 0. Unused at level 0 and the last. */
  seen: Int32Array;
  /** Vectors are there for neighbourhoods 0 … computed-1, in rows of their numbers. */
  computed: number;
}

/** A model in kernel memory, ready to run windows; one instance a thread. It remembers neighbourhoods between windows. */
export class WindowModel {
  private readonly dense: DenseLayers;
  private readonly source: InferenceSource;
  private readonly reader: FeatureReader;
  private readonly levels: Level[];
  private readonly depth: number;
  private readonly local: boolean;
  private readonly splitsFanins: boolean;
  private types = new Int32Array(0);
  /** Nodes run through the last layer: one for each distinct neighbourhood. */
  computed = 0;

  constructor(model: Model, source: InferenceSource) {
    const a = model.architecture;
    this.dense = new DenseLayers(model);
    this.source = source;
    this.reader = new FeatureReader(source);
    this.depth = a.widths.length;
    this.local = a.input === 'local';
    this.splitsFanins = a.relations.includes('plain') || a.relations.includes('complemented');
    this.levels = Array.from({ length: this.depth + 1 }, (_, i) => ({
      known: new Interner(),
      seen: new Int32Array(i > 0 && i < this.depth ? source.variableCount : 0),
      computed: 0,
    }));
  }

  /** Computes variables [from, to) into `out`. */
  run(from: number, to: number, out: InferenceOutput): void {
    if (this.types.length < to - from) this.types = new Int32Array(to - from);
    const { types, depth, levels } = this;
    for (let v = from; v < to; v++) types[v - from] = this.neighbourhood(depth, v);
    for (let level = 0; level <= depth; level++) this.compute(level);
    const { answers } = this.dense;
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
    const { pool, starts, count } = l.known;
    this.dense.reserve(level, count, l.computed);
    for (let from = l.computed; from < count; from += block) {
      const to = Math.min(from + block, count);
      if (level === 0) this.dense.embed(pool, this.reader, from, to);
      else this.dense.layer(level, level === 1 ? this.codeIds : pool, pool, starts, from, to);
      if (level !== this.depth) continue;
      this.dense.answer(from, to);
      this.computed += to - from;
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
