// The kernel interface of the graph neural network room; dist/kernels/gnn.wasm and reference.ts both implement it.
// Addresses are byte offsets into the memory, strides and counts are in elements. Refuses to own memory: see arena.ts.

import { loadKernel } from '../../kernels/load.ts';

/** Every function of src/kernels/assembly/gnn.ts, with the meanings documented there. */
export interface GnnKernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  heapBase(): number;
  gemm(
    x: number,
    xs: number,
    w: number,
    b: number,
    y: number,
    ys: number,
    rows: number,
    inner: number,
    columns: number,
    relu: number,
  ): void;
  gemmWeightGradient(
    x: number,
    xs: number,
    dy: number,
    dys: number,
    dw: number,
    rows: number,
    inner: number,
    columns: number,
  ): void;
  transpose(w: number, wt: number, inner: number, columns: number): void;
  columnSum(x: number, xs: number, out: number, rows: number, columns: number): void;
  aggregate(
    h: number,
    hs: number,
    out: number,
    os: number,
    offsets: number,
    indices: number,
    sourceScale: number,
    rowScale: number,
    rows: number,
    columns: number,
    accumulate: number,
  ): void;
  embed(
    table: number,
    ids: number,
    count: number,
    out: number,
    os: number,
    rows: number,
    columns: number,
  ): void;
  embedGradient(
    dTable: number,
    ids: number,
    count: number,
    dy: number,
    dys: number,
    rows: number,
    columns: number,
  ): void;
  dropout(
    y: number,
    ys: number,
    rows: number,
    columns: number,
    seed: number,
    threshold: number,
    scale: number,
  ): void;
  reluGradient(
    y: number,
    ys: number,
    dy: number,
    dys: number,
    rows: number,
    columns: number,
    scale: number,
  ): void;
  batchNorm(
    x: number,
    xhat: number,
    y: number,
    gamma: number,
    beta: number,
    stats: number,
    rows: number,
    columns: number,
    epsilon: number,
  ): void;
  batchNormGradient(
    dy: number,
    xhat: number,
    gamma: number,
    stats: number,
    dGamma: number,
    dBeta: number,
    rows: number,
    columns: number,
  ): void;
  softmaxNll(
    logits: number,
    stride: number,
    column: number,
    labels: number,
    weights: number,
    dLogits: number,
    rows: number,
    lambda: number,
  ): number;
  adam(
    p: number,
    g: number,
    m: number,
    v: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
  ): void;
}

/** A fresh instance of the WASM kernels with its own memory. */
export function wasmKernels(): GnnKernels & { memory: WebAssembly.Memory } {
  return loadKernel<GnnKernels>('gnn') as GnnKernels & { memory: WebAssembly.Memory };
}
