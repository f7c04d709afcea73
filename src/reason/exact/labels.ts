// Node labels of the adder detector: the root task and the shared task, as codes of gamora's data sets.
// One flag byte a variable; primary outputs are no variables and always have code 0.

import type { Aig } from '../../netlist/aig.ts';

export const inXorList = 1;
export const inAdderList = 2;
export const isSum = 4;
export const isCarry = 8;

/** Root task: 1 carry, 2 sum, 3 another AND, 4 input or latch (0 is a primary output). */
export function rootCode(aig: Aig, flags: Uint8Array, variable: number): number {
  const f = flags[variable]!;
  if (variable < aig.firstAnd) return 4;
  return f & isCarry ? 1 : f & isSum ? 2 : 3;
}

/** Shared task: 2 in both lists, 3 adder list only, 4 X list only, 1 neither, 5 input or latch in neither. */
export function sharedCode(aig: Aig, flags: Uint8Array, variable: number): number {
  switch (flags[variable]! & (inXorList | inAdderList)) {
    case inXorList | inAdderList:
      return 2;
    case inAdderList:
      return 3;
    case inXorList:
      return 4;
    default:
      return variable < aig.firstAnd ? 5 : 1;
  }
}

/**
 * Both label arrays over the variables 1.. (inputs, latches, ANDs): element k is variable k + 1. Primary outputs,
 * which follow the ANDs in a graph neural network's node order, are appended as zeros when `withOutputs`.
 */
export function nodeLabels(
  aig: Aig,
  flags: Uint8Array,
  withOutputs = false,
): { root: Uint8Array; shared: Uint8Array } {
  const variables = aig.variableCount - 1;
  const length = variables + (withOutputs ? aig.outputs.length : 0);
  const root = new Uint8Array(length);
  const shared = new Uint8Array(length);
  for (let k = 0; k < variables; k++) {
    root[k] = rootCode(aig, flags, k + 1);
    shared[k] = sharedCode(aig, flags, k + 1);
  }
  return { root, shared };
}
