import { expect, test } from 'vitest';
import type { Task } from '../demo/index.ts';
import { goalChecks, modelChecks } from './checks.ts';
import type { SchemeRow } from './demo.ts';
import type { ExportStatistics } from './export/index.ts';
import type { LayerStatistics } from './quantize.ts';
import { verdict } from './report.ts';

function row(scheme: string, value: number, linesError: number, effectiveBits: number): SchemeRow {
  return {
    ...{ scheme, weights: scheme, activations: 'fp32', method: scheme === 'fp32' ? 'fp32' : 'compensate' },
    ...{ lines: value, linesError, characters: undefined, metric: 'top1', value, effectiveBits },
    ...{ weightBytes: 1, wideLayers: [], quantizeSeconds: 0, evaluateSeconds: 0 },
  } as SchemeRow;
}

const full = row('fp32', 96, 1, 32);

test('vectors are called best only when no coarser scheme is within a standard error', () => {
  const far = verdict([full, row('int4@v16:u4', 95, 1, 4.4), row('int4@channel', 90, 1, 4.2)], 'top-1');
  expect(far).toContain('int4@v16:u4 keeps 95.0 % top-1');
  expect(far).toContain('No scheme without per-vector scales');
  const near = verdict([full, row('int4@v16:u4', 95, 1, 4.4), row('int4@channel', 94.5, 1, 4.2)], 'top-1');
  expect(near).toContain('not clearly the best scheme here: int4@channel');
});

test('a coarse scheme that wins is named, and wide schemes do not count', () => {
  const rows = [
    full,
    row('int4@v16:u4', 94, 1, 4.4),
    row('int4@channel', 95, 1, 4.2),
    row('int8@channel', 96, 1, 8),
  ];
  expect(verdict(rows, 'top-1')).toContain('int4@channel keeps 95.0 %');
  expect(verdict(rows, 'top-1')).toContain('Per-vector scaling is not the best scheme here.');
  expect(verdict([full], 'top-1')).toBe('No scheme below six bits was run.');
});

test('goals fail below their mark, and are skipped on part of the samples', () => {
  const task = { name: 'recogniser', metric: 'lines', evaluationSize: 320 } as Task;
  const statuses = (value: number, samples = 320): string[] =>
    goalChecks(task, [row('int4@v16:u4', value, 1, 4.4)], samples).cases.map(c => c.status);
  expect(statuses(93)).toEqual(['passed']);
  expect(statuses(92.9)).toEqual(['failed']);
  expect(statuses(99, 40)).toEqual(['skipped']);
  expect(goalChecks({ ...task, name: 'fashion' }, [row('int4@v16:u4', 9, 1, 4)], 320).cases).toEqual([]);
});

test('a layer left in fp32, or outputs that differ, fail the checks of a model', () => {
  const layer = (method: 'fp32' | 'nearest'): LayerStatistics =>
    ({ node: 'a', elements: 4, method }) as LayerStatistics;
  const exported = (maxDifference: number): ExportStatistics =>
    ({
      ...{ format: 'qdq', weights: [{}] },
      compared: { codes: 4, decoded: 4, outputs: { samples: 1, maxDifference, maxOutput: 1 } },
    }) as unknown as ExportStatistics;
  const statuses = (...args: Parameters<typeof modelChecks>): string[] =>
    modelChecks(...args).cases.map(c => c.status);
  expect(statuses([layer('nearest')], exported(0))).toEqual(new Array(4).fill('passed'));
  expect(statuses([layer('nearest'), layer('fp32')], exported(0.1))).toEqual([
    ...['failed', 'passed', 'passed', 'failed'],
  ]);
  expect(statuses([layer('fp32')], undefined, true)).toEqual(['skipped']);
});
