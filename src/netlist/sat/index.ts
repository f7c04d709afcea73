// Public face of the SAT solver and the tools on and-inverter graphs built upon it.

export { ConeEncoder, type ConeGraph, type ConeOptions, coneGraph } from './cone.ts';
export { type Cnf, formatDimacs, loadCnf, parseDimacs } from './dimacs.ts';
export {
  type EquivalenceOptions,
  type EquivalenceResult,
  equivalent,
  miter,
  type Pairing,
  type PairOptions,
  pairGraphs,
} from './miter.ts';
export { evaluateLiteral, inputModel, type ProveOptions, type ProveResult, proveEqual } from './prove.ts';
export { checkRup } from './rup.ts';
export {
  type ProofStep,
  type SatAnswer,
  type SolveBudget,
  Solver,
  type SolverOptions,
  type SolverStatistics,
} from './solver.ts';
export { type SweepOptions, type SweepResult, type SweepStatistics, sweep } from './sweep.ts';
