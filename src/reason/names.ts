// Names of the variables of a netlist, for people: given net and port names where there are any, else n<variable>.

import type { Aig } from '../netlist/index.ts';

/** A namer of literals: `~` before complemented ones. */
export function literalNamer(aig: Aig): (literal: number) => string {
  const { names, inputCount, firstAnd } = aig;
  const outputs = new Map<number, string>();
  aig.outputs.forEach((literal, i) => {
    const name = names.outputs?.[i];
    if (name !== undefined && !outputs.has(literal)) outputs.set(literal, name);
  });
  const invert = (literal: number): string => (literal & 1 ? '~' : '');
  return literal => {
    const v = literal >>> 1;
    if (v === 0) return literal & 1 ? '1' : '0';
    if (v <= inputCount) return `${invert(literal)}${names.inputs?.[v - 1] ?? `i${v - 1}`}`;
    if (v < firstAnd)
      return `${invert(literal)}${names.latches?.[v - 1 - inputCount] ?? `l${v - 1 - inputCount}`}`;
    const net = names.nets?.get(v)?.[0];
    if (net !== undefined) return `${net.complemented === ((literal & 1) === 1) ? '' : '~'}${net.name}`;
    const port = outputs.get(literal) ?? outputs.get(literal ^ 1);
    if (port !== undefined) return `${outputs.has(literal) ? '' : '~'}${port}`;
    return `${invert(literal)}n${v}`;
  };
}
