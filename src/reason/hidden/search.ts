// Finds the full adders a technology mapper has hidden: reduce, propose by function, prove on an exhaustive window.
// Every adder returned is an adder of the given netlist: its five nets are variables of it, and the proof is of their
// functions there. Refuses to return a proposal no window proves.

import { noProgress, type ProgressFactory } from '../../core/progress.ts';
import { type Steps, straight } from '../../core/turns.ts';
import { Aig } from '../../netlist/index.ts';
import { type AdderList, adderWords } from '../exact/adders.ts';
import { detectAdders, detecting } from '../exact/detect.ts';
import { isCarry, isSum } from '../exact/labels.ts';
import { asAig, orient, prove, quadKey, toGiven } from './candidate.ts';
import { type Proposal, Proposer } from './propose.ts';
import { plainGraph, reducing, stopped } from './reduced.ts';
import type { SatProofStatistics } from './sat-proof.ts';

export interface HiddenOptions {
  seed?: number | undefined;
  /** Leaves of the windows that prove adders, 8 to 16. Default 16. */
  proofLeaves?: number | undefined;
  /** Adders already found on the given netlist; they are not looked for again. */
  known?: AdderList | undefined;
  /**
   * Score of each variable of the given netlist as a sum (0..1): those above 0.5 are searched around first and, where
   * that finds nothing, again and wider at the end.
   */
  sumScores?: Float32Array | undefined;
  /** Search around the nets scored above 0.5 alone, not around every net. Default false. */
  onlyScored?: boolean | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface HiddenStatistics {
  /** Nodes of the given netlist proved equal to another, and look-alikes left unproved. */
  merged: number;
  unproved: number;
  proposals: number;
  proved: number;
  /** Adders the cut detector shows on the reduced graph. */
  structural: number;
  /** Nets scored above 0.5 without an adder in the cuts, adders proved around them, and of these by the wider search alone. */
  scored: { nets: number; proved: number; wider: number };
  /** Merges by SAT, where no window proved them. */
  sat: SatProofStatistics | undefined;
  seconds: number;
}

/**
 * Words of adders (see AdderList) in terms of the given netlist, unsorted, without the known ones. Half adders are given
 * only along with full ones: a netlist whose cuts show every full adder shows its half adders too.
 */
export interface HiddenResult {
  full: number[][];
  /** 1 for each of `full` that was found around a scored net. */
  fullByScore: Uint8Array;
  half: number[][];
  /** Which known adders to drop when some were found here: half adders inside a full adder, and repeated functions. */
  contained: Uint8Array;
  statistics: HiddenStatistics;
}

/**
 * Whether a sample of the nodes that are no sum yet shows a full adder cuts do not: whether a search is worth its time.
 * Looks at every node of small graphs, at every (ands / 4096)-th of large ones, and then at the
 * first 16384 nodes in full. A small share of hidden adders in a large netlist can be missed.
 * @param flags of the adders known (labels.ts)
 * @param scores look instead at the first 4096 nodes that are no output of an adder yet and score above 0.5
 */
export function* samplingHidden(
  aig: Aig,
  flags: Uint8Array,
  seed = 1,
  scores?: Float32Array | undefined,
): Steps<boolean> {
  const graph = plainGraph(aig, seed);
  const proposer = new Proposer(graph);
  const { levels } = graph;
  const stride = Math.max(1, Math.floor(aig.andCount / 4096));
  let hit = false;
  const consider = (proposal: Proposal): boolean => {
    const p = orient(proposal, levels);
    const known = (flags[p.carry]! & isCarry) !== 0 && (flags[p.sum]! & isSum) !== 0;
    if (!known && prove(graph, p, 12) >= 0) hit = true;
    return hit;
  };
  if (scores !== undefined) {
    let left = 4096;
    for (let v = graph.firstAnd; v < graph.count && !hit && left > 0; v++) {
      if (scores[v]! <= 0.5 || (flags[v]! & (isSum | isCarry)) !== 0) continue;
      left--;
      yield;
      proposer.propose(v, 8, 64, consider);
    }
    return hit;
  }
  for (let v = graph.firstAnd; v < graph.count && !hit; v += stride) {
    if ((flags[v]! & isSum) !== 0) continue;
    yield;
    proposer.propose(v, 8, 64, consider);
  }
  if (hit) return true;
  // adders that show only after merging: the whole search on the first nodes, which are a circuit of their own
  const prefix = new Aig({
    inputCount: aig.firstAnd - 1,
    fanin0: aig.fanin0.slice(0, prefixAnds),
    fanin1: aig.fanin1.slice(0, prefixAnds),
  });
  return (yield* searchingHidden(prefix, { known: detectAdders(prefix).adders, seed })).full.length > 0;
}

const prefixAnds = 16384;

/** Finds what cuts do not show. @throws AbortedError when the signal is aborted, which only `searchingHidden` leaves time for */
export function searchHiddenAdders(aig: Aig, options: HiddenOptions = {}): HiddenResult {
  return straight(searchingHidden(aig, options), { signal: options.signal, stopped });
}

/** The same in steps; whoever runs them looks at the signal. */
export function* searchingHidden(aig: Aig, options: HiddenOptions = {}): Steps<HiddenResult> {
  const begin = performance.now();
  const graph = yield* reducing(aig, options.seed ?? 1);
  const limit = options.proofLeaves ?? 16;
  const { levels } = graph;
  const full = new Map<string, { words: number[]; byScore: number } | undefined>();
  const half = new Map<string, { words: number[]; operands: string; sum: number }>();
  const done = new Uint8Array(graph.count);
  const halfKey = (a: number, b: number): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
  const known = options.known;
  const repeated: number[] = [];
  const here = (variable: number): number => graph.literalOf[variable]! >>> 1;
  for (let i = 0; i < (known?.count ?? 0); i++) {
    const [a, b, c, sum, carry] = Array.from(known!.data.subarray(i * adderWords, i * adderWords + 5), here);
    if (c === 0) continue;
    done[sum!] = 1;
    const key = quadKey(a!, b!, c!, sum!, carry!);
    if (full.has(key)) repeated.push(i);
    full.set(key, undefined);
  }
  // structural first, on the reduced graph
  const shown = (yield* detecting(asAig(graph))).adders;
  let structural = 0;
  for (let i = 0; i < shown.count; i++) {
    const at = 6 * i;
    const [a, b, c, sum, carry, sign] = shown.data.subarray(at, at + 6) as unknown as number[];
    const words = toGiven(graph, a!, b!, c!, sum!, carry!, sign!);
    if (c === 0) half.set(`${sum} ${carry}`, { words, operands: halfKey(a!, b!), sum: sum! });
    else {
      const key = quadKey(a!, b!, c!, sum!, carry!);
      done[sum!] = 1;
      if (full.has(key)) continue;
      full.set(key, { words, byScore: 0 });
      structural++;
    }
  }
  const proposer = new Proposer(graph);
  let proposals = 0;
  let proved = 0;
  let byScore = 0;
  const consider = (proposal: Proposal): boolean => {
    const p = orient(proposal, levels);
    const key = quadKey(p.a, p.b, p.c, p.sum, p.carry);
    if (full.has(key)) return true;
    proposals++;
    const sign = prove(graph, p, limit);
    if (sign < 0) return false;
    proved++;
    full.set(key, { words: toGiven(graph, p.a, p.b, p.c, p.sum, p.carry, sign), byScore });
    done[p.sum] = 1;
    return true;
  };
  const bar = (options.progress ?? noProgress)('hidden adders', graph.count, 'node');
  const scores = options.sumScores;
  const scored = (v: number): boolean => scores !== undefined && scores[graph.origin[v]! >>> 1]! > 0.5;
  function* pass(visit: (v: number) => void): Steps<void> {
    for (let v = graph.firstAnd; v < graph.count; v++) {
      if ((v & 0x3ff) === 0) bar.update(v);
      if ((v & 0x3f) === 0) yield;
      if (graph.alive[v] && !done[v]) visit(v);
    }
  }
  const statistic = { nets: 0, proved: 0, wider: 0 };
  if (scores !== undefined) {
    byScore = 1;
    yield* pass(v => {
      if (!scored(v)) return;
      statistic.nets++;
      proposer.propose(v, 8, 64, consider);
    });
    byScore = 0;
    statistic.proved = proved;
  }
  if (options.onlyScored !== true) yield* pass(v => proposer.propose(v, 8, 64, consider));
  if (scores !== undefined) {
    byScore = 1;
    const before = proved;
    yield* pass(v => {
      if (scored(v)) proposer.propose(v, 14, 240, consider);
    });
    statistic.wider = proved - before;
    statistic.proved += statistic.wider;
  }
  bar.end();
  const found = [...full.values()].filter(entry => entry !== undefined);
  const contained = new Uint8Array(known?.count ?? 0);
  const statistics = {
    merged: graph.merged,
    unproved: graph.unproved,
    proposals,
    proved,
    structural,
    scored: statistic,
    sat: graph.sat,
    seconds: (performance.now() - begin) / 1000,
  };
  if (found.length === 0)
    return { full: [], fullByScore: new Uint8Array(0), half: [], contained, statistics };
  for (const i of repeated) contained[i] = 1;
  // half adders over two operands of a full adder, or giving its sum, are its inside
  const inner = new Set<string>();
  const sums = new Set<number>();
  for (const key of full.keys()) {
    const nets = key.split(' ').map(Number);
    const quad = nets.slice(0, 4).sort((x, y) => levels[x]! - levels[y]! || x - y);
    sums.add(quad[3]!);
    for (let i = 0; i < 3; i++) for (let j = 0; j < i; j++) inner.add(halfKey(quad[i]!, quad[j]!));
  }
  for (let i = 0; i < contained.length; i++) {
    if (known!.isFull(i)) continue;
    const [a, b, , sum, carry] = Array.from(known!.data.subarray(i * adderWords, i * adderWords + 5), here);
    if (inner.has(halfKey(a!, b!)) || sums.has(sum!)) contained[i] = 1;
    half.delete(`${sum} ${carry}`);
  }
  const outside = [...half.values()].filter(h => !inner.has(h.operands) && !sums.has(h.sum));
  return {
    full: found.map(entry => entry.words),
    fullByScore: Uint8Array.from(found, entry => entry.byScore),
    half: outside.map(h => h.words),
    contained,
    statistics,
  };
}
