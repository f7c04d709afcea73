// Reads an example of the package and settles it: the design after reset with its channels.
// Refuses names that are no file of assets/verify.

import { readFileSync } from 'node:fs';
import { packageRoot } from '../../core/places.ts';
import { makeUnit } from '../../hardware/units.ts';
import type { RtlSource } from '../../synthesis/rtl.ts';
import type { Design } from '../design.ts';
import { guessInterface } from '../front/guess.ts';
import { readDesign } from '../front/read.ts';
import { settleReset } from '../front/reset.ts';
import type { Interface } from '../interface.ts';
import type { Example } from './table.ts';

export interface LoadedExample {
  source: RtlSource;
  /** Settled: no clock, no reset. */
  design: Design;
  found: Interface;
}

type Named = Pick<Example, 'file' | 'top' | 'parameters' | 'generated'>;

export async function exampleSource(example: Named): Promise<RtlSource> {
  if (example.generated === true) {
    const made = await makeUnit(example.file, example.parameters);
    return { files: made.files, top: made.name };
  }
  const url = new URL(`assets/verify/${example.file}`, packageRoot);
  return {
    files: [{ name: example.file, text: readFileSync(url, 'utf8') }],
    top: example.top,
    parameters: example.parameters as Readonly<Record<string, number>>,
  };
}

export async function loadExample(example: Named, signal?: AbortSignal): Promise<LoadedExample> {
  const source = await exampleSource(example);
  const read = await readDesign(source, { signal });
  const found = guessInterface(read.design, read.clocks, read.portOrder);
  return { source, design: settleReset(read.design, found.resets), found };
}
