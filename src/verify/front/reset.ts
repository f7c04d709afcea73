// The state after reset: reset is held active under unknown inputs until the registers settle, then tied inactive.
// Registers that reset does not determine start free. Refuses a reset that leaves every register unknown.

import { type Aig, uninitialised } from '../../netlist/aig.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { type Design, designFromAig } from '../design.ts';
import { instantiate } from '../product/instance.ts';
import { TernarySimulator, unknown } from '../ternary.ts';

export interface ResetPin {
  /** Name of a one-bit input port. */
  port: string;
  /** Level at which it resets. */
  active: 0 | 1;
}

/** Cycles reset is held at least. */
const resetCycles = 16;

/**
 * Values of all registers at the end of reset: 0, 1, or 2 where it depends on the inputs, on the length of reset, or on
 * nothing at all. Holds for every reset of at least `cycles` cycles.
 */
export function stateAfterReset(
  design: Design,
  resets: readonly ResetPin[],
  cycles = resetCycles,
): Uint8Array {
  const { aig } = design;
  if (resets.length === 0) return aig.latchInit.slice();
  const simulator = new TernarySimulator(aig);
  const inputs = new Uint8Array(aig.inputCount).fill(unknown);
  for (const reset of resets) {
    const port = design.ports.find(p => p.name === reset.port && p.direction === 'in');
    for (const bit of port?.bits ?? []) inputs[(bit >>> 1) - 1] = reset.active;
  }
  let state: Uint8Array = aig.latchInit.slice();
  for (let t = 0; t < cycles; t++) {
    simulator.evaluate(state, inputs);
    const next = simulator.next();
    if (next.every((x, i) => x === state[i])) return state;
    state = next;
  }
  // whatever still moves is joined to unknown until nothing changes
  for (;;) {
    simulator.evaluate(state, inputs);
    const next = simulator.next();
    let changed = false;
    const joined = state.map((x, i) => {
      if (x === next[i] || x === unknown) return x;
      changed = true;
      return unknown;
    });
    if (!changed) return state;
    state = joined;
  }
}

/**
 * Values of registers after `cycles` cycles of reset with every input 0 but those given, starting from 0 where nothing
 * is said, by latch name. This is what a test bench sees that drives nothing during reset: a simulator of two values
 * exactly, one of four values wherever it does not see x.
 */
function restAfterReset(
  design: Design,
  resets: readonly ResetPin[],
  ties: ReadonlyMap<string, bigint>,
  cycles: number,
): Map<string, 0 | 1> {
  const { aig } = design;
  const simulator = new TernarySimulator(aig);
  const inputs = new Uint8Array(aig.inputCount);
  for (const port of design.ports) {
    if (port.direction !== 'in') continue;
    const reset = resets.find(r => r.port === port.name);
    const value = reset === undefined ? (ties.get(port.name) ?? 0n) : BigInt(reset.active);
    port.bits.forEach((bit, i) => {
      inputs[(bit >>> 1) - 1] = Number((value >> BigInt(i)) & 1n);
    });
  }
  let state: Uint8Array = aig.latchInit.map(value => (value === uninitialised ? 0 : value));
  for (let t = 0; t < (resets.length === 0 ? 0 : cycles); t++) {
    simulator.evaluate(state, inputs);
    state = simulator.next();
  }
  const rest = new Map<string, 0 | 1>();
  state.forEach((value, i) => {
    const name = aig.names.latches?.[i];
    if (name !== undefined) rest.set(name, value === 1 ? 1 : 0);
  });
  return rest;
}

/**
 * The design from the end of reset on: reset pins tied inactive, other pins tied as asked, registers starting where
 * reset left them. Tied ports are gone; registers and remaining ports keep their names.
 * @param ties constant value of further input ports
 */
export function settleReset(
  design: Design,
  resets: readonly ResetPin[],
  ties: ReadonlyMap<string, bigint> = new Map(),
  cycles = resetCycles,
): Design {
  const { aig } = design;
  const initial = stateAfterReset(design, resets, cycles);
  const constant = new Map<number, number>();
  for (const port of design.ports) {
    if (port.direction !== 'in') continue;
    const reset = resets.find(r => r.port === port.name);
    const tie = ties.get(port.name);
    if (reset !== undefined) for (const bit of port.bits) constant.set(bit >>> 1, 1 - reset.active);
    else if (tie !== undefined) {
      port.bits.forEach((bit, i) => {
        constant.set(bit >>> 1, Number((tie >> BigInt(i)) & 1n));
      });
    }
  }
  const builder = new AigBuilder({ capacity: aig.variableCount });
  builder.model = design.name;
  const inputs = Array.from({ length: aig.inputCount }, (_, i) => {
    const value = constant.get(1 + i);
    return value ?? builder.addInput(aig.names.inputs?.[i]);
  });
  const latches = Array.from({ length: aig.latchCount }, (_, i) =>
    builder.addLatch(aig.names.latches?.[i], initial[i] === unknown ? uninitialised : initial[i]),
  );
  const instance = instantiate(builder, aig, { inputs, latches });
  latches.forEach((latch, i) => {
    builder.setNext(latch, instance.map(aig.latchNext[i]!));
  });
  aig.outputs.forEach((literal, i) => {
    builder.addOutput(instance.map(literal), aig.names.outputs?.[i]);
  });
  const settled = designFromAig(dropConstantLatches(builder.build()), design.name);
  return { ...settled, rest: restAfterReset(design, resets, ties, cycles) };
}

/** Replaces latches that hold their known initial value for ever by that constant. */
function dropConstantLatches(aig: Aig): Aig {
  const value = new Map<number, number>();
  // greatest fixpoint: assume every latch with a known initial value keeps it, drop those that may change
  const simulator = new TernarySimulator(aig);
  const inputs = new Uint8Array(aig.inputCount).fill(unknown);
  let state: Uint8Array = aig.latchInit.slice();
  for (;;) {
    simulator.evaluate(state, inputs);
    const next = simulator.next();
    const joined = state.map((x, i) => (x === next[i] ? x : unknown));
    if (joined.every((x, i) => x === state[i])) break;
    state = joined;
  }
  for (let i = 0; i < aig.latchCount; i++) if (state[i] !== unknown) value.set(i, state[i]!);
  if (value.size === 0) return aig;
  const builder = new AigBuilder({ capacity: aig.variableCount });
  builder.model = aig.names.model;
  const copies = Array.from({ length: aig.inputCount }, (_, i) => builder.addInput(aig.names.inputs?.[i]));
  const latches = Array.from({ length: aig.latchCount }, (_, i) =>
    value.has(i) ? value.get(i)! : builder.addLatch(aig.names.latches?.[i], aig.latchInit[i]),
  );
  const instance = instantiate(builder, aig, { inputs: copies, latches });
  latches.forEach((latch, i) => {
    if (!value.has(i)) builder.setNext(latch, instance.map(aig.latchNext[i]!));
  });
  aig.outputs.forEach((literal, i) => {
    builder.addOutput(instance.map(literal), aig.names.outputs?.[i]);
  });
  return builder.build();
}
