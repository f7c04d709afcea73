// Checking netlists against a specification: multipliers.

export {
  type CheckOptions,
  type CheckResult,
  type CheckStatistics,
  checkMultiplier,
  type Verdict,
} from './check.ts';
export { type MultiplierInterface, multiplierInterface } from './interface.ts';
export type { Counterexample } from './product.ts';
export type { RewriteStatistics } from './rewrite-types.ts';
