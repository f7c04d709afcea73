// What a demo task is: a network, exactly labelled batches, and how its outputs turn into answers that can be scored.
// Refuses to run a network: `evaluate` is handed a function that does.

/** A dense fp32 tensor, row-major. */
export interface Tensor {
  dims: readonly number[];
  data: Float32Array;
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

export type Outputs = Record<string, Tensor>;

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
