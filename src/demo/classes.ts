// Answers of a classifier: the class of the largest output.

import { InputError } from '../core/errors.ts';
import type { Tensor } from './task.ts';

/** Name of the largest of each row of [batch, classes]; NaN is never the largest, and a row of NaN names the first class. */
export function topClasses(output: Tensor, classes: readonly string[]): string[] {
  const [batch, count] = output.dims as [number, number];
  if (output.dims.length !== 2 || count !== classes.length || output.data.length !== batch * count) {
    throw new InputError(`output of shape [${output.dims.join(', ')}] does not name a class`, {
      expected: `[batch, ${classes.length}]`,
    });
  }
  return Array.from({ length: batch }, (_, b) => {
    let best = 0;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < count; c++) {
      const value = output.data[b * count + c]!;
      if (value > bestValue) {
        bestValue = value;
        best = c;
      }
    }
    return classes[best]!;
  });
}
