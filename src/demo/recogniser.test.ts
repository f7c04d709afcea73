import { expect, test } from 'vitest';
import { typefaces } from './fonts.ts';
import { recogniserTask, recogniserWear } from './recogniser.ts';
import { collect, networkOf } from './run.fixture.ts';
import { evaluate } from './score.ts';
import { drawn, lineSets } from './textset.ts';

test('no text is in both sets, none occurs twice, and every typeface is used', () => {
  const { calibration, evaluation } = lineSets(1, 64, 320);
  const texts = [...calibration, ...evaluation].map(l => l.text);
  expect(new Set(texts).size).toBe(384);
  for (const set of [calibration, evaluation])
    expect(new Set(set.map(l => l.face)).size).toBe(typefaces.length);
  expect(texts.every(t => /^[\x20-\x7e]{7,32}$/.test(t))).toBe(true);
});

test('a seed fixes every pixel; another seed gives other lines', () => {
  const line = lineSets(5, 1, 4).evaluation[3]!;
  expect(lineSets(5, 1, 4).evaluation[3]).toEqual(line);
  const a = drawn(line, recogniserWear);
  const b = drawn(line, recogniserWear);
  expect(Buffer.compare(a.pixels, b.pixels)).toBe(0);
  expect(lineSets(6, 1, 4).evaluation[3]!.text).not.toBe(line.text);
});

test('a sample is the same whatever the subset and the batch size', async () => {
  const task = recogniserTask({ evaluationSize: 24, calibrationSize: 4 });
  const alone = new Map<number, { label: string; data: Float32Array }>();
  for (const batch of await collect(task.evaluation({ batch: 1 }))) {
    alone.set(batch.indices[0]!, { label: batch.labels[0]!, data: batch.inputs['x']!.data });
  }
  expect([...alone.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  const subset = await collect(task.evaluation({ samples: 17, batch: 8 }));
  expect(subset.flatMap(b => b.indices).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 17 }, (_, i) => i),
  );
  for (const batch of subset) {
    const { dims, data } = batch.inputs['x']!;
    const [n, channels, height, width] = dims as [number, number, number, number];
    expect([n, channels, height, width % 32]).toEqual([batch.labels.length, 3, 48, 0]);
    const size = data.length / n;
    batch.indices.forEach((index, i) => {
      const one = alone.get(index)!;
      expect(batch.labels[i]).toBe(one.label);
      expect(Buffer.compare(bytes(data.subarray(i * size, (i + 1) * size)), bytes(one.data))).toBe(0);
    });
    expect(data.every(v => v >= -1 && v <= 1)).toBe(true);
  }
});

test('the fp32 network reads most lines of another seed', async () => {
  const task = recogniserTask({ seed: 77, evaluationSize: 40, calibrationSize: 1 });
  const s = await evaluate(task, await networkOf(task));
  expect(s.samples).toBe(40);
  expect(s.exact.value).toBeGreaterThan(80);
  expect(s.characters!.value).toBeGreaterThan(95);
});

test('the thumbnail is a PNG of evaluation lines', async () => {
  const { url, indices } = await recogniserTask({ evaluationSize: 6, calibrationSize: 1 }).thumbnail({
    samples: 4,
  });
  expect(indices).toEqual([0, 1, 2, 3]);
  const png = Buffer.from(url.replace('data:image/png;base64,', ''), 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
});

test('absurd set sizes are refused', () => {
  expect(() => recogniserTask({ evaluationSize: 0 })).toThrow('evaluationSize is 0');
  expect(() => recogniserTask({ calibrationSize: 1e9 })).toThrow('calibrationSize');
});

function bytes(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
