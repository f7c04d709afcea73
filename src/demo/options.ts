// Checks that all tasks make of their options.

import { UsageError } from '../core/errors.ts';

/** @throws UsageError for a set that is empty or larger than 10000 samples */
export function checkSizes(sizes: Record<string, number>): void {
  for (const [name, n] of Object.entries(sizes)) {
    if (!Number.isInteger(n) || n < 1 || n > 10_000) {
      throw new UsageError(`${name} is ${n}`, { expected: 'an integer from 1 to 10000' });
    }
  }
}
