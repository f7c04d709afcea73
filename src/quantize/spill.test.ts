import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Feeds } from '../model/index.ts';
import { smallBatches, smallNetwork } from './network.fixture.ts';
import { quantize } from './quantize.ts';
import { type Extent, SpillFile } from './spill.ts';
import { Stepper } from './stepper.ts';

const shared = process.env['TMPDIR'];
const own = mkdtempSync(join(tmpdir(), 'quantize-test-'));
beforeAll(() => {
  process.env['TMPDIR'] = own;
});
afterAll(() => {
  if (shared === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = shared;
  rmSync(own, { recursive: true });
});

test('extents keep their bytes however they are written and released, and the file shrinks', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -8, max: 200 }), { maxLength: 60 }), steps => {
      const file = new SpillFile();
      const held: { extent: Extent; bytes: Uint8Array }[] = [];
      try {
        steps.forEach((size, i) => {
          if (size < 0 && held.length > 0) {
            const [gone] = held.splice(-size % held.length, 1);
            file.release(gone!.extent);
          } else if (size > 0) {
            const bytes = new Uint8Array(size).fill(i + 1);
            held.push({ extent: file.write(bytes), bytes });
          }
          for (const { extent, bytes } of held) {
            const back = new Uint8Array(bytes.length);
            file.read(extent, back);
            expect(back).toEqual(bytes);
          }
        });
        for (const { extent } of held) file.release(extent);
        expect(file.size).toBe(0);
      } finally {
        file.close();
      }
    }),
    { numRuns: 40 },
  );
});

test('activations on disk give the same codes as in memory, and no file stays', async () => {
  const batches = smallBatches(5);
  const options = { weights: 'int4@v16:u4', activations: 'int8@v16:u8' };
  const inMemory = await quantize(smallNetwork(), options, batches);
  const onDisk = await quantize(smallNetwork(), options, batches, { maxBytes: 0 });
  onDisk.model.weights.forEach((w, i) => {
    const want = inMemory.model.weights[i]!.quantized;
    expect(w.quantized.codes).toEqual(want.codes);
    expect(w.quantized.scaleCodes).toEqual(want.scaleCodes);
    expect(w.quantized.scales).toEqual(want.scales);
  });
  expect(onDisk.model.activations.map(a => a.coarse)).toEqual(inMemory.model.activations.map(a => a.coarse));
  expect(readdirSync(own).filter(n => n.startsWith('bitwright-'))).toEqual([]);
});

test('memory stays within the budget whatever the number of batches', async () => {
  const stepper = new Stepper(smallNetwork(), { maxBytes: 40_000 });
  try {
    for (const feeds of smallBatches(30)) stepper.feed(feeds);
    for (const value of ['relu1.out', 'relu2.out', 'relu3.out', 'scores']) {
      await stepper.reach([value]);
      expect(stepper.held.memory).toBeLessThanOrEqual(40_000);
    }
    expect(stepper.get('scores').map(b => b.dims)).toEqual(new Array(30).fill([4, 5]));
  } finally {
    stepper.close();
  }
});

test('calibration may be a stream; a batch of another shape is refused with its name', async () => {
  async function* stream(): AsyncIterable<Feeds> {
    yield* smallBatches(3);
  }
  const options = { weights: 'int4@v16:u4' };
  const a = await quantize(smallNetwork(), options, stream());
  const b = await quantize(smallNetwork(), options, smallBatches(3));
  expect(a.model.weights[2]!.quantized.codes).toEqual(b.model.weights[2]!.quantized.codes);
  const wrong: Feeds[] = [{ x: { ...smallBatches(1)[0]!['x']!, dims: [4, 3, 4, 16] } }];
  await expect(quantize(smallNetwork(), options, wrong)).rejects.toThrow(/input 'x'.*\[4,3,4,16\]/);
  await expect(quantize(smallNetwork(), options, [])).rejects.toThrow(/no calibration data/);
});
