// Fits the rows of one group of a layer: target correction, nearest-plane rounding, refinement and the coarse scale, by kernel.
// Refuses moments that cannot be factorized.

import { BitwrightError } from '../core/errors.ts';
import { ensureMemory } from '../kernels/load.ts';
import type { RowForm } from './layers.ts';
import type { GroupMoments } from './moments.ts';
import type { ResolvedOptions } from './options.ts';

/** What dist/kernels/lattice.wasm exports; pointers are byte addresses. */
export interface LatticeKernel {
  heapBase(): number;
  cholesky(h: number, n: number, ld: number): number;
  solve(l: number, n: number, ld: number, x: number): void;
  multiply(m: number, n: number, ld: number, x: number, y: number): void;
  multiplyLeft(m: number, n: number, ld: number, x: number, y: number): void;
  roundRow(...args: number[]): number;
  refineRow(...args: number[]): number;
}

/** Codes and scales of one row; target = codes x scales x gamma. */
export interface Fit {
  codes: Float32Array;
  scales: Float32Array;
  gamma: number;
  moved: number;
  energy: number;
}

export interface SolverSetup {
  high: number;
  largest: number;
  /** integer: gamma x integer a vector; real: a real scale a vector; shared: one free scale a row; fixed: a given scale. */
  mode: 'integer' | 'real' | 'shared' | 'fixed';
  given: number;
  options: ResolvedOptions;
}

/** Coarse scales tried, relative to the one that just holds the largest target. */
const gammaFactors = [1.05, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6];
const gammaFactorsShort = [1, 0.9, 0.8, 0.7];

/** One group's factorized problem; rows are fitted one after another. */
export class RowSolver {
  private readonly kernel: LatticeKernel & { memory: WebAssembly.Memory };
  private readonly n: number;
  private readonly ld: number;
  private readonly setup: SolverSetup;
  private readonly order: Int32Array;
  private readonly vectorOrder: Int32Array;
  private readonly bounds: Int32Array;
  private readonly at: Record<
    'h' | 'l' | 'd' | 'w' | 't' | 'e' | 'g' | 'c' | 's' | 'b' | 'c2' | 's2',
    number
  >;
  private readonly f: Float32Array;

  constructor(
    kernel: LatticeKernel & { memory: WebAssembly.Memory },
    form: RowForm,
    moments: GroupMoments,
    positions: number,
    bounds: Int32Array,
    setup: SolverSetup,
  ) {
    this.kernel = kernel;
    this.setup = setup;
    const n = (this.n = form.features);
    const ld = (this.ld = (n + 3) & ~3);
    const vectors = bounds.length - 1;
    let next = (this.kernel.heapBase() + 15) & ~15;
    const take = (floats: number): number => {
      const at = next;
      next += (floats * 4 + 15) & ~15;
      return at;
    };
    this.at = {
      ...{ h: take(n * ld), l: take(n * ld), d: take(n * ld) },
      ...{ w: take(ld), t: take(ld), e: take(ld), g: take(ld), c: take(ld), c2: take(ld) },
      ...{ s: take(vectors), s2: take(vectors), b: take(vectors + 1) },
    };
    ensureMemory(this.kernel.memory, next + 64);
    this.f = new Float32Array(this.kernel.memory.buffer);
    const { order, vectorOrder, reordered } = processingOrder(moments.covariance, n, bounds);
    this.order = order;
    this.vectorOrder = vectorOrder;
    this.bounds = reordered;
    new Int32Array(this.kernel.memory.buffer).set(reordered, this.at.b / 4);
    this.load(moments, positions);
  }

  /** H with its ridge, its Cholesky factor, and the cross covariance minus H; all in processing order. */
  private load(moments: GroupMoments, positions: number): void {
    const { n, ld, at, f, order } = this;
    const { options } = this.setup;
    const H = moments.covariance;
    let trace = 0;
    for (let i = 0; i < n; i++) trace += H[i * n + i]!;
    let ridge = ((options.damping + (options.dampingPerSample * n) / Math.max(1, positions)) * trace) / n;
    if (!(ridge > 1e-30)) ridge = 1;
    for (let attempt = 0; ; attempt++) {
      for (let i = 0; i < n; i++) {
        const from = order[i]! * n;
        const to = at.h / 4 + i * ld;
        const cross = at.d / 4 + i * ld;
        for (let j = 0; j < n; j++) {
          const value = H[from + order[j]!]!;
          f[to + j] = value;
          f[cross + j] = moments.cross[from + order[j]!]! - value;
        }
        f[to + i]! += ridge;
      }
      f.copyWithin(at.l / 4, at.h / 4, at.h / 4 + n * ld);
      if (this.kernel.cholesky(at.l, n, ld) === 0) return;
      if (attempt === 8) throw new BitwrightError('input covariance cannot be factorized');
      ridge *= 10;
    }
  }

