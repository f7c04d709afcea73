// The start of every reading of RTL: parse, choose the top, check who drives what, then the passes asked for.
// Refuses, before any pass could hide it, a second driver of a net, names that reach into another module, and to choose
// among several tops.

import { InputError } from '../core/errors.ts';
import { explainYosys } from './complaints.ts';
import { checkDrivers } from './drivers.ts';
import { hierarchyCommand, originalPlace, type PlacedSource, type RtlSource } from './source.ts';
import { runYosys, SynthesisTimeout, type YosysResult, type YosysRun } from './yosys.ts';

export type ElaborateOptions = Pick<YosysRun, 'timeoutSeconds' | 'signal' | 'native' | 'captured'>;

/** File of every result of `elaborate`: the design after `hierarchy`. */
export const elaborated = 'elaborated.il';
const topsFile = 'tops.txt';

/** Put before `hierarchy -auto-top`: keeps what Yosys says about the choice. */
export const noteTops: string = `tee -q -o ${topsFile}`;

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
  const hierarchy = hierarchyCommand(source);
  const head = [
    read,
    source.top === undefined ? `${noteTops} ${hierarchy}` : hierarchy,
    `write_rtlil ${elaborated}`,
  ];
  const checked = (made: YosysResult): void => {
    if (source.top === undefined) requireOneTop(made, source);
    check(made, files);
  };
  let result: YosysResult;
  try {
    result = await runYosys({ ...options, script: [...head, ...passes].join('\n'), files });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // a pass may have tripped over what the check would have told, with its place
    const { captured: _, ...limits } = options;
    const again = await runYosys({ ...limits, script: head.join('\n'), files }).catch(() => undefined);
    if (again !== undefined) checked(again);
    throw error;
  }
  checked(result);
  return result;
}

/**
 * Yosys takes the module above most levels for the top, and the last of several such.
 * @param made a run with `noteTops` before `hierarchy -auto-top`
 * @throws InputError when there are several, or none
 */
export function requireOneTop(made: YosysResult, source: RtlSource): void {
  const log = Buffer.from(made.files.get(topsFile) ?? []).toString('utf8');
  const file = source.files.length === 1 ? source.files[0]!.name : undefined;
  const modules = [...log.matchAll(/^root of\s+(\d+) design levels: (\S+)/gm)];
  if (modules.length === 0)
    throw new InputError('no module', {
      file: file ?? source.files[0]?.name,
      expected: 'at least one module',
    });
  const most = Math.max(...modules.map(m => Number(m[1])));
  const tops = [...new Set(modules.filter(m => Number(m[1]) === most).map(m => m[2]!))];
  if (tops.length > 1)
    throw new InputError(`several top modules: ${tops.sort().join(', ')}`, {
      file,
      expected: 'one top module, or --top',
    });
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

/**
 * Runs `work`; what it throws names the user's files, in the user's words.
 * @param limitSeconds of all of `work`, for the message of a run that the rest of it was too short for
 */
export async function withPlaces<T>(
  placed: PlacedSource,
  work: () => Promise<T>,
  limitSeconds?: number,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SynthesisTimeout && limitSeconds !== undefined) {
      throw new SynthesisTimeout(
        `not read within ${limitSeconds} s`,
        {
          file: placed.source.files[0]?.name,
          expected: 'a smaller design or a longer time limit (--timeout)',
        },
        { cause: error },
      );
    }
    throw explainYosys(error, placed.source) ?? originalPlace(error, placed.original);
  }
}
