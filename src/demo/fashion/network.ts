// The fashion network: two dense convolutions, a depthwise-separable block, a third convolution and two dense layers,
// every convolution followed by batch normalization and a rectifier. About 100 thousand weights.

import type { Random } from '../../core/random.ts';
import { Convolution, Depthwise } from './convolution.ts';
import { SIZE } from './draw.ts';
import { garmentNames } from './garments.ts';
import type { Layer, Parameter, Planes } from './layer.ts';
import { planes } from './layer.ts';
import { Dense, Flatten, MaxPool, NormRectify } from './layers.ts';
import { MatrixArena } from './matmul.ts';

export class FashionNetwork {
  readonly batch: number;
  readonly input: Planes;
  readonly layers: readonly Layer[];
  /** Scores before softmax, rows of ten. */
  readonly logits: Planes;

  constructor(batch: number, random: Random) {
    this.batch = batch;
    const arena = new MatrixArena(batch * 260_000 + 600_000, 576);
    this.input = planes(arena, 1, SIZE, batch);
    const layers: Layer[] = [];
    let at = this.input;
    const add = (layer: Layer): void => {
      layers.push(layer);
      at = layer.output;
    };
    const convolve = (name: string, outputs: number, kernel: number): void => {
      add(new Convolution(arena, name, at, outputs, kernel, random));
      add(new NormRectify(arena, `${name}.norm`, at));
    };
    convolve('stem', 16, 3);
    add(new MaxPool(arena, at));
    convolve('body', 32, 3);
    add(new MaxPool(arena, at));
    add(new Depthwise(arena, 'depthwise', at, random));
    add(new NormRectify(arena, 'depthwise.norm', at));
    convolve('pointwise', 64, 1);
    convolve('top', 64, 3);
    add(new MaxPool(arena, at));
    add(new Flatten(arena, at));
    add(new Dense(arena, 'hidden', at, 96, true, random));
    add(new Dense(arena, 'classes', at, garmentNames.length, false, random));
    this.layers = layers;
    this.logits = at;
  }

  get parameters(): Parameter[] {
    return this.layers.flatMap(layer => [...layer.parameters]);
  }

  forward(training: boolean): void {
    for (const layer of this.layers) layer.forward(training);
  }

  backward(): void {
    for (let i = this.layers.length - 1; i >= 0; i--) this.layers[i]!.backward();
  }
}
