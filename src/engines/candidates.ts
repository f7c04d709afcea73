// Candidate facts for the Houdini loop, from simulation: clauses of two latches, guarded equalities of hinted pairs, the
// caller's own. Refuses to promise anything: a candidate has merely not been seen false.

import { Random } from '../core/random.ts';
import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import type { Pair } from './houdini.ts';
import { Samples } from './samples.ts';
import { dependsOnInputs, type System, systemLiteral } from './system.ts';
import type { Hints } from './types.ts';
import { wordCandidates } from './words.ts';

/** Most two-latch clauses, and guarded equalities. */
const clauseLimit = 1500;
const guardedLimit = 2000;
/** Latches looked at pairwise. */
const latchLimit = 600;

export interface Candidates {
  /** The system over a graph that also holds the candidates' gates. */
  system: System;
  pairs: Pair[];
}

/** @param original the graph the hints and the names of words are about */
export function findCandidates(original: Aig, system: System, hints: Hints, seed = 1): Candidates {
  const { aig } = system;
  const builder = copyGraph(aig);
  const pairs: Pair[] = [];
  const usesInputs = dependsOnInputs(aig);
  const own = (literal: number): number | undefined => {
    const mapped = systemLiteral(system, literal);
    return mapped === undefined || usesInputs[mapped >>> 1] === 1 ? undefined : mapped;
  };
  const hinted = [...(hints.invariants ?? []), ...(hints.equalPairs ?? []).flat()];
  const latches = Array.from({ length: aig.latchCount }, (_, i) => 2 * (1 + aig.inputCount + i));
  const named = Array.from({ length: original.latchCount }, (_, i) => own(2 * original.latchVariable(i)));
  const asked = [...latches, ...[...hinted.map(own), ...named].filter(x => x !== undefined)];
  const samples = new Samples(
    aig,
    system.constraints,
    asked.map(x => x >>> 1),
    new Random(seed),
  );
  for (const literal of hints.invariants ?? []) {
    const mapped = own(literal);
    if (mapped !== undefined && mapped > 1 && samples.never(mapped ^ 1)) pairs.push([mapped, 1]);
  }
  const open: [number, number][] = [];
  for (const [a, b] of hints.equalPairs ?? []) {
    const x = own(a);
    const y = own(b);
    if (x === undefined || y === undefined || x === y) continue;
    if (samples.equal(x, y)) pairs.push([x, y]);
    else open.push([x, y]);
  }
  const looked = latches.slice(0, latchLimit);
  for (const [a, b] of clauses(samples, looked)) pairs.push([builder.addOr(a, b), 1]);
  let guarded = 0;
  for (const [x, y] of open) {
    for (const latch of looked) {
      for (const guard of [latch, latch ^ 1]) {
        if (guarded >= guardedLimit || latch === (x & ~1) || latch === (y & ~1)) continue;
        if (!samples.equalUnder(guard, x, y)) continue;
        guarded++;
        pairs.push([builder.addOr(guard ^ 1, builder.addXnor(x, y)), 1]);
      }
    }
  }
  pairs.push(...wordCandidates(original, system, samples, builder));
  const extended = builder.build();
  const distinct = new Map<string, Pair>();
  for (const [a, b] of pairs) {
    if (a !== b && a < 2 * extended.variableCount) distinct.set(`${a},${b}`, [a, b]);
  }
  return { system: { ...system, aig: extended }, pairs: [...distinct.values()] };
}

/** A builder that holds the graph with its own numbers, ready for more gates. */
function copyGraph(aig: Aig): AigBuilder {
  const builder = new AigBuilder({ capacity: 2 * aig.andCount });
  for (let i = 0; i < aig.inputCount; i++) builder.addInput(aig.names.inputs?.[i]);
  for (let i = 0; i < aig.latchCount; i++) builder.addLatch(aig.names.latches?.[i], aig.latchInit[i]);
  for (let i = 0; i < aig.andCount; i++) builder.addAnd(aig.fanin0[i]!, aig.fanin1[i]!);
  for (let i = 0; i < aig.latchCount; i++) {
    builder.setNext(2 * aig.latchVariable(i), aig.latchNext[i]!);
  }
  for (const literal of aig.bads) builder.addBad(literal);
  for (const literal of aig.constraints) builder.addConstraint(literal);
  return builder;
}

/** Clauses of two latch literals never seen false though chance would have shown it. */
function clauses(samples: Samples, latches: readonly number[]): [number, number][] {
  const found: { clause: [number, number]; surprise: number }[] = [];
  const ones = latches.map(latch => samples.count(latch));
  const total = samples.total;
  for (let i = 0; i < latches.length; i++) {
    for (let j = i + 1; j < latches.length; j++) {
      for (let phase = 0; phase < 4; phase++) {
        const a = latches[i]! ^ (phase & 1);
        const b = latches[j]! ^ (phase >> 1);
        const missA = phase & 1 ? ones[i]! : total - ones[i]!;
        const missB = phase >> 1 ? ones[j]! : total - ones[j]!;
        const surprise = (missA * missB) / total;
        if (surprise < 12 || !samples.neverBoth(a ^ 1, b ^ 1)) continue;
        found.push({ clause: [a, b], surprise });
      }
    }
  }
  found.sort((p, q) => q.surprise - p.surprise);
  return found.slice(0, clauseLimit).map(x => x.clause);
}
