// What a walk over the control states of a stream block is asked, and what it finds. Plain data.

import type { Roles } from './stream.ts';

export interface ExploreOptions {
  /** Control states at most; default 1 million. */
  maxStates?: number | undefined;
  /** Bytes for the contents of data registers; default 1 GiB. */
  memoryLimit?: number | undefined;
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Tell states apart by the words in their data registers too, instead of joining them: for finding failures. */
  exact?: boolean | undefined;
  /** Keep every transition (for progress contracts); default false. */
  edges?: boolean | undefined;
}

/** One cycle of a path: values of the enumerated inputs, as bits of `Exploration.choices`. */
export interface Suspicion {
  /** What is wrong, in words. */
  problem: string;
  /** Choices from reset to the wrong cycle, that one included. */
  path: number[];
  /** Start state among the initial ones (values of uninitialised control latches). */
  start: number;
}

export interface Edges {
  from: number[];
  to: number[];
  choice: number[];
  /** Bit c: source c delivered a word. */
  took: number[];
  /** Bit j: output j gave a word. */
  gave: number[];
  /** Bit j: output j was valid. */
  valid: number[];
}

export interface Exploration {
  outcome: 'closed' | 'suspicion' | 'limit';
  reason?: string | undefined;
  suspicion?: Suspicion | undefined;
  roles: Roles;
  /** Variables that are enumerated, least significant choice bit first. */
  choices: number[];
  /** Control latches without a known initial value, in the order of the bits of `start`. */
  openLatches: number[];
  states: number;
  /** Most words inside at once. */
  capacity: number;
  /** Longest shortest path. */
  depth: number;
  /** Transfers seen at each input and output: an output that never gives makes the answer vacuous. */
  took: number[];
  gave: number[];
  edges?: Edges | undefined;
  /** Words inside, by state. */
  inside: number[];
}
