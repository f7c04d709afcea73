// Answers of a design cut at its channels, as results like any other. Refuses to turn "unknown" into anything: what
// composition does not prove is left to the whole design.

import type { Engines } from '../engines/index.ts';
import type { RtlSource } from '../synthesis/rtl.ts';
import { verifyComposed } from './compose/index.ts';
import type { PropertyKind, PropertyResult } from './results.ts';

export interface ComposedResults {
  results: PropertyResult[];
  /** What it did not prove, in one line each. */
  notes: string[];
}

/** Proofs by composition of the kinds asked for. P2 proved so covers its liveness form. */
export async function composedResults(
  source: RtlSource,
  engines: Engines,
  kinds: readonly PropertyKind[],
  options: { timeoutSeconds?: number | undefined; signal?: AbortSignal | undefined },
): Promise<ComposedResults> {
  const answer = await verifyComposed(source, engines, options);
  if (typeof answer === 'string') return { results: [], notes: [`not composed: ${answer}`] };
  const results: PropertyResult[] = [];
  const notes: string[] = [];
  const vacuous = answer.modules.some(m => m.invalidData.vacuous || m.integrity?.vacuous === true);
  for (const kind of kinds) {
    const part =
      kind === 'P2-live'
        ? answer.P2
        : kind === 'P1' || kind === 'P2' || kind === 'P5'
          ? answer[kind]
          : undefined;
    if (part === undefined) continue;
    if (part.verdict !== 'proved') {
      notes.push(`${kind} not composed: ${part.reason ?? 'unknown'}`);
      continue;
    }
    results.push({
      property: kind,
      kind,
      channel: null,
      verdict: 'proved',
      method: `composition of ${answer.instances} instances`,
      depth: answer.instances,
      traceLength: null,
      vacuous,
      seconds: results.length === 0 ? answer.seconds : 0,
      reason: null,
      bound: null,
      covers: [],
      assumptions: ['the contract of each module, checked on both sides of every channel'],
      failure: null,
      size: { inputs: 0, latches: answer.stateBits, ands: 0 },
    });
  }
  return { results, notes };
}
