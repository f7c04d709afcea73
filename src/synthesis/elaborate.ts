// The start of every reading of RTL: parse, choose the top, check who drives what, then the passes asked for.
// Refuses, before any pass could hide it, a second driver of a net, and names that reach into another module.

import { InputError } from '../core/errors.ts';
import { explainYosys } from './complaints.ts';
import { checkDrivers } from './drivers.ts';
import { hierarchyCommand, originalPlace, type PlacedSource } from './source.ts';
import { runYosys, type YosysResult, type YosysRun } from './yosys.ts';

export type ElaborateOptions = Pick<YosysRun, 'timeoutSeconds' | 'signal' | 'native' | 'captured'>;

const elaborated = 'elaborated.il';

/**
 * Runs `passes` after `hierarchy`.
 * @throws InputError with file and line, the file as Yosys knows it; SynthesisTimeout, AbortedError
 */
export async function elaborate(
  placed: PlacedSource,
  passes: readonly string[],
  options: ElaborateOptions,
): Promise<YosysResult> {
  const { files, read, source } = placed;
  const head = [read, hierarchyCommand(source), `write_rtlil ${elaborated}`];
  let result: YosysResult;
  try {
    result = await runYosys({ ...options, script: [...head, ...passes].join('\n'), files });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // a pass may have tripped over what the check would have told, with its place
    const { captured: _, ...limits } = options;
    const again = await runYosys({ ...limits, script: head.join('\n'), files }).catch(() => undefined);
    if (again !== undefined) check(again, files);
    throw error;
  }
  check(result, files);
  return result;
}

function check({ log, files: written }: YosysResult, texts: Readonly<Record<string, string>>): void {
  const inner =
    /^(?:(\S[^\n]*?):(\d+): )?Warning: Identifier `\\?([^'\n]*\.[^'\n]*)' is implicitly declared/m.exec(log);
  if (inner !== null) {
    throw new InputError(`hierarchical name '${inner[3]}'`, {
      file: inner[1],
      line: inner[2] === undefined ? undefined : Number(inner[2]),
      expected: 'a signal of the module itself',
    });
  }
  checkDrivers(Buffer.from(written.get(elaborated) ?? []).toString('utf8'), texts);
}

/** Runs `work`; what it throws names the user's files, in the user's words. */
export async function withPlaces<T>(placed: PlacedSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainYosys(error, placed.source) ?? originalPlace(error, placed.original);
  }
}
