// Greedy decoding of connectionist temporal classification outputs (Graves et al. 2006): best symbol a step, repeats merged, blanks dropped.

import { readFileSync } from 'node:fs';
import { InputError } from '../core/errors.ts';

/** Symbols by output index: blank at 0, the lines of the key file, a space at the end (as PP-OCR lays them out). */
export function readAlphabet(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw new InputError('no symbols', { file: path, expected: 'one a line' });
  return ['', ...lines, ' '];
}

/**
 * Texts of a batch.
 * @param data probabilities or logits, [batch, steps, symbols]; NaN is never the best
 * @param alphabet one entry a symbol; index 0 is the blank
 */
export function greedyDecode(
  data: Float32Array,
  dims: readonly number[],
  alphabet: readonly string[],
): string[] {
  const [batch, steps, symbols] = dims as [number, number, number];
  if (dims.length !== 3 || symbols !== alphabet.length || data.length !== batch * steps * symbols) {
    throw new InputError(`output of shape [${dims.join(', ')}] cannot be decoded`, {
      expected: `[batch, steps, ${alphabet.length}]`,
    });
  }
  const texts: string[] = [];
  for (let b = 0, at = 0; b < batch; b++) {
    let text = '';
    let last = 0;
    for (let t = 0; t < steps; t++, at += symbols) {
      let best = 0;
      let bestValue = Number.NEGATIVE_INFINITY;
      for (let s = 0; s < symbols; s++) {
        const value = data[at + s]!;
        if (value > bestValue) {
          bestValue = value;
          best = s;
        }
      }
      if (best !== last && best !== 0) text += alphabet[best]!;
      last = best;
    }
    texts.push(text);
  }
  return texts;
}
