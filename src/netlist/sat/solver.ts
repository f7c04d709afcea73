// The SAT solver: an incremental CDCL solver in WASM (src/kernels/assembly/sat.ts) behind a small TypeScript face.
// Refuses to guess: past its budget or its memory the answer is 'unknown'. Deterministic but for time budgets.

import { InputError, UsageError } from '../../core/errors.ts';
import { loadKernel } from '../../kernels/load.ts';

interface SatKernel {
  init(pages: number): void;
  newVariable(): number;
  buffer(count: number): number;
  addClause(count: number): number;
  begin(count: number): void;
  search(conflicts: number, propagations: number): number;
  finish(): void;
  modelValue(variable: number): number;
  coreSize(): number;
  coreLiteral(index: number): number;
  fixedValue(literal: number): number;
  setPhase(literal: number): void;
  setProof(on: boolean): void;
  proofAddress(): number;
  proofWords(): number;
  clearProof(): void;
  statistic(which: number): number;
}

export type SatAnswer = 'sat' | 'unsat' | 'unknown';

export interface SolverOptions {
  /** Bytes of WASM memory the solver may grow to; 1 MiB to 4 GiB, default 2 GiB. */
  memoryLimit?: number | undefined;
  /** Keep a proof (every learned clause) for `takeProof`; default false. */
  proof?: boolean | undefined;
}

export interface SolveBudget {
  conflicts?: number | undefined;
  propagations?: number | undefined;
  seconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface SolverStatistics {
  conflicts: number;
  decisions: number;
  propagations: number;
  restarts: number;
  reductions: number;
  learntClauses: number;
  irredundantClauses: number;
  learntLiterals: number;
  minimisedLiterals: number;
  memoryBytes: number;
  variables: number;
}

/** One step of a proof: a clause learned, or one deleted. */
export interface ProofStep {
  deletion: boolean;
  literals: Int32Array;
}

const slice = 2000;
const propagationSlice = 2_000_000;

/** Variables are 1, 2, 3...; literals are DIMACS integers: v for true, -v for false. */
export class Solver {
  private readonly kernel: SatKernel & { memory: WebAssembly.Memory };
  private count = 0;
  private exhausted = false;
  private lastAnswer: SatAnswer = 'unknown';
  private lastCore: number[] = [];
  private readonly keepsProof: boolean;
  private proofParts: Int32Array[] = [];

  constructor(options: SolverOptions = {}) {
    const limit = options.memoryLimit ?? 2 ** 31;
    if (!(limit >= 2 ** 20 && limit <= 2 ** 32)) {
      throw new UsageError(`memory limit of ${limit} bytes`, { expected: 'from 1 MiB to 4 GiB' });
    }
    this.kernel = loadKernel<SatKernel>('sat');
    this.kernel.init(Math.floor(limit / 65536));
    this.keepsProof = options.proof === true;
    if (this.keepsProof) this.kernel.setProof(true);
  }

  /** How many variables there are; the highest is this one. */
  get variableCount(): number {
    return this.count;
  }

  /** True once memory ran out: every later answer is 'unknown'. */
  get outOfMemory(): boolean {
    return this.exhausted;
  }

  newVariable(): number {
    this.guard(() => this.kernel.newVariable());
    return ++this.count;
  }

  /**
   * Adds a clause of DIMACS literals.
   * @returns false once the clauses alone are known to be contradictory
   * @throws InputError for 0 or a variable that does not exist
   */
  addClause(literals: ArrayLike<number>): boolean {
    this.put(literals);
    return this.guard(() => this.kernel.addClause(literals.length)) !== 0;
  }

