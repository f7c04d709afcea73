// Trains the fashion network: cross-entropy, Adam (Kingma and Ba 2015), learning rate falling linearly to 0.
// Everything is seeded and single-threaded: the same options give the same weights, bit for bit.

import { AbortedError } from '../../core/errors.ts';
import { noProgress, type ProgressFactory } from '../../core/progress.ts';
import { Random } from '../../core/random.ts';
import { type Pictures, pictures, toInput } from './data.ts';
import { SIZE } from './draw.ts';
import { garmentNames } from './garments.ts';
import { FashionNetwork } from './network.ts';

export interface TrainOptions {
  seed?: number | undefined;
  /** Pictures drawn for training; default 24000. */
  pictures?: number | undefined;
  /** Passes over them; default 3. */
  epochs?: number | undefined;
  /** Pictures a step; default 64. */
  batch?: number | undefined;
  /** First learning rate; default 0.003. */
  rate?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface Training {
  network: FashionNetwork;
  /** Mean cross-entropy (nats) of each epoch, while training. */
  losses: number[];
  /** Accuracy (percent) of the last epoch, while training. */
  accuracy: number;
  steps: number;
  seconds: number;
}

/** @throws AbortedError when the signal fires */
export function trainFashion(options: TrainOptions = {}): Training {
  const { seed = 1, pictures: count = 24_000, epochs = 3, batch = 64, rate = 0.003 } = options;
  const start = performance.now();
  const data = pictures(seed, 'training', count);
  const random = new Random(seed).fork();
  const network = new FashionNetwork(batch, random);
  const optimizer = new Adam(network);
  const perEpoch = Math.floor(count / batch);
  const total = perEpoch * epochs;
  const progress = (options.progress ?? noProgress)('training', total, 'steps');
  const order = Array.from({ length: count }, (_, i) => i);
  const losses: number[] = [];
  let right = 0;
  try {
    for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
      random.shuffle(order);
      right = 0;
      let loss = 0;
      for (let b = 0; b < perEpoch; b++, step++) {
        if (options.signal?.aborted) throw new AbortedError('training stopped');
        const chosen = order.slice(b * batch, (b + 1) * batch);
        feed(network, data, chosen);
        network.forward(true);
        const result = crossEntropy(network, chosen, data.labels);
        loss += result.loss;
        right += result.right;
        network.backward();
        optimizer.step(rate * (1 - step / total));
        progress.update(step + 1, `loss ${(loss / (b + 1)).toFixed(3)}`);
      }
      losses.push(loss / perEpoch);
    }
  } finally {
    progress.end();
  }
  const accuracy = (100 * right) / (perEpoch * batch);
  return { network, losses, accuracy, steps: total, seconds: (performance.now() - start) / 1000 };
}

/** Copies pictures into the network's input. */
export function feed(network: FashionNetwork, data: Pictures, chosen: readonly number[]): void {
  const size = SIZE * SIZE;
  chosen.forEach((index, i) => {
    toInput(data.pixels, index * size, size, network.input.values, i * size);
  });
}

/** Mean loss and number of right answers; leaves the gradient of the mean loss in the logits' gradients. */
export function crossEntropy(
  network: FashionNetwork,
  chosen: readonly number[],
  labels: Uint8Array,
): { loss: number; right: number } {
  const classes = garmentNames.length;
  const { values, gradients } = network.logits;
  let loss = 0;
  let right = 0;
  chosen.forEach((index, i) => {
    const row = values.subarray(i * classes, (i + 1) * classes);
    const top = Math.max(...row);
    const powers = Array.from(row, v => Math.exp(v - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    const label = labels[index]!;
    loss -= Math.log(powers[label]! / sum);
    if (row[label] === top) right++;
    powers.forEach((p, c) => {
      gradients[i * classes + c] = (p / sum - (c === label ? 1 : 0)) / chosen.length;
    });
  });
  return { loss: loss / chosen.length, right };
}

class Adam {
  private readonly network: FashionNetwork;
  private readonly first: Float32Array[];
  private readonly second: Float32Array[];
  private count = 0;

  constructor(network: FashionNetwork) {
    this.network = network;
    this.first = network.parameters.map(p => new Float32Array(p.values.length));
    this.second = network.parameters.map(p => new Float32Array(p.values.length));
  }

  step(rate: number): void {
    this.count++;
    const correction = Math.sqrt(1 - 0.999 ** this.count) / (1 - 0.9 ** this.count);
    this.network.parameters.forEach(({ values, gradients }, k) => {
      const m = this.first[k]!;
      const v = this.second[k]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradients[i]!;
        m[i]! += 0.1 * (g - m[i]!);
        v[i]! += 0.001 * (g * g - v[i]!);
        values[i]! -= (rate * correction * m[i]!) / (Math.sqrt(v[i]!) + 1e-8);
      }
    });
  }
}
