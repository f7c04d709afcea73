// The system an engine works on: one bad literal, the constraints, and only the latches and inputs these depend on, with
// the way back to the graph that was given. Refuses to drop constraints: each may make a run impossible.

import { InputError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';

/** Two literals of `aig`, functions of its latches alone, that are equal in every state a run can be in. */
export interface Fact {
  aig: Aig;
  /** Index in the original graph of each latch of `aig`. */
  latches: Int32Array;
  pairs: [number, number][];
}

export interface System {
  /** One bad; all constraints; no outputs. */
  aig: Aig;
  bad: number;
  constraints: readonly number[];
  /** Index in the original graph of each input and latch. */
  inputs: Int32Array;
  latches: Int32Array;
  /** Literal in `aig` of each variable of the original graph; -1 outside the cone of influence. */
  map: Int32Array;
  /** Literals whose cones stay though neither the bad literal nor a constraint reads them. */
  keep: readonly number[];
  /** What was used to get here from the original graph. */
  facts: readonly Fact[];
}

/** Literal in the system of a literal of the original graph, or undefined outside the cone. */
export function systemLiteral(system: System, literal: number): number | undefined {
  const root = system.map[literal >>> 1];
  return root === undefined || root < 0 ? undefined : root ^ (literal & 1);
}

/**
 * The cone of influence of a bad literal and all constraints.
 * @param keep further literals whose cones are kept
 * @throws InputError for a bad index out of range
 */
export function coneOfInfluence(aig: Aig, badIndex: number, keep: readonly number[] = []): System {
  const bad = aig.bads[badIndex];
  if (bad === undefined) {
    throw new InputError(`bad state property ${badIndex}`, {
      expected: aig.bads.length === 0 ? 'a graph with one' : `0 to ${aig.bads.length - 1}`,
    });
  }
  return systemOf(aig, bad, keep);
}

/** As `coneOfInfluence`, for any literal as the bad one. */
export function systemOf(aig: Aig, bad: number, keep: readonly number[] = []): System {
  const identity = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
  const whole: System = {
    aig,
    bad,
    constraints: [...aig.constraints],
    inputs: identity(aig.inputCount),
    latches: identity(aig.latchCount),
    map: Int32Array.from({ length: aig.variableCount }, (_, v) => 2 * v),
    keep,
    facts: [],
  };
  return rebuild(whole, new Map());
}

/**
 * The system with latches and ANDs replaced by literals of smaller variables, reduced to its cone of influence.
 * @param replace variable → literal that reads in its place; every pair becomes a fact
 */
export function rebuild(system: System, replace: ReadonlyMap<number, number>): System {
  const { aig } = system;
  const { firstAnd, fanin0, fanin1 } = aig;
  const read = (literal: number): number => {
    for (;;) {
      const other = replace.get(literal >>> 1);
      if (other === undefined) return literal;
      literal = other ^ (literal & 1);
    }
  };
  const needed = new Uint8Array(aig.variableCount);
  const stack: number[] = [];
  const need = (literal: number): void => {
    const v = read(literal) >>> 1;
    if (needed[v] === 0) {
      needed[v] = 1;
      stack.push(v);
    }
  };
  for (const literal of [system.bad, ...system.constraints, ...system.keep]) need(literal);
  while (stack.length > 0) {
    const v = stack.pop()!;
    if (v >= firstAnd) {
      need(fanin0[v - firstAnd]!);
      need(fanin1[v - firstAnd]!);
    } else if (v > aig.inputCount) need(aig.latchNext[v - 1 - aig.inputCount]!);
  }
  const builder = new AigBuilder({ capacity: aig.andCount });
  const made = new Int32Array(aig.variableCount).fill(-1);
  made[0] = 0;
  const inputs: number[] = [];
  const latches: number[] = [];
  const { names } = aig;
  for (let i = 0; i < aig.inputCount; i++) {
    if (needed[1 + i] === 0) continue;
    made[1 + i] = builder.addInput(names.inputs?.[i]);
    inputs.push(i);
  }
  for (let i = 0; i < aig.latchCount; i++) {
    const v = 1 + aig.inputCount + i;
    if (needed[v] === 0) continue;
    made[v] = builder.addLatch(names.latches?.[i], aig.latchInit[i]);
    latches.push(i);
  }
  const final = (literal: number): number => {
    const root = read(literal);
    const at = made[root >>> 1]!;
    return at < 0 ? -1 : at ^ (root & 1);
  };
  for (let v = firstAnd; v < aig.variableCount; v++) {
    if (needed[v] === 0) continue;
    made[v] = builder.addAnd(final(fanin0[v - firstAnd]!), final(fanin1[v - firstAnd]!));
  }
  for (const i of latches) {
    builder.setNext(made[1 + aig.inputCount + i]!, final(aig.latchNext[i]!));
  }
  builder.addBad(final(system.bad));
  for (const literal of system.constraints) {
    const c = final(literal);
    if (c !== 1) builder.addConstraint(c);
  }
  const built = builder.build();
  const map = system.map.map(literal => (literal < 0 ? -1 : final(literal)));
  const facts =
    replace.size === 0
      ? system.facts
      : [
          ...system.facts,
          {
            aig,
            latches: system.latches,
            pairs: [...replace].map(([v, literal]): [number, number] => [2 * v, literal]),
          },
        ];
  return {
    aig: built,
    bad: built.bads[0]!,
    constraints: [...built.constraints],
    inputs: Int32Array.from(inputs, i => system.inputs[i]!),
    latches: Int32Array.from(latches, i => system.latches[i]!),
    map,
    keep: system.keep.map(final),
    facts,
  };
}

/** Which variables depend on an input. */
export function dependsOnInputs(aig: Aig): Uint8Array {
  const flags = new Uint8Array(aig.variableCount);
  flags.fill(1, 1, 1 + aig.inputCount);
  for (let i = 0; i < aig.andCount; i++) {
    flags[aig.firstAnd + i] = flags[aig.fanin0[i]! >>> 1]! | flags[aig.fanin1[i]! >>> 1]!;
  }
  return flags;
}
