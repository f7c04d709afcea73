// Directed stimulus as the AIGER simulators take it: one vector a line, one character an input, ended by '.' or the end.
// Runs one trace through it. Refuses lines of another length and any character but 0 and 1.

import { InputError } from '../core/errors.ts';
import { type Aig, uninitialised } from './aig.ts';
import { Simulator } from './simulate.ts';
import type { SourceInput } from './source.ts';
import { readLines, sourceName } from './text-source.ts';

/** Vectors of one run, at most. */
const vectorLimit = 10_000_000;

/**
 * Reads stimulus vectors.
 * @param inputs characters a line
 * @returns rows of inputs, one byte 0 or 1 a bit
 * @throws InputError with file and line
 */
export function readStimulus(input: SourceInput, inputs: number): Uint8Array[] {
  const file = sourceName(input);
  const vectors: Uint8Array[] = [];
  for (const { text, line } of readLines(input)) {
    const word = text.trim();
    if (word === '.') break;
    if (word === '' && inputs > 0) continue;
    if (word.length !== inputs || !/^[01]*$/.test(word)) {
      throw new InputError(
        word.length === inputs
          ? `vector with '${/[^01]/.exec(word)![0]}'`
          : `vector of ${word.length} characters for ${inputs} inputs`,
        { file, line, expected: `${inputs} characters 0 or 1` },
      );
    }
    if (vectors.length === vectorLimit) {
      throw new InputError('too many vectors', { file, line, expected: `at most ${vectorLimit}` });
    }
    vectors.push(Uint8Array.from(word, c => c.charCodeAt(0) - 48));
  }
  return vectors;
}

/** One clock cycle of a directed run: bits as text, in the order of the graph. */
export interface TraceRow {
  state: string;
  inputs: string;
  outputs: string;
  next: string;
}

/**
 * Runs the vectors, one a clock cycle, from the reset state; combinational graphs see each on its own.
 * @throws InputError when a latch starts uninitialised and `uninitialisedAs` is not given
 */
export function runStimulus(aig: Aig, vectors: readonly Uint8Array[], uninitialisedAs?: 0 | 1): TraceRow[] {
  const undefinedLatch = aig.latchInit.indexOf(uninitialised);
  if (undefinedLatch >= 0 && uninitialisedAs === undefined) {
    const name = aig.names.latches?.[undefinedLatch] ?? `l${undefinedLatch}`;
    throw new InputError(`latch '${name}' starts uninitialised`, { expected: '--initial 0 or 1' });
  }
  const simulator = new Simulator(aig);
  const n = simulator.blockWords;
  const rows: TraceRow[] = [];
  const initial = new Uint32Array(aig.latchCount * n).fill(uninitialisedAs === 1 ? 0xffffffff : 0);
  const word = new Uint32Array(n);
  const bits = (block: Uint32Array, literals: Iterable<number>): string => {
    let text = '';
    for (const literal of literals) {
      simulator.read(block, literal, word, 0, 1);
      text += word[0]! & 1;
    }
    return text;
  };
  const states = Array.from({ length: aig.latchCount }, (_, i) => 2 * aig.latchVariable(i));
  simulator.trace(
    vectors.length,
    (step, words) => {
      vectors[step]!.forEach((bit, i) => {
        words.fill(bit === 1 ? 0xffffffff : 0, i * n, (i + 1) * n);
      });
    },
    (step, block) => {
      rows.push({
        state: bits(block, states),
        inputs: vectors[step]!.join(''),
        outputs: bits(block, aig.outputs),
        next: bits(block, aig.latchNext),
      });
    },
    initial,
  );
  return rows;
}
