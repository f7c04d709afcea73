// A unit as a combinational graph: registers as inputs and next states as outputs, illegal lanes of the input read as zero,
// registers limited to states that can follow a reset. Refuses latches in what it returns.

import { BitwrightError, InputError } from '../core/errors.ts';
import { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { copyAnds } from '../netlist/copy.ts';
import { constantTrue } from '../netlist/gate-builder.ts';
import { reachable } from '../netlist/strash.ts';
import { type ModuleGates, RtlModules, readModuleGates } from '../synthesis/modules.ts';
import { type RtlFile, readRtl } from '../synthesis/rtl.ts';
import type { Channel } from './unit.ts';

const statePrefix = 'state_';

/** RTL as graphs are compared: every register and, with adders as chains, every sum as it is written. */
export interface ProofReading {
  gates: ModuleGates;
  aig: Aig;
}

/** Seconds a reading may take: large units under load. */
const readingSeconds = 600;

/** Reads the modules of a unit. @throws InputError, SynthesisTimeout, AbortedError */
export function readGatesForProof(
  files: readonly RtlFile[],
  top: string,
  signal?: AbortSignal,
): Promise<ModuleGates> {
  return readModuleGates({ files, top }, { timeoutSeconds: readingSeconds, signal });
}

/**
 * Reads a unit.
 * @throws InputError, SynthesisTimeout, AbortedError
 */
export async function readForProof(
  files: readonly RtlFile[],
  top: string,
  signal?: AbortSignal,
): Promise<ProofReading> {
  const gates = await readGatesForProof(files, top, signal);
  try {
    return { gates, aig: new RtlModules(gates).graph(top) };
  } catch (error) {
    // what goes wrong between modules has its place in the RTL, which a flat reading knows
    if (error instanceof InputError)
      await readRtl({ files, top }, { timeoutSeconds: readingSeconds, signal });
    throw error;
  }
}

/** Outputs of a reference that say what a register holds: `state_NAME`, bit by bit. */
export function stateNames(states: Aig): string[] {
  return (states.names.outputs ?? []).filter(name => name?.startsWith(statePrefix) === true) as string[];
}

export interface CombinationalOptions {
  /**
   * A graph with outputs `state_NAME` over registers alone: a state is possible when every NAME equals its `state_NAME`.
   * Registers are read through them, which covers all possible states.
   */
  states: Aig;
  /**
   * Instead of outputs and next states, what the possible states must satisfy: `kept` from one cycle to the next,
   * `reset` after a cycle of reset that starts anywhere.
   */
  check?: 'kept' | 'reset' | undefined;
}

export interface Combinational {
  /** Outputs of the unit, then next states; left out with `check`. */
  graph?: Aig | undefined;
  /** With `check`: next states of the registers that `states` speaks of, and what it promises of them. */
  found?: Aig | undefined;
  promised?: Aig | undefined;
}

export function combinational(aig: Aig, channel: Channel, options: CombinationalOptions): Combinational {
  const { states, check } = options;
  const b = new AigBuilder({ capacity: 2 * aig.andCount });
  const map = new Uint32Array(aig.variableCount);
  const raw = new Map<string, { literal: number; variable: number }>();
  for (let i = 0; i < aig.inputCount; i++) {
    const name = aig.names.inputs?.[i] ?? `input ${i}`;
    const literal = b.addInput(name);
    const variable = aig.inputVariable(i);
    map[variable] = check === 'reset' && name === 'rst' ? constantTrue : literal;
    raw.set(name, { literal, variable });
  }
  const registers = new Map<string, number>();
  for (let i = 0; i < aig.latchCount; i++) {
    const name = aig.names.latches?.[i] ?? `register ${i}`;
    const literal = b.addInput(name);
    map[aig.latchVariable(i)] = literal;
    registers.set(name, literal);
  }
  if (check !== 'reset') {
    for (const [name, literal] of possible(b, states, registers)) {
      const i = aig.names.latches!.indexOf(name);
      map[aig.latchVariable(i)] = literal;
    }
  }
  legalise(b, channel, raw, map);
  const to = copyAnds(b, aig, map);
  if (check === undefined) {
    aig.outputs.forEach((literal, i) => {
      const name = aig.names.outputs?.[i] ?? `output ${i}`;
      if (!name.startsWith(statePrefix)) b.addOutput(to(literal), name);
    });
    aig.latchNext.forEach((literal, i) => {
      b.addOutput(to(literal), `next ${aig.names.latches?.[i]}`);
    });
    return { graph: b.build() };
  }
  const next = new Map<string, number>();
  aig.latchNext.forEach((literal, i) => {
    next.set(aig.names.latches![i]!, to(literal));
  });
  const promises = possible(b, states, next);
  const flat = b.build();
  const names = { inputs: flat.names.inputs, outputs: [...promises.keys()].map(name => `${check} ${name}`) };
  const withOutputs = (values: ReadonlyMap<string, number>): Aig => {
    const outputs = Uint32Array.from(promises.keys(), name => values.get(name)!);
    return new Aig({ ...flat, outputs, names });
  };
  return { found: withOutputs(next), promised: withOutputs(promises) };
}

/** What `state_NAME` says of each register bit NAME, given the registers. */
function possible(b: AigBuilder, states: Aig, registers: ReadonlyMap<string, number>): Map<string, number> {
  const result = new Map<string, number>();
  const names = states.names.outputs ?? [];
  const wanted = names.flatMap((name, i) => (name?.startsWith(statePrefix) === true ? [i] : []));
  if (wanted.length === 0) return result;
  const used = reachable(
    states,
    wanted.map(i => states.outputs[i]!),
  );
  const map = new Uint32Array(states.variableCount);
  for (let i = 0; i < states.inputCount; i++) {
    if (used[states.inputVariable(i)] === 1) {
      throw new BitwrightError(`${states.names.inputs?.[i]} in the description of possible states`);
    }
  }
  for (let i = 0; i < states.latchCount; i++) {
    const name = states.names.latches![i]!;
    const literal = registers.get(name);
    if (literal === undefined) continue;
    map[states.latchVariable(i)] = literal;
  }
  const to = copyAnds(b, states, map, used);
  for (const i of wanted) {
    const name = names[i]!.slice(statePrefix.length);
    if (!registers.has(name)) throw new BitwrightError(`no register ${name} for ${names[i]}`);
    result.set(name, to(states.outputs[i]!));
  }
  return result;
}

/** Maps the input bits of a channel so that illegal lanes are read as zero. */
export function legalise(
  b: AigBuilder,
  channel: Channel,
  raw: ReadonlyMap<string, { literal: number; variable: number }>,
  map: Uint32Array,
): void {
  for (const { name, lanes, bits, signed, low, high } of channel.fields) {
    if (low === undefined || high === undefined) continue;
    const holds = { low: signed ? -(2 ** (bits - 1)) : 0, high: 2 ** (signed ? bits - 1 : bits) - 1 };
    if (low <= holds.low && high >= holds.high) continue;
    const port = `${channel.name}_${name}`;
    for (let lane = 0; lane < lanes; lane++) {
      const part = Array.from({ length: bits }, (_, k) => {
        return raw.get(`${port}[${lane * bits + k}]`) ?? raw.get(port)!;
      });
      const word = part.map(p => p.literal);
      // signed order is unsigned order with the sign bit inverted
      if (signed) word[bits - 1]! ^= 1;
      const shift = signed ? 2 ** (bits - 1) : 0;
      const legal = b.addAnd(
        atLeast(b, word, low + shift),
        atLeast(
          b,
          word.map(x => x ^ 1),
          2 ** bits - 1 - (high + shift),
        ),
      );
      for (const { literal, variable } of part) map[variable] = b.addAnd(literal, legal);
    }
  }
}

/** word >= bound, unsigned. */
function atLeast(b: AigBuilder, word: readonly number[], bound: number): number {
  let result: number = constantTrue;
  word.forEach((bit, k) => {
    const one = Math.floor(bound / 2 ** k) % 2 === 1;
    result = one ? b.addAnd(bit, result) : b.addOr(bit, result);
  });
  return result;
}
