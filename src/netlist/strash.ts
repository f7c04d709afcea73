// Structural hashing of a whole graph: duplicates merged, constants folded, nodes no root reaches dropped (optional).
// Refuses to restructure: every AND kept is an AND of the source.

import { type Aig, requireAig } from './aig.ts';
import { AigBuilder } from './builder.ts';
import { copyAnds } from './copy.ts';

export interface StrashOptions {
  /** Drop ANDs that no root reaches. Default true. */
  sweep?: boolean | undefined;
}

export interface StrashResult {
  aig: Aig;
  /** Literal in the new graph of each variable of the old one; `missing` for ANDs that were dropped. */
  literals: Uint32Array;
}

/** Marks a dropped AND in `StrashResult.literals`. */
export const missing = 0xffffffff;

/** Hashes a graph; inputs, latches, outputs, properties and names keep their places. */
export function strash(source: Aig, options: StrashOptions = {}): StrashResult {
  requireAig('the netlist of strash', source);
  const { firstAnd, andCount } = source;
  const used = (options.sweep ?? true) ? reachable(source) : undefined;
  const builder = new AigBuilder({ capacity: andCount + firstAnd });
  const literals = new Uint32Array(source.variableCount).fill(missing);
  literals[0] = 0;
  const names = source.names;
  for (let i = 0; i < source.inputCount; i++) literals[1 + i] = builder.addInput(names.inputs?.[i]);
  for (let i = 0; i < source.latchCount; i++) {
    literals[source.latchVariable(i)] = builder.addLatch(names.latches?.[i], source.latchInit[i]);
  }
  const map = copyAnds(builder, source, literals, used);
  for (let i = 0; i < source.latchCount; i++) {
    builder.setNext(literals[source.latchVariable(i)]!, map(source.latchNext[i]!));
  }
  source.outputs.forEach((x, i) => {
    builder.addOutput(map(x), names.outputs?.[i]);
  });
  source.bads.forEach((x, i) => {
    builder.addBad(map(x), names.bads?.[i]);
  });
  source.constraints.forEach((x, i) => {
    builder.addConstraint(map(x), names.constraints?.[i]);
  });
  source.justice.forEach((list, i) => {
    builder.addJustice(Array.from(list, map), names.justice?.[i]);
  });
  source.fairness.forEach((x, i) => {
    builder.addFairness(map(x), names.fairness?.[i]);
  });
  for (const [variable, nets] of names.nets ?? []) {
    if (literals[variable] === missing) continue;
    for (const net of nets)
      builder.nameNet((literals[variable]! ^ (net.complemented ? 1 : 0)) >>> 0, net.name);
  }
  builder.model = names.model;
  builder.comment = source.comment;
  return { aig: builder.build(), literals };
}

/** 1 for each variable some root depends on (directly or through latches), else 0. Linear time. */
export function reachable(aig: Aig, roots: Iterable<number> = aig.roots()): Uint8Array {
  const { fanin0, fanin1, firstAnd } = aig;
  const used = new Uint8Array(aig.variableCount);
  for (const literal of roots) used[literal >>> 1] = 1;
  for (let v = aig.variableCount - 1; v >= firstAnd; v--) {
    if (used[v] === 0) continue;
    used[fanin0[v - firstAnd]! >>> 1] = 1;
    used[fanin1[v - firstAnd]! >>> 1] = 1;
  }
  return used;
}
