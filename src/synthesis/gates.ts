// Word-level RTL to simple gates and flip-flops, as JSON of Yosys: the passes every reading shares, and what none accepts.
// Refuses undriven nets, second drivers, loops, latches and three-state drivers, with the place Yosys gives.

import { InputError } from '../core/errors.ts';
import { placeOfSource, placeOfWord, problemOf } from './complaints.ts';
import { type ElaborateOptions, elaborate } from './elaborate.ts';
import type { PlacedSource, RtlSource } from './source.ts';

/**
 * Passes after `proc`: memories become registers; asynchronous resets become synchronous ones whose output follows at
 * once (async2sync).
 */
export const simplify: readonly string[] = [
  'opt_expr; opt_clean',
  'tee -q -o check.txt check -initdrv',
  'dump -o refused.txt t:$dlatch t:$adlatch t:$dlatchsr t:$sr t:$tribuf',
  'memory -nomap; memory_map',
  'opt_expr; opt_clean',
  'async2sync; dffunmap; opt_expr; opt_clean',
];

/**
 * Runs passes that end in simple gates.
 * @returns the netlist as JSON, and the log
 * @throws InputError with file and line, the file as Yosys knows it; SynthesisTimeout, AbortedError
 */
export async function gatesOf(
  placed: PlacedSource,
  passes: readonly string[],
  options: Omit<ElaborateOptions, 'captured'>,
): Promise<{ bytes: Uint8Array; log: string }> {
  const all = [
    ...passes,
    // what is left undefined does not matter (an unused arm, an index out of range): zero, so that the graph is definite
    'setundef -zero; opt_clean',
    'write_json',
  ];
  const { files, log } = await elaborate(placed, all, { ...options, captured: 'out.json' });
  const text = (name: string): string => Buffer.from(files.get(name) ?? []).toString('utf8');
  refuseProblems(text('check.txt'), placed.source);
  refuseStateless(text('refused.txt'));
  return { bytes: files.get('out.json')!, log };
}

/** The first problem `check` reports as an error. */
function refuseProblems(log: string, source: RtlSource): void {
  const problem = problemOf(log);
  if (problem !== undefined) throw problem;
  const undriven = /Warning: Wire [^\s.]+\.\\?(\S+)( \[\d+\])? is used but has no driver/.exec(log);
  if (undriven !== null) {
    const [, name = '', bit = ''] = undriven;
    const own = name.split('.').at(-1)!.replace(/\W/g, '\\$&');
    throw new InputError(`'${name}${bit.trim()}' is used but nothing drives it`, {
      ...placeOfWord(source, new RegExp(`(?<![\\w$])${own}(?![\\w$])`)),
    });
  }
  const other = /Warning: ([^\n]*)/.exec(log);
  if (other !== null) throw new InputError(other[1]!.replace(/\\(?=\w)/g, ''));
}

/** The first level-sensitive or three-state cell of a Yosys dump as an error. */
function refuseStateless(dump: string): void {
  const cell = /^\s*cell \$(\w+)/m.exec(dump);
  if (cell === null) return;
  const place = placeOfSource(/attribute \\src "([^"]*)/.exec(dump)?.[1]);
  const net = /connect \\[QY] \\?(\S+)/.exec(dump)?.[1];
  const what = cell[1] === 'tribuf' ? 'three-state driver' : 'level-sensitive latch';
  throw new InputError(net === undefined ? what : `${what} for '${net}'`, {
    ...place,
    expected: 'clocked registers and fully assigned combinational logic',
  });
}
