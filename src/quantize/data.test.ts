import { expect, test } from 'vitest';
import { type DataBatch, type DataSource, float32Tensor, runGraphOnce } from '../model/index.ts';
import { noise, smallNetwork } from '../model/networks.fixture.ts';
import { evaluateData } from './data.ts';
import { compareOutputs } from './evaluate.ts';

/** Noise in batches of one to three samples; every third label is moved away from the network's own answer. */
async function labelled(count: number): Promise<{ source: DataSource; wrong: number }> {
  const batches: DataBatch[] = [];
  let wrong = 0;
  for (let first = 0; first < count; ) {
    const size = Math.min(1 + (batches.length % 3), count - first);
    const inputs = { x: noise([size, 2, 6, 6], first) };
    const { y } = await runGraphOnce(smallNetwork(), inputs);
    const labels = Array.from({ length: size }, (_, i) => {
      const row = Array.from((y!.data as Float32Array).subarray(i * 3, i * 3 + 3));
      const best = row.indexOf(Math.max(...row));
      if ((first + i) % 3 !== 0) return best;
      wrong++;
      return (best + 1) % 3;
    });
    batches.push({ inputs, labels, names: labels.map((_, i) => `s${first + i}`), first });
    first += size;
  }
  async function* stream(): AsyncGenerator<DataBatch, void, undefined> {
    yield* batches;
  }
  const source = { folder: 'data', kind: 'arrays', files: count, samples: count, labelled: true } as const;
  return { source: { ...source, batches: stream }, wrong };
}

test('accuracy over a stream counts the labels, agreement equals that of batches in memory', async () => {
  const { source, wrong } = await labelled(10);
  const other = smallNetwork();
  // The same outputs under other class numbers, one of them a little larger: no position agrees.
  for (const [name, size] of [
    ['w4', 5],
    ['b4', 1],
  ] as const) {
    const data = other.constant(name)!.data as Float32Array;
    const turned = Array.from(data, (_, i) => data[(i + size) % data.length]! * (i < size ? 1.25 : 1));
    other.setConstant(name, float32Tensor(other.constant(name)!.dims, turned));
  }
  const options = { threads: 2, reference: smallNetwork() };
  const self = await evaluateData(smallNetwork(), source, options);
  expect(self.samples).toBe(10);
  expect(self.top1!.value).toBeCloseTo(10 * (10 - wrong), 9);
  expect(self.agreement).toMatchObject({ sqnr: Number.POSITIVE_INFINITY, top1: 100 });
  const changed = await evaluateData(other, source, options);
  const feeds = [];
  for await (const batch of source.batches()) feeds.push(batch.inputs);
  const expected = await compareOutputs(smallNetwork(), other, feeds);
  expect(changed.agreement!.sqnr).toBeCloseTo(expected.sqnr, 6);
  expect(changed.agreement!.top1).toBeCloseTo(expected.top1, 9);
  expect(changed.agreement!.top1).toBeLessThan(100);
});

test('labels that are no classes of the output are refused with the sample named', async () => {
  const { source } = await labelled(2);
  const bad = (label: number | string): DataSource => ({
    ...source,
    async *batches() {
      for await (const batch of source.batches()) yield { ...batch, labels: batch.names.map(() => label) };
    },
  });
  await expect(evaluateData(smallNetwork(), bad(3))).rejects.toThrow(
    /data: sample 's0' has label '3'; expected a class/,
  );
  await expect(evaluateData(smallNetwork(), bad('cat'))).rejects.toThrow(/has label 'cat'/);
});