  fit(row: Float32Array): Fit | undefined {
    const { kernel, n, ld, at, f, order, bounds } = this;
    const { high, largest, mode, given, options } = this.setup;
    const vectors = bounds.length - 1;
    let peakRow = 0;
    for (const w of row) peakRow = Math.max(peakRow, Math.abs(w));
    if (!(peakRow > 1e-30)) return undefined;
    const unit = farFromOne(peakRow);
    const target = f.subarray(at.w / 4, at.w / 4 + n);
    for (let i = 0; i < n; i++) target[i] = row[order[i]!]! / unit;
    let moved = 0;
    let energy = 0;
    for (const w of target) energy += w * w;
    if (options.correction > 0) {
      kernel.multiplyLeft(at.d, n, ld, at.w, at.t);
      kernel.solve(at.l, n, ld, at.t);
      for (let i = 0; i < n; i++) {
        const step = options.correction * f[at.t / 4 + i]!;
        moved += step * step;
        target[i]! += step;
      }
    }
    let peak = 0;
    for (const w of target) peak = Math.max(peak, Math.abs(w));
    const integer = mode === 'integer' ? 1 : 0;
    const steps = mode === 'integer' || mode === 'real' ? 6 : 0;
    const base = Math.fround(mode === 'integer' ? peak / high / largest : peak / high);
    const gammas =
      mode === 'fixed'
        ? [given / unit]
        : mode === 'real'
          ? [base]
          : (n <= 64 ? gammaFactors : gammaFactorsShort).map(m => Math.fround(base * m));
    if (steps === 0) f.fill(1, at.s2 / 4, at.s2 / 4 + vectors);
    let best = Number.POSITIVE_INFINITY;
    let gamma = gammas[0]!;
    for (const candidate of gammas) {
      if (!(candidate > 0)) continue;
      const cost = kernel.roundRow(
        ...[at.l, n, ld, at.w, at.b, vectors, candidate, -high, high, largest],
        ...[integer, 0.7, 1.05, steps, at.t, at.c2, at.s2],
      );
      if (!(cost < best)) continue;
      best = cost;
      gamma = candidate;
      f.copyWithin(at.c / 4, at.c2 / 4, at.c2 / 4 + n);
      f.copyWithin(at.s / 4, at.s2 / 4, at.s2 / 4 + vectors);
    }
    if (!(best < Number.POSITIVE_INFINITY)) return undefined;
    const reach = steps === 0 ? 0 : 2;
    for (let round = 0; round < options.refinements; round++) {
      this.errors(gamma);
      kernel.multiply(at.h, n, ld, at.e, at.g);
      for (let sweep = 0; sweep < 4; sweep++) {
        const change = kernel.refineRow(
          ...[at.h, n, ld, at.b, vectors, gamma, -high, high, largest, integer],
          ...[0.04, reach, at.w, at.e, at.g, at.c, at.s],
        );
        best += change;
        if (change > -1e-3 * best) break;
      }
      if (mode === 'fixed') continue;
      // closed form: gamma times (v' H w) / (v' H v), v the present values
      for (let i = 0; i < n; i++) f[at.t / 4 + i] = f[at.e / 4 + i]! + target[i]!;
      kernel.multiply(at.h, n, ld, at.t, at.g);
      let vv = 0;
      let vw = 0;
      for (let i = 0; i < n; i++) {
        vv += f[at.t / 4 + i]! * f[at.g / 4 + i]!;
        vw += target[i]! * f[at.g / 4 + i]!;
      }
      if (!(vv > 0 && vw > 0)) continue;
      gamma = Math.fround(gamma * (vw / vv));
      best -= (vv - vw) ** 2 / vv;
    }
    const codes = new Float32Array(n);
    const scales = new Float32Array(vectors);
    for (let i = 0; i < n; i++) codes[order[i]!] = f[at.c / 4 + i]!;
    for (let v = 0; v < vectors; v++) scales[this.vectorOrder[v]!] = f[at.s / 4 + v]!;
    const square = unit * unit;
    return {
      codes,
      scales,
      gamma: Math.fround(gamma * unit),
      moved: moved * square,
      energy: energy * square,
    };
  }

  /** e = value - target under the present codes and scales. */
  private errors(gamma: number): void {
    const { at, f, bounds } = this;
    for (let v = 0; v + 1 < bounds.length; v++) {
      const unit = Math.fround(f[at.s / 4 + v]! * gamma);
      for (let i = bounds[v]!; i < bounds[v + 1]!; i++) {
        f[at.e / 4 + i] = Math.fround(f[at.c / 4 + i]! * unit) - f[at.w / 4 + i]!;
      }
    }
  }
}

/** 1, or for magnitudes whose squares leave float32 the power of two to divide by, which changes no bit of a code. */
export function farFromOne(peak: number): number {
  const exponent = Math.floor(Math.log2(peak));
  return Math.abs(exponent) <= 40 ? 1 : 2 ** exponent;
}

/**
 * Rounding runs from the last place to the first, so the features that carry the most energy are put last:
 * vectors by mean variance, features inside a vector by variance.
 */
function processingOrder(
  H: Float32Array,
  n: number,
  bounds: Int32Array,
): { order: Int32Array; vectorOrder: Int32Array; reordered: Int32Array } {
  const vectors = bounds.length - 1;
  const weight = Float64Array.from({ length: vectors }, (_, v) => {
    let sum = 0;
    for (let i = bounds[v]!; i < bounds[v + 1]!; i++) sum += H[i * n + i]!;
    return sum / (bounds[v + 1]! - bounds[v]!);
  });
  const vectorOrder = Int32Array.from([...weight.keys()].sort((a, b) => weight[a]! - weight[b]! || a - b));
  const order = new Int32Array(n);
  const reordered = new Int32Array(vectors + 1);
  let place = 0;
  vectorOrder.forEach((v, index) => {
    const inside = Array.from({ length: bounds[v + 1]! - bounds[v]! }, (_, i) => bounds[v]! + i);
    inside.sort((a, b) => H[a * n + a]! - H[b * n + b]! || a - b);
    for (const i of inside) order[place++] = i;
    reordered[index + 1] = place;
  });
  return { order, vectorOrder, reordered };
}
