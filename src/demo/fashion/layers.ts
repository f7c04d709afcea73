// The other layers of the trainer: batch normalization with rectifier, 2×2 max pooling, flattening, dense layers.

import type { Random } from '../../core/random.ts';
import { type Layer, type Parameter, type Planes, parameter, planes, transpose } from './layer.ts';
import type { MatrixArena } from './matmul.ts';

export const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** Batch normalization (Ioffe and Szegedy 2015) followed by max(0, x). Parameters: scale, then bias. */
export class NormRectify implements Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[];
  /** Running statistics, used outside training and written to the ONNX file. */
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly name: string;
  private readonly input: Planes;
  private readonly normal: Float32Array;
  private readonly inverse: Float64Array;

  constructor(arena: MatrixArena, name: string, input: Planes) {
    const { channels, size, batch } = input;
    this.name = name;
    this.input = input;
    const scale = parameter(arena, `${name}.scale`, [channels]);
    scale.values.fill(1);
    this.parameters = [scale, parameter(arena, `${name}.bias`, [channels])];
    this.mean = new Float32Array(channels);
    this.variance = new Float32Array(channels).fill(1);
    this.output = planes(arena, channels, size, batch);
    this.normal = new Float32Array(this.output.values.length);
    this.inverse = new Float64Array(channels);
  }

  forward(training: boolean): void {
    const { channels, values } = this.input;
    const places = values.length / channels;
    const [scale, bias] = this.parameters as [Parameter, Parameter];
    for (let c = 0; c < channels; c++) {
      const from = c * places;
      let mean = this.mean[c]!;
      let variance = this.variance[c]!;
      if (training) {
        let sum = 0;
        for (let i = from; i < from + places; i++) sum += values[i]!;
        mean = sum / places;
        let squares = 0;
        for (let i = from; i < from + places; i++) squares += (values[i]! - mean) ** 2;
        variance = squares / places;
        this.mean[c]! += MOMENTUM * (mean - this.mean[c]!);
        this.variance[c]! += MOMENTUM * (variance - this.variance[c]!);
      }
      const inverse = 1 / Math.sqrt(variance + EPSILON);
      this.inverse[c] = inverse;
      const s = scale.values[c]!;
      const b = bias.values[c]!;
      for (let i = from; i < from + places; i++) {
        const n = (values[i]! - mean) * inverse;
        this.normal[i] = n;
        const y = n * s + b;
        this.output.values[i] = Math.max(0, y);
      }
    }
  }

  backward(): void {
    const { channels } = this.input;
    const { values, gradients } = this.output;
    const places = values.length / channels;
    const [scale, bias] = this.parameters as [Parameter, Parameter];
    for (let c = 0; c < channels; c++) {
      const from = c * places;
      let sum = 0;
      let product = 0;
      for (let i = from; i < from + places; i++) {
        if (values[i]! <= 0) continue;
        sum += gradients[i]!;
        product += gradients[i]! * this.normal[i]!;
      }
      bias.gradients[c] = sum;
      scale.gradients[c] = product;
      const factor = scale.values[c]! * this.inverse[c]!;
      const meanSum = sum / places;
      const meanProduct = product / places;
      for (let i = from; i < from + places; i++) {
        const g = values[i]! > 0 ? gradients[i]! : 0;
        this.input.gradients[i] = factor * (g - meanSum - this.normal[i]! * meanProduct);
      }
    }
  }
}

/** Largest of each 2×2 block; an odd last row and column are left out. */
export class MaxPool implements Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[] = [];
  private readonly input: Planes;
  private readonly chosen: Uint32Array;

  constructor(arena: MatrixArena, input: Planes) {
    this.input = input;
    this.output = planes(arena, input.channels, input.size >> 1, input.batch);
    this.chosen = new Uint32Array(this.output.values.length);
  }

  forward(): void {
    const { size, values } = this.input;
    const { size: half, values: out } = this.output;
    const images = this.input.channels * this.input.batch;
    for (let image = 0, o = 0; image < images; image++) {
      for (let y = 0; y < half; y++) {
        for (let x = 0; x < half; x++, o++) {
          const first = (image * size + 2 * y) * size + 2 * x;
          let best = first;
          for (const i of [first + 1, first + size, first + size + 1])
            if (values[i]! > values[best]!) best = i;
          this.chosen[o] = best;
          out[o] = values[best]!;
        }
      }
    }
  }

  backward(): void {
    this.input.gradients.fill(0);
    for (let o = 0; o < this.chosen.length; o++)
      this.input.gradients[this.chosen[o]!] = this.output.gradients[o]!;
  }
}

/** [channels][batch][places] to rows [batch][channels·places]. */
export class Flatten implements Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[] = [];
  private readonly input: Planes;

  constructor(arena: MatrixArena, input: Planes) {
    this.input = input;
    this.output = planes(arena, input.channels * input.size * input.size, 1, input.batch);
  }

  forward(): void {
    this.visit((planar, row) => {
      this.output.values[row] = this.input.values[planar]!;
    });
  }

  backward(): void {
    this.visit((planar, row) => {
      this.input.gradients[planar] = this.output.gradients[row]!;
    });
  }

  private visit(touch: (planar: number, row: number) => void): void {
    const { channels, size, batch } = this.input;
    const places = size * size;
    for (let c = 0, planar = 0; c < channels; c++) {
      for (let b = 0; b < batch; b++) {
        const row = (b * channels + c) * places;
        for (let p = 0; p < places; p++, planar++) touch(planar, row + p);
      }
    }
  }
}

/** y = x·Wᵀ + b on rows, weights [out, in]; then max(0, y) when `rectify`. */
export class Dense implements Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[];
  private readonly arena: MatrixArena;
  private readonly input: Planes;
  readonly rectify: boolean;
  private readonly turned: Float32Array;

  constructor(
    arena: MatrixArena,
    name: string,
    input: Planes,
    outputs: number,
    rectify: boolean,
    random: Random,
  ) {
    this.arena = arena;
    this.input = input;
    this.rectify = rectify;
    const weight = parameter(arena, `${name}.weight`, [outputs, input.channels]);
    const deviation = Math.sqrt((rectify ? 2 : 1) / input.channels);
    for (let i = 0; i < weight.values.length; i++) weight.values[i] = deviation * random.normal();
    this.parameters = [weight, parameter(arena, `${name}.bias`, [outputs])];
    this.output = planes(arena, outputs, 1, input.batch);
    this.turned = arena.array(outputs * input.batch);
  }

  forward(): void {
    const [weight, bias] = this.parameters as [Parameter, Parameter];
    const { channels, batch } = this.input;
    const { channels: outputs, values } = this.output;
    this.arena.multiplyTransposed(this.input.values, weight.values, values, batch, outputs, channels);
    for (let i = 0; i < values.length; i++) {
      const y = values[i]! + bias.values[i % outputs]!;
      values[i] = this.rectify && y < 0 ? 0 : y;
    }
  }

  backward(): void {
    const [weight, bias] = this.parameters as [Parameter, Parameter];
    const { channels, batch } = this.input;
    const { channels: outputs, values, gradients } = this.output;
    if (this.rectify) for (let i = 0; i < values.length; i++) if (values[i]! <= 0) gradients[i] = 0;
    bias.gradients.fill(0);
    for (let i = 0; i < gradients.length; i++) bias.gradients[i % outputs]! += gradients[i]!;
    transpose(gradients, this.turned, batch, outputs);
    this.arena.multiply(this.turned, this.input.values, weight.gradients, outputs, channels, batch);
    this.arena.multiply(gradients, weight.values, this.input.gradients, batch, channels, outputs);
  }
}
