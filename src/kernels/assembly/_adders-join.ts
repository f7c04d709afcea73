// Adder detection: exclusive-or, majority and conjunction cuts over the same leaves become pairs.

import {
  BUCKET_FANOUT, CHUNK, ENTRY, MAX_RAW_CHUNKS, RAW, RAW_CHUNK_BITS, WIDE, chunkTable, entryChunk,
  entryChunkEnd, failed, fanin0, fanin1, fanouts, firstAnd, freeEntry, hashHeads, hashMask, heads, joinSteps,
  rawAdders, reserve, variables, wideChunk, wideChunkEnd,
} from './_adders-state';

function emit(l0: u32, l1: u32, l2: u32, x: u32, m: u32, sign: u32): void {
  if (l2 == 0 && load<u32>(fanouts + (m << 2)) == 1) {
    const i = (x - firstAnd) << 2;
    if (load<u32>(fanin0 + i) >> 1 == m || load<u32>(fanin1 + i) >> 1 == m) return; // the AND lives for the XOR only
  }
  const inChunk = rawAdders & ((1 << RAW_CHUNK_BITS) - 1);
  const chunk = rawAdders >> RAW_CHUNK_BITS;
  if (inChunk == 0) {
    if (chunk >= MAX_RAW_CHUNKS) { failed = 2; return; }
    const at = reserve(RAW << RAW_CHUNK_BITS);
    if (failed) return;
    store<u32>(chunkTable + (chunk << 2), <u32>at);
  }
  const r: usize = <usize>load<u32>(chunkTable + (chunk << 2)) + <usize>inChunk * RAW;
  store<u32>(r, l0);
  store<u32>(r, l1, 4);
  store<u32>(r, l2, 8);
  store<u32>(r, m, 12);
  store<u32>(r, x | (sign << 28), 16);
  rawAdders++;
}

/** Enters a node's XOR/MAJ/AND cut and pairs it with what is there. kind: class byte. */
export function join(v: u32, l0: u32, l1: u32, l2: u32, kind: u32): void {
  // code: bit 3 = exclusive-or; low bits: sign contribution (XOR: bit 0 = complemented; others 0..7)
  const isXor = (kind >> 6) & 1;
  const code: u32 = isXor ? 8 | ((kind >> 3) & 1) : kind & 7;
  const mine = (v << 4) | code;
  const n0 = load<u32>(fanouts + (l0 << 2));
  const n1 = load<u32>(fanouts + (l1 << 2));
  let at = l0, o0 = l1, o1 = l2, least = n0;
  if (n1 < least) { at = l1; o0 = l0; least = n1; }
  if (l2) {
    const n2 = load<u32>(fanouts + (l2 << 2));
    if (n2 < least) { at = l2; o0 = l0; o1 = l1; least = n2; }
  }
  let steps: u32 = 0;
  if (least <= BUCKET_FANOUT) {
    const h = heads + (at << 2);
    const first = load<u32>(h);
    for (let e: usize = first; e; e = load<u32>(e, 12)) {
      steps++;
      if (load<u32>(e) == o0 && load<u32>(e, 4) == o1) {
        const other = load<u32>(e, 8);
        if (((other ^ mine) & 8) != 0) pair(l0, l1, l2, mine, other);
      }
    }
    let e = freeEntry;
    if (e) freeEntry = load<u32>(e, 12);
    else {
      if (entryChunk == entryChunkEnd) {
        entryChunk = reserve(CHUNK);
        if (failed) return;
        entryChunkEnd = entryChunk + CHUNK;
      }
      e = entryChunk;
      entryChunk += ENTRY;
    }
    store<u32>(e, o0);
    store<u32>(e, o1, 4);
    store<u32>(e, mine, 8);
    store<u32>(e, first, 12);
    store<u32>(h, <u32>e);
  } else {
    let hash = l0 * 0x9e3779b1 + l1 * 0x85ebca77 + l2 * 0xc2b2ae3d;
    hash ^= hash >> 15;
    hash *= 0x2c1b3c6d;
    hash ^= hash >> 13;
    const h = hashHeads + ((hash & hashMask) << 2);
    const first = load<u32>(h);
    for (let e: usize = first; e; e = load<u32>(e, 16)) {
      steps++;
      if (load<u32>(e) == l0 && load<u32>(e, 4) == l1 && load<u32>(e, 8) == l2) {
        const other = load<u32>(e, 12);
        if (((other ^ mine) & 8) != 0) pair(l0, l1, l2, mine, other);
      }
    }
    if (wideChunk + WIDE > wideChunkEnd) {
      wideChunk = reserve(CHUNK);
      if (failed) return;
      wideChunkEnd = wideChunk + CHUNK;
    }
    const e = wideChunk;
    wideChunk += WIDE;
    store<u32>(e, l0);
    store<u32>(e, l1, 4);
    store<u32>(e, l2, 8);
    store<u32>(e, mine, 12);
    store<u32>(e, first, 16);
    store<u32>(h, <u32>e);
  }
  joinSteps += steps;
}

function pair(l0: u32, l1: u32, l2: u32, a: u32, b: u32): void {
  const x = a & 8 ? a : b;
  const m = a & 8 ? b : a;
  emit(l0, l1, l2, x >> 4, m >> 4, ((x & 1) << 3) | (m & 7));
}

/** Bound on list steps; a graph full of copies of one gate would make them quadratic. */
@inline
export function stepLimit(): u64 { return (<u64>variables << 6) + 16777216; }
