// Writes ISCAS .bench: AND, NOT, BUFF and DFF lines. Flip-flops of .bench start at 0: one that starts at 1 is written
// inverted, one that starts uninitialised as starting at 0. Refuses graphs with properties.

import type { Aig } from './aig.ts';
import { LineWriter } from './aiger-write.ts';
import { refuseProperties, UniqueNames } from './names.ts';
import type { Sink } from './source.ts';

/** @throws InputError when the graph has properties */
export function writeBench(aig: Aig, sink: Sink): void {
  refuseProperties(aig, '.bench');
  const lines = new LineWriter(sink);
  const names = new UniqueNames(x => x.replace(/[\s(),=#]/g, '_'));
  const positive: string[] = [''];
  for (let i = 0; i < aig.inputCount; i++) positive.push(names.take(aig.names.inputs?.[i], `i${i}`));
  for (let i = 0; i < aig.latchCount; i++) positive.push(names.take(aig.names.latches?.[i], `l${i}`));
  const outputs = Array.from(aig.outputs, (_, i) => names.take(aig.names.outputs?.[i], `o${i}`));
  const prefix = names.freePrefix('n');
  const inverted = names.freePrefix(`${prefix}i`);
  const statePrefix = names.freePrefix(`${prefix}s`);
  const net = (variable: number): string => positive[variable] ?? `${prefix}${variable}`;
  for (let i = 0; i < aig.inputCount; i++) lines.add(`INPUT(${positive[1 + i]})`);
  for (const output of outputs) lines.add(`OUTPUT(${output})`);
  const written = new Uint8Array(aig.variableCount);
  /** Name of a literal; writes the line of a constant or an inverter the first time it is needed. */
  const literalName = (literal: number): string => {
    const variable = literal >>> 1;
    if (variable === 0) {
      const bit = 1 << (literal & 1);
      if ((written[0]! & bit) === 0) lines.add(`${prefix}${literal} = ${literal === 1 ? 'vdd' : 'gnd'}`);
      written[0]! |= bit;
      return `${prefix}${literal}`;
    }
    if ((literal & 1) === 0) return net(variable);
    const name = `${inverted}${variable}`;
    if (written[variable] === 0) lines.add(`${name} = NOT(${net(variable)})`);
    written[variable] = 1;
    return name;
  };
  aig.latchNext.forEach((next, i) => {
    const own = net(aig.latchVariable(i));
    if (aig.latchInit[i] === 1) {
      const state = `${statePrefix}${i}`;
      lines.add(`${own} = NOT(${state})`);
      lines.add(`${state} = DFF(${literalName(next ^ 1)})`);
    } else lines.add(`${own} = DFF(${literalName(next)})`);
  });
  for (let i = 0; i < aig.andCount; i++) {
    const a = literalName(aig.fanin0[i]!);
    const b = literalName(aig.fanin1[i]!);
    lines.add(`${net(aig.firstAnd + i)} = AND(${a}, ${b})`);
  }
  aig.outputs.forEach((literal, i) => {
    const source = literal < 2 ? literalName(literal) : net(literal >>> 1);
    lines.add(`${outputs[i]} = ${literal > 1 && literal & 1 ? 'NOT' : 'BUFF'}(${source})`);
  });
  lines.flush();
}
