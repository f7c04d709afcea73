// P5, data integrity of stream blocks: nothing lost, duplicated, reordered or changed, for words of any value.
// Refuses blocks that change their payload (no verdict: the question does not apply), and says which bit does.

import type { Trace } from '../../engines/types.ts';
import { Aig, uninitialised } from '../../netlist/aig.ts';
import { type Edges, type Exploration, type ExploreOptions, explore } from './explore.ts';
import { type Failure, replay } from './replay.ts';
import type { StreamDesign } from './stream.ts';

export interface IntegrityResult {
  verdict: 'proved' | 'refuted' | 'unknown';
  method: 'data-independence';
  /** Refuted: index of the failing cycle. Proved: longest shortest path to a control state. */
  depth: number;
  seconds: number;
  reason?: string | undefined;
  /** Proved, but no word ever leaves (or enters). */
  vacuous: boolean;
  trace?: Trace | undefined;
  /** What goes wrong, one line. */
  summary?: string | undefined;
  /** Control states visited; words inside at most; payload bits moved as data, and those control looks at. */
  states: number;
  capacity: number;
  dataBits: number;
  tagBits: number;
  exploration: Exploration;
}

/** Checks a block. Proofs hold for payloads of any value and for every stall pattern, also with valid retracted. */
export function checkIntegrity(design: StreamDesign, options: ExploreOptions = {}): IntegrityResult {
  const begin = performance.now();
  const found = explore(design, options);
  const result: IntegrityResult = {
    verdict: 'unknown',
    method: 'data-independence',
    depth: found.depth,
    seconds: 0,
    vacuous: false,
    states: found.states,
    capacity: found.capacity,
    dataBits: found.roles.data.length,
    tagBits: found.roles.tags.length,
    exploration: found,
  };
  if (found.outcome === 'closed') {
    result.verdict = 'proved';
    result.vacuous = found.gave.some(n => n === 0) || found.took.some(n => n === 0);
  } else if (found.outcome === 'limit') {
    result.reason = found.reason;
  } else {
    const failure = findFailure(design, found, options);
    if (failure === undefined) {
      result.reason = `${found.suspicion!.problem}, but no failing run was found`;
      result.depth = found.suspicion!.path.length;
    } else {
      result.verdict = 'refuted';
      result.trace = failure.trace;
      result.summary = failure.summary;
      result.depth = failure.trace.steps.length - 1;
    }
  }
  result.seconds = (performance.now() - begin) / 1000;
  return result;
}

/** A run that fails: along the suspicion, else (paths were joined there) by a search that joins nothing. */
function findFailure(design: StreamDesign, found: Exploration, options: ExploreOptions): Failure | undefined {
  // from the state a quiet reset leaves, if it fails from there too: a test bench can follow
  if (found.openLatches.some(i => design.rest?.has(i) === true)) {
    const rested = restedDesign(design);
    const again = explore(rested, { maxStates: 200_000, ...options, edges: false });
    const failure = again.suspicion === undefined ? undefined : replay(rested, again, again.suspicion, 64);
    if (failure !== undefined) return failure;
  }
  const failure = replay(design, found, found.suspicion!, 64 + 2 * found.capacity);
  if (failure !== undefined) return failure;
  const exact = explore(design, { maxStates: 200_000, ...options, exact: true, edges: false });
  return exact.suspicion === undefined ? undefined : replay(design, exact, exact.suspicion, 64);
}

/** The same block, its open latches starting as a quiet reset leaves them: some of its runs. */
function restedDesign(design: StreamDesign): StreamDesign {
  const { aig, rest } = design;
  const latchInit = aig.latchInit.slice();
  rest?.forEach((value, i) => {
    if (latchInit[i] === uninitialised) latchInit[i] = value;
  });
  return { ...design, aig: new Aig({ ...aig, latchInit }) };
}

export type { Edges, Exploration, ExploreOptions, StreamDesign };
