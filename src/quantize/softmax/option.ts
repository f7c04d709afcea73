// What replaces Softmax nodes, as text: `exact`, `softermax`, `softermax@v32`, `softermax:fix6.2@v16`.
// Refuses anything else.

import { UsageError } from '../../core/errors.ts';
import { type SoftermaxOptions, softermaxParameters } from '../../format/index.ts';

/** Undefined for `exact`. Without an input format each layer gets the narrowest that its calibrated scores fit. */
export function parseSoftmax(text: string | undefined): SoftermaxOptions | undefined {
  if (text === undefined || text === 'exact') return undefined;
  const match = /^softermax(?::(fix\d+\.\d+))?(?:@v([1-9]\d*))?$/.exec(text);
  if (match === null) {
    throw new UsageError(`softmax '${text}'`, {
      expected: 'exact, softermax, softermax@vN or softermax:fixI.F@vN',
      ...(/^softer/i.test(text) ? { nearest: 'softermax' } : {}),
    });
  }
  const options: SoftermaxOptions = {
    ...(match[1] === undefined ? {} : { input: match[1] }),
    ...(match[2] === undefined ? {} : { vector: Number(match[2]) }),
  };
  softermaxParameters(options);
  return options;
}
