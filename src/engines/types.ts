// The contract of the model checking engines: problems are and-inverter graphs with latches (AIGER 1.9 semantics),
// answers are verdicts with a trace or a certificate. Refuses to know channels, designs or names.

import type { Aig } from '../netlist/aig.ts';

export type Verdict = 'proved' | 'refuted' | 'unknown';

/** Engines of the portfolio. `yosys-abc` is ABC inside @yowasp/yosys; `berkeley-abc` a native one, when installed. */
export type EngineName = 'bmc' | 'k-induction' | 'pdr' | 'yosys-abc' | 'berkeley-abc';

/** A run of the graph from a reset state. Indices of latches and inputs are those of the graph that was given. */
export interface Trace {
  /** Value of each latch at step 0: 0 or 1; 2 where it does not matter (uninitialised latches only). */
  initial: Uint8Array;
  /** `steps[t][i]`: value of input i in step t; 2 = it does not matter (whatever its value the run fails alike). */
  steps: Uint8Array[];
  /** Lasso: after the last step the state is that of the start of this step again. */
  loopStart?: number | undefined;
}

/** An inductive invariant that implies the property. */
export interface Certificate {
  /** What made it: `pdr`, `k-induction`, `houdini`. */
  method: string;
  /**
   * A combinational graph whose inputs are the latches of the problem, in order, and whose single output is the
   * invariant. For liveness the latches are those of the safety problem it was turned into (`of`).
   */
  invariant: Aig;
  /** The safety problem it is about, when that is not the problem that was given (liveness, folded k-induction). */
  of?: { aig: Aig; bad: number } | undefined;
  /** Clauses (or conjuncts) the invariant is made of. */
  clauses: number;
  /** When given, the invariant does not imply the property by itself but makes it k-inductive. */
  k?: number | undefined;
}

export interface Hints {
  /** Latch literals (or any literals) that are hoped to be equal in every reachable state, as of two copies. */
  equalPairs?: readonly (readonly [number, number])[] | undefined;
  /** Literals of the graph hoped to be true in every reachable state, whatever the inputs. */
  invariants?: readonly number[] | undefined;
}

export interface CheckOptions {
  /** Wall clock limit; default 60. The answer is `unknown` soon after (about half a second). */
  timeoutSeconds?: number | undefined;
  /** Most steps BMC (and covers) look at; default 1000 (proof engines have no such bound). */
  maxDepth?: number | undefined;
  /** Default: all that are at hand. */
  engines?: readonly EngineName[] | undefined;
  /** Bytes each engine may use; default 1 GiB. */
  memoryLimit?: number | undefined;
  /** Worker threads run at a time; default 2. 0 runs `pdr`, else the first own engine named, in this thread. */
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  hints?: Hints | undefined;
  /** Shortest trace even when PDR or ABC find a longer one first; default true. */
  shortest?: boolean | undefined;
  /** Put 2 on inputs that do not matter; default true. */
  minimise?: boolean | undefined;
  /** Called now and then: engine and the depth it reached. */
  progress?: ((engine: string, depth: number) => void) | undefined;
}

export interface SafetyOptions extends CheckOptions {
  /** Index into `aig.bads`; default 0. */
  bad?: number | undefined;
}

export interface LivenessOptions extends CheckOptions {
  /** Index into `aig.justice`; default 0. */
  justice?: number | undefined;
}

export interface SafetyResult {
  verdict: Verdict;
  /** Engine that answered: 'bmc', 'k-induction', 'pdr', 'yosys-abc', 'berkeley-abc', 'preprocessing', 'k-liveness+…'. */
  method: string;
  /**
   * refuted: index of the failing step (trace length - 1). proved: k of the induction, frames of PDR. unknown: the
   * bound reached: steps 0 to depth - 1 are known not to fail.
   */
  depth: number;
  seconds: number;
  /** Why unknown, in one line: 'timeout of 60 s', 'memory limit', 'depth limit 1000', 'interrupted'. */
  reason?: string | undefined;
  trace?: Trace | undefined;
  /** Missing when the engine that proved it gives none. */
  certificate?: Certificate | undefined;
}

export interface CoverResult {
  verdict: 'reached' | 'unreachable' | 'unknown';
  /** Step at which the literal is true (`reached`), else the bound. */
  step: number;
  method: string;
  seconds: number;
  reason?: string | undefined;
  trace?: Trace | undefined;
}
