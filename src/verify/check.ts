// Asks the engines about one product: equal bit slices are proved once, the rest is one bad; a failing run is replayed
// before it is believed. Refuses to know which property it is.

import type { Engines } from '../engines/index.ts';
import type { Certificate, EngineName, SafetyResult, Trace } from '../engines/types.ts';
import type { Aig } from '../netlist/aig.ts';
import { type ReducedProblem, reduceTo } from './product/cone.ts';
import type { Labelled, Product } from './product/product.ts';
import { ConeSignatures } from './product/signature.ts';
import { expandTrace, settleTrace } from './replay.ts';

export interface CheckLimits {
  timeoutSeconds: number;
  maxDepth?: number | undefined;
  engines?: readonly EngineName[] | undefined;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  progress?: ((engine: string, depth: number) => void) | undefined;
}

export interface ProductAnswer extends Omit<SafetyResult, 'trace'> {
  /** A failing run of the whole product. */
  trace?: Trace | undefined;
  certificate?: Certificate | undefined;
  /** The problem the engines saw: one bad (or one justice property). */
  problem?: Aig | undefined;
  /** Size of what the engines saw. */
  size: { inputs: number; latches: number; ands: number };
  /** Bads, and how many of them are different circuits. */
  bads: number;
  distinct: number;
}

/** Nodes written out while looking for equal slices, at most. */
const sliceBudget = 2e7;

/** One of each kind: bads with the same cone under renaming share their verdict. */
function distinctBads(product: Product): Labelled[] {
  const { aig, bads, constraints } = product;
  const real = bads.filter(b => b.literal !== 0);
  if (real.length < 2) return real;
  const signatures = new ConeSignatures(aig);
  const seen = new Set<string>();
  let left = sliceBudget;
  return real.filter(bad => {
    const text = left <= 0 ? undefined : signatures.of(bad.literal, constraints, left);
    if (text === undefined) {
      left = 0;
      return true;
    }
    left -= signatures.lastSize;
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** Whether any bad can become true. */
export async function checkBads(
  product: Product,
  engines: Engines,
  limits: CheckLimits,
): Promise<ProductAnswer> {
  const distinct = distinctBads(product);
  const counts = { bads: product.bads.length, distinct: distinct.length };
  if (distinct.length === 0) {
    const size = { inputs: 0, latches: 0, ands: 0 };
    return { verdict: 'proved', method: 'structure', depth: 0, seconds: 0, size, ...counts };
  }
  const reduced = reduceTo(product.aig, {
    bads: distinct.map(b => b.literal),
    constraints: product.constraints,
    join: true,
  });
  const answer = await engines.checkSafety(reduced.aig, {
    ...engineOptions(limits),
    bad: 0,
    hints: { equalPairs: mapPairs(reduced, product.equalPairs) },
  });
  return {
    ...answer,
    ...counts,
    problem: reduced.aig,
    size: sizeOf(reduced),
    trace: traceOf(product, reduced, answer),
  };
}

/** Whether some run makes justice and fairness true for ever. */
export async function checkJustice(
  product: Product,
  engines: Engines,
  limits: CheckLimits,
): Promise<ProductAnswer> {
  const reduced = reduceTo(product.aig, {
    constraints: product.constraints,
    justice: [product.justice],
    fairness: product.fairness,
  });
  const answer = await engines.checkLiveness(reduced.aig, { ...engineOptions(limits), justice: 0 });
  return {
    ...answer,
    problem: reduced.aig,
    bads: 1,
    distinct: 1,
    size: sizeOf(reduced),
    trace: traceOf(product, reduced, answer),
  };
}

function engineOptions(limits: CheckLimits) {
  const { timeoutSeconds, maxDepth, engines, threads, signal, progress } = limits;
  return { timeoutSeconds, maxDepth, engines, threads, signal, progress };
}

function traceOf(product: Product, reduced: ReducedProblem, answer: SafetyResult): Trace | undefined {
  return answer.trace === undefined
    ? undefined
    : settleTrace(product, expandTrace(product, reduced, answer.trace));
}

function sizeOf(reduced: ReducedProblem): ProductAnswer['size'] {
  const { inputCount, latchCount, andCount } = reduced.aig;
  return { inputs: inputCount, latches: latchCount, ands: andCount };
}

function mapPairs(reduced: ReducedProblem, pairs: Product['equalPairs']): [number, number][] {
  const map = (x: number): number => {
    const base = reduced.literals[x >>> 1]!;
    return base < 0 ? -1 : (base ^ (x & 1)) >>> 0;
  };
  return pairs.flatMap(([a, b]): [number, number][] => {
    const x = map(a);
    const y = map(b);
    return x < 0 || y < 0 || x === y ? [] : [[x, y]];
  });
}
