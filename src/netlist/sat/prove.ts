// Equality of two nets of a graph by SAT, over growing parts of their cones. Refuses to call nets different without an
// input assignment, checked by evaluation, on which they differ.

import { BitwrightError, InputError, UsageError } from '../../core/errors.ts';
import { type Aig, requireAig } from '../aig.ts';
import { ConeEncoder, coneGraph } from './cone.ts';
import { Solver } from './solver.ts';

export interface ProveOptions {
  /** Variables tried as cut points first: nets below them are looked at only if the proof needs them. */
  cuts?: Iterable<number> | undefined;
  /** Literal each variable is already proved equal to (itself when none), such as `sweep` gives. */
  merged?: Uint32Array | undefined;
  /** Conflicts in all; default 1 million. */
  conflicts?: number | undefined;
  /** Seconds in all; default none. */
  seconds?: number | undefined;
  /** Bytes of solver memory; default 2 GiB. */
  memoryLimit?: number | undefined;
  /** Levels of the graph (`aig.levels()`), to spare computing them again. */
  levels?: ArrayLike<number> | undefined;
  signal?: AbortSignal | undefined;
}

export interface ProveResult {
  verdict: 'proved' | 'refuted' | 'unknown';
  /** When refuted: a value (0, 1) for each input, then each latch, on which the literals differ. */
  counterexample?: Uint8Array | undefined;
  statistics: { conflicts: number; openedAnds: number; stages: number; seconds: number };
}

/** ANDs opened at first; every further stage opens four times as many. */
const firstStage = 64;
/** Conflicts a stage over part of the cone may use. */
const stageConflicts = 2000;

/**
 * Are two literals of a combinational graph (latches read as inputs) equal on every input?
 * @throws UsageError for a budget below 1, InputError for a literal or cut outside the graph
 */
export function proveEqual(aig: Aig, a: number, b: number, options: ProveOptions = {}): ProveResult {
  requireAig('the netlist of proveEqual', aig);
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1000;
  const cuts = new Set(options.cuts ?? []);
  for (const literal of [a, b, ...Array.from(cuts, v => 2 * v)]) {
    if (!Number.isInteger(literal) || literal < 0 || literal >= 2 * aig.variableCount) {
      throw new InputError(`literal ${literal}`, { expected: `0 to ${2 * aig.variableCount - 1}` });
    }
  }
  const total = options.conflicts ?? 1_000_000;
  if (!(total >= 1)) throw new UsageError(`${total} conflicts`, { expected: 'at least 1' });
  const { merged } = options;
  if (merged !== undefined && merged.length !== aig.variableCount) {
    throw new UsageError(`${merged.length} merged literals`, { expected: String(aig.variableCount) });
  }
  const solver = new Solver({ memoryLimit: options.memoryLimit });
  cuts.delete(a >>> 1);
  cuts.delete(b >>> 1);
  const cone = new ConeEncoder(coneGraph(aig, options.levels), solver, { merged, cuts });
  let opened = 0;
  let stages = 0;
  const result = (verdict: ProveResult['verdict'], counterexample?: Uint8Array): ProveResult => ({
    verdict,
    counterexample,
    statistics: {
      conflicts: solver.statistics().conflicts,
      openedAnds: opened,
      stages,
      seconds: elapsed(),
    },
  });
  let held = cuts.size > 0;
  for (let limit = firstStage; ; limit *= 4) {
    const state = cone.open([a, b], limit, held);
    if (state.atCuts) held = false;
    opened = state.opened;
    stages++;
    const left = total - solver.statistics().conflicts;
    const seconds = options.seconds === undefined ? undefined : options.seconds - elapsed();
    if (left <= 0 || (seconds !== undefined && seconds <= 0) || options.signal?.aborted === true) {
      return result('unknown');
    }
    const answer = cone.compare(
      a,
      b,
      state.complete ? left : Math.min(left, stageConflicts),
      seconds,
      options.signal,
    );
    if (answer === 'unsat') return result('proved');
    if (solver.outOfMemory) return result('unknown');
    if (!state.complete) continue;
    if (answer === 'unknown') return result('unknown');
    const counterexample = inputModel(aig, cone);
    if (evaluateLiteral(aig, a, counterexample) === evaluateLiteral(aig, b, counterexample)) {
      throw new BitwrightError(
        `a SAT model does not tell literals ${a} and ${b} apart: wrong merges were given`,
      );
    }
    return result('refuted', counterexample);
  }
}

/** Inputs and latches in the solver's model; those no clause knows are 0. */
export function inputModel(aig: Aig, cone: ConeEncoder): Uint8Array {
  const values = new Uint8Array(aig.firstAnd - 1);
  for (let v = 1; v < aig.firstAnd; v++) {
    const number = cone.numberOf(v);
    if (number !== undefined && cone.solver.value(number)) values[v - 1] = 1;
  }
  return values;
}

/** Value of a literal on one assignment of inputs and latches. Time and memory linear in the graph. */
export function evaluateLiteral(aig: Aig, literal: number, inputs: ArrayLike<number>): number {
  const values = new Uint8Array((literal >>> 1) + 1);
  const { fanin0, fanin1, firstAnd } = aig;
  for (let v = 1; v < values.length; v++) {
    if (v < firstAnd) {
      values[v] = inputs[v - 1]! & 1;
      continue;
    }
    const a = fanin0[v - firstAnd]!;
    const b = fanin1[v - firstAnd]!;
    values[v] = (values[a >>> 1]! ^ (a & 1)) & (values[b >>> 1]! ^ (b & 1));
  }
  return values[literal >>> 1]! ^ (literal & 1);
}
