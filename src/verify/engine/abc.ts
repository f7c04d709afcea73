// ABC as one engine of the portfolio: inside @yowasp/yosys, or a native berkeley-abc when one is installed.
// Refuses to be trusted: its traces are replayed by the caller, its proofs carry no certificate.

import type { Aig } from '../../netlist/aig.ts';
import type { EngineOutcome } from './run-engine.ts';

export interface AbcOptions {
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

export async function runAbc(
  engine: 'yosys-abc' | 'berkeley-abc',
  _aig: Aig,
  _bad: number,
  _options: AbcOptions,
): Promise<EngineOutcome> {
  return { verdict: 'unknown', method: engine, depth: 0, reason: 'not at hand' };
}
