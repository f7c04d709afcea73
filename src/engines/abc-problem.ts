// A system in the plain form every ABC command takes: one output, latches that reset to 0, constraints folded in.
// Refuses to keep anything else; the way back is through the inputs, which keep their order.

import { type Aig, uninitialised } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { copyAnds } from '../netlist/copy.ts';
import type { System } from './system.ts';
import type { Trace } from './types.ts';

/**
 * Output 0 is 1 in the failing step. Inputs: those of the system, then one for each latch without a reset value (its
 * value in step 0).
 */
export function plainProblem(system: System): Aig {
  const { aig } = system;
  const b = new AigBuilder({ capacity: 2 * aig.andCount });
  const made = new Uint32Array(aig.variableCount);
  for (let i = 0; i < aig.inputCount; i++) made[1 + i] = b.addInput();
  const free = Array.from(aig.latchInit, init => (init === uninitialised ? b.addInput() : 0));
  const latches = Array.from(aig.latchInit, () => b.addLatch());
  const started = b.addLatch();
  const broken = b.addLatch();
  b.setNext(started, 1);
  for (const [i, init] of aig.latchInit.entries()) {
    const latch = latches[i]!;
    made[aig.latchVariable(i)] =
      init === 1 ? latch ^ 1 : init === uninitialised ? b.addMux(started, latch, free[i]!) : latch;
  }
  const read = copyAnds(b, aig, made);
  for (const [i, init] of aig.latchInit.entries()) {
    b.setNext(latches[i]!, read(aig.latchNext[i]!) ^ (init === 1 ? 1 : 0));
  }
  const held = b.addAnd(b.addAndAll(system.constraints.map(read)), broken ^ 1);
  b.setNext(broken, held ^ 1);
  b.addOutput(b.addAnd(held, read(system.bad)));
  return b.build();
}

/** The run in a counterexample written by `write_cex -f`: words such as pi3@7=1. Undefined when there is none. */
export function plainTrace(system: System, text: string): Trace | undefined {
  const { aig } = system;
  const steps: Uint8Array[] = [];
  const initial = aig.latchInit.slice();
  const undefinedLatches = [...initial.keys()].filter(i => initial[i] === uninitialised);
  for (const match of text.matchAll(/\bpi(\d+)@(\d+)=([01])/g)) {
    const input = Number(match[1]);
    const t = Number(match[2]);
    const value = Number(match[3]);
    if (t > 1e6) return undefined;
    while (steps.length <= t) steps.push(new Uint8Array(aig.inputCount));
    if (input < aig.inputCount) steps[t]![input] = value;
    else if (t === 0) initial[undefinedLatches[input - aig.inputCount]!] = value;
  }
  if (steps.length === 0) {
    // a graph without inputs: only the number of steps is told
    const last = [...text.matchAll(/@(\d+)=/g)].reduce((m, x) => Math.max(m, Number(x[1])), -1);
    if (last < 0 || last > 1e6) return undefined;
    for (let t = 0; t <= last; t++) steps.push(new Uint8Array(aig.inputCount));
  }
  return { initial: initial.map(x => (x === uninitialised ? 0 : x)), steps };
}
