// Forward check of clausal proofs by reverse unit propagation with watched literals: unlike sat/rup.ts fast enough for
// certificates. Shares no code with the solver. Refuses deletions: keeping a clause never makes a wrong step pass.

import type { ProofStep } from '../netlist/sat/solver.ts';

export class ProofChecker {
  /** Value by literal index (2·variable + sign): 1 true, 0 unset, -1 false. */
  private values = new Int8Array(64);
  private watches: number[][] = [];
  private readonly clauses: Int32Array[] = [];
  private readonly trail: number[] = [];
  private head = 0;
  private contradiction = false;

  private static index(literal: number): number {
    return literal > 0 ? 2 * literal : -2 * literal + 1;
  }

  /** Takes a clause as given. */
  add(literals: ArrayLike<number>): void {
    const clause = Int32Array.from(new Set(Array.from(literals)));
    for (const literal of clause) this.room(Math.abs(literal));
    if (this.contradiction) return;
    // the two watches: literals not false at the root, where there are any
    let open = 0;
    for (let i = 0; i < clause.length && open < 2; i++) {
      if (this.value(clause[i]!) < 0) continue;
      const t = clause[open]!;
      clause[open++] = clause[i]!;
      clause[i] = t;
    }
    if (open === 0) {
      this.contradiction = true;
      return;
    }
    if (clause.length > 1) {
      const at = this.clauses.push(clause) - 1;
      this.watches[ProofChecker.index(clause[0]!)]!.push(at);
      this.watches[ProofChecker.index(clause[1]!)]!.push(at);
    }
    if (open === 1 && this.value(clause[0]!) === 0) {
      this.assign(clause[0]!);
      if (!this.propagate()) this.contradiction = true;
    }
  }

  /** Does the clause follow by unit propagation? */
  follows(literals: ArrayLike<number>): boolean {
    if (this.contradiction) return true;
    const start = this.trail.length;
    let conflict = false;
    for (let i = 0; i < literals.length && !conflict; i++) {
      const literal = literals[i]!;
      this.room(Math.abs(literal));
      if (this.value(literal) > 0) conflict = true;
      else if (this.value(literal) === 0) this.assign(-literal);
    }
    conflict ||= !this.propagate();
    while (this.trail.length > start) {
      const literal = this.trail.pop()!;
      this.values[ProofChecker.index(literal)] = 0;
      this.values[ProofChecker.index(-literal)] = 0;
    }
    this.head = start;
    return conflict;
  }

  /** Checks and takes every learned clause. @returns false at the first that does not follow */
  take(steps: readonly ProofStep[]): boolean {
    for (const step of steps) {
      if (step.deletion) continue;
      if (!this.follows(step.literals)) return false;
      this.add(step.literals);
    }
    return true;
  }

  private value(literal: number): number {
    return this.values[ProofChecker.index(literal)]!;
  }

  private room(variable: number): void {
    while (this.watches.length < 2 * variable + 2) this.watches.push([]);
    if (this.values.length < 2 * variable + 2) {
      const larger = new Int8Array(4 * variable + 4);
      larger.set(this.values);
      this.values = larger;
    }
  }

  private assign(literal: number): void {
    this.values[ProofChecker.index(literal)] = 1;
    this.values[ProofChecker.index(-literal)] = -1;
    this.trail.push(literal);
  }

  private propagate(): boolean {
    while (this.head < this.trail.length) {
      const falsified = -this.trail[this.head++]!;
      const list = this.watches[ProofChecker.index(falsified)]!;
      let kept = 0;
      for (let i = 0; i < list.length; i++) {
        const at = list[i]!;
        const clause = this.clauses[at]!;
        if (clause[0] === falsified) {
          clause[0] = clause[1]!;
          clause[1] = falsified;
        }
        if (this.value(clause[0]!) > 0) {
          list[kept++] = at;
          continue;
        }
        let moved = false;
        for (let k = 2; k < clause.length; k++) {
          if (this.value(clause[k]!) < 0) continue;
          clause[1] = clause[k]!;
          clause[k] = falsified;
          this.watches[ProofChecker.index(clause[1]!)]!.push(at);
          moved = true;
          break;
        }
        if (moved) continue;
        list[kept++] = at;
        if (this.value(clause[0]!) < 0) {
          for (i++; i < list.length; i++) list[kept++] = list[i]!;
          list.length = kept;
          return false;
        }
        this.assign(clause[0]!);
      }
      list.length = kept;
    }
    return true;
  }
}
