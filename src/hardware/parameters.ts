// Integer parameters of units, checked. Refuses everything else in one line.

import { UsageError } from '../core/errors.ts';
import type { UnitParameters } from './unit.ts';

/** A whole number from `low` to `high`; `fallback` when it is not given. @throws UsageError, one line */
export function integerParameter(
  unit: string,
  parameters: UnitParameters,
  name: string,
  range: { low: number; high: number; fallback: number },
): number {
  const value = parameters[name] ?? range.fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < range.low || value > range.high) {
    throw new UsageError(`${unit} ${name} ${value}`, {
      expected: `an integer from ${range.low} to ${range.high}`,
    });
  }
  return value;
}
