// What data integrity is asked of: a settled design (reset done, clock gone) with its channels as literals.
// Splits payload bits into data (only moved) and tags (looked at by control). Refuses channels of unequal width.

import { InputError } from '../../core/errors.ts';
import type { Aig } from '../../netlist/aig.ts';
import { undefinedPrefix } from '../design.ts';
import { coneOf } from '../product/cone.ts';

export interface StreamChannel {
  name: string;
  /** Input channel: an input literal. Output channel: any literal. */
  valid: number;
  /** Input channel: any literal. Output channel: an input literal. */
  ready: number;
  /** Payload, in one order on both sides. */
  payload: readonly number[];
}

/** A block whose outputs are to repeat its inputs: one or several sources, one destination. */
export interface StreamDesign {
  aig: Aig;
  inputs: readonly StreamChannel[];
  outputs: readonly StreamChannel[];
  /** Values of open latches after a quiet reset, by index. */
  rest?: ReadonlyMap<number, 0 | 1> | undefined;
}

/** Which latches and payload bits take part in which role. */
export interface Roles {
  /** Payload bits (positions) that never reach valid, ready or a register that control depends on. */
  data: number[];
  /** Payload bits that control looks at: enumerated. */
  tags: number[];
  /** Latches that hold data, in the cones that matter. */
  dataLatches: number[];
  /** Latches that decide. */
  controlLatches: number[];
  /** Inputs that are enumerated besides valid, ready and tags: configuration pins and the like. */
  freeInputs: number[];
  /** Inputs that stand for undefined values of the source. */
  undefinedInputs: number[];
  /** ANDs (variables) that matter, in topological order. */
  ands: number[];
}

/**
 * Checks data independence on the graph: a payload bit is data when nothing that depends on it, through any number of
 * cycles, is a valid or ready. Sound by structure; the selection logic itself is checked state by state later.
 * @throws InputError when payload widths differ
 */
export function findRoles(design: StreamDesign): Roles {
  const { aig, inputs, outputs } = design;
  const width = inputs[0]?.payload.length ?? 0;
  for (const channel of [...inputs, ...outputs]) {
    if (channel.payload.length !== width) {
      throw new InputError(`channel '${channel.name}' has ${channel.payload.length} payload bits`, {
        expected: `${width}, as channel '${inputs[0]!.name}'`,
      });
    }
  }
  const control = [...inputs.map(c => c.ready), ...outputs.map(c => c.valid)];
  const tags = new Set<number>();
  const controlCone = coneOf(aig, control);
  inputs.forEach(channel => {
    channel.payload.forEach((literal, b) => {
      if (controlCone[literal >>> 1] === 1) tags.add(b);
    });
  });
  const data = Array.from({ length: width }, (_, b) => b).filter(b => !tags.has(b));
  const marked = dependents(
    aig,
    inputs.flatMap(c => data.map(b => c.payload[b]!)),
  );
  const used = coneOf(aig, [...control, ...outputs.flatMap(c => c.payload)]);
  const roles: Roles = {
    data,
    tags: [...tags].sort((a, b) => a - b),
    dataLatches: [],
    controlLatches: [],
    freeInputs: [],
    undefinedInputs: [],
    ands: [],
  };
  for (let i = 0; i < aig.latchCount; i++) {
    const v = aig.latchVariable(i);
    if (used[v] === 1) (marked[v] === 1 ? roles.dataLatches : roles.controlLatches).push(i);
  }
  for (let i = 0; i < aig.andCount; i++) if (used[aig.firstAnd + i] === 1) roles.ands.push(aig.firstAnd + i);
  const owned = new Set<number>();
  for (const c of inputs) for (const x of [c.valid, ...c.payload]) owned.add(x >>> 1);
  for (const c of outputs) owned.add(c.ready >>> 1);
  for (let v = 1; v <= aig.inputCount; v++) {
    if (used[v] === 0 || owned.has(v)) continue;
    const isUndefined = aig.names.inputs?.[v - 1]?.startsWith(undefinedPrefix) === true;
    (isUndefined ? roles.undefinedInputs : roles.freeInputs).push(v);
  }
  return roles;
}

/** Variables that depend on some literals, through latches. */
function dependents(aig: Aig, roots: Iterable<number>): Uint8Array {
  const marked = new Uint8Array(aig.variableCount);
  for (const literal of roots) marked[literal >>> 1] = 1;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < aig.andCount; i++) {
      if (marked[aig.fanin0[i]! >>> 1] === 1 || marked[aig.fanin1[i]! >>> 1] === 1)
        marked[aig.firstAnd + i] = 1;
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
