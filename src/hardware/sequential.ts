// Are two graphs of a unit the same machine, whatever their registers hold? One stream drives both after a reset; the
// model checking engines look for a cycle in which handshakes or valid outputs differ. Refuses registers that do not pair up.

import { checkSafety, type SafetyResult } from '../engines/index.ts';
import { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { copyAnds } from '../netlist/copy.ts';
import { legalise } from './proof-graph.ts';
import type { Channel } from './unit.ts';

/**
 * Compares a unit with a changed copy of itself (same ports, same registers) from reset on, registers without a reset
 * value starting at zero in both.
 */
export function compareMachines(
  unit: Aig,
  other: Aig,
  channels: { input: Channel; output: Channel },
  options: { seconds: number; signal?: AbortSignal | undefined },
): Promise<SafetyResult> {
  const { aig, pairs } = sequentialMiter(unit, other, channels);
  return checkSafety(aig, {
    timeoutSeconds: options.seconds,
    hints: { equalPairs: pairs },
    signal: options.signal,
    shortest: false,
    minimise: false,
  });
}

function sequentialMiter(
  unit: Aig,
  other: Aig,
  { input, output }: { input: Channel; output: Channel },
): { aig: Aig; pairs: (readonly [number, number])[] } {
  const b = new AigBuilder({ capacity: 2 * unit.andCount });
  const { inputCount, latchCount } = unit;
  const maps = [new Uint32Array(unit.variableCount), new Uint32Array(other.variableCount)] as const;
  const raw = new Map<string, { literal: number; variable: number }>();
  for (let i = 0; i < inputCount; i++) {
    const name = unit.names.inputs![i]!;
    raw.set(name, { literal: b.addInput(name), variable: unit.inputVariable(i) });
  }
  // the first latch tells the first cycle, in which reset is held; then the registers of one and of the other
  const started = b.addInput('started');
  for (const [k, map] of maps.entries()) {
    for (let i = 0; i < latchCount; i++)
      map[unit.latchVariable(i)] = b.addInput(`${k} ${unit.names.latches![i]}`);
  }
  for (const [name, { literal, variable }] of raw) {
    maps[0][variable] = name === 'rst' ? b.addOr(literal, started ^ 1) : literal;
  }
  legalise(b, input, raw, maps[0]);
  for (let i = 0; i < inputCount; i++) maps[1][unit.inputVariable(i)] = maps[0][unit.inputVariable(i)]!;
  const at = [unit, other].map((aig, k) => {
    const to = copyAnds(b, aig, maps[k]!);
    const outputs = new Map<string, number>();
    aig.outputs.forEach((literal, i) => {
      outputs.set(aig.names.outputs![i]!, to(literal));
    });
    return { outputs, next: Array.from(aig.latchNext, to) };
  });
  const differ: number[] = [];
  const valid = at[0]!.outputs.get(`${output.name}_valid`)!;
  for (const [name, literal] of at[0]!.outputs) {
    const different = b.addXor(literal, at[1]!.outputs.get(name)!);
    const payload = name !== `${output.name}_valid` && name !== `${input.name}_ready`;
    differ.push(payload ? b.addAnd(valid, different) : different);
  }
  const bad = b.addAnd(started, b.addOrAll(differ));
  for (const literal of [1, ...at[0]!.next, ...at[1]!.next, bad]) b.addOutput(literal);
  const flat = b.build();
  // inputs of the flat graph past those of the unit are its latches: same variables, now with a next state
  const latches = 1 + 2 * latchCount;
  const aig = new Aig({
    inputCount,
    fanin0: flat.fanin0,
    fanin1: flat.fanin1,
    latchNext: flat.outputs.slice(0, latches),
    latchInit: new Uint8Array(latches),
    bads: flat.outputs.slice(latches),
  });
  const pairs = Array.from(
    { length: latchCount },
    (_, i) => [2 * aig.latchVariable(1 + i), 2 * aig.latchVariable(1 + latchCount + i)] as const,
  );
  return { aig, pairs };
}
