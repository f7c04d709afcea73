// Certificates: an inductive invariant as a combinational AIG over the latches of the problem, made of the facts used to
// reduce the problem and the clauses of the prover. Refuses to judge them: check-certificate.ts does.

import { BitwrightError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import type { Cube } from './cube.ts';
import type { Fact, System } from './system.ts';
import type { Certificate } from './types.ts';

export interface CertificateParts {
  method: string;
  /** Cubes over the system's latches that no reachable state lies in. */
  cubes?: readonly Cube[] | undefined;
  /** Pairs of literals of the system's graph that are equal in every reachable state. */
  pairs?: readonly (readonly [number, number])[] | undefined;
  /** Depth of the induction, when the invariant alone does not imply the property. */
  k?: number | undefined;
}

export function makeCertificate(original: Aig, system: System, parts: CertificateParts): Certificate {
  const builder = new AigBuilder();
  const names = original.names.latches;
  const latches = Array.from({ length: original.latchCount }, (_, i) => builder.addInput(names?.[i]));
  const conjuncts: number[] = [];
  const own: Fact = {
    aig: system.aig,
    latches: system.latches,
    pairs: (parts.pairs ?? []).map(([a, b]): [number, number] => [a, b]),
  };
  for (const fact of [...system.facts, own]) {
    const read = importer(builder, fact, latches);
    for (const [a, b] of fact.pairs) conjuncts.push(builder.addXnor(read(a), read(b)));
  }
  for (const cube of parts.cubes ?? []) {
    const literals = cube.map(x => latches[system.latches[x >>> 1]!]! ^ (x & 1) ^ 1);
    conjuncts.push(builder.addAndAll(literals) ^ 1);
  }
  const distinct = [...new Set(conjuncts)].filter(x => x !== 1);
  builder.addOutput(builder.addAndAll(distinct), 'invariant');
  builder.comment = `inductive invariant, ${distinct.length} conjuncts, by ${parts.method}`;
  return {
    method: parts.method,
    invariant: builder.build(),
    clauses: distinct.length,
    k: parts.k,
  };
}

/** Reads functions of latches into the builder. */
function importer(builder: AigBuilder, fact: Fact, latches: readonly number[]): (literal: number) => number {
  const { aig } = fact;
  const made = new Map<number, number>([[0, 0]]);
  return literal => {
    const stack = [literal >>> 1];
    while (stack.length > 0) {
      const v = stack[stack.length - 1]!;
      if (made.has(v)) {
        stack.pop();
        continue;
      }
      if (v < aig.firstAnd) {
        if (v <= aig.inputCount) throw new BitwrightError(`an invariant reads input ${v - 1}`);
        made.set(v, latches[fact.latches[v - 1 - aig.inputCount]!]!);
        continue;
      }
      const a = aig.fanin0[v - aig.firstAnd]!;
      const b = aig.fanin1[v - aig.firstAnd]!;
      const x = made.get(a >>> 1);
      const y = made.get(b >>> 1);
      if (x === undefined) stack.push(a >>> 1);
      if (y === undefined) stack.push(b >>> 1);
      if (x !== undefined && y !== undefined) made.set(v, builder.addAnd(x ^ (a & 1), y ^ (b & 1)));
    }
    return made.get(literal >>> 1)! ^ (literal & 1);
  };
}
