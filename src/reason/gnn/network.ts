// Forward and backward passes of a model over one batch of graphs, laid out in kernel memory.
// Refuses to choose batches, learning rates or epochs: train.ts does.

import { ensureMemory } from '../../kernels/load.ts';
import { type Architecture, heads, type Layout, layout, logitColumns } from './architecture.ts';
import { type Batch, type Buffers, type KernelMemory, placeBatch } from './buffers.ts';
import { fieldCount } from './features.ts';
import type { GnnGraph } from './graph.ts';
import type { GnnKernels } from './kernels.ts';

export interface DropoutOptions {
  rate: number;
  seed: number;
}

/** A model's parameters, gradients and moments in kernel memory, and passes over batches. */
export class Network {
  readonly architecture: Architecture;
  readonly layout: Layout;
  private readonly k: GnnKernels & { grow?: (bytes: number) => void };
  private readonly p: number;
  private readonly g: number;
  private readonly m: number;
  private readonly v: number;
  private readonly wt: number;
  private readonly stats: number;
  private readonly classWeights: number;
  /** What lies behind the parameters is a batch's. */
  private readonly kernelMemory: KernelMemory;
  /** Running mean and variance of batch normalisation (2 × width). */
  readonly running: Float32Array;

  constructor(architecture: Architecture, kernels: GnnKernels, parameters: Float32Array) {
    this.architecture = architecture;
    this.layout = layout(architecture);
    this.k = kernels;
    let at = (kernels.heapBase() + 15) & ~15;
    const take = (bytes: number): number => {
      const here = at;
      at += (bytes + 15) & ~15;
      return here;
    };
    const bytes = this.layout.size * 4;
    this.p = take(bytes);
    this.g = take(bytes);
    this.m = take(bytes);
    this.v = take(bytes);
    let widest = 0;
    for (const { weight } of this.layout.layers) widest = Math.max(widest, weight.rows * weight.columns);
    this.wt = take(Math.max(widest, 32 * 32 * 4) * 4);
    this.stats = take(3 * 4 * 256);
    this.classWeights = take(heads.length * 16);
    this.kernelMemory = {
      heap: at,
      grow: size => this.grow(size),
      buffer: () => this.k.memory.buffer,
    };
    this.grow(at);
    this.parameters.set(parameters);
    this.moments.fill(0);
    const width = architecture.widths.at(-1)!;
    this.running = new Float32Array(2 * width);
    this.running.fill(1, width);
  }

  private grow(bytes: number): void {
    if (this.k.grow) this.k.grow(bytes);
    else ensureMemory(this.k.memory as WebAssembly.Memory, bytes);
  }

  /** Views into kernel memory: valid until the next pass grows it. */
  get parameters(): Float32Array {
    return new Float32Array(this.k.memory.buffer, this.p, this.layout.size);
  }

  get gradients(): Float32Array {
    return new Float32Array(this.k.memory.buffer, this.g, this.layout.size);
  }

  /** First and second moments, one after the other. */
  get moments(): Float32Array {
    return new Float32Array(this.k.memory.buffer, this.m, 2 * this.layout.size);
  }

  /** Logits (nodes × logitColumns) of a batch without dropout, batch normalisation by running statistics. */
  predict(graph: GnnGraph): Float32Array {
    const batch = { graphs: [graph], labels: [] };
    const b = placeBatch(this.architecture, batch, graph.nodes, this.kernelMemory);
    this.forward(b, graph.nodes, undefined, false);
    return new Float32Array(this.k.memory.buffer, b.logits, graph.nodes * logitColumns).slice();
  }

  /** One gradient step's passes: returns the mean loss; gradients are left in `gradients`. */
  pass(
    batch: Batch,
    weights: Float32Array[],
    lambdas: number[],
    dropout: DropoutOptions | undefined,
  ): number {
    const nodes = batch.graphs.reduce((n, graph) => n + graph.nodes, 0);
    const b = placeBatch(this.architecture, batch, nodes, this.kernelMemory);
    this.forward(b, nodes, dropout, true);
    let labelled = 0;
    for (const labels of batch.labels) for (const label of labels[0]!) if (label !== 255) labelled++;
    const F = new Float32Array(this.k.memory.buffer);
    let loss = 0;
    const scale = 1 / Math.max(1, labelled);
    heads.forEach((_, h) => {
      F.set(weights[h]!, this.classWeights / 4 + h * 4);
      loss += this.k.softmaxNll(
        b.logits,
        logitColumns,
        h * 4,
        b.labels[h]!,
        this.classWeights + h * 16,
        b.dLogits,
        nodes,
        lambdas[h]! * scale,
      );
    });
    this.backward(b, nodes, dropout);
    return loss;
  }

  /** One Adam step from the gradients of the last pass. @param step from 1 */
  step(step: number, rate: number, decay: number): void {
    const beta1 = 0.9;
    const beta2 = 0.999;
    const root = Math.sqrt(1 - beta2 ** step);
    const r = (rate * root) / (1 - beta1 ** step);
    this.k.adam(this.p, this.g, this.m, this.v, this.layout.size, r, beta1, beta2, 1e-8 * root, decay);
  }

  private at(slice: { offset: number } | undefined): number {
    return slice === undefined ? 0 : this.p + slice.offset * 4;
  }

  private gradientAt(slice: { offset: number }): number {
    return this.g + slice.offset * 4;
  }

