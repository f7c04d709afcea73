// Writes BLIF: one .names an AND, latches with reset values, inverters only where an output needs one.
// Refuses graphs with bad, constraint, justice or fairness properties: BLIF has no place for them.

import type { Aig } from './aig.ts';
import { LineWriter } from './aiger-write.ts';
import { refuseProperties, UniqueNames } from './names.ts';
import type { Sink } from './source.ts';

/** @throws InputError when the graph has properties */
export function writeBlif(aig: Aig, sink: Sink): void {
  refuseProperties(aig, 'BLIF');
  const lines = new LineWriter(sink);
  const names = new UniqueNames(x => x.replace(/[\s=#\\]/g, '_'));
  const leaves = [
    ...Array.from({ length: aig.inputCount }, (_, i) => names.take(aig.names.inputs?.[i], `i${i}`)),
    ...Array.from({ length: aig.latchCount }, (_, i) => names.take(aig.names.latches?.[i], `l${i}`)),
  ];
  const outputs = Array.from(aig.outputs, (_, i) => names.take(aig.names.outputs?.[i], `o${i}`));
  // nodes take `n` and their variable behind a prefix no given name starts with
  const prefix = names.freePrefix('n');
  const name = (variable: number): string =>
    variable > 0 && variable < aig.firstAnd ? leaves[variable - 1]! : `${prefix}${variable}`;
  const wrapped = (keyword: string, words: string[]): void => {
    for (let from = 0; from < words.length; from += 20) {
      const last = from + 20 >= words.length;
      lines.add(`${from === 0 ? keyword : ''} ${words.slice(from, from + 20).join(' ')}${last ? '' : ' \\'}`);
    }
    if (words.length === 0) lines.add(keyword);
  };
  lines.add(`.model ${(aig.names.model ?? 'top').replace(/[\s#\\]/g, '_')}`);
  wrapped('.inputs', leaves.slice(0, aig.inputCount));
  wrapped('.outputs', outputs);
  lines.add(`.names ${name(0)}`);
  aig.latchNext.forEach((next, i) => {
    const own = leaves[aig.inputCount + i]!;
    const init = aig.latchInit[i] === 2 ? 3 : aig.latchInit[i]!;
    const data = `${prefix}d${i}`;
    lines.add(`.names ${name(next >>> 1)} ${data}`);
    lines.add(next & 1 ? '0 1' : '1 1');
    lines.add(`.latch ${data} ${own} ${init}`);
  });
  for (let i = 0; i < aig.andCount; i++) {
    const a = aig.fanin0[i]!;
    const b = aig.fanin1[i]!;
    lines.add(`.names ${name(a >>> 1)} ${name(b >>> 1)} ${name(aig.firstAnd + i)}`);
    lines.add(`${a & 1 ? 0 : 1}${b & 1 ? 0 : 1} 1`);
  }
  aig.outputs.forEach((literal, i) => {
    lines.add(`.names ${name(literal >>> 1)} ${outputs[i]}`);
    lines.add(literal & 1 ? '0 1' : '1 1');
  });
  lines.add('.end');
  lines.flush();
}
