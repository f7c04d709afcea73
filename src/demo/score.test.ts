import fc from 'fast-check';
import { expect, test } from 'vitest';
import { greedyDecode } from './ctc.ts';
import { characterAccuracy, comparable, estimate, evaluate, levenshtein, score } from './score.ts';
import { outputNamed, type Task } from './task.ts';

test('edit distance: known pairs and the axioms of a metric', () => {
  expect(levenshtein('kitten', 'sitting')).toBe(3);
  expect(levenshtein('otcav', 'octav')).toBe(2); // a swap is two edits here
  expect(levenshtein('', 'abc')).toBe(3);
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '字'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      const d = levenshtein(a, b);
      expect(d).toBe(levenshtein(b, a));
      expect(d === 0).toBe(a === b);
      expect(levenshtein(a, c)).toBeLessThanOrEqual(d + levenshtein(b, c));
      expect(d).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('characters are right by 1 - distance / length, never below 0', () => {
  expect(characterAccuracy('abcd', 'abed')).toBe(0.75);
  expect(characterAccuracy('ab', 'zzzzzzzz')).toBe(0);
  expect(characterAccuracy('', '')).toBe(1);
});

test('spaces and full-width forms do not count, case does', () => {
  expect(comparable('No. 7 Arch！')).toBe('No.7Arch!');
  const answers = [
    { index: 1, label: 'a b', text: 'ab' },
    { index: 0, label: 'Oslo', text: 'oslo' },
  ];
  const s = score('lines', answers);
  expect(s.exact.value).toBe(50);
  expect(s.characters!.value).toBe(87.5);
  expect(s.answers.map(a => a.index)).toEqual([0, 1]);
});

test('the standard error of a share is that of the binomial, with n - 1', () => {
  const values = Array.from({ length: 400 }, (_, i) => (i < 380 ? 1 : 0));
  const { value, error } = estimate(values);
  expect(value).toBeCloseTo(95, 10);
  expect(error).toBeCloseTo(100 * Math.sqrt((0.95 * 0.05) / 399), 10);
  expect(() => estimate([])).toThrow('no samples');
});

test('CTC: repeats merge, blanks part them, NaN never wins', () => {
  const alphabet = ['', 'a', 'b'];
  const rows = [1, 1, 0, 1, 2, 2, 0].flatMap(best => [0, 1, 2].map(i => (i === best ? 1 : 0)));
  expect(greedyDecode(Float32Array.from(rows), [1, 7, 3], alphabet)).toEqual(['aab']);
  expect(greedyDecode(Float32Array.from([Number.NaN, 0.1, 0.2]), [1, 1, 3], alphabet)).toEqual(['b']);
  expect(() => greedyDecode(new Float32Array(6), [1, 2, 4], alphabet)).toThrow('cannot be decoded');
});

test('evaluate scores what `run` answers, and stops when told', async () => {
  const task = {
    name: 'toy',
    metric: 'top1',
    evaluationSize: 3,
    async *evaluation() {
      yield { inputs: {}, labels: ['x', 'y'], indices: [2, 0] };
      yield { inputs: {}, labels: ['x'], indices: [1] };
    },
    decode: (_: unknown, batch: { labels: readonly string[] }) => batch.labels.map(() => 'x'),
  } as unknown as Task;
  const s = await evaluate(task, async () => ({}));
  expect(s.exact.value).toBeCloseTo(200 / 3, 10);
  expect(s.characters).toBeUndefined();
  expect(s.answers.map(a => a.label)).toEqual(['y', 'x', 'x']);
  const stopped = AbortSignal.abort();
  await expect(evaluate(task, async () => ({}), { signal: stopped })).rejects.toThrow('stopped');
});

test('an output that is missing or not fp32 is refused by name', () => {
  expect(() => outputNamed({}, 'y')).toThrow("no output 'y'");
  expect(() => outputNamed({ y: { dims: [1], data: new Int32Array(1) } }, 'y')).toThrow('expected float32');
});
