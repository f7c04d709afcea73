// The independent checker of certificates: its own Tseitin encoding, a SAT solver whose every refutation is checked clause
// by clause. Refuses to use the provers' code: it shares the graph and the solver's search with them, nothing else.

import type { Aig } from '../netlist/aig.ts';
import { Solver } from '../netlist/sat/solver.ts';
import { ProofChecker } from './proof-checker.ts';
import type { Certificate } from './types.ts';

export interface CertificateVerdict {
  valid: boolean;
  /** Which condition fails, in one line. */
  reason?: string | undefined;
  /** Learned clauses checked. */
  proofSteps: number;
  seconds: number;
}

/**
 * Checks, for the invariant I, the constraints C and the property ¬bad: (1) a reset state under C is in I; (2) a step
 * from I under C leads, where C can hold again, into I; (3) no state of I is bad under C. For a certificate by k-induction (3) is:
 * no run of k steps from reset is bad, and k good steps within I are followed by another.
 * @param bad index into `aig.bads`; ignored when the certificate is about a problem of its own (`of`)
 */
export function checkCertificate(
  aig: Aig,
  bad: number,
  certificate: Certificate,
  options: { timeoutSeconds?: number | undefined } = {},
): CertificateVerdict {
  const start = performance.now();
  const problem = certificate.of?.aig ?? aig;
  const badLiteral = problem.bads[certificate.of?.bad ?? bad];
  const { invariant } = certificate;
  const { k } = certificate;
  let proofSteps = 0;
  const verdict = (reason?: string): CertificateVerdict => ({
    valid: reason === undefined,
    reason,
    proofSteps,
    seconds: (performance.now() - start) / 1000,
  });
  if (badLiteral === undefined) return verdict(`the graph has no bad state property ${bad}`);
  if (
    invariant.inputCount !== problem.latchCount ||
    invariant.latchCount !== 0 ||
    invariant.outputs.length !== 1
  ) {
    return verdict(`the invariant must have ${problem.latchCount} inputs, no latches and one output`);
  }
  if (k !== undefined && (!Number.isInteger(k) || k < 1)) return verdict(`k is ${k}`);
  const seconds = (): number => (options.timeoutSeconds ?? 3600) - (performance.now() - start) / 1000;

  /** Is the query (made by `encode`) without a model? */
  const impossible = (encode: (cnf: Cnf) => void): boolean | undefined => {
    const cnf = new Cnf();
    encode(cnf);
    const answer = cnf.solver.solve([], { seconds: seconds() });
    if (answer !== 'unsat') return answer === 'sat' ? false : undefined;
    const steps = cnf.solver.takeProof();
    proofSteps += steps.length;
    return cnf.checker.take(steps) && cnf.checker.follows([]) ? true : undefined;
  };
  const judge = (result: boolean | undefined, failure: string): string | undefined =>
    result === true ? undefined : result === false ? failure : `${failure}: not decided`;

  const reset = impossible(cnf => {
    const frame = cnf.frame(problem, cnf.latches(problem, true));
    cnf.constrain(problem, frame);
    cnf.require(-cnf.invariant(invariant, problem, frame));
  });
  let reason = judge(reset, 'a reset state is outside the invariant');
  if (reason !== undefined) return verdict(reason);

  const step = impossible(cnf => {
    const now = cnf.frame(problem, cnf.latches(problem, false));
    const then = cnf.frame(problem, cnf.next(problem, now));
    cnf.constrain(problem, now);
    cnf.constrain(problem, then);
    cnf.require(cnf.invariant(invariant, problem, now));
    // a fact may lean on the property: a bad step would end the run, and there is none
    cnf.require(-cnf.read(now, badLiteral));
    cnf.require(-cnf.invariant(invariant, problem, then));
  });
  reason = judge(step, 'a step leads out of the invariant');
  if (reason !== undefined) return verdict(reason);

  if (k !== undefined) {
    const base = impossible(cnf => {
      const bads: number[] = [];
      let frame = cnf.frame(problem, cnf.latches(problem, true));
      // a run of t steps is bad in its last: constraints up to there only
      let held = cnf.constant;
      for (let t = 0; t < k; t++) {
        if (t > 0) frame = cnf.frame(problem, cnf.next(problem, frame));
        for (const c of problem.constraints) held = cnf.and(held, cnf.read(frame, c));
        bads.push(cnf.and(held, cnf.read(frame, badLiteral)));
      }
      cnf.clause(bads);
    });
    reason = judge(base, `a run of fewer than ${k} steps is bad`);
    if (reason !== undefined) return verdict(reason);
  }
  const safe = impossible(cnf => {
    let frame = cnf.frame(problem, cnf.latches(problem, false));
    const last = k ?? 0;
    for (let t = 0; t <= last; t++) {
      if (t > 0) frame = cnf.frame(problem, cnf.next(problem, frame));
      cnf.constrain(problem, frame);
      cnf.require(cnf.invariant(invariant, problem, frame));
      const value = cnf.read(frame, badLiteral);
      cnf.require(t === last ? value : -value);
    }
  });
  return verdict(judge(safe, 'the invariant does not exclude the bad states'));
}

/** Clauses handed to the solver and, word for word, to the proof checker. */
class Cnf {
  readonly solver = new Solver({ proof: true });
  readonly checker = new ProofChecker();
  /** True. */
  readonly constant = this.solver.newVariable();

  constructor() {
    this.require(this.constant);
  }

  clause(literals: number[]): void {
    this.checker.add(literals);
    this.solver.addClause(literals);
  }

  require(literal: number): void {
    this.clause([literal]);
  }

  and(a: number, b: number): number {
    const z = this.solver.newVariable();
    this.clause([-z, a]);
    this.clause([-z, b]);
    this.clause([z, -a, -b]);
    return z;
  }

  read(frame: Int32Array, literal: number): number {
    const number = frame[literal >>> 1]!;
    return literal & 1 ? -number : number;
  }

  /** Fresh latches, at their reset values or free. */
  latches(aig: Aig, atReset: boolean): number[] {
    return Array.from(aig.latchInit, init => {
      const number = this.solver.newVariable();
      if (atReset && init !== 2) this.require(init === 1 ? number : -number);
      return number;
    });
  }

  next(aig: Aig, frame: Int32Array): number[] {
    return Array.from(aig.latchNext, literal => this.read(frame, literal));
  }

  /** One step of a graph over given latches. */
  frame(aig: Aig, latches: readonly number[]): Int32Array {
    const frame = new Int32Array(aig.variableCount);
    frame[0] = -this.constant;
    for (let i = 0; i < aig.inputCount; i++) frame[1 + i] = this.solver.newVariable();
    for (const [i, number] of latches.entries()) frame[1 + aig.inputCount + i] = number;
    this.gates(aig, frame);
    return frame;
  }

  constrain(aig: Aig, frame: Int32Array): void {
    for (const literal of aig.constraints) this.require(this.read(frame, literal));
  }

  /** The invariant over the latches of a frame. */
  invariant(invariant: Aig, aig: Aig, frame: Int32Array): number {
    const own = new Int32Array(invariant.variableCount);
    own[0] = -this.constant;
    for (let i = 0; i < invariant.inputCount; i++) own[1 + i] = frame[1 + aig.inputCount + i]!;
    this.gates(invariant, own);
    return this.read(own, invariant.outputs[0]!);
  }

  private gates(aig: Aig, frame: Int32Array): void {
    for (let i = 0; i < aig.andCount; i++) {
      frame[aig.firstAnd + i] = this.and(this.read(frame, aig.fanin0[i]!), this.read(frame, aig.fanin1[i]!));
    }
  }
}
