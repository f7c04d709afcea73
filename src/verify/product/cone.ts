// Cuts a model checking problem down to what chosen roots depend on, keeping the way back to the larger graph.
// Refuses to merge anything: equal cones are the business of signature.ts.

import type { Aig } from '../../netlist/aig.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { instantiate } from './instance.ts';

/** Marks every variable some roots depend on, through latches. */
export function coneOf(aig: Aig, roots: Iterable<number>): Uint8Array {
  const { firstAnd, fanin0, fanin1, inputCount } = aig;
  const used = new Uint8Array(aig.variableCount);
  const stack: number[] = [];
  const visit = (literal: number): void => {
    const v = literal >>> 1;
    if (used[v] === 1) return;
    used[v] = 1;
    stack.push(v);
  };
  for (const literal of roots) visit(literal);
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    if (v >= firstAnd) {
      visit(fanin0[v - firstAnd]!);
      visit(fanin1[v - firstAnd]!);
    } else if (v > inputCount) visit(aig.latchNext[v - inputCount - 1]!);
  }
  return used;
}

/** A smaller problem and the way back to the larger one. */
export interface ReducedProblem {
  aig: Aig;
  /** Input of the larger graph for each input of the reduced one. */
  inputs: Uint32Array;
  /** Latch of the larger graph for each latch of the reduced one. */
  latches: Uint32Array;
  /** Literal of the reduced graph of each variable of the larger one, or -1. */
  literals: Float64Array;
}

export interface Roots {
  /** One bad that is true when any of `bads` is, instead of one each. */
  join?: boolean | undefined;
  bads?: readonly number[] | undefined;
  constraints?: readonly number[] | undefined;
  justice?: readonly (readonly number[])[] | undefined;
  fairness?: readonly number[] | undefined;
  outputs?: readonly number[] | undefined;
}

/** The problem made of these roots alone. All are literals of `aig`; its own properties are left behind. */
export function reduceTo(aig: Aig, roots: Roots): ReducedProblem {
  const { bads = [], constraints = [], justice = [], fairness = [], outputs = [] } = roots;
  const used = coneOf(aig, [...bads, ...constraints, ...justice.flat(), ...fairness, ...outputs]);
  const builder = new AigBuilder({ capacity: aig.variableCount });
  builder.model = aig.names.model;
  const keptInputs: number[] = [];
  const keptLatches: number[] = [];
  const inputs = Array.from({ length: aig.inputCount }, (_, i) => {
    if (used[aig.inputVariable(i)] === 0) return 0;
    keptInputs.push(i);
    return builder.addInput(aig.names.inputs?.[i]);
  });
  const latches = Array.from({ length: aig.latchCount }, (_, i) => {
    if (used[aig.latchVariable(i)] === 0) return 0;
    keptLatches.push(i);
    return builder.addLatch(aig.names.latches?.[i], aig.latchInit[i]);
  });
  const { map } = instantiate(builder, aig, { inputs, latches });
  for (const i of keptLatches) builder.setNext(latches[i]!, map(aig.latchNext[i]!));
  for (const x of outputs) builder.addOutput(map(x));
  if (roots.join === true) builder.addBad(builder.addOrAll(bads.map(map)));
  else for (const x of bads) builder.addBad(map(x));
  for (const x of constraints) builder.addConstraint(map(x));
  for (const list of justice) builder.addJustice(list.map(map));
  for (const x of fairness) builder.addFairness(map(x));
  const literals = new Float64Array(aig.variableCount).fill(-1);
  for (let v = 0; v < aig.variableCount; v++) if (used[v] === 1 || v === 0) literals[v] = map(2 * v);
  const swept = sweep(builder.build(), literals, builder);
  return {
    aig: swept.aig,
    inputs: Uint32Array.from(keptInputs),
    latches: Uint32Array.from(keptLatches),
    literals: swept.literals,
  };
}

/** Drops ANDs outside the cones (constants folding may free more) while inputs and latches keep their places. */
function sweep(aig: Aig, literals: Float64Array, made: AigBuilder): { aig: Aig; literals: Float64Array } {
  const used = coneOf(aig, aig.roots());
  const builder = new AigBuilder({ capacity: aig.variableCount });
  builder.model = aig.names.model;
  const to = new Float64Array(aig.variableCount).fill(-1);
  to[0] = 0;
  for (let i = 0; i < aig.inputCount; i++) to[aig.inputVariable(i)] = builder.addInput(aig.names.inputs?.[i]);
  for (let i = 0; i < aig.latchCount; i++) {
    to[aig.latchVariable(i)] = builder.addLatch(aig.names.latches?.[i], aig.latchInit[i]);
  }
  const map = (x: number): number => (to[x >>> 1]! ^ (x & 1)) >>> 0;
  for (let i = 0; i < aig.andCount; i++) {
    const v = aig.firstAnd + i;
    if (used[v] === 1) to[v] = builder.addAnd(map(aig.fanin0[i]!), map(aig.fanin1[i]!));
  }
  for (let i = 0; i < aig.latchCount; i++) {
    const latch = to[aig.latchVariable(i)]!;
    if (used[aig.latchVariable(i)] === 1) builder.setNext(latch, map(aig.latchNext[i]!));
  }
  for (const x of aig.outputs) builder.addOutput(map(x));
  for (const x of aig.bads) builder.addBad(map(x));
  for (const x of aig.constraints) builder.addConstraint(map(x));
  for (const list of aig.justice) builder.addJustice(Array.from(list, map));
  for (const x of aig.fairness) builder.addFairness(map(x));
  const result = literals.map(x => {
    if (x < 0) return -1;
    const final = made.finalLiteral(x);
    const there = to[final >>> 1]!;
    return there < 0 ? -1 : (there ^ (final & 1)) >>> 0;
  });
  return { aig: builder.build(), literals: result };
}