  private forward(b: Buffers, nodes: number, dropout: DropoutOptions | undefined, training: boolean): void {
    const { k, architecture: a, layout: l } = this;
    if (l.table) k.embed(this.at(l.table), b.ids, fieldCount, b.z[0]!, b.strides[0]!, nodes, a.inputWidth);
    const inputs = [a.inputWidth, ...a.widths];
    for (let i = 0; i < a.widths.length; i++) {
      const z = b.z[i]!;
      const s = b.strides[i]!;
      const w = inputs[i]!;
      b.relations.forEach((r, c) => {
        k.aggregate(z, s, z + 4 * w * (c + 1), s, r.offsets, r.indices, 0, r.scale, nodes, w, 0);
      });
      const { weight, bias } = l.layers[i]!;
      const next = b.z[i + 1]!;
      const ns = b.strides[i + 1]!;
      const width = weight.columns;
      k.gemm(z, s, this.at(weight), this.at(bias), next, ns, nodes, weight.rows, width, 1);
      if (dropout && dropout.rate > 0) {
        const seed = (Math.imul(dropout.seed, 31) + i) >>> 0;
        k.dropout(next, ns, nodes, width, seed, (dropout.rate * 4294967296) >>> 0, 1 / (1 - dropout.rate));
      }
    }
    const last = b.z.at(-1)!;
    const width = a.widths.at(-1)!;
    if (!l.dense || !l.gamma) {
      k.gemm(
        last,
        width,
        this.at(l.head),
        this.at(l.headBias),
        b.logits,
        logitColumns,
        nodes,
        width,
        logitColumns,
        0,
      );
      return;
    }
    k.gemm(last, width, this.at(l.dense), 0, b.t, width, nodes, width, width, 1);
    if (training) {
      k.batchNorm(b.t, b.xhat, b.y, this.at(l.gamma), this.at(l.beta), this.stats, nodes, width, 1e-5);
      const s = new Float32Array(k.memory.buffer, this.stats, 2 * width);
      for (let j = 0; j < width; j++) {
        this.running[j] = 0.9 * this.running[j]! + 0.1 * s[j]!;
        this.running[width + j] =
          0.9 * this.running[width + j]! + (0.1 * s[width + j]! * nodes) / Math.max(1, nodes - 1);
      }
    } else {
      const p = this.parameters;
      const t = new Float32Array(k.memory.buffer, b.t, nodes * width);
      const y = new Float32Array(k.memory.buffer, b.y, nodes * width);
      for (let j = 0; j < width; j++) {
        const scale = p[l.gamma.offset + j]! / Math.sqrt(this.running[width + j]! + 1e-5);
        const shift = p[l.beta!.offset + j]! - this.running[j]! * scale;
        for (let i = j; i < nodes * width; i += width) y[i] = t[i]! * scale + shift;
      }
    }
    k.gemm(b.y, width, this.at(l.head), 0, b.logits, logitColumns, nodes, width, logitColumns, 0);
  }

  private backward(b: Buffers, nodes: number, dropout: DropoutOptions | undefined): void {
    const { k, architecture: a, layout: l, wt } = this;
    const width = a.widths.at(-1)!;
    const keep = dropout && dropout.rate > 0 ? 1 / (1 - dropout.rate) : 1;
    const features = l.dense ? b.y : b.z.at(-1)!;
    k.gemmWeightGradient(
      features,
      width,
      b.dLogits,
      logitColumns,
      this.gradientAt(l.head),
      nodes,
      width,
      logitColumns,
    );
    if (l.headBias) k.columnSum(b.dLogits, logitColumns, this.gradientAt(l.headBias), nodes, logitColumns);
    k.transpose(this.at(l.head), wt, width, logitColumns);
    let dh = b.dz;
    let other = b.dz2;
    k.gemm(b.dLogits, logitColumns, wt, 0, dh, width, nodes, logitColumns, width, 0);
    if (l.dense && l.gamma && l.beta) {
      k.batchNormGradient(
        dh,
        b.xhat,
        this.at(l.gamma),
        this.stats,
        this.gradientAt(l.gamma),
        this.gradientAt(l.beta),
        nodes,
        width,
      );
      k.reluGradient(b.t, width, dh, width, nodes, width, 1);
      k.gemmWeightGradient(b.z.at(-1)!, width, dh, width, this.gradientAt(l.dense), nodes, width, width);
      k.transpose(this.at(l.dense), wt, width, width);
      k.gemm(dh, width, wt, 0, other, width, nodes, width, width, 0);
      [dh, other] = [other, dh];
    }
    let stride = width;
    const inputs = [a.inputWidth, ...a.widths];
    for (let i = a.widths.length - 1; i >= 0; i--) {
      const { weight, bias } = l.layers[i]!;
      k.reluGradient(b.z[i + 1]!, b.strides[i + 1]!, dh, stride, nodes, weight.columns, keep);
      k.gemmWeightGradient(
        b.z[i]!,
        b.strides[i]!,
        dh,
        stride,
        this.gradientAt(weight),
        nodes,
        weight.rows,
        weight.columns,
      );
      k.columnSum(dh, stride, this.gradientAt(bias), nodes, weight.columns);
      if (i === 0 && !l.table) return;
      k.transpose(this.at(weight), wt, weight.rows, weight.columns);
      k.gemm(dh, stride, wt, 0, other, weight.rows, nodes, weight.columns, weight.rows, 0);
      const w = inputs[i]!;
      b.relations.forEach((r, c) => {
        const from = other + 4 * w * (c + 1);
        k.aggregate(from, weight.rows, other, weight.rows, r.back, r.backIndices, r.scale, 0, nodes, w, 1);
      });
      [dh, other] = [other, dh];
      stride = weight.rows;
    }
    const table = l.table!;
    k.reluGradient(b.z[0]!, b.strides[0]!, dh, stride, nodes, a.inputWidth, 1);
    new Float32Array(k.memory.buffer, this.gradientAt(table), table.rows * table.columns).fill(0);
    k.embedGradient(this.gradientAt(table), b.ids, fieldCount, dh, stride, nodes, a.inputWidth);
  }
}
