// Names for writers: every net of a text netlist under one unique name, and vectors found again in `a[0] a[1] …`.
// Refuses nothing; `refuseProperties` is the writers' common refusal of AIGER properties.

import { InputError } from '../core/errors.ts';
import type { Aig } from './aig.ts';

/** @throws InputError when the graph has properties that only AIGER can hold */
export function refuseProperties(aig: Aig, format: string): void {
  if (aig.bads.length + aig.constraints.length + aig.justice.length + aig.fairness.length > 0) {
    throw new InputError(`${format} cannot hold bad, constraint, justice or fairness properties`, {
      expected: 'AIGER for graphs with properties',
    });
  }
}

/** Hands out names once each. */
export class UniqueNames {
  private readonly taken = new Set<string>();
  private readonly clean: (name: string) => string;

  /** @param clean makes a name legal in the format */
  constructor(clean: (name: string) => string = x => x) {
    this.clean = clean;
  }

  has(name: string): boolean {
    return this.taken.has(name);
  }

  /** `wanted` made legal, or `fallback`; with a number behind it when already taken. */
  take(wanted: string | undefined, fallback: string): string {
    const base = this.clean(wanted ?? fallback) || fallback;
    let name = base;
    for (let i = 1; this.taken.has(name); i++) name = `${base}_${i}`;
    this.taken.add(name);
    return name;
  }

  /** A prefix such that prefix + decimal is no name taken so far. */
  freePrefix(start: string): string {
    let prefix = start;
    while ([...this.taken].some(x => x.startsWith(prefix) && /^\d+$/.test(x.slice(prefix.length))))
      prefix += '_';
    return prefix;
  }
}

/** A port of a module: one bit (`width` undefined), or a vector of bits from index 0. */
export interface PortGroup {
  name: string;
  width: number | undefined;
  /** Index of its first bit in the list grouped. */
  first: number;
}

/**
 * Groups consecutive names `base[0] base[1] …` into vectors; every other name stands alone.
 * A base that occurs elsewhere in the list, or in `reserved`, is not grouped.
 */
export function groupVectors(names: readonly string[], reserved: ReadonlySet<string>): PortGroup[] {
  const runs: PortGroup[] = [];
  const uses = new Map<string, number>();
  for (let i = 0; i < names.length; ) {
    const match = /^(.+)\[0\]$/.exec(names[i]!);
    const base = match?.[1] ?? names[i]!;
    let width = 0;
    while (match !== null && i + width < names.length && names[i + width] === `${base}[${width}]`) width++;
    runs.push({ name: base, width: width || undefined, first: i });
    uses.set(base, (uses.get(base) ?? 0) + 1);
    i += width || 1;
  }
  return runs.flatMap(run => {
    if (run.width === undefined || (uses.get(run.name) === 1 && !reserved.has(run.name))) return [run];
    return Array.from({ length: run.width }, (_, k) => ({
      name: names[run.first + k]!,
      width: undefined,
      first: run.first + k,
    }));
  });
}

/** Every name, and the base of every indexed one: what a vector of that base would collide with. */
export function withBases(names: readonly string[]): string[] {
  return names.flatMap(name => [name, name.replace(/\[\d+\]$/, '')]);
}
