// Runs one example: every property with an expected verdict, by composition where the table asks for it, with the
// random-stall baseline beside each refutation. Refuses to judge: rows carry the verdict and what was expected.

import type { Engines } from '../../engines/index.ts';
import { type ComposedResult, verifyComposed } from '../compose/index.ts';
import type { PropertyKind } from '../results.ts';
import { verifyDesign } from '../run.ts';
import type { TraceTable } from '../trace.ts';
import { loadExample } from './load.ts';
import { type StallCheck, simulateStalls } from './stalls.ts';
import type { Example, Expected } from './table.ts';

export interface ExampleRow {
  design: string;
  /** Row of the reference's table, or null. */
  row: number | null;
  stateBits: number;
  property: string;
  expected: Expected;
  verdict: 'proved' | 'refuted' | 'unknown';
  vacuous: boolean;
  method: string;
  depth: number;
  traceLength: number | null;
  seconds: number;
  /** Median cycles of random stalls to hit the bug; null: not asked; Infinity: most runs missed it. */
  randomCycles: number | null;
  reason: string | null;
  trace?: TraceTable | undefined;
}

export interface RunOptions {
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** Cycles of the random runs; 0 leaves them out. */
  randomCycles: number;
}

export async function runExample(
  example: Example,
  engines: Engines,
  options: RunOptions,
): Promise<ExampleRow[]> {
  const { timeoutSeconds, signal } = options;
  const { source, design, found } = await loadExample(example, signal);
  const rows: ExampleRow[] = [];
  const stateBits = design.aig.latchCount;
  const add = (
    property: string,
    expected: Expected,
    rest: Omit<ExampleRow, 'design' | 'row' | 'stateBits' | 'property' | 'expected' | 'randomCycles'>,
  ): void => {
    const check = property.slice(0, 2) as StallCheck;
    let randomCycles: number | null = null;
    if (expected === 'refuted' && options.randomCycles > 0 && property !== 'P2-live') {
      const stalls = simulateStalls(design, found, check, { cycles: options.randomCycles });
      randomCycles = stalls.median ?? Number.POSITIVE_INFINITY;
    }
    rows.push({
      design: example.name,
      row: example.row ?? null,
      stateBits,
      property,
      expected,
      randomCycles,
      ...rest,
    });
  };
  const { expected } = example;
  let composed: ComposedResult | undefined;
  if (example.compositional === true) {
    const answer = await verifyComposed(source, engines, { timeoutSeconds, signal });
    if (typeof answer !== 'string') composed = answer;
  }
  for (const [name, wanted] of Object.entries(expected) as [keyof typeof expected, Expected][]) {
    const parts = name === 'P1' || name === 'P2' || name === 'P5' ? composed?.[name] : undefined;
    if (parts?.verdict === 'proved') {
      const modules = composed!.modules.length;
      add(name, wanted, {
        verdict: 'proved',
        vacuous: composed!.modules.some(m => m.integrity?.vacuous === true || m.invalidData.vacuous),
        method: `composition of ${composed!.instances} instances, ${modules} proved`,
        depth: composed!.instances,
        traceLength: null,
        seconds: composed!.seconds,
        reason: null,
      });
      continue;
    }
    const kinds: PropertyKind[] = name === 'P2' ? ['P2', 'P2-live'] : [name];
    const results = await verifyDesign(design, found, engines, { properties: kinds, timeoutSeconds, signal });
    for (const result of results) {
      add(result.property, wanted, {
        verdict: result.verdict,
        vacuous: result.vacuous,
        method: result.method,
        depth: result.depth,
        traceLength: result.traceLength,
        seconds: result.seconds,
        reason: result.reason ?? result.failure,
        trace: result.trace,
      });
    }
  }
  return rows;
}

/** A row that is as it must be. A correct design must not be proved vacuously; one that is dead from the start may. */
export function asExpected(row: ExampleRow, example: Example): boolean {
  const correct = Object.values(example.expected).every(verdict => verdict === 'proved');
  return row.verdict === row.expected && !(correct && row.vacuous);
}
