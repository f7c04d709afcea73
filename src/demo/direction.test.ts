import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topClasses } from './classes.ts';
import { directionTask, squeeze, turnInPlace } from './direction.ts';
import { collect, networkOf } from './run.fixture.ts';
import { evaluate } from './score.ts';
import { lineSets } from './textset.ts';

test('turning twice gives the picture back; turning once moves each corner to its opposite', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 }), (width, height) => {
      const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37) % 251);
      const picture = { width, height, pixels: pixels.slice() };
      turnInPlace(picture);
      expect([...picture.pixels.subarray(0, 3)]).toEqual([...pixels.slice(-3)]);
      turnInPlace(picture);
      expect(picture.pixels).toEqual(pixels);
    }),
  );
});

test('squeezing keeps narrow pictures and the mean of wide ones', () => {
  const narrow = { width: 2, height: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  expect(squeeze(narrow, 2)).toBe(narrow);
  const wide = {
    width: 5,
    height: 1,
    pixels: Uint8Array.from({ length: 15 }, (_, i) => (i < 6 ? 200 : 100)),
  };
  const out = squeeze(wide, 2);
  // Columns of 2.5: (200 + 200 + 100/2) / 2.5 = 180, then 100.
  expect([...out.pixels]).toEqual([180, 180, 180, 100, 100, 100]);
});

test('half of each set is turned, and the sets share no text', async () => {
  const task = directionTask({ seed: 3, evaluationSize: 20, calibrationSize: 6 });
  for (const [set, n] of [
    [task.evaluation(), 20],
    [task.calibration(), 6],
  ] as const) {
    const labels = (await collect(set)).flatMap(b => b.labels);
    expect(labels.length).toBe(n);
    expect(labels.filter(l => l === '180').length).toBe(n / 2);
  }
  const { evaluation, calibration } = lineSets(3, 6, 20);
  expect(evaluation.some(e => calibration.some(c => c.text === e.text))).toBe(false);
});

test('the fp32 network tells the direction of most lines of another seed', async () => {
  const task = directionTask({ seed: 77, evaluationSize: 100, calibrationSize: 2 });
  const s = await evaluate(task, await networkOf(task));
  expect(s.exact.value).toBeGreaterThan(85);
  expect(s.characters).toBeUndefined();
});

test('an output of another shape is refused, NaN is never the answer', () => {
  expect(() => topClasses({ type: 'float32', dims: [1, 3], data: new Float32Array(3) }, ['a', 'b'])).toThrow(
    'does not name',
  );
  const data = Float32Array.of(Number.NaN, -5);
  expect(topClasses({ type: 'float32', dims: [1, 2], data }, ['a', 'b'])).toEqual(['b']);
});
