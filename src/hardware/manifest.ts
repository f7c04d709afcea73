// The folder of a generated unit: RTL, manifest, test bench and vectors; and reading it back to the unit it claims to be.
// Refuses a manifest that names no known unit, or files that are not there.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import { writeFileAtomic } from '../core/files.ts';
import { packageVersion } from '../core/places.ts';
import type { RtlFile } from '../synthesis/rtl.ts';
import { readHexLines, testBench } from './testbench.ts';
import type { Batch, Channel, Unit } from './unit.ts';
import { makeUnit } from './units.ts';

const manifestName = 'manifest.json';
const schema = 'bitwright/unit@1';

const fileName = z.string().regex(/^[\w.-]+$/);
const manifestShape = z.object({
  schema: z.literal(schema),
  kind: z.string(),
  name: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  files: z.array(fileName).min(1),
  testBench: z.object({ file: fileName, inputs: fileName, outputs: fileName }).optional(),
});

export interface WrittenUnit {
  directory: string;
  files: string[];
  manifest: string;
}

/**
 * Writes a unit into a folder.
 * @param vectors transactions of the test bench
 * @throws InputError when the folder cannot be written
 */
export function writeUnit(unit: Unit, directory: string, vectors: number, seed: number): WrittenUnit {
  const bench = testBench(unit, vectors, seed);
  const extra = [bench.bench, bench.inputs, bench.outputs];
  for (const file of [...unit.files, ...extra]) writeFileAtomic(join(directory, file.name), file.text);
  const manifest = {
    schema,
    version: packageVersion(),
    kind: unit.kind,
    name: unit.name,
    title: unit.title,
    format: unit.format,
    parameters: unit.parameters,
    latency: unit.latency,
    operationsPerTransaction: unit.operationsPerTransaction,
    ports: [describeChannel(unit.input), describeChannel(unit.output)],
    files: unit.files.map(f => f.name),
    testBench: {
      file: bench.bench.name,
      inputs: bench.inputs.name,
      outputs: bench.outputs.name,
      transactions: bench.transactions,
      results: bench.results,
    },
  };
  const path = join(directory, manifestName);
  writeFileAtomic(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return { directory, files: [...unit.files, ...extra].map(f => f.name), manifest: path };
}

function describeChannel(channel: Channel): unknown {
  return { name: channel.name, direction: channel.direction, fields: channel.fields };
}

export interface ReadUnit {
  unit: Unit;
  /** The RTL as it lies in the folder. */
  files: RtlFile[];
  testBench: { file: string; inputs: string; outputs: string } | undefined;
  /** The vectors of the test bench, as they lie in the folder. */
  vectors: { inputs: Batch; outputs: Batch } | undefined;
}

/**
 * Reads a folder that `writeUnit` wrote: the golden model comes from the manifest's parameters, the RTL from the folder.
 * @throws InputError naming the file and what is wrong with it
 */
export async function readUnit(directory: string): Promise<ReadUnit> {
  const path = join(directory, manifestName);
  let parsed: unknown;
  try {
    parsed = JSON.parse(read(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('not a JSON file', { file: path, expected: 'a manifest written by bitwright rtl' });
  }
  const result = manifestShape.safeParse(parsed);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new InputError(`manifest field '${issue.path.join('.')}': ${issue.message}`, { file: path });
  }
  const manifest = result.data;
  const unit = await makeUnit(manifest.kind, manifest.parameters);
  if (unit.name !== manifest.name) {
    throw new InputError(`the parameters make '${unit.name}', not '${manifest.name}'`, { file: path });
  }
  const files = manifest.files.map(name => ({
    name: join(directory, name),
    text: read(join(directory, name)),
  }));
  const { testBench } = manifest;
  const vectors = (channel: Channel, name: string): Batch =>
    readHexLines(channel, { name: join(directory, name), text: read(join(directory, name)) });
  return {
    ...{ unit, files, testBench },
    vectors:
      testBench === undefined
        ? undefined
        : {
            inputs: vectors(unit.input, testBench.inputs),
            outputs: vectors(unit.output, testBench.outputs),
          },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    const expected = basename(path) === manifestName ? 'a folder written by bitwright rtl' : undefined;
    throw new InputError(`cannot read (${code})`, { file: path, expected });
  }
}
