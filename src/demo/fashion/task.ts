// The fashion task: our own small network on drawn pictures of ten kinds of clothing; answers are the kinds' names.

import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../core/places.ts';
import { topClasses } from '../classes.ts';
import { checkSizes } from '../options.ts';
import type { Picture } from '../picture.ts';
import { type Batch, outputNamed, type SetOptions, type Task } from '../task.ts';
import { stack } from '../thumbnail.ts';
import { type Pictures, pictures, type SetName, toInput } from './data.ts';
import { SIZE } from './draw.ts';
import { INPUT, OUTPUT } from './export.ts';
import { garmentNames } from './garments.ts';

export interface FashionOptions {
  /** Seed of the pictures; default 1. Training drew from a stream of its own. */
  seed?: number | undefined;
  /** Evaluation pictures; default 1000. */
  evaluationSize?: number | undefined;
  /** Calibration pictures; default 128. */
  calibrationSize?: number | undefined;
}

/** The committed network, made by `npm run train:fashion`. */
export const fashionModel = fileURLToPath(new URL('assets/fashion-cnn.onnx', packageRoot));

const BATCH = 50;
const PIXELS = SIZE * SIZE;

export function fashionTask(options: FashionOptions = {}): Task {
  const { seed = 1, evaluationSize = 1000, calibrationSize = 128 } = options;
  checkSizes({ evaluationSize, calibrationSize });
  const sizes = { evaluation: evaluationSize, calibration: calibrationSize };
  const drawn = new Map<SetName, Pictures>();
  const setOf = (name: 'evaluation' | 'calibration'): Pictures => {
    let set = drawn.get(name);
    if (set === undefined) drawn.set(name, (set = pictures(seed, name, sizes[name])));
    return set;
  };

  async function* batches(name: 'evaluation' | 'calibration', set: SetOptions): AsyncIterable<Batch> {
    const { pixels, labels } = setOf(name);
    const total = Math.min(set.samples ?? labels.length, labels.length);
    const most = set.batch ?? BATCH;
    for (let at = 0; at < total; at += most) {
      const count = Math.min(most, total - at);
      const data = new Float32Array(count * PIXELS);
      toInput(pixels, at * PIXELS, data.length, data, 0);
      yield {
        inputs: { [INPUT]: { type: 'float32', dims: [count, 1, SIZE, SIZE], data } },
        labels: Array.from(labels.subarray(at, at + count), l => garmentNames[l]!),
        indices: Array.from({ length: count }, (_, i) => at + i),
      };
    }
  }

  return {
    name: 'fashion',
    title: `Small clothing classifier on ${evaluationSize} drawn 28x28 pictures`,
    model: fashionModel,
    inputName: INPUT,
    outputName: OUTPUT,
    metric: 'top1',
    classes: garmentNames,
    calibrationSize,
    evaluationSize,
    calibration: (set = {}) => batches('calibration', set),
    evaluation: (set = {}) => batches('evaluation', set),
    decode: outputs => topClasses(outputNamed(outputs, OUTPUT), garmentNames),
    async thumbnail({ samples = 30 } = {}) {
      const { pixels, labels } = setOf('evaluation');
      const indices = Array.from({ length: Math.min(samples, labels.length) }, (_, i) => i);
      return {
        url: stack(
          indices.map(i => enlarged(pixels.subarray(i * PIXELS))),
          10,
        ),
        indices,
      };
    },
  };
}

/** A 28×28 grey picture at twice the size, as RGB. */
function enlarged(grey: Uint8Array): Picture {
  const size = 2 * SIZE;
  const rgb = new Uint8Array(3 * size * size);
  for (let i = 0; i < size * size; i++) {
    const value = grey[(Math.floor(i / size) >> 1) * SIZE + ((i % size) >> 1)]!;
    rgb.fill(value, 3 * i, 3 * i + 3);
  }
  return { width: size, height: size, pixels: rgb };
}
