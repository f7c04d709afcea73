// Simulation signatures: 128 random input vectors a variable, so that nets that are equal or complementary can be
// recognised near one another. Refuses to prove anything: equal signatures are evidence, used as a feature only.

import { Random } from '../../core/random.ts';
import type { Aig } from '../../netlist/index.ts';

/** 32-bit words a variable. */
export const signatureWords = 4;

/** Signature words of every variable (variable-major), inputs and latches drawn from `seed`. Shared memory. */
export function signatures(aig: Aig, seed = 1): Uint32Array {
  const W = signatureWords;
  const s = new Uint32Array(new SharedArrayBuffer(Math.max(4, aig.variableCount * W * 4)));
  const random = new Random(seed);
  const { fanin0, fanin1, andCount, firstAnd } = aig;
  for (let i = W; i < firstAnd * W; i++) s[i] = random.uint32();
  let o = firstAnd * W;
  for (let i = 0; i < andCount; i++) {
    const a = fanin0[i]!;
    const b = fanin1[i]!;
    const am = -(a & 1);
    const bm = -(b & 1);
    const p = (a >>> 1) * W;
    const q = (b >>> 1) * W;
    s[o] = (s[p]! ^ am) & (s[q]! ^ bm);
    s[o + 1] = (s[p + 1]! ^ am) & (s[q + 1]! ^ bm);
    s[o + 2] = (s[p + 2]! ^ am) & (s[q + 2]! ^ bm);
    s[o + 3] = (s[p + 3]! ^ am) & (s[q + 3]! ^ bm);
    o += W;
  }
  return s;
}