  /**
   * Is there an assignment that satisfies the clauses and the assumptions?
   * The budget counts from this call on; without one the search runs to the end.
   */
  solve(assumptions: ArrayLike<number> = [], budget: SolveBudget = {}): SatAnswer {
    const distinct = Array.from(new Set(Array.from(assumptions)));
    this.put(distinct);
    this.lastAnswer = 'unknown';
    this.lastCore = [];
    const start = performance.now();
    let conflictsLeft = budget.conflicts ?? Number.POSITIVE_INFINITY;
    let propagationsLeft = budget.propagations ?? Number.POSITIVE_INFINITY;
    this.guard(() => {
      const kernel = this.kernel;
      kernel.begin(distinct.length);
      for (;;) {
        const before = [kernel.statistic(0), kernel.statistic(2)] as const;
        const verdict = kernel.search(
          Math.min(slice, conflictsLeft),
          Math.min(propagationSlice, propagationsLeft),
        );
        if (this.keepsProof) this.drainProof();
        if (verdict === 1) this.lastAnswer = 'sat';
        if (verdict === 2) {
          this.lastAnswer = 'unsat';
          this.lastCore = Array.from({ length: kernel.coreSize() }, (_, i) => kernel.coreLiteral(i));
        }
        if (verdict !== 0) break;
        conflictsLeft -= kernel.statistic(0) - before[0];
        propagationsLeft -= kernel.statistic(2) - before[1];
        if (conflictsLeft <= 0 || propagationsLeft <= 0 || budget.signal?.aborted === true) break;
        if (budget.seconds !== undefined && performance.now() - start >= budget.seconds * 1000) break;
      }
      kernel.finish();
    });
    return this.lastAnswer;
  }

  /** Value of a variable in the model of the last 'sat' answer. @throws UsageError after another answer */
  value(variable: number): boolean {
    if (this.lastAnswer !== 'sat') throw new UsageError(`no model: the last answer was ${this.lastAnswer}`);
    this.check(variable);
    return this.kernel.modelValue(Math.abs(variable)) > 0 === variable > 0;
  }

  /** The assumptions of the last 'unsat' answer that suffice for it; empty when none is needed. */
  core(): number[] {
    if (this.lastAnswer !== 'unsat') throw new UsageError(`no core: the last answer was ${this.lastAnswer}`);
    return [...this.lastCore];
  }

  /** What the clauses alone are known to force a literal to; undefined when nothing is known. */
  fixed(literal: number): boolean | undefined {
    this.check(literal);
    const value = this.kernel.fixedValue(literal);
    return value === 0 ? undefined : value > 0;
  }

  /** Suggests the value a variable is tried with first. */
  prefer(literal: number): void {
    this.check(literal);
    this.kernel.setPhase(literal);
  }

  /** The proof steps since the last call; an empty learned clause ends a refutation. */
  takeProof(): ProofStep[] {
    if (!this.exhausted) this.drainProof();
    const steps: ProofStep[] = [];
    for (const part of this.proofParts) {
      for (let i = 0; i < part.length; ) {
        const size = part[i]!;
        const length = Math.abs(size);
        steps.push({ deletion: size < 0, literals: part.slice(i + 1, i + 1 + length) });
        i += 1 + length;
      }
    }
    this.proofParts = [];
    return steps;
  }

  statistics(): SolverStatistics {
    const s = (which: number): number => this.kernel.statistic(which);
    return {
      conflicts: s(0),
      decisions: s(1),
      propagations: s(2),
      restarts: s(3),
      reductions: s(4),
      learntClauses: s(5),
      irredundantClauses: s(6),
      learntLiterals: s(7),
      minimisedLiterals: s(8),
      memoryBytes: this.kernel.memory.buffer.byteLength,
      variables: this.count,
    };
  }

  private check(literal: number): void {
    if (!Number.isInteger(literal) || literal === 0 || Math.abs(literal) > this.count) {
      throw new InputError(`literal ${literal}`, { expected: `±1 to ±${this.count}` });
    }
  }

  /** Checks literals and hands them to the kernel's buffer. */
  private put(literals: ArrayLike<number>): void {
    for (let i = 0; i < literals.length; i++) this.check(literals[i]!);
    this.guard(() => {
      const at = this.kernel.buffer(literals.length);
      new Int32Array(this.kernel.memory.buffer, at, literals.length).set(literals);
    });
  }

  private drainProof(): void {
    const words = this.kernel.proofWords();
    if (words === 0) return;
    this.proofParts.push(
      new Int32Array(this.kernel.memory.buffer, this.kernel.proofAddress(), words).slice(),
    );
    this.kernel.clearProof();
  }

  /** Runs a kernel call; a trap there means memory is out, and the solver is of no more use. */
  private guard<T>(work: () => T): T | undefined {
    if (this.exhausted) return undefined;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      this.exhausted = true;
      this.lastAnswer = 'unknown';
      return undefined;
    }
  }
}
