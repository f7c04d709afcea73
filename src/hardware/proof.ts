// SAT proof that two graphs of a unit behave alike: registers matched by name, outputs and next states equal in every
// state and for every legal input. Refuses to claim anything about registers without a namesake.

import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { constantTrue } from '../netlist/gate-builder.ts';
import { equivalent } from '../netlist/sat/miter.ts';
import type { Channel } from './unit.ts';

export interface ProofOptions {
  /** Seconds in all. Default 20. */
  seconds?: number | undefined;
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
  /** Inputs and registers on which the two differ, by bit name. */
  counterexample?: Record<string, 0 | 1> | undefined;
  seconds: number;
}

/**
 * Proves that two graphs with the same ports and equally named registers have equal outputs and next states for every
 * state and every input whose fields are legal (see Field.low, Field.high): equal from reset on, whatever the stream.
 */
export function proveUnits(
  unit: Aig,
  reference: Aig,
  input: Channel,
  options: ProofOptions = {},
): ProofResult {
  const begin = performance.now();
  const known = new Set(reference.names.latches);
  const unmatched = unit.names.latches?.find(name => name === undefined || !known.has(name));
  if (unit.latchCount !== reference.latchCount || unmatched !== undefined) {
    const which = unmatched === undefined ? '' : `: ${unmatched} has no namesake`;
    return {
      verdict: 'unknown',
      reason: `${unit.latchCount} and ${reference.latchCount} registers do not match by name${which}`,
      proved: 0,
      pairs: 0,
      seconds: (performance.now() - begin) / 1000,
    };
  }
  const first = legalised(unit, input);
  const second = legalised(reference, input);
  const until = begin + 1000 * (options.seconds ?? 20);
  const groups = groupsOf(first).map(names => ({
    names,
    a: restrict(first, names),
    b: restrict(second, names),
  }));
  groups.sort((x, y) => x.a.andCount - y.a.andCount);
  let proved = 0;
  let pairs = 0;
  const open: string[] = [];
  for (let g = 0; g < groups.length; g++) {
    const { names, a, b } = groups[g]!;
    pairs += names.length;
    // a hard group may use what easy ones left, but not the share of those still to come
    const seconds = (until - performance.now()) / 1000 / (groups.length - g);
    const limit = seconds * Math.max(1, (groups.length - g) / 2);
    if (seconds <= 0) {
      open.push(stem(names[0]!));
      continue;
    }
    const result = equivalent(a, b, {
      match: 'name',
      seconds: limit,
      sweepConflicts: 4000,
      signal: options.signal,
    });
    proved += result.proved;
    if (result.verdict === 'unknown') open.push(stem(names[0]!));
    if (result.verdict !== 'different') continue;
    const counterexample: Record<string, 0 | 1> = {};
    a.names.inputs!.forEach((name, i) => {
      counterexample[name!] = result.counterexample![i] === 1 ? 1 : 0;
    });
    const elapsed = (performance.now() - begin) / 1000;
    return {
      verdict: 'refuted',
      reason: `${result.output} differs`,
      proved,
      pairs,
      counterexample,
      seconds: elapsed,
    };
  }
  const reason =
    open.length === 0
      ? 'outputs and next states are equal in every state, for every legal input'
      : `${proved} of ${pairs} bits proved within the time; open: ${open.join(', ')}`;
  const verdict = open.length === 0 ? 'proved' : 'unknown';
  return { verdict, reason, proved, pairs, seconds: (performance.now() - begin) / 1000 };
}

function stem(name: string): string {
  return name.replace(/\[\d+\]$/, '');
}

/** Outputs that are bits of the same register or port. */
function groupsOf(aig: Aig): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of aig.names.outputs!) {
    const list = groups.get(stem(name!));
    if (list === undefined) groups.set(stem(name!), [name!]);
    else list.push(name!);
  }
  return [...groups.values()];
}

