// What the entry functions of the library say of an argument that is none of theirs: one line instead of a TypeError from within.
// Refuses to look inside: a field tells what an object is.

import { UsageError } from './errors.ts';

/**
 * @param what whose argument, e.g. `the netlist of checkMultiplier`
 * @param field one that every right value has
 * @param expected what makes a right value, e.g. `what readNetlist gives`
 * @throws UsageError for anything that is no object with this field
 */
export function requireObject(what: string, value: unknown, field: string, expected: string): void {
  if (typeof value === 'object' && value !== null && field in value) return;
  throw new UsageError(`${what} is ${shown(value)}`, { expected });
}

/** @throws UsageError for anything that is no text */
export function requireText(what: string, value: unknown, expected: string): void {
  if (typeof value !== 'string') throw new UsageError(`${what} is ${shown(value)}`, { expected });
}

/** A value in a message: short, and never its contents when it is an object. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}...` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor
    ?.name;
  return name === undefined || name === 'Object' ? 'an object' : `a ${name}`;
}
