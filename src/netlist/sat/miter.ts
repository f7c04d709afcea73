// Two graphs side by side over shared inputs: the miter, and whether they compute the same.
// Refuses graphs whose inputs, latches or outputs do not pair up; sequential equivalence beyond paired latches is not tried.

import { InputError, UsageError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import type { Aig } from '../aig.ts';
import { requireAig } from '../aig.ts';
import { AigBuilder } from '../builder.ts';
import { copyAnds } from '../copy.ts';
import { randomWords, Simulator } from '../simulate.ts';
import { proveEqual } from './prove.ts';
import { type SweepStatistics, sweep } from './sweep.ts';

export interface PairOptions {
  /** Pair inputs, latches and outputs by `name`, by `order`, or (default) by name where all have one that fits, else by order. */
  match?: 'name' | 'order' | 'auto' | undefined;
}

export interface Pairing {
  /** Both graphs over the inputs of the first, structurally hashed; latches are inputs after the true ones. */
  aig: Aig;
  /** Literals in `aig` of each compared pair: outputs, then next states. */
  pairs: { name: string; a: number; b: number }[];
}

type Names = readonly (string | undefined)[] | undefined;

/** For each element of the first graph the index of the second's. */
function pairUp(what: string, countA: number, countB: number, a: Names, b: Names, match: string): number[] {
  if (countA !== countB) {
    throw new InputError(`the graphs have ${countA} and ${countB} ${what}s`, { expected: 'equally many' });
  }
  const identity = Array.from({ length: countA }, (_, i) => i);
  if (match === 'order') return identity;
  const places = new Map<string, number>();
  for (let i = 0; i < countB; i++) if (b?.[i] !== undefined) places.set(b[i]!, i);
  const result = identity.map(i => (a?.[i] === undefined ? undefined : places.get(a[i]!)));
  const missing = result.indexOf(undefined);
  if (missing < 0 && new Set(result).size === countA) return result as number[];
  if (match === 'auto') return identity;
  throw new InputError(`${what} ${a?.[missing] ?? missing} of the first graph has no namesake in the second`);
}

/**
 * Puts two graphs over the same inputs.
 * @throws InputError when counts, names (match 'name') or the reset values of latches do not pair up
 */
export function pairGraphs(first: Aig, second: Aig, options: PairOptions = {}): Pairing {
  requireAig('the first netlist', first);
  requireAig('the second netlist', second);
  const match = options.match ?? 'auto';
  if (!['name', 'order', 'auto'].includes(match)) {
    throw new UsageError(`match '${match}'`, { expected: 'name, order or auto' });
  }
  const na = first.names;
  const nb = second.names;
  const inputs = pairUp('input', first.inputCount, second.inputCount, na.inputs, nb.inputs, match);
  const latches = pairUp('latch', first.latchCount, second.latchCount, na.latches, nb.latches, match);
  const outputs = pairUp(
    'output',
    first.outputs.length,
    second.outputs.length,
    na.outputs,
    nb.outputs,
    match,
  );
  latches.forEach((other, i) => {
    if (first.latchInit[i] !== second.latchInit[other]) {
      throw new InputError(`latch ${na.latches?.[i] ?? i} starts differently in the two graphs`);
    }
  });
  const builder = new AigBuilder({ capacity: first.andCount + second.andCount });
  const mapA = new Uint32Array(first.variableCount);
  const mapB = new Uint32Array(second.variableCount);
  inputs.forEach((other, i) => {
    mapA[1 + i] = mapB[1 + other] = builder.addInput(na.inputs?.[i]);
  });
  latches.forEach((other, i) => {
    mapA[first.latchVariable(i)] = mapB[second.latchVariable(other)] = builder.addInput(na.latches?.[i]);
  });
  const toA = copyAnds(builder, first, mapA);
  const toB = copyAnds(builder, second, mapB);
  const pairs = outputs.map((other, i) =>
    pair(na.outputs?.[i] ?? `output ${i}`, first.outputs[i]!, second.outputs[other]!),
  );
  latches.forEach((other, i) => {
    pairs.push(
      pair(`next ${na.latches?.[i] ?? `latch ${i}`}`, first.latchNext[i]!, second.latchNext[other]!),
    );
  });
  function pair(name: string, a: number, b: number): Pairing['pairs'][number] {
    return { name, a: toA(a), b: toB(b) };
  }
  for (const { a, b } of pairs) {
    builder.addOutput(a);
    builder.addOutput(b);
  }
  return { aig: builder.build(), pairs };
}

/** The miter: one output, true exactly on the inputs (and states) on which the two graphs differ. */
export function miter(first: Aig, second: Aig, options: PairOptions = {}): Aig {
  const { aig, pairs } = pairGraphs(first, second, options);
  const builder = new AigBuilder({ capacity: aig.andCount + 4 * pairs.length });
  const map = new Uint32Array(aig.variableCount);
  for (let i = 0; i < aig.inputCount; i++) map[1 + i] = builder.addInput(aig.names.inputs?.[i]);
  const to = copyAnds(builder, aig, map);
  builder.addOutput(builder.addOrAll(pairs.map(p => builder.addXor(to(p.a), to(p.b)))), 'differ');
  return builder.build();
}

export interface EquivalenceOptions extends PairOptions {
  /** Conflicts for each net the sweep compares; default 2000. */
  sweepConflicts?: number | undefined;
  /** Conflicts for each output the sweep leaves open; default 1 million. */
  conflicts?: number | undefined;
  /** Seconds in all; default none. */
  seconds?: number | undefined;
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface EquivalenceResult {
  verdict: 'equivalent' | 'different' | 'unknown';
  /** Name of the output (or next state) that differs or is not decided. */
  output?: string | undefined;
  /** Value of each input, then latch, of the first graph on which that output differs. */
  counterexample?: Uint8Array | undefined;
  /** Output pairs proved equal, of all. */
  proved: number;
  pairs: number;
  sweep: SweepStatistics | undefined;
  seconds: number;
}

/**
 * Do two graphs compute the same outputs (and, with latches, the same next states)? Random simulation, then sweeping of
 * both together, then each output pair by SAT over what the sweep merged.
 */
export function equivalent(first: Aig, second: Aig, options: EquivalenceOptions = {}): EquivalenceResult {
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1000;
  const { aig, pairs } = pairGraphs(first, second, options);
  const open = pairs.filter(p => p.a !== p.b);
  let proved = pairs.length - open.length;
  let statistics: SweepStatistics | undefined;
  const result = (
    verdict: EquivalenceResult['verdict'],
    output?: string,
    counterexample?: Uint8Array,
  ): EquivalenceResult => {
    return {
      verdict,
      output,
      counterexample,
      proved,
      pairs: pairs.length,
      sweep: statistics,
      seconds: elapsed(),
    };
  };
  if (open.length === 0) return result('equivalent');
  const simulated = simulateApart(aig, open, options.seed ?? 1);
  if (simulated !== undefined) return result('different', simulated.name, simulated.inputs);
  const left = (): number | undefined =>
    options.seconds === undefined ? undefined : Math.max(0, options.seconds - elapsed());
  const swept = sweep(aig, {
    conflicts: options.sweepConflicts ?? 2000,
    seconds: left(),
    seed: options.seed,
    signal: options.signal,
  });
  statistics = swept.statistics;
  const levels = aig.levels();
  let undecided: string | undefined;
  for (const { name, a, b } of open) {
    const proof = proveEqual(aig, a, b, {
      merged: swept.representative,
      conflicts: options.conflicts,
      seconds: left(),
      levels,
      signal: options.signal,
    });
    if (proof.verdict === 'proved') proved++;
    if (proof.verdict === 'unknown') undecided ??= name;
    if (proof.verdict === 'refuted') return result('different', name, proof.counterexample);
  }
  return undecided === undefined ? result('equivalent') : result('unknown', undecided);
}

/** A pair and an assignment on which random vectors tell its literals apart. */
function simulateApart(
  aig: Aig,
  pairs: Pairing['pairs'],
  seed: number,
): { name: string; inputs: Uint8Array } | undefined {
  const words = 64;
  const random = new Random(seed);
  const inputs = randomWords(random, aig.inputCount, words);
  const literals = Uint32Array.from(pairs.flatMap(p => [p.a, p.b]));
  const values = new Simulator(aig).run(inputs, words, undefined, literals);
  for (let p = 0; p < pairs.length; p++) {
    for (let w = 0; w < words; w++) {
      const difference = values[2 * p * words + w]! ^ values[(2 * p + 1) * words + w]!;
      if (difference === 0) continue;
      const bit = 31 - Math.clz32(difference);
      const row = Uint8Array.from({ length: aig.inputCount }, (_, i) => (inputs[i * words + w]! >>> bit) & 1);
      return { name: pairs[p]!.name, inputs: row };
    }
  }
  return undefined;
}
