// Streams a unit's own stimuli through its RTL with stalls and compares every trace with the golden model.

import { Random } from '../core/random.ts';
import { type RtlFile, readRtl } from '../synthesis/rtl.ts';
import { StreamDriver } from './stream.ts';
import type { Unit } from './unit.ts';

export interface StreamCheck {
  accepted: number;
  violations: number;
  /** Traces whose output differs from the golden model. */
  wrong: number[];
  warnings: string[];
  ands: number;
}

export async function checkStream(
  unit: Unit,
  count: number,
  files: readonly RtlFile[] = unit.files,
  traces = 64,
): Promise<StreamCheck> {
  const { aig, warnings } = await readRtl({ files, top: unit.name });
  const driver = new StreamDriver(aig, unit.input, unit.output);
  const batch = unit.stimuli(new Random(3), count);
  const { accepted, violations, inputStarts, tokenStarts, tokens } = driver.run(batch, {
    traces,
    tokenLimit: 32 * count,
  });
  const wrong: number[] = [];
  for (let t = 0; t < traces; t++) {
    const from = inputStarts[t]!;
    const to = inputStarts[t + 1]!;
    const part = { count: to - from, fields: {} as Record<string, Float64Array> };
    for (const f of unit.input.fields) {
      part.fields[f.name] = batch.fields[f.name]!.subarray(from * f.lanes, to * f.lanes);
    }
    const want = unit.golden(part);
    const equal = unit.output.fields.every(f => {
      const expected = want.fields[f.name]!;
      const got = tokens.fields[f.name]!.subarray(tokenStarts[t]! * f.lanes, tokenStarts[t + 1]! * f.lanes);
      return expected.length === got.length && expected.every((x, i) => x === got[i]);
    });
    if (!equal) wrong.push(t);
  }
  return { accepted, violations, wrong, warnings, ands: aig.andCount };
}
