// Public face of the SAT solver and the tools on and-inverter graphs built upon it.

export { type Cnf, formatDimacs, loadCnf, parseDimacs } from './dimacs.ts';
export { checkRup } from './rup.ts';
export {
  type ProofStep,
  type SatAnswer,
  type SolveBudget,
  Solver,
  type SolverOptions,
  type SolverStatistics,
} from './solver.ts';
