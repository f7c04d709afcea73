// P5 as a safety problem for the engines: an arbitrary word is marked as it enters and counted to the front; when it is
// due, the word that leaves must equal it. Holds exactly when the k-th word out is the k-th word in, for every k.
// Refuses several sources: their words may leave in any interleaving, which one counter cannot follow.

import type { Trace } from '../../engines/types.ts';
import type { Aig } from '../../netlist/aig.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { instantiate } from '../product/instance.ts';
import type { StreamDesign } from './stream.ts';

export interface IntegrityProblem {
  /** Inputs: those of the design, then `mark`. Latches: those of the design, then the monitor's. One bad. */
  aig: Aig;
  /** Words inside that the counters can hold; more counts as a failure (words are lost). */
  room: number;
}

/**
 * The problem, or undefined for blocks with several inputs or outputs.
 * @param only the payload bits that are compared (default all)
 */
export function integrityProblem(
  design: StreamDesign,
  only: readonly number[] = design.inputs[0]?.payload.map((_, i) => i) ?? [],
): IntegrityProblem | undefined {
  const { aig, inputs, outputs } = design;
  if (inputs.length !== 1 || outputs.length !== 1) return undefined;
  const [input] = inputs as [StreamDesign['inputs'][number]];
  const [output] = outputs as [StreamDesign['outputs'][number]];
  const b = new AigBuilder({ capacity: 2 * aig.variableCount + 1000 });
  const designInputs = Array.from({ length: aig.inputCount }, (_, i) => b.addInput(aig.names.inputs?.[i]));
  const mark = b.addInput('mark');
  const latches = Array.from({ length: aig.latchCount }, (_, i) =>
    b.addLatch(aig.names.latches?.[i], aig.latchInit[i]),
  );
  // more words than registers could hold cannot be inside
  const room = Math.floor(aig.latchCount / Math.max(1, input.payload.length)) + 1;
  const bits = Math.max(1, Math.ceil(Math.log2(room + 2)));
  const count = Array.from({ length: bits }, (_, i) => b.addLatch(`inside[${i}]`, 0));
  const ahead = Array.from({ length: bits }, (_, i) => b.addLatch(`ahead[${i}]`, 0));
  const tracking = b.addLatch('tracking', 0);
  const done = b.addLatch('done', 0);
  const word = only.map(i => b.addLatch(`marked[${i}]`, 0));
  const { map } = instantiate(b, aig, { inputs: designInputs, latches });
  latches.forEach((latch, i) => {
    b.setNext(latch, map(aig.latchNext[i]!));
  });
  const take = b.addAnd(map(input.valid), map(input.ready));
  const give = b.addAnd(map(output.valid), map(output.ready));
  const inWord = only.map(i => map(input.payload[i]!));
  const outWord = only.map(i => map(output.payload[i]!));
  const mux = (s: number, x: number, y: number): number => b.addOr(b.addAnd(s, x), b.addAnd(s ^ 1, y));
  const zero = (value: readonly number[]): number => value.reduce((all, x) => b.addAnd(all, x ^ 1), 1);
  const step = (value: readonly number[], up: number, down: number): number[] => {
    let carry = b.addAnd(up, down ^ 1);
    let borrow = b.addAnd(down, up ^ 1);
    return value.map(x => {
      const changed = b.addXor(x, b.addOr(carry, borrow));
      carry = b.addAnd(carry, x);
      borrow = b.addAnd(borrow, x ^ 1);
      return changed;
    });
  };
  const starts = b.addAnd(b.addAnd(mark, take), b.addAnd(tracking ^ 1, done ^ 1));
  const active = b.addOr(tracking, starts);
  const position = ahead.map((x, i) => mux(tracking, x, count[i]!));
  const due = b.addAnd(b.addAnd(active, zero(position)), give);
  const wanted = word.map((x, i) => mux(tracking, x, inWord[i]!));
  const differs = wanted.reduce((any, x, i) => b.addOr(any, b.addXor(x, outWord[i]!)), 0);
  const fromNothing = b.addAnd(give, b.addAnd(zero(count), take ^ 1));
  const full = count.reduce((all, x, i) => b.addAnd(all, (room >> i) & 1 ? x : x ^ 1), 1);
  const tooMany = b.addAnd(full, b.addAnd(take, give ^ 1));
  step(count, take, give).forEach((x, i) => {
    b.setNext(count[i]!, x);
  });
  step(position, 0, give).forEach((x, i) => {
    b.setNext(ahead[i]!, x);
  });
  b.setNext(tracking, b.addAnd(active, due ^ 1));
  b.setNext(done, b.addOr(done, due));
  word.forEach((x, i) => {
    b.setNext(x, mux(starts, inWord[i]!, x));
  });
  b.addBad(b.addOr(b.addOr(b.addAnd(due, differs), fromNothing), tooMany), 'P5');
  return { aig: b.build(), room };
}

/** The part of a failing run that is the design's. */
export function designTrace(design: StreamDesign, trace: Trace): Trace {
  return {
    initial: trace.initial.slice(0, design.aig.latchCount),
    steps: trace.steps.map(step => step.slice(0, design.aig.inputCount)),
  };
}
