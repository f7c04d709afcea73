// Replays an engine's run on our own simulator and writes it down in the design's own signals.
// Refuses to report a run that does not fail: that is an error of the tool, never of the design.

import { BitwrightError } from '../core/errors.ts';
import type { Trace } from '../engines/types.ts';
import { uninitialised } from '../netlist/aig.ts';
import { coneOf, type ReducedProblem } from './product/cone.ts';
import type { Product } from './product/product.ts';
import { TernarySimulator, unknown, wordValue } from './ternary.ts';
import type { TraceTable, TraceValue } from './trace.ts';

/** A run of a reduced problem as a run of the whole product: what was cut away does not matter. */
export function expandTrace(product: Product, reduced: ReducedProblem, trace: Trace): Trace {
  const { aig } = product;
  const initial = aig.latchInit.slice();
  reduced.latches.forEach((latch, i) => {
    if (aig.latchInit[latch] === uninitialised) initial[latch] = trace.initial[i]!;
  });
  const steps = trace.steps.map(step => {
    const inputs = new Uint8Array(aig.inputCount).fill(unknown);
    reduced.inputs.forEach((input, i) => {
      inputs[input] = step[i]!;
    });
    return inputs;
  });
  return { initial, steps, loopStart: trace.loopStart };
}

/**
 * The run from the state a quiet reset leaves, if it fails from there too: a test bench then meets it without touching
 * registers. Otherwise the run as it was found.
 */
export function settleTrace(product: Product, trace: Trace): Trace {
  const { aig, rest } = product;
  if (rest === undefined || rest.size === 0 || trace.steps.length === 0) return trace;
  const bare = (name: string | undefined): string | undefined => name?.replace(/^(B|start) /, '');
  const initial = trace.initial.map((value, i) =>
    aig.latchInit[i] === uninitialised ? (rest.get(bare(aig.names.latches?.[i]) ?? '') ?? value) : value,
  );
  const first = trace.steps[0]!.map((value, i) => {
    const name = aig.names.inputs?.[i];
    return name?.startsWith('start ') === true ? (rest.get(bare(name)!) ?? value) : value;
  });
  const settled = { ...trace, initial, steps: [first, ...trace.steps.slice(1)] };
  const fails = trace.loopStart === undefined ? failingBad(product, settled) : lassoOf(product, settled);
  return fails === undefined ? trace : settled;
}

export interface ReplayedStep {
  /** Value of each variable: 0, 1, 2. */
  values: Uint8Array;
  state: Uint8Array;
}

/** Runs a trace; unknown values stay unknown, or are taken as 0 with `fill`. */
function runTrace(product: Product, trace: Trace, fill: boolean): ReplayedStep[] {
  const { aig } = product;
  const simulator = new TernarySimulator(aig);
  const certain = (x: Uint8Array): Uint8Array => (fill ? x.map(v => (v === unknown ? 0 : v)) : x);
  let state = certain(trace.initial);
  return trace.steps.map(inputs => {
    simulator.evaluate(state, certain(inputs));
    const step = { values: simulator.values.slice(), state };
    state = simulator.next();
    return step;
  });
}

function valueIn(step: ReplayedStep, literal: number): number {
  const value = step.values[literal >>> 1]!;
  return literal & 1 && value !== unknown ? 1 - value : value;
}

export interface Replayed {
  /** The literal that is wrong at the last step. */
  label: string;
  literal: number;
  table: TraceTable;
}

/** @throws BitwrightError when no bad of the product is true at the last step, or a constraint fails before */
export function replaySafety(product: Product, trace: Trace, design: string, property: string): Replayed {
  const failed = failingBad(product, trace);
  if (failed === undefined) {
    throw new BitwrightError(`the failing run found for ${property} does not fail when replayed`);
  }
  const { definite, bad: failing } = failed;
  const open = runTrace(product, trace, false);
  // what the ternary run leaves unknown is a don't care only if the failure is certain without it
  const certain = valueIn(open[open.length - 1]!, failing.literal) === 1;
  const table = tableOf(product, certain ? open : definite, definite, {
    design,
    property,
    summary: `${failing.label} in cycle ${trace.steps.length - 1}`,
    cone: failing.literal,
  });
  return { label: failing.label, literal: failing.literal, table };
}

