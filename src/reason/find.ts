// Finding adders, the default way: exact structural detection first, then what it missed by function, each proved.
// Refuses to report an adder that is not one: every entry is a 3-feasible cut's truth table or an exhaustive
// window over nets proved equal.

import { noProgress, type ProgressFactory } from '../core/progress.ts';
import { inTurns } from '../core/turns.ts';
import { requireAig } from '../netlist/aig.ts';
import type { Aig } from '../netlist/index.ts';
import { AdderList, adderWords } from './exact/adders.ts';
import { type DetectStatistics, detecting } from './exact/detect.ts';
import { inAdderList, inXorList, isCarry, isSum } from './exact/labels.ts';
import { type HiddenStatistics, samplingHidden, searchingHidden } from './hidden/search.ts';

/** Scores of every variable as the sum of an adder, 0..1: what a trained network proposes. */
export type SumScorer = (aig: Aig) => Promise<Float32Array> | Float32Array;

export interface FindOptions {
  /** `exact`: cuts only. `hybrid` (default): also what cuts cannot see. */
  mode?: 'exact' | 'hybrid' | undefined;
  /** Largest graph the search for hidden adders is run on, in ANDs. Default 4 million. */
  hiddenLimit?: number | undefined;
  /**
   * Proposes sums where the search for hidden adders runs: nodes it scores above 0.5 are searched around first, and those
   * still without an adder at the end once more and wider. `sumScorer()` of the network part makes one.
   */
  scorer?: SumScorer | undefined;
  /** Search around the nodes the scorer proposes alone. Default false. */
  onlyScored?: boolean | undefined;
  maxCuts?: number | undefined;
  seed?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface FindResult {
  adders: AdderList;
  /**
   * Where each adder came from: 0 cuts of the given netlist, 1 the search for hidden adders, 2 that search around
   * a node the scorer proposed.
   */
  source: Uint8Array;
  /** Flag byte a variable (labels.ts), of the adders above. */
  flags: Uint8Array;
  statistics: {
    seconds: number;
    /** Of that, the scorer's. */
    scorerSeconds?: number | undefined;
    exact: DetectStatistics;
    /** Absent when it was not run; `hiddenSkipped` says why. */
    hidden?: HiddenStatistics | undefined;
    hiddenSkipped?: 'exact mode' | 'no sign of hidden adders' | 'graph too large' | undefined;
  };
}

/**
 * Finds full and half adders. In hybrid mode every adder, found either way, is an adder of the given netlist: its nets
 * are variables of it, and its function was confirmed there, by truth tables over nets that truth tables or SAT proved equal.
 * @throws InputError for graphs beyond the detector's size, AbortedError when the signal fires
 */
export async function findAdders(aig: Aig, options: FindOptions = {}): Promise<FindResult> {
  requireAig('the netlist of findAdders', aig);
  const begin = performance.now();
  const progress = options.progress ?? noProgress;
  const { signal } = options;
  const turns = { signal, stopped: 'adder search stopped' };
  const exact = await inTurns(detecting(aig, { maxCuts: options.maxCuts, progress }), turns);
  const seconds = (): number => (performance.now() - begin) / 1000;
  let skip = skipReason(aig, options);
  if (skip === undefined && !(await inTurns(samplingHidden(aig, exact.flags, options.seed), turns)))
    skip = 'no sign of hidden adders';
  let sumScores: Float32Array | undefined;
  let scorerSeconds: number | undefined;
  if (options.scorer !== undefined && (skip === undefined || skip === 'no sign of hidden adders')) {
    const scorerBegin = performance.now();
    sumScores = await options.scorer(aig);
    scorerSeconds = (performance.now() - scorerBegin) / 1000;
    // a sample misses a few hidden adders among many shown ones; the scorer may point at them
    if (skip !== undefined) {
      const hit = await inTurns(samplingHidden(aig, exact.flags, options.seed, sumScores), turns);
      if (hit) skip = undefined;
    }
  }
  if (skip !== undefined) {
    return {
      adders: exact.adders,
      source: new Uint8Array(exact.adders.count),
      flags: exact.flags,
      statistics: { seconds: seconds(), scorerSeconds, exact: exact.statistics, hiddenSkipped: skip },
    };
  }
  const { seed, onlyScored } = options;
  const steps = searchingHidden(aig, { known: exact.adders, seed, sumScores, onlyScored, progress });
  const hidden = await inTurns(steps, turns);
  const { adders, source } = merge(
    exact.adders,
    hidden.contained,
    [...hidden.full, ...hidden.half],
    hidden.fullByScore,
  );
  return {
    adders,
    source,
    flags: relabel(exact.flags, adders),
    statistics: { seconds: seconds(), scorerSeconds, exact: exact.statistics, hidden: hidden.statistics },
  };
}

function skipReason(aig: Aig, options: FindOptions): FindResult['statistics']['hiddenSkipped'] {
  if ((options.mode ?? 'hybrid') === 'exact') return 'exact mode';
  if (aig.andCount > (options.hiddenLimit ?? 4_000_000)) return 'graph too large';
  return undefined;
}

/** One list in order of (sum, carry, leaves), without contained half adders. */
function merge(
  exact: AdderList,
  contained: Uint8Array,
  found: number[][],
  byScore: Uint8Array,
): { adders: AdderList; source: Uint8Array } {
  const rows: { words: ArrayLike<number>; source: number }[] = [];
  for (let i = 0; i < exact.count; i++) {
    if (contained[i] === 1) continue;
    rows.push({ words: exact.data.subarray(i * adderWords, (i + 1) * adderWords), source: 0 });
  }
  found.forEach((words, i) => {
    rows.push({ words, source: byScore[i] === 1 ? 2 : 1 });
  });
  const order = [3, 4, 0, 1, 2];
  rows.sort((p, q) => {
    for (const k of order) if (p.words[k] !== q.words[k]) return p.words[k]! - q.words[k]!;
    return 0;
  });
  const data = new Uint32Array(rows.length * adderWords);
  rows.forEach((row, i) => {
    data.set(row.words, i * adderWords);
  });
  return { adders: new AdderList(data), source: Uint8Array.from(rows, row => row.source) };
}

function relabel(flags: Uint8Array, adders: AdderList): Uint8Array {
  const result = flags.map(f => f & inXorList);
  const { data } = adders;
  for (let at = 0; at < data.length; at += adderWords) {
    for (let k = 0; k < 5; k++) if (data[at + k] !== 0) result[data[at + k]!]! |= inAdderList;
    const sum = data[at + 3]!;
    const carry = data[at + 4]!;
    if (!(result[sum]! & (isSum | isCarry))) result[sum]! |= isSum;
    if (!(result[carry]! & (isSum | isCarry))) result[carry]! |= isCarry;
  }
  return result;
}
