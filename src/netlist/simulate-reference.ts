// The plain TypeScript reference of bit-parallel simulation: 32 vectors a word. The WASM simulator equals it bit for bit.
// Refuses nothing and is not fast: it is the definition.

import type { Aig } from './aig.ts';

/**
 * Values of every variable.
 * @param leaves words of inputs, then of latches: (I + L) × words
 * @returns variableCount × words; row 0 is the constant
 */
export function simulateReference(aig: Aig, leaves: Uint32Array, words: number): Uint32Array {
  const values = new Uint32Array(aig.variableCount * words);
  values.set(leaves.subarray(0, (aig.firstAnd - 1) * words), words);
  for (let i = 0; i < aig.andCount; i++) {
    const a = aig.fanin0[i]!;
    const b = aig.fanin1[i]!;
    const out = (aig.firstAnd + i) * words;
    for (let k = 0; k < words; k++) {
      values[out + k] =
        (values[(a >>> 1) * words + k]! ^ -(a & 1)) & (values[(b >>> 1) * words + k]! ^ -(b & 1));
    }
  }
  return values;
}

/** Words of a literal in an array of `simulateReference`. */
export function literalWords(values: Uint32Array, literal: number, words: number): Uint32Array {
  const at = (literal >>> 1) * words;
  const row = values.slice(at, at + words);
  if (literal & 1) for (let k = 0; k < words; k++) row[k] = ~row[k]! >>> 0;
  return row;
}
