// Copies a design into a graph under construction: inputs bound to literals, registers fresh, shared or given.
// Refuses combinational loops by construction: inputs must be bound before the copy is made.

import type { Aig } from '../../netlist/aig.ts';
import type { AigBuilder } from '../../netlist/builder.ts';

export interface Instance {
  /** Literal in the new graph of each variable of the source. */
  literals: Uint32Array;
  /** Literal in the new graph of a literal of the source. */
  map(literal: number): number;
}

export interface InstanceOptions {
  /** Literal for each input of the source. */
  inputs: ArrayLike<number>;
  /** Literal for each latch of the source: what its readers see. */
  latches: ArrayLike<number>;
}

/** Places the ANDs of a graph; next states are for the caller to connect (`map(aig.latchNext[i])`). */
export function instantiate(builder: AigBuilder, aig: Aig, options: InstanceOptions): Instance {
  const { fanin0, fanin1, firstAnd, andCount } = aig;
  const literals = new Uint32Array(aig.variableCount);
  for (let i = 0; i < aig.inputCount; i++) literals[1 + i] = options.inputs[i]!;
  for (let i = 0; i < aig.latchCount; i++) literals[1 + aig.inputCount + i] = options.latches[i]!;
  for (let i = 0; i < andCount; i++) {
    const a = fanin0[i]!;
    const b = fanin1[i]!;
    literals[firstAnd + i] = builder.addAnd(
      (literals[a >>> 1]! ^ (a & 1)) >>> 0,
      (literals[b >>> 1]! ^ (b & 1)) >>> 0,
    );
  }
  return { literals, map: literal => (literals[literal >>> 1]! ^ (literal & 1)) >>> 0 };
}

/**
 * Latches and variables that may depend on some inputs, through any number of cycles (structural closure).
 * @returns 1 for each dependent variable
 */
export function dependents(aig: Aig, inputs: Iterable<number>): Uint8Array {
  const { fanin0, fanin1, firstAnd, andCount } = aig;
  const marked = new Uint8Array(aig.variableCount);
  for (const literal of inputs) marked[literal >>> 1] = 1;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < andCount; i++) {
      if (marked[fanin0[i]! >>> 1]! | marked[fanin1[i]! >>> 1]!) marked[firstAnd + i] = 1;
    }
    for (let i = 0; i < aig.latchCount; i++) {
      const v = aig.latchVariable(i);
      if (marked[v] === 0 && marked[aig.latchNext[i]! >>> 1] === 1) {
        marked[v] = 1;
        changed = true;
      }
    }
  }
  return marked;
}
