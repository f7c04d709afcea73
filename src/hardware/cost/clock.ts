// The clock period a run takes when none is asked for: the slowest that one of its kinds of unit needs to be met.
// Refuses to depend on what was mapped: unit and baseline must be given the same period before either is.

/** What a register-to-register path of the kind takes at its usual sizes, in delays of an inverter that drives four of its kind. */
const periods: Readonly<Record<string, number>> = {
  ppu: 100,
  'lns-mac': 200,
  'fp-mac': 200,
  'softermax-unnormed': 130,
  'softermax-normal': 130,
  'softmax-unnormed-fp16': 130,
  'softmax-normal-fp16': 130,
};

const usual = 75;

/**
 * Default clock of a run, in delays of an inverter that drives four of its kind: 75, 100 with a post-processing unit, 130 with a half of a softmax, 200 with a
 * logarithmic or floating-point MAC.
 */
export function defaultClockFo4(kinds: readonly string[]): number {
  return Math.max(usual, ...kinds.map(kind => periods[kind] ?? usual));
}