/** The cone of some outputs, over all inputs. */
function restrict(aig: Aig, names: readonly string[]): Aig {
  const wanted = new Set(names);
  const outputs = aig.names.outputs!.flatMap((name, i) => (wanted.has(name!) ? [i] : []));
  const used = new Uint8Array(aig.variableCount);
  for (const i of outputs) used[aig.outputs[i]! >>> 1] = 1;
  for (let i = aig.andCount - 1; i >= 0; i--) {
    if (used[aig.firstAnd + i] === 0) continue;
    used[aig.fanin0[i]! >>> 1] = 1;
    used[aig.fanin1[i]! >>> 1] = 1;
  }
  const b = new AigBuilder({ capacity: aig.andCount });
  const map = new Uint32Array(aig.variableCount);
  for (let i = 0; i < aig.inputCount; i++) map[aig.inputVariable(i)] = b.addInput(aig.names.inputs![i]);
  const to = (literal: number): number => (map[literal >>> 1]! ^ (literal & 1)) >>> 0;
  for (let i = 0; i < aig.andCount; i++) {
    const v = aig.firstAnd + i;
    if (used[v] === 1) map[v] = b.addAnd(to(aig.fanin0[i]!), to(aig.fanin1[i]!));
  }
  for (const i of outputs) b.addOutput(to(aig.outputs[i]!), aig.names.outputs![i]);
  return b.build();
}

/** The combinational part with registers as inputs and next states as outputs; illegal lanes of the input read as zero. */
function legalised(aig: Aig, channel: Channel): Aig {
  const b = new AigBuilder({ capacity: 2 * aig.andCount });
  const map = new Uint32Array(aig.variableCount);
  const raw = new Map<string, { literal: number; variable: number }>();
  for (let i = 0; i < aig.inputCount; i++) {
    const literal = b.addInput(aig.names.inputs?.[i] ?? `input ${i}`);
    map[aig.inputVariable(i)] = literal;
    raw.set(aig.names.inputs?.[i] ?? '', { literal, variable: aig.inputVariable(i) });
  }
  for (let i = 0; i < aig.latchCount; i++) map[aig.latchVariable(i)] = b.addInput(aig.names.latches?.[i]);
  for (const { name, lanes, bits, signed, low, high } of channel.fields) {
    if (low === undefined || high === undefined) continue;
    const holds = { low: signed ? -(2 ** (bits - 1)) : 0, high: 2 ** (signed ? bits - 1 : bits) - 1 };
    if (low <= holds.low && high >= holds.high) continue;
    const port = `${channel.name}_${name}`;
    for (let lane = 0; lane < lanes; lane++) {
      const part = Array.from({ length: bits }, (_, k) => {
        return raw.get(`${port}[${lane * bits + k}]`) ?? raw.get(port)!;
      });
      const word = part.map(p => p.literal);
      // signed order is unsigned order with the sign bit inverted
      if (signed) word[bits - 1]! ^= 1;
      const shift = signed ? 2 ** (bits - 1) : 0;
      const legal = b.addAnd(
        atLeast(b, word, low + shift),
        atLeast(
          b,
          word.map(x => x ^ 1),
          2 ** bits - 1 - (high + shift),
        ),
      );
      for (const { literal, variable } of part) map[variable] = b.addAnd(literal, legal);
    }
  }
  const to = (literal: number): number => (map[literal >>> 1]! ^ (literal & 1)) >>> 0;
  for (let i = 0; i < aig.andCount; i++) {
    map[aig.firstAnd + i] = b.addAnd(to(aig.fanin0[i]!), to(aig.fanin1[i]!));
  }
  aig.outputs.forEach((literal, i) => {
    b.addOutput(to(literal), aig.names.outputs?.[i] ?? `output ${i}`);
  });
  aig.latchNext.forEach((literal, i) => {
    b.addOutput(to(literal), `next ${aig.names.latches?.[i]}`);
  });
  return b.build();
}

/** word >= bound, unsigned. */
function atLeast(b: AigBuilder, word: readonly number[], bound: number): number {
  let result: number = constantTrue;
  word.forEach((bit, k) => {
    const one = Math.floor(bound / 2 ** k) % 2 === 1;
    result = one ? b.addAnd(bit, result) : b.addOr(bit, result);
  });
  return result;
}
