// Proof that two graphs of a unit behave alike: registers matched by name, outputs and next states equal in every state and
// for every legal input; by enumeration where a net has few inputs, by SAT over what that merged. Refuses to claim anything
// about registers without a namesake, and never takes a timeout for an answer.

import { Aig } from '../netlist/aig.ts';
import { equivalent, pairGraphs } from '../netlist/sat/miter.ts';
import { sweep } from '../netlist/sat/sweep.ts';
import { strash } from '../netlist/strash.ts';
import { enumerateEqual, mergeEqual } from './enumerate.ts';
import { combinational, stateNames } from './proof-graph.ts';
import type { Channel } from './unit.ts';
import { WordProver } from './word-proof.ts';

export interface ProofOptions {
  /** Seconds in all. Default 20. */
  seconds?: number | undefined;
  /** Most inputs of a net that is tried on all its patterns. Default 14. */
  enumerate?: number | undefined;
  /** Also compare output ports as sums, see WordProver: for modules whose outputs are no registers. Default false. */
  words?: boolean | undefined;
  /** A graph whose outputs `state_NAME` describe reachable states; default the reference. */
  states?: Aig | undefined;
  signal?: AbortSignal | undefined;
}

export interface ProofResult {
  /** `unknown` when the budget ends or registers do not match; `reason` tells which. */
  verdict: 'proved' | 'refuted' | 'unknown';
  /** What was shown, or why not, in one sentence. */
  reason: string;
  /** Output and next-state bits proved equal, of all. */
  proved: number;
  pairs: number;
  /** Nets merged because they are equal on every pattern of their inputs, and the patterns tried. */
  merged: number;
  patterns: number;
  /** Inputs and registers on which the two differ, by bit name. */
  counterexample?: Record<string, 0 | 1> | undefined;
  seconds: number;
}

/**
 * Proves that two graphs with the same ports and equally named registers have equal outputs and next states for every
 * state and every input whose fields are legal (see Field.low, Field.high): equal from reset on, whatever the stream.
 * Outputs `state_NAME` of the reference restrict the states: register NAME holds what they say. That this is so after
 * reset, and stays so, is proved of the unit too.
 */
export function proveUnits(
  unit: Aig,
  reference: Aig,
  input: Channel,
  options: ProofOptions = {},
): ProofResult {
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1000;
  const known = new Set(reference.names.latches);
  const unmatched = unit.names.latches?.find(name => name === undefined || !known.has(name));
  const nothing = { proved: 0, pairs: 0, merged: 0, patterns: 0 };
  if (unit.latchCount !== reference.latchCount || unmatched !== undefined) {
    const which = unmatched === undefined ? '' : `: ${unmatched} has no namesake`;
    const reason = `${unit.latchCount} and ${reference.latchCount} registers do not match by name${which}`;
    return { verdict: 'unknown', reason, ...nothing, seconds: elapsed() };
  }
  const until = begin + 1000 * (options.seconds ?? 20);
  const states = options.states ?? reference;
  const restricted = stateNames(states).length > 0;
  const obligations = [
    { a: combinational(unit, input, { states }), b: combinational(reference, input, { states }) },
    ...(restricted
      ? [
          combinational(unit, input, { states, check: 'kept' }),
          combinational(unit, input, { states, check: 'reset' }),
        ].map(({ found, promised }) => ({ a: { graph: found! }, b: { graph: promised! } }))
      : []),
  ];
  const total = { ...nothing };
  const open: string[] = [];
  for (const { a, b } of obligations) {
    const result = provePair(a.graph!, b.graph!, until, options);
    total.proved += result.proved;
    total.pairs += result.pairs;
    total.merged += result.merged;
    total.patterns += result.patterns;
    open.push(...result.open);
    if (result.different === undefined) continue;
    const { output, counterexample } = result.different;
    return {
      verdict: 'refuted',
      reason: `${output} differs`,
      ...total,
      counterexample,
      seconds: elapsed(),
    };
  }
  const where = restricted ? 'every state that can follow a reset' : 'every state';
  const reason =
    open.length === 0
      ? `outputs and next states are equal in ${where}, for every legal input`
      : `${total.proved} of ${total.pairs} bits proved within the time; open: ${open.join(', ')}`;
  return { verdict: open.length === 0 ? 'proved' : 'unknown', reason, ...total, seconds: elapsed() };
}

interface PairResult {
  proved: number;
  pairs: number;
  merged: number;
  patterns: number;
  /** Registers and ports of which bits are neither proved nor refuted. */
  open: string[];
  different?: { output: string; counterexample: Record<string, 0 | 1> } | undefined;
}

