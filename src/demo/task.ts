// What a demo task is: a network, exactly labelled batches, and how its outputs turn into answers that can be scored.
// Refuses to run a network: `evaluate` is handed a function that does.

import { InputError } from '../core/errors.ts';

/** A dense fp32 tensor, row-major; one of the tensors a session of the model room takes. */
export interface Tensor {
  readonly type: 'float32';
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Samples that run together. */
export interface Batch {
  /** Network inputs by name. */
  inputs: Record<string, Tensor>;
  /** The right answer of each sample: the line's text, or the name of its class. */
  labels: readonly string[];
  /** Place of each sample in its set; the same whatever the subset or batch size. */
  indices: readonly number[];
}

/** Outputs of a network by name, as a session gives them; those that are decoded must be fp32. */
export type Outputs = Readonly<Record<string, { readonly dims: readonly number[]; readonly data: unknown }>>;

/** One fp32 output. @throws InputError when it is missing or of another type */
export function outputNamed(outputs: Outputs, name: string): Tensor {
  const output = outputs[name];
  if (output === undefined) throw new InputError(`the network gave no output '${name}'`);
  if (!(output.data instanceof Float32Array)) {
    throw new InputError(`output '${name}' has another element type`, { expected: 'float32' });
  }
  return { type: 'float32', dims: output.dims, data: output.data };
}

export interface SetOptions {
  /** Only the first so many samples; default all of them. */
  samples?: number | undefined;
  /** Most samples in a batch; default the task's own. */
  batch?: number | undefined;
}

export interface Task {
  readonly name: string;
  /** One line for people: network and data. */
  readonly title: string;
  /** Path of the fp32 ONNX file. */
  readonly model: string;
  readonly inputName: string;
  readonly outputName: string;
  /** `lines`: text compared letter by letter; `top1`: one class out of a few. */
  readonly metric: 'lines' | 'top1';
  /** Names of the classes, for `top1` tasks. */
  readonly classes?: readonly string[] | undefined;
  readonly calibrationSize: number;
  readonly evaluationSize: number;
  /** Samples no evaluation sample shares a text or a drawing with. */
  calibration(options?: SetOptions): AsyncIterable<Batch>;
  evaluation(options?: SetOptions): AsyncIterable<Batch>;
  /** The answer for each sample of the batch. */
  decode(outputs: Outputs, batch: Batch): string[];
  /** Some evaluation samples side by side, as a PNG data URL, with their indices in reading order. */
  thumbnail(options?: { samples?: number | undefined }): Promise<{ url: string; indices: number[] }>;
}
