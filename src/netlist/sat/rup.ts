// An independent check of unsatisfiability proofs by reverse unit propagation.
// Refuses to be fast: it keeps every clause and scans them all, and is meant for small proofs in tests.

import type { ProofStep } from './solver.ts';

/**
 * Checks that every learned clause follows from what came before by unit propagation, and that `goal` (default
 * the empty clause) does at the end.
 * @returns index of the first step that does not follow, steps.length when only the goal fails, -1 when all is well
 */
export function checkRup(
  clauses: readonly ArrayLike<number>[],
  steps: readonly ProofStep[],
  goal: readonly number[] = [],
): number {
  const known: number[][] = clauses.map(clause => Array.from(clause));
  for (let i = 0; i < steps.length; i++) {
    if (steps[i]!.deletion) continue;
    const literals = Array.from(steps[i]!.literals);
    if (!follows(known, literals)) return i;
    known.push(literals);
  }
  return follows(known, goal) ? -1 : steps.length;
}

function follows(known: readonly number[][], clause: readonly number[]): boolean {
  const truth = new Map<number, boolean>();
  for (const literal of clause) {
    if (truth.get(Math.abs(literal)) === literal > 0) return true;
    truth.set(Math.abs(literal), literal < 0);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const candidate of known) {
      let open = 0;
      let unit = 0;
      for (const literal of candidate) {
        const value = truth.get(Math.abs(literal));
        if (value === literal > 0) {
          open = -1;
          break;
        }
        if (value === undefined && literal !== unit) {
          open++;
          unit = literal;
        }
      }
      if (open === 0) return true;
      if (open === 1) {
        truth.set(Math.abs(unit), unit > 0);
        changed = true;
      }
    }
  }
  return false;
}
