// A counterexample in the design's own words: one row of values a clock cycle, named by ports and registers.
// Plain data for the renderers (VCD, waveform, test bench). Refuses to know engines, products or literals.

/** What a signal of a trace is; renderers group and order by it. */
export type SignalKind =
  | 'clock'
  | 'reset'
  | 'valid'
  | 'ready'
  | 'payload'
  | 'input'
  | 'output'
  | 'register'
  | 'monitor';

export interface TraceSignal {
  /** Name in the source: a port (`req_data`), or a register by its hierarchical name (`fifo.count`). */
  name: string;
  width: number;
  /**
   * Which instance it belongs to: '' for a trace of one copy, or for what both copies share; 'A' and 'B' in two-copy
   * properties; 'check' for the monitor's own signals (`go`, `silence`).
   */
  scope: '' | 'A' | 'B' | 'check';
  kind: SignalKind;
  /** Name of the channel the port belongs to. */
  channel?: string | undefined;
  /** As seen from the design; registers and monitors have none. */
  direction?: 'in' | 'out' | undefined;
}

/** A value of the signal's width, or undefined: it does not matter for the failure (a don't care). */
export type TraceValue = bigint | undefined;

export interface TraceTable {
  /** Name of the top module. */
  design: string;
  /** The property refuted (or the cover reached), e.g. `P1` or `P2:req`. */
  property: string;
  /** One line saying what goes wrong, at which step. */
  summary: string;
  signals: readonly TraceSignal[];
  /** `steps[t][s]`: value of signal s during clock cycle t; cycle 0 is the first after reset. */
  steps: readonly (readonly TraceValue[])[];
  /** Liveness: after the last step the run repeats from this step for ever. */
  loopStart?: number | undefined;
  /** Signals (indices) in which the failure is visible at the last step. */
  failing: readonly number[];
}

/** Index of a signal, or -1. */
export function traceSignal(table: TraceTable, name: string, scope: TraceSignal['scope'] = ''): number {
  return table.signals.findIndex(s => s.name === name && s.scope === scope);
}
