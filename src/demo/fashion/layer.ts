// What the trainer's layers share: planes of activations with their gradients, parameters, and the layer interface.
// Activations lie channel by channel, [channels][batch][size][size], so that a whole batch is one matrix product.

import type { MatrixArena } from './matmul.ts';

export interface Parameter {
  name: string;
  /** Dimensions as ONNX has them. */
  dims: readonly number[];
  values: Float32Array;
  gradients: Float32Array;
}

export interface Planes {
  channels: number;
  size: number;
  batch: number;
  values: Float32Array;
  gradients: Float32Array;
}

export interface Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[];
  /** Fills `output.values`. In training, batch normalization uses and tracks the statistics of the batch. */
  forward(training: boolean): void;
  /** Reads `output.gradients`; overwrites the input's and the parameters' gradients. */
  backward(): void;
}

export function planes(arena: MatrixArena, channels: number, size: number, batch: number): Planes {
  const length = channels * size * size * batch;
  return { channels, size, batch, values: arena.array(length), gradients: arena.array(length) };
}

export function parameter(arena: MatrixArena, name: string, dims: readonly number[]): Parameter {
  const length = dims.reduce((a, b) => a * b, 1);
  return { name, dims, values: arena.array(length), gradients: arena.array(length) };
}

/** to[columns×rows] = from[rows×columns]ᵀ */
export function transpose(from: Float32Array, to: Float32Array, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c]!;
}
