// What inference reads and what it fills.

import type { FeatureSource } from './features.ts';

/** Everything inference reads; arrays in shared memory can be posted to workers without a copy. */
export interface InferenceSource extends FeatureSource {
  variableCount: number;
  /** Consumers of each variable with at most `fanoutLimit` of them, in rising order; empty when no layer needs them. */
  fanoutOffsets: Uint32Array;
  fanoutIndices: Uint32Array;
  /** Feature code of each variable, 0 while unknown. Threads fill it in; they can only write the same number. */
  codes: Int32Array;
}

/** What inference fills, indexed by variable. */
export interface InferenceOutput {
  /** Winning class of the four heads, two bits each: xor, maj, root, origin from the low end. */
  classes: Uint8Array;
  /** Probability of carry and sum by the origin head, rounded to 1/255. */
  carry: Uint8Array;
  sum: Uint8Array;
}
