// Simulation signatures: 128 random input vectors a variable, so that nets that are equal or complementary can be
// recognised near one another. Refuses to prove anything: equal signatures are evidence, used as a feature only.

import { Random } from '../../core/random.ts';
import type { Aig } from '../../netlist/index.ts';

/** 32-bit words a variable. */
const signatureWords = 4;

/** Signature words of every variable (variable-major), inputs and latches drawn from `seed`. */
function signatures(aig: Aig, seed = 1): Uint32Array {
  const W = signatureWords;
  const s = new Uint32Array(aig.variableCount * W);
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

/**
 * A token a variable, in shared memory: bits 31..1 name a class of nets, bit 0 is the phase in it. The exclusive-or of two
 * tokens is 0 for equal nets, 1 for complements. Classes are those of the signatures (hashed to 31 bits; a net that never
 * moves is alone in its class), or with `simulate` false every variable is its own class.
 */
export function tokens(aig: Aig, simulate: boolean): Uint32Array {
  const n = aig.variableCount;
  const out = new Uint32Array(new SharedArrayBuffer(Math.max(4, n * 4)));
  if (!simulate) {
    for (let v = 0; v < n; v++) out[v] = v << 1;
    return out;
  }
  const s = signatures(aig);
  for (let v = 0; v < n; v++) {
    const p = v * signatureWords;
    const flip = -(s[p]! & 1);
    const a = s[p]! ^ flip;
    const b = s[p + 1]! ^ flip;
    const c = s[p + 2]! ^ flip;
    const d = s[p + 3]! ^ flip;
    // A still net is named by its variable, apart from the hashes of moving ones but for chance.
    const still = (a | b | c | d) === 0;
    const h = still ? mix(v, 0x5bd1e995) : mix(mix(mix(mix(0, a), b), c), d);
    out[v] = ((h << 1) | (still ? 0 : flip & 1)) >>> 0;
  }
  return out;
}

function mix(h: number, x: number): number {
  h = Math.imul(h ^ x, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}
