// The three engines a run asks, as one value that tests and library users can replace.

import type { Aig } from '../netlist/aig.ts';
import { checkLiveness } from './liveness.ts';
import { checkCover, checkSafety } from './safety.ts';
import type { CheckOptions, CoverResult, LivenessOptions, SafetyOptions, SafetyResult } from './types.ts';

export interface Engines {
  checkSafety(aig: Aig, options: SafetyOptions): Promise<SafetyResult>;
  checkLiveness(aig: Aig, options: LivenessOptions): Promise<SafetyResult>;
  checkCover(aig: Aig, literal: number, options: CheckOptions): Promise<CoverResult>;
}

export const engines: Engines = { checkSafety, checkLiveness, checkCover };