/** The run with its don't cares 0, and what is bad at its end; undefined when nothing is, or a constraint breaks. */
function failingBad(
  product: Product,
  trace: Trace,
): { definite: ReplayedStep[]; bad: Product['bads'][number] } | undefined {
  const definite = runTrace(product, trace, true);
  const last = definite[definite.length - 1];
  const bad = last === undefined ? undefined : product.bads.find(b => valueIn(last, b.literal) === 1);
  return bad === undefined || !constraintsHold(product, definite) ? undefined : { definite, bad };
}

/** @throws BitwrightError when the lasso does not close, breaks a constraint, or misses justice or fairness */
export function replayLasso(
  product: Product,
  trace: Trace,
  design: string,
  property: string,
  summary: string,
): TraceTable {
  const steps = lassoOf(product, trace);
  if (steps === undefined) {
    throw new BitwrightError(`the endless run found for ${property} does not repeat when replayed`);
  }
  const table = tableOf(product, steps, steps, { design, property, summary });
  return { ...table, loopStart: trace.loopStart };
}

/** The steps of a lasso; undefined when it does not close, breaks a constraint, or misses justice or fairness. */
function lassoOf(product: Product, trace: Trace): ReplayedStep[] | undefined {
  const from = trace.loopStart ?? -1;
  const filled: Trace = {
    initial: trace.initial,
    steps: [...trace.steps, trace.steps[from] ?? trace.steps[0]!],
  };
  const all = runTrace(product, filled, true);
  const steps = all.slice(0, -1);
  // the run repeats in all that the failure depends on; a payload nobody looks at may go on changing
  const { aig } = product;
  const cone = coneOf(aig, [...product.constraints, ...product.justice, ...product.fairness]);
  const last = all[all.length - 1]!.state;
  const closes =
    from >= 0 && last.every((x, i) => cone[aig.latchVariable(i)] === 0 || x === all[from]?.state[i]);
  const loop = steps.slice(from);
  const seen = (literal: number): boolean => loop.some(step => valueIn(step, literal) === 1);
  return closes && constraintsHold(product, steps) && [...product.justice, ...product.fairness].every(seen)
    ? steps
    : undefined;
}

function constraintsHold(product: Product, steps: readonly ReplayedStep[]): boolean {
  return steps.every(step => product.constraints.every(c => valueIn(step, c) === 1));
}

/** The values of everything watched, step by step; a word of which no bit matters is a don't care. */
function tableOf(
  product: Product,
  open: readonly ReplayedStep[],
  definite: readonly ReplayedStep[],
  about: { design: string; property: string; summary: string; cone?: number },
): TraceTable {
  const { watches } = product;
  const value = (bits: readonly number[], t: number): TraceValue => {
    const known = bits.map(x => valueIn(open[t]!, x));
    // a word of which some bits matter is shown whole, the others as the definite run has them
    if (bits.length > 0 && known.every(bit => bit === unknown)) return undefined;
    return wordValue(bits.map(x => valueIn(definite[t]!, x)));
  };
  const steps = open.map((_, t) => watches.map(w => value(w.bits, t)));
  const last = steps[steps.length - 1] ?? [];
  const failing = watches.flatMap((w, i) => {
    if (w.kind === 'register' || w.scope === 'check') return [];
    const twin = watches.findIndex(x => x.name === w.name && x.scope !== w.scope && x.scope !== 'check');
    return twin >= 0 && last[i] !== last[twin] && w.kind !== 'payload' ? [i] : [];
  });
  return {
    design: about.design,
    property: about.property,
    summary: about.summary,
    signals: watches.map(({ bits: _, ...signal }) => signal),
    steps,
    failing,
  };
}