/** Two graphs without latches: merged by enumeration, then compared group by group, the smallest cone first. */
function provePair(first: Aig, second: Aig, until: number, options: ProofOptions): PairResult {
  const { signal } = options;
  const { aig, pairs } = pairGraphs(first, second, { match: 'name' });
  const added =
    options.words === true ? addUp(aig, pairs, (until - performance.now()) / 1500, signal) : new Set();
  if (added.size === pairs.length) {
    return { proved: pairs.length, pairs: pairs.length, merged: 0, patterns: 0, open: [] };
  }
  const share = Math.max(0, (until - performance.now()) / 2000);
  const enumeration = enumerateEqual(aig, { inputs: options.enumerate ?? 14, seconds: share, signal });
  const enumerated = mergeEqual(aig, enumeration.equal);
  // one sweep over all outputs: what one group needs, another has shown
  const swept = sweep(enumerated, {
    conflicts: 4000,
    seconds: Math.max(0.01, (until - performance.now()) / 2000),
    signal,
  });
  const joint = mergeEqual(enumerated, swept.representative);
  const result: PairResult = {
    proved: 0,
    pairs: pairs.length,
    merged: enumeration.merged,
    patterns: enumeration.patterns,
    open: [],
  };
  const groups = new Map<string, number[]>();
  pairs.forEach(({ name }, i) => {
    if (added.has(i) || joint.outputs[2 * i] === joint.outputs[2 * i + 1]) {
      result.proved++;
      return;
    }
    const list = groups.get(stem(name));
    if (list === undefined) groups.set(stem(name), [i]);
    else list.push(i);
  });
  const work = [...groups].map(([name, list]) => ({
    name,
    count: list.length,
    a: restrict(
      joint,
      list.map(i => 2 * i),
      pairs,
    ),
    b: restrict(
      joint,
      list.map(i => 2 * i + 1),
      pairs,
    ),
  }));
  work.sort((x, y) => x.a.andCount - y.a.andCount);
  for (let g = 0; g < work.length; g++) {
    const { name, a, b } = work[g]!;
    // a hard group may use what easy ones left, but not the share of those still to come
    const seconds = (until - performance.now()) / 1000 / (work.length - g);
    if (seconds <= 0) {
      result.open.push(name);
      continue;
    }
    const answer = equivalent(a, b, {
      match: 'name',
      seconds: seconds * Math.max(1, (work.length - g) / 2),
      sweepConflicts: 4000,
      signal,
    });
    result.proved += answer.proved;
    if (answer.verdict === 'unknown') result.open.push(name);
    if (answer.verdict !== 'different') continue;
    const counterexample: Record<string, 0 | 1> = {};
    a.names.inputs!.forEach((input, i) => {
      counterexample[input!] = answer.counterexample![i] === 1 ? 1 : 0;
    });
    result.different = { output: answer.output!, counterexample };
    return result;
  }
  return result;
}

/** Pairs of ports that are equal as words, or as several words of one width side by side. */
function addUp(
  aig: Aig,
  pairs: readonly { name: string }[],
  seconds: number,
  signal: AbortSignal | undefined,
): Set<number> {
  const found = new Set<number>();
  const ports = new Map<string, { i: number; place: number }[]>();
  pairs.forEach(({ name }, i) => {
    const place = Number(/\[(\d+)\]$/.exec(name)?.[1] ?? -1);
    const list = ports.get(stem(name));
    if (list === undefined) ports.set(stem(name), [{ i, place }]);
    else list.push({ i, place });
  });
  let words: WordProver | undefined;
  for (const bits of ports.values()) {
    if (bits.length < 8 || bits.every(({ i }) => aig.outputs[2 * i] === aig.outputs[2 * i + 1])) continue;
    words ??= new WordProver(aig, { seconds, signal });
    const order = bits.sort((x, y) => x.place - y.place).map(bit => bit.i);
    for (let parts = 1; parts <= 16 && 4 * parts <= order.length; parts++) {
      if (order.length % parts !== 0 || !equalParts(words, aig, order, parts)) continue;
      for (const i of order) found.add(i);
      break;
    }
  }
  return found;
}

function equalParts(words: WordProver, aig: Aig, order: readonly number[], parts: number): boolean {
  const width = order.length / parts;
  for (let from = 0; from < order.length; from += width) {
    const part = order.slice(from, from + width);
    const [a, b] = [0, 1].map(k => part.map(i => aig.outputs[2 * i + k]!));
    if (!words.equal(a!, b!)) return false;
  }
  return true;
}

function stem(name: string): string {
  return name.replace(/\[\d+\]$/, '');
}

/** The cone of some outputs, over all inputs. */
function restrict(aig: Aig, outputs: readonly number[], pairs: readonly { name: string }[]): Aig {
  const { inputCount, fanin0, fanin1 } = aig;
  const names = { inputs: aig.names.inputs, outputs: outputs.map(i => pairs[i >>> 1]!.name) };
  const picked = Uint32Array.from(outputs, i => aig.outputs[i]!);
  return strash(new Aig({ inputCount, fanin0, fanin1, outputs: picked, names })).aig;
}
