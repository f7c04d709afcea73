// The frames of PDR over one incremental solver: delta-encoded clauses switched by one literal a frame.
// Refuses to grow without end: retired query clauses are swept out by building the solver anew.

import { Solver } from '../netlist/sat/solver.ts';
import { type Cube, subsumes } from './cube.ts';
import type { Limits } from './limits.ts';
import type { System } from './system.ts';

/** A limit was reached; the message says which. */
export class Stopped extends Error {}

/** Query clauses after which the solver is built anew. */
const retireLimit = 1500;

export class PdrFrames {
  queries = 0;
  private readonly system: System;
  private readonly limits: Limits;
  private readonly invariants: readonly (readonly [number, number])[];
  /** cubes[i]: blocked in frames 1 to i, not known to be blocked above. */
  private readonly blockedCubes: Cube[][] = [[]];
  private solver!: Solver;
  /** Switch of each frame: true to have its clauses. */
  private switches: number[] = [];
  private retired = 0;
  private readonly signatures = new Map<Cube, number>();

  constructor(system: System, limits: Limits, invariants: readonly (readonly [number, number])[]) {
    this.system = system;
    this.limits = limits;
    this.invariants = invariants;
    this.build();
  }

  /** The highest frame. */
  get top(): number {
    return this.blockedCubes.length - 1;
  }

  /** Adds a frame on top. */
  open(): void {
    this.blockedCubes.push([]);
    this.addSwitch();
  }

  cubes(frame: number): readonly Cube[] {
    return this.blockedCubes[frame]!;
  }

  /** All cubes blocked in a frame. */
  from(frame: number): Cube[] {
    return this.blockedCubes.slice(frame).flat();
  }

  /** Is a state of the frame bad? Then the model is one. */
  bad(frame: number): boolean {
    const { solver } = this;
    return this.solve([...this.active(frame), this.number(this.system.bad)], solver);
  }

  /** Is the cube covered by a blocked cube of the frame? */
  blocked(cube: Cube, frame: number): boolean {
    const signature = signatureOf(cube);
    for (let i = frame; i <= this.top; i++) {
      for (const other of this.blockedCubes[i]!) {
        if ((this.signatures.get(other)! & ~signature) === 0 && subsumes(other, cube)) return true;
      }
    }
    return false;
  }

  block(cube: Cube, frame: number): void {
    const signature = signatureOf(cube);
    for (let i = 1; i <= frame; i++) {
      const list = this.blockedCubes[i]!;
      const kept = list.filter(
        other => (signature & ~this.signatures.get(other)!) !== 0 || !subsumes(cube, other),
      );
      if (kept.length < list.length) this.blockedCubes[i] = kept;
    }
    this.signatures.set(cube, signature);
    this.blockedCubes[frame]!.push(cube);
    this.addCube(cube, frame);
  }

  /**
   * Can a state of the frame (outside the cube when `excluded`) step into the cube?
   * @returns undefined when it can (the model shows how), else the part of the cube that shows it cannot
   */
  relative(cube: Cube, frame: number, excluded: boolean): Cube | undefined {
    const { aig } = this.system;
    if (this.retired > retireLimit) this.build();
    const { solver } = this;
    const assumptions = this.active(frame);
    let temporary = 0;
    if (excluded && frame > 0) {
      temporary = solver.newVariable();
      const clause = cube.map(literal => -this.state(literal));
      clause.push(-temporary);
      solver.addClause(clause);
      assumptions.push(temporary);
    }
    const owner = new Map<number, number>();
    const next = cube.map(literal => {
      const number = this.number(aig.latchNext[literal >>> 1]! ^ (literal & 1) ^ 1);
      owner.set(literal, number);
      return number;
    });
    const sat = this.solve([...assumptions, ...next], solver);
    let core: Cube | undefined;
    if (!sat) {
      const used = new Set(solver.core());
      core = cube.filter(literal => used.has(owner.get(literal)!));
    }
    if (temporary !== 0) {
      solver.addClause([-temporary]);
      this.retired++;
    }
    return core;
  }

  /** Value of a variable of the graph in the last model. */
  model(variable: number): number {
    return this.solver.value(variable + 1) ? 1 : 0;
  }

  private solve(assumptions: readonly number[], solver: Solver): boolean {
    this.queries++;
    const stop = this.limits.over();
    if (stop !== undefined) throw new Stopped(stop);
    const answer = solver.solve(assumptions, this.limits.budget());
    if (answer === 'unknown') {
      throw new Stopped(solver.outOfMemory ? 'memory limit' : (this.limits.over() ?? 'interrupted'));
    }
    return answer === 'sat';
  }

  private active(frame: number): number[] {
    return frame === 0 ? [this.switches[0]!] : this.switches.slice(frame);
  }

  private number(literal: number): number {
    const variable = (literal >>> 1) + 1;
    return literal & 1 ? -variable : variable;
  }

  private state(literal: number): number {
    const variable = 2 + this.system.aig.inputCount + (literal >>> 1);
    return literal & 1 ? variable : -variable;
  }

  private addSwitch(): number {
    const number = this.solver.newVariable();
    this.solver.prefer(-number);
    this.switches.push(number);
    return number;
  }

  private addCube(cube: Cube, frame: number): void {
    const clause = cube.map(literal => -this.state(literal));
    clause.push(-this.switches[frame]!);
    this.solver.addClause(clause);
  }

  private build(): void {
    const { aig } = this.system;
    const solver = new Solver({ memoryLimit: this.limits.memoryLimit });
    this.solver = solver;
    this.retired = 0;
    for (let v = 0; v < aig.variableCount; v++) solver.newVariable();
    solver.addClause([-1]);
    const number = (literal: number): number => this.number(literal);
    for (let i = 0; i < aig.andCount; i++) {
      const z = aig.firstAnd + i + 1;
      const a = number(aig.fanin0[i]!);
      const b = number(aig.fanin1[i]!);
      solver.addClause([-z, a]);
      solver.addClause([-z, b]);
      solver.addClause([z, -a, -b]);
    }
    for (const c of this.system.constraints) solver.addClause([number(c)]);
    for (const [a, b] of this.invariants) {
      solver.addClause([-number(a), number(b)]);
      solver.addClause([number(a), -number(b)]);
    }
    this.switches = [];
    for (let i = 0; i <= this.top; i++) this.addSwitch();
    for (const [i, init] of aig.latchInit.entries()) {
      if (init !== 2) solver.addClause([-this.switches[0]!, this.state(2 * i + init)]);
    }
    for (let i = 1; i <= this.top; i++) for (const cube of this.blockedCubes[i]!) this.addCube(cube, i);
  }
}

function signatureOf(cube: Cube): number {
  let signature = 0;
  for (const literal of cube) signature |= 1 << (Math.imul(literal, 0x9e3779b1) >>> 27);
  return signature;
}
