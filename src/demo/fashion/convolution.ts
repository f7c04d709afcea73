// Convolutions of the trainer: dense 3×3 and 1×1 by unfolding to a matrix product, depthwise 3×3 directly.
// Stride 1, zero padding that keeps the size, no bias (batch normalization follows).

import type { Random } from '../../core/random.ts';
import { type Layer, type Parameter, type Planes, parameter, planes, transpose } from './layer.ts';
import type { MatrixArena } from './matmul.ts';

/** Weights [out, in, k, k], He-normal start. @param kernel 1 or 3 */
export class Convolution implements Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[];
  private readonly arena: MatrixArena;
  private readonly input: Planes;
  private readonly kernel: number;
  private readonly weight: Parameter;
  private readonly turned: Float32Array;
  /** Unfolded input, [in·k·k][batch·size·size]; the input itself for 1×1. */
  private readonly columns: Float32Array;
  private readonly columnGradients: Float32Array;

  constructor(
    arena: MatrixArena,
    name: string,
    input: Planes,
    outputs: number,
    kernel: number,
    random: Random,
  ) {
    const { channels, size, batch } = input;
    const depth = channels * kernel * kernel;
    this.arena = arena;
    this.input = input;
    this.kernel = kernel;
    this.weight = parameter(arena, `${name}.weight`, [outputs, channels, kernel, kernel]);
    startNormal(this.weight.values, Math.sqrt(2 / depth), random);
    this.parameters = [this.weight];
    this.turned = arena.array(outputs * depth);
    this.columns = kernel === 1 ? input.values : arena.array(depth * batch * size * size);
    this.columnGradients = kernel === 1 ? input.gradients : arena.array(depth * batch * size * size);
    this.output = planes(arena, outputs, size, batch);
  }

  forward(): void {
    const { outputs, depth, places } = this.shape();
    if (this.kernel !== 1) unfold(this.input, this.columns);
    this.arena.multiply(this.weight.values, this.columns, this.output.values, outputs, places, depth);
  }

  backward(): void {
    const { outputs, depth, places } = this.shape();
    const { gradients } = this.output;
    this.arena.multiplyTransposed(gradients, this.columns, this.weight.gradients, outputs, depth, places);
    transpose(this.weight.values, this.turned, outputs, depth);
    this.arena.multiply(this.turned, gradients, this.columnGradients, depth, places, outputs);
    if (this.kernel !== 1) fold(this.columnGradients, this.input);
  }

  private shape(): { outputs: number; depth: number; places: number } {
    const { channels, size, batch } = this.input;
    return {
      outputs: this.output.channels,
      depth: channels * this.kernel * this.kernel,
      places: batch * size * size,
    };
  }
}

/** Weights [channels, 1, 3, 3]: every channel is filtered by itself. */
export class Depthwise implements Layer {
  readonly output: Planes;
  readonly parameters: readonly Parameter[];
  private readonly input: Planes;
  private readonly weight: Parameter;

  constructor(arena: MatrixArena, name: string, input: Planes, random: Random) {
    this.input = input;
    this.weight = parameter(arena, `${name}.weight`, [input.channels, 1, 3, 3]);
    startNormal(this.weight.values, Math.sqrt(2 / 9), random);
    this.parameters = [this.weight];
    this.output = planes(arena, input.channels, input.size, input.batch);
  }

  forward(): void {
    const { values } = this.output;
    values.fill(0);
    this.visit((channel, tap, from, to) => {
      values[to]! += this.weight.values[channel * 9 + tap]! * this.input.values[from]!;
    });
  }

  backward(): void {
    const { gradients } = this.output;
    this.input.gradients.fill(0);
    const sums = new Float64Array(this.weight.values.length);
    this.visit((channel, tap, from, to) => {
      const g = gradients[to]!;
      sums[channel * 9 + tap]! += g * this.input.values[from]!;
      this.input.gradients[from]! += g * this.weight.values[channel * 9 + tap]!;
    });
    this.weight.gradients.set(sums);
  }

  private visit(touch: (channel: number, tap: number, from: number, to: number) => void): void {
    const { channels, size, batch } = this.input;
    for (let channel = 0; channel < channels; channel++) {
      for (let tap = 0; tap < 9; tap++) {
        eachPlace(size, batch, tap, (from, to) => {
          const plane = channel * batch * size * size;
          touch(channel, tap, plane + from, plane + to);
        });
      }
    }
  }
}

function startNormal(values: Float32Array, deviation: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
}

/** All pairs (input place, output place) of one tap (0..8) of a padded 3×3 filter, inside one channel. */
function eachPlace(
  size: number,
  batch: number,
  tap: number,
  touch: (from: number, to: number) => void,
): void {
  const dy = Math.floor(tap / 3) - 1;
  const dx = (tap % 3) - 1;
  for (let b = 0; b < batch; b++) {
    for (let y = Math.max(0, -dy); y < Math.min(size, size - dy); y++) {
      const to = (b * size + y) * size;
      const from = to + dy * size + dx;
      for (let x = Math.max(0, -dx); x < Math.min(size, size - dx); x++) touch(from + x, to + x);
    }
  }
}

/** columns[channel·9 + tap][place] = the input at the tap's place, 0 in the padding. */
function unfold(input: Planes, columns: Float32Array): void {
  const { channels, size, batch, values } = input;
  const places = batch * size * size;
  columns.fill(0);
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < 9; tap++) {
      const row = (channel * 9 + tap) * places;
      const plane = channel * places;
      eachPlace(size, batch, tap, (from, to) => {
        columns[row + to] = values[plane + from]!;
      });
    }
  }
}

/** The adjoint of `unfold`: adds the columns' gradients up into the input's. */
function fold(columns: Float32Array, input: Planes): void {
  const { channels, size, batch, gradients } = input;
  const places = batch * size * size;
  gradients.fill(0);
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < 9; tap++) {
      const row = (channel * 9 + tap) * places;
      const plane = channel * places;
      eachPlace(size, batch, tap, (from, to) => {
        gradients[plane + from]! += columns[row + to]!;
      });
    }
  }
}
