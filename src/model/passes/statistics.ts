// What a pass did, what it left, and why. Counting only.

export interface PassStatistics {
  pass: string;
  /** Changes made, by what was done: `{ 'BatchNormalization into Conv': 12 }`. */
  done: Record<string, number>;
  /** Candidates left, with the node and the reason. */
  left: { node: string; reason: string }[];
  changed: number;
}

export function newStatistics(pass: string): PassStatistics {
  return { pass, done: {}, left: [], changed: 0 };
}

export function did(statistics: PassStatistics, what: string): void {
  statistics.done[what] = (statistics.done[what] ?? 0) + 1;
  statistics.changed++;
}
