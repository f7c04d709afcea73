// What a verification run answers: one result a property, with its assumptions, covers and, when refuted, its trace.

import type { Certificate, Verdict } from '../engines/types.ts';
import type { Aig } from '../netlist/aig.ts';
import type { CoverOutcome } from './covers.ts';
import type { TraceTable } from './trace.ts';

/** Properties by name: `P2:req` is P2 of one port. */
export const propertyKinds = ['P1', 'P2', 'P2-live', 'P3', 'P4', 'P5'] as const;
export type PropertyKind = (typeof propertyKinds)[number];

export const propertyTitles: Record<PropertyKind, string> = {
  P1: 'invalid data has no influence',
  P2: 'no deadlock (bounded silence)',
  'P2-live': 'no deadlock (liveness)',
  P3: 'same outputs under all stalls',
  P4: 'valid and payload kept until taken',
  P5: 'every word passed on once, in order, unchanged',
};

export interface PropertyResult {
  /** `P1`, `P2`, `P2:port`, `P2-live`, `P3:port`, `P4:port`. */
  property: string;
  kind: PropertyKind;
  channel: string | null;
  verdict: Verdict;
  method: string;
  /** As the engine gives it; unknown: cycles known not to fail. */
  depth: number;
  /** Cycles of the failing run (with its loop), or null. */
  traceLength: number | null;
  /** Proved, but some cover was not reached. */
  vacuous: boolean;
  seconds: number;
  /** Why unknown; or a remark on what the answer means. */
  reason: string | null;
  /** P2: the bound N. P3: the greatest skew. */
  bound: number | null;
  covers: CoverOutcome[];
  assumptions: string[];
  /** What fails, in one line. */
  failure: string | null;
  trace?: TraceTable | undefined;
  certificate?: Certificate | undefined;
  /** The problem the certificate is about. */
  problem?: Aig | undefined;
  /** P1: registers that can hold garbage by structure. */
  garbage?: string[] | undefined;
  /** What the engines saw. */
  size: { inputs: number; latches: number; ands: number };
}
