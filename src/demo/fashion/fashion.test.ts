import * as ort from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { readModelFile } from '../../model/index.ts';
import { collect, networkOf } from '../run.fixture.ts';
import { evaluate } from '../score.ts';
import { pictures } from './data.ts';
import { SIZE } from './draw.ts';
import { exportFashion, INPUT, OUTPUT } from './export.ts';
import { NormRectify } from './layers.ts';
import { FashionNetwork } from './network.ts';
import { Surface } from './surface.ts';
import { fashionTask } from './task.ts';
import { crossEntropy, feed, trainFashion } from './train.ts';

test('a filled polygon covers its area; a covered pixel has the shade', () => {
  const surface = new Surface(10);
  surface.fill(
    [
      [1.03, 2],
      [8.03, 2],
      [6.5, 9],
    ],
    100,
  );
  const pixels = surface.pixels();
  expect(pixels.reduce((a, b) => a + b, 0) / 100).toBeCloseTo(24.5, 0);
  expect(pixels[3 * 10 + 5]).toBe(100);
  expect(pixels[0]).toBe(0);
});

test('sets depend on seed, set and index only, and share no picture', () => {
  const evaluation = pictures(1, 'evaluation', 40);
  expect(Buffer.compare(pictures(1, 'evaluation', 20).pixels, evaluation.pixels.subarray(0, 20 * 784))).toBe(
    0,
  );
  const seen = new Set<string>();
  for (const set of ['evaluation', 'calibration', 'training'] as const) {
    const { pixels, labels } = pictures(1, set, 40);
    expect([...labels.subarray(0, 11)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    for (let i = 0; i < 40; i++)
      seen.add(Buffer.from(pixels.subarray(i * 784, (i + 1) * 784)).toString('base64'));
  }
  expect(seen.size).toBe(120);
});

test('gradients agree with central differences', () => {
  const batch = 4;
  const network = new FashionNetwork(batch, new Random(3));
  const data = pictures(3, 'training', batch);
  const chosen = [0, 1, 2, 3];
  const loss = (): number => {
    network.forward(true);
    return crossEntropy(network, chosen, data.labels).loss;
  };
  feed(network, data, chosen);
  loss();
  network.backward();
  // Along the gradient of each parameter the loss must rise by its squared length; a random direction would cancel.
  for (const { name, values, gradients } of network.parameters) {
    const g = gradients.slice();
    const length = Math.sqrt(g.reduce((a, b) => a + b * b, 0));
    const start = values.slice();
    const h = 2e-3;
    const along = (sign: number): number => {
      for (let i = 0; i < values.length; i++) values[i] = start[i]! + (sign * h * g[i]!) / length;
      return loss();
    };
    const slope = (along(1) - along(-1)) / (2 * h);
    values.set(start);
    // The scale before the depthwise convolution has no slope: the normalization after it takes any factor out.
    expect(Math.abs(slope - length), name).toBeLessThan(0.08 * length + 2e-3);
  }
});

describeTrained();

function describeTrained(): void {
  let first: ReturnType<typeof trainFashion>;
  beforeAll(() => {
    first = trainFashion({ pictures: 320, epochs: 2, batch: 16 });
  });

  test('a little training lowers the loss, and the same options give the same bytes', () => {
    expect(first.losses[1]!).toBeLessThan(0.8 * first.losses[0]!);
    const second = trainFashion({ pictures: 320, epochs: 2, batch: 16 });
    expect(Buffer.compare(exportFashion(first.network), exportFashion(second.network))).toBe(0);
  });

  test('ONNX Runtime computes from the written file what the trainer computes', async () => {
    const { network } = first;
    const data = pictures(9, 'evaluation', 16);
    feed(
      network,
      data,
      Array.from({ length: 16 }, (_, i) => i),
    );
    network.forward(false);
    const session = await ort.InferenceSession.create(exportFashion(network), { logSeverityLevel: 3 });
    const input = new ort.Tensor('float32', network.input.values.slice(), [16, 1, SIZE, SIZE]);
    const output = (await session.run({ [INPUT]: input }))[OUTPUT]!;
    expect(output.dims).toEqual([16, 10]);
    const worst = Math.max(
      ...Array.from(output.data as Float32Array, (v, i) => Math.abs(v - network.logits.values[i]!)),
    );
    expect(worst).toBeLessThan(1e-3);
    expect(network.layers.some(l => l instanceof NormRectify)).toBe(true);
  });
}

test('the committed network names most pictures of a seed it was not trained with', async () => {
  const task = fashionTask({ seed: 77, evaluationSize: 300, calibrationSize: 20 });
  const s = await evaluate(task, await networkOf(task));
  expect(s.exact.value).toBeGreaterThan(82);
  expect((await collect(task.calibration({ batch: 7 }))).map(b => b.labels.length)).toEqual([7, 7, 6]);
});

test('the committed network keeps its batch normalization and has a depthwise convolution', () => {
  const nodes = [...readModelFile(fashionTask().model).nodes];
  expect(nodes.filter(n => n.is('BatchNormalization')).length).toBe(5);
  expect(nodes.some(n => n.is('Conv') && n.int('group', 1) === 32)).toBe(true);
});
