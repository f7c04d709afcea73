// The errors a user may meet, each one line: file, place, what was expected, nearest valid spelling.
// Exit codes of the CLI contract: 1 the answer is no, 2 usage, 3 bad input, 4 internal error.
// Refuses to carry stack traces to the terminal: the CLI prints them only under --debug.

import { nearestSpelling } from './spelling.ts';

export interface ErrorPlace {
  /** File the error is about, as the user spelled it. */
  file?: string | undefined;
  /** Line (text formats, from 1), byte offset (binary formats), or the name of a node or field. */
  line?: number | undefined;
  byte?: number | undefined;
  node?: string | undefined;
  /** What would have been accepted. */
  expected?: string | undefined;
  /** The nearest valid spelling, when there is one. */
  nearest?: string | undefined;
}

/** Base of every error Bitwright raises on purpose. `message` is always a single line. */
export class BitwrightError extends Error {
  readonly exitCode: number = 4;
  readonly place: ErrorPlace;

  constructor(problem: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(formatError(problem, place), options);
    this.name = new.target.name;
    this.place = place;
  }
}

/** The command line or an API option is wrong (exit code 2). */
export class UsageError extends BitwrightError {
  override readonly exitCode = 2;
}

/** A file or array the user gave is wrong (exit code 3). */
export class InputError extends BitwrightError {
  override readonly exitCode = 3;
}

/** The work was stopped on request: Ctrl-C or an abort signal (exit code 130, as shells expect). */
export class AbortedError extends BitwrightError {
  override readonly exitCode = 130;
}

/**
 * Refuses options that are no object or have a name nobody reads: a misspelt one would be as good as left out.
 * @param what whose options, e.g. `quantize`
 * @throws UsageError with the nearest name
 */
export function requireOptions(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new UsageError(`options of ${what} are ${JSON.stringify(options)}`, {
      expected: `an object such as { ${names[0]}: … }`,
    });
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw unknownWord(`option of ${what}`, name, names);
}

/** Runs `work`; bad input it throws without a file gets this one. */
export async function inFile<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError) || error.place.file !== undefined) throw error;
    throw new InputError(error.message, { file }, { cause: error });
  }
}

function formatError(problem: string, place: ErrorPlace): string {
  const where: string[] = [];
  if (place.file !== undefined) where.push(place.file);
  if (place.line !== undefined) where.push(`line ${place.line}`);
  if (place.byte !== undefined) where.push(`byte ${place.byte}`);
  if (place.node !== undefined) where.push(`node '${place.node}'`);
  let text = where.length > 0 ? `${where.join(', ')}: ${problem}` : problem;
  if (place.expected !== undefined) text += `; expected ${place.expected}`;
  if (place.nearest !== undefined) text += `; did you mean '${place.nearest}'?`;
  return oneLine(text);
}

/** Control characters escaped and length bounded: names inside hostile files must not forge output lines. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return clean.length > 600 ? `${clean.slice(0, 597)}...` : clean;
}

/**
 * A usage error for a word that should have been one of `valid`, with the nearest of them.
 * @param what what the word names, e.g. `clipping method`
 */
export function unknownWord(what: string, word: string, valid: readonly string[]): UsageError {
  return new UsageError(`unknown ${what} '${word}'`, {
    expected: valid.length <= 12 ? `one of ${valid.join(', ')}` : `one of ${valid.length} known names`,
    // a caller without types may have given no text at all
    nearest: nearestSpelling(String(word), valid),
  });
}
