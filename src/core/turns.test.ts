import { expect, test } from 'vitest';
import { inTurns, type Steps, straight } from './turns.ts';

function* counting(steps: number, milliseconds = 0): Steps<number> {
  for (let i = 0; i < steps; i++) {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    yield;
  }
  return steps;
}

test('both ways give the result', async () => {
  expect(straight(counting(5), { stopped: 'stopped' })).toBe(5);
  expect(await inTurns(counting(5), { stopped: 'stopped' })).toBe(5);
});

test('a timer is heard between steps in turns, and not without', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  setTimeout(() => controller.abort(), 20);
  expect(straight(counting(20, 5), { signal, stopped: 'stopped' })).toBe(20);
  const begin = performance.now();
  await expect(inTurns(counting(10_000, 5), { signal, stopped: 'counting stopped' })).rejects.toThrow(
    'counting stopped',
  );
  expect(performance.now() - begin).toBeLessThan(2000);
});

test('a signal that watches a clock stops either way', () => {
  const signal = { aborted: true } as AbortSignal;
  expect(() => straight(counting(2), { signal, stopped: 'late' })).toThrow('late');
});
