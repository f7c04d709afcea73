// Proves nets of the reduced graph equal by SAT where exhaustive windows are too small. Merged nets are read through
// their representatives, so every proof so far is a cut point of the next. Refuses to decide what its budget does not.

import { ConeEncoder, type ConeGraph, Solver } from '../../netlist/index.ts';

export interface SatProofStatistics {
  calls: number;
  proved: number;
  seconds: number;
}

/** ANDs of the two cones opened at each try, and the conflicts the try may use. */
const stages: [ands: number, conflicts: number][] = [
  [60, 100],
  [250, 300],
  [1000, 1000],
];
/** Variables after which a solver is thrown away. */
const solverVariables = 20_000;

export class SatProof {
  readonly statistics: SatProofStatistics = { calls: 0, proved: 0, seconds: 0 };
  private readonly graph: ConeGraph;
  private cone: ConeEncoder | undefined;

  /** @param graph may grow while this is used; ids must be topological and levels kept */
  constructor(graph: ConeGraph) {
    this.graph = graph;
  }

  /** A proof that two literals are equal, over at most the topmost 1000 ANDs of their cones. */
  equal(a: number, b: number): boolean {
    const begin = performance.now();
    this.statistics.calls++;
    const proved = this.tryStages(a, b);
    if (proved) this.statistics.proved++;
    this.statistics.seconds += (performance.now() - begin) / 1000;
    return proved;
  }

  private tryStages(a: number, b: number): boolean {
    let cone = this.cone;
    if (cone === undefined || cone.solver.variableCount > solverVariables || cone.solver.outOfMemory) {
      cone = this.cone = new ConeEncoder(this.graph, new Solver());
    }
    for (const [ands, conflicts] of stages) {
      const { complete } = cone.open([a, b], ands);
      const answer = cone.compare(a, b, conflicts);
      if (answer === 'unsat') return true;
      if (complete) return false;
    }
    return false;
  }
}
