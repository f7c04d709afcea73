import { expect, test } from 'vitest';
import type { SchemeRow } from './demo.ts';
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
