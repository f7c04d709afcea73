// From a remainder that is not zero to operands on which the netlist is wrong, or to a proof that it is zero after all:
// minimal monomials over the inputs, then a SAT search over the values of the remaining monomials.

import type { Aig } from '../../netlist/index.ts';
import { Solver } from '../../netlist/sat/index.ts';
import type { InputPolynomial } from './input-polynomial.ts';
import type { Counterexample, ProductTester } from './product.ts';
import type { Monomial } from './rewrite-types.ts';

/** Tries the inputs of low-degree monomials, alone: with no inner monomials the first is a witness for certain. */
export function monomialWitness(
  remainder: InputPolynomial,
  tester: ProductTester,
  signed: boolean,
): Counterexample | undefined {
  for (const { variables } of remainder.monomials().slice(0, 256)) {
    const wrong = tester.tryInputs(
      variables.map(v => v - 1),
      signed,
    );
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

export interface SatSearchResult {
  verdict: 'wrong' | 'zero' | 'unknown';
  counterexample?: Counterexample | undefined;
  /** Combinations of monomial values looked at. */
  rounds: number;
  conflicts: number;
}

/**
 * Decides whether the remainder can be non-zero. Its value depends only on which monomials are 1: the solver proposes a
 * reachable combination, its sum is computed, and a combination of sum zero is excluded until none is left.
 */
export function satSearch(
  aig: Aig,
  remainder: InputPolynomial,
  frozen: readonly Monomial[],
  tester: ProductTester,
  signed: boolean,
  limits: { monomials: number; rounds: number; seconds: number; stopped: () => boolean },
): SatSearchResult {
  const monomials = [...remainder.monomials(), ...frozen];
  const unknown: SatSearchResult = { verdict: 'unknown', rounds: 0, conflicts: 0 };
  if (monomials.length > limits.monomials) return unknown;
  const begin = performance.now();
  const solver = new Solver({ memoryLimit: 2 ** 30 });
  const ofVariable = encodeCones(aig, new Set(monomials.flatMap(m => m.variables)), solver);
  const terms = monomials.map(({ variables }) => {
    const factors = variables.map(v => ofVariable.get(v)!);
    if (factors.length === 1) return factors[0]!;
    const t = solver.newVariable();
    for (const f of factors) solver.addClause([-t, f]);
    solver.addClause([t, ...factors.map(f => -f)]);
    return t;
  });
  const sumOf = (on: readonly boolean[], block: readonly number[]): bigint =>
    BigInt.asUintN(
      remainder.bits,
      block.reduce((sum, i) => (on[i] ? sum + monomials[i]!.coefficient : sum), 0n),
    );
  const everything = monomials.map((_, i) => i);
  const seen: boolean[][] = [];
  let rounds = 0;
  /** Excludes combinations of a block's monomials while their sum is zero; `split` when `most` rounds were not enough. */
  const exhaust = (block: readonly number[], most: number): SatSearchResult | 'split' => {
    const active = solver.newVariable();
    for (let round = 0; round < most; round++) {
      const conflicts = solver.statistics().conflicts;
      const seconds = limits.seconds - (performance.now() - begin) / 1000;
      if (seconds <= 0 || limits.stopped()) return { verdict: 'unknown', rounds, conflicts };
      const answer = solver.solve([active], { seconds });
      rounds++;
      if (answer === 'unknown') return { verdict: 'unknown', rounds, conflicts };
      if (answer === 'unsat') return { verdict: 'zero', rounds, conflicts };
      const on = terms.map(t => solver.value(t));
      if (sumOf(on, everything) !== 0n) {
        const ones: number[] = [];
        for (let i = 0; i < aig.inputCount; i++) {
          const variable = ofVariable.get(i + 1);
          if (variable !== undefined && solver.value(variable)) ones.push(i);
        }
        const counterexample = tester.tryInputs(ones, signed);
        if (counterexample === undefined) return { verdict: 'unknown', rounds, conflicts };
        return { verdict: 'wrong', counterexample, rounds, conflicts };
      }
      if (sumOf(on, block) !== 0n) return 'split'; // the other blocks make up for it: the split was wrong
      if (block === everything) seen.push(on);
      solver.addClause([-active, ...block.map(i => (on[i] ? -terms[i]! : terms[i]!))]);
    }
    return 'split';
  };
  const first = exhaust(everything, 256);
  if (first !== 'split') return first;
  // monomials of neighbouring weights whose sum was zero each time may be zero by themselves
  const byWeight = [...everything].sort(
    (x, y) => lowestBit(monomials[x]!.coefficient) - lowestBit(monomials[y]!.coefficient) || x - y,
  );
  const blocks: number[][] = [];
  let block: number[] = [];
  for (const i of byWeight) {
    block.push(i);
    if (!seen.every(on => sumOf(on, block) === 0n)) continue;
    blocks.push(block);
    block = [];
  }
  let whole = blocks.length < 2;
  for (const part of whole ? [] : blocks) {
    const result = exhaust(part, limits.rounds);
    if (result === 'split') whole = true;
    else if (result.verdict !== 'zero') return result;
    if (whole) break;
  }
  if (!whole) return { verdict: 'zero', rounds, conflicts: solver.statistics().conflicts };
  const last = exhaust(everything, limits.rounds);
  return last === 'split' ? { ...unknown, rounds } : last;
}

function lowestBit(x: bigint): number {
  return (x & -x).toString(2).length;
}

/** Clauses of the cones of the roots; solver variables by netlist variable. */
function encodeCones(aig: Aig, roots: ReadonlySet<number>, solver: Solver): Map<number, number> {
  const inCone = new Uint8Array(aig.variableCount);
  let highest = 0;
  for (const v of roots) {
    inCone[v] = 1;
    highest = Math.max(highest, v);
  }
  for (let v = highest; v >= aig.firstAnd; v--) {
    if (!inCone[v]) continue;
    inCone[aig.fanin0[v - aig.firstAnd]! >>> 1] = 1;
    inCone[aig.fanin1[v - aig.firstAnd]! >>> 1] = 1;
  }
  const map = new Map<number, number>();
  for (let v = 0; v <= highest; v++) {
    if (!inCone[v]) continue;
    const x = solver.newVariable();
    map.set(v, x);
    if (v === 0) solver.addClause([-x]);
    if (v < aig.firstAnd) continue;
    const [p, q] = [aig.fanin0[v - aig.firstAnd]!, aig.fanin1[v - aig.firstAnd]!].map(f => {
      const y = map.get(f >>> 1)!;
      return f & 1 ? -y : y;
    }) as [number, number];
    solver.addClause([-x, p]);
    solver.addClause([-x, q]);
    solver.addClause([x, -p, -q]);
  }
  return map;
}
