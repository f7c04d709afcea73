// Liveness as safety: a lasso found by guessing the state it closes at (Biere, Artho and Schuppan 2002), and k-liveness
// (Claessen and Sörensson 2012). Refuses finite runs: a run the constraints end is no counterexample.

import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { copyAnds } from '../netlist/copy.ts';

export interface LassoProblem {
  /** Bad 0: a fair lasso has just closed. */
  aig: Aig;
  /** Index of the input that marks the start of the loop; inputs before it are those of the graph. */
  save: number;
}

interface Copied {
  builder: AigBuilder;
  read: (literal: number) => number;
  latches: number[];
  /** To be called when all extra gates exist: next states and constraints of the graph itself. */
  close: () => void;
}

/** The graph once more in a builder, with `extra` inputs and latches made between its own and its gates. */
function copy(aig: Aig, extra: (builder: AigBuilder, latches: number[]) => void): Copied {
  const builder = new AigBuilder({ capacity: 2 * aig.andCount });
  const made = new Uint32Array(aig.variableCount);
  for (let i = 0; i < aig.inputCount; i++) made[1 + i] = builder.addInput(aig.names.inputs?.[i]);
  const latches: number[] = [];
  for (let i = 0; i < aig.latchCount; i++) {
    const latch = builder.addLatch(aig.names.latches?.[i], aig.latchInit[i]);
    made[aig.latchVariable(i)] = latch;
    latches.push(latch);
  }
  extra(builder, latches);
  const read = copyAnds(builder, aig, made);
  const close = (): void => {
    for (const [i, latch] of latches.entries()) builder.setNext(latch, read(aig.latchNext[i]!));
    for (const c of aig.constraints) builder.addConstraint(read(c));
  };
  return { builder, read, latches, close };
}

/** @param wanted literals that must each hold somewhere on the loop: the justice set and all fairness constraints */
export function lassoProblem(aig: Aig, wanted: readonly number[]): LassoProblem {
  let save = 0;
  let saved = 0;
  const copies: number[] = [];
  const seen: number[] = [];
  const { builder, read, latches, close } = copy(aig, (b, own) => {
    save = b.addInput('save');
    saved = b.addLatch('saved');
    for (const i of own.keys()) copies.push(b.addLatch(`saved.${aig.names.latches?.[i] ?? `latch${i}`}`));
    for (const j of wanted.keys()) seen.push(b.addLatch(`seen[${j}]`));
  });
  const now = builder.addAnd(save, saved ^ 1);
  const inLoop = builder.addOr(save, saved);
  builder.setNext(saved, inLoop);
  const equal: number[] = [];
  for (const [i, latch] of latches.entries()) {
    builder.setNext(copies[i]!, builder.addMux(now, latch, copies[i]!));
    equal.push(builder.addXnor(latch, copies[i]!));
  }
  for (const [j, literal] of wanted.entries()) {
    builder.setNext(seen[j]!, builder.addAnd(inLoop, builder.addOr(seen[j]!, read(literal))));
  }
  close();
  builder.addBad(builder.addAndAll([saved, ...seen, ...equal]), 'lasso');
  return { aig: builder.build(), save: aig.inputCount };
}

/** Bad 0: for the k-th time every wanted literal has been seen since the time before. */
export function countingProblem(aig: Aig, wanted: readonly number[], k: number): Aig {
  const seen: number[] = [];
  const count: number[] = [];
  const { builder, read, close } = copy(aig, b => {
    for (const j of wanted.keys()) seen.push(b.addLatch(`seen[${j}]`));
    for (let i = 0; i < k; i++) count.push(b.addLatch(`rounds[${i}]`));
  });
  const met = wanted.map((literal, j) => builder.addOr(seen[j]!, read(literal)));
  const all = builder.addAndAll(met);
  for (const [j, literal] of met.entries()) builder.setNext(seen[j]!, builder.addAnd(literal, all ^ 1));
  for (const [i, latch] of count.entries()) {
    const before = i === 0 ? 1 : count[i - 1]!;
    builder.setNext(latch, builder.addOr(latch, builder.addAnd(all, before)));
  }
  close();
  builder.addBad(count[k - 1] ?? 1, 'rounds');
  return builder.build();
}
