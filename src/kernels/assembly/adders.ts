// Adder detection on an and-inverter graph: 3-feasible cuts with truth tables, join on leaf sets, the two filters.
// Single pass in topological order; cuts and join entries are recycled as soon as no later node can reach them. Parts in _adders-*.ts.
// Must equal src/reason/exact/reference.ts bit for bit. Does not check its input: the caller hands a checked graph.

import { keep, release, writeTrivial } from './_adders-cuts';
import { join, stepLimit } from './_adders-join';
import {
  CUT, HEADER, IN_XOR, MAX_RAW_CHUNKS, SENTINEL, adderCount, blockChunk, blockChunkEnd, blocks, cappedNodes,
  chunkTable, classes, collectXors, cutMost, cutTotal, entryChunk, entryChunkEnd, expand, failed, fanin0,
  fanin1, fanouts, firstAnd, flags, freeBlocks, freeEntry, fullCount, hashHeads, hashMask, heads, joinSteps,
  leafUses, maxCuts, outAdders, rawAdders, reserve, scratch, top, variables, wideChunk, wideChunkEnd,
  xorBase, xorCount, xorTop,
} from './_adders-state';
import { fillTables } from './_adders-tables';

export { finish } from './_adders-filter';

export function heapBase(): usize { return __heap_base; }

/**
 * Lays out memory. Returns 0 when it does not fit. Afterwards the caller writes the fan-in arrays at
 * fanin0Base()/fanin1Base() and adds the root references at fanoutBase().
 */
export function prepare(first: u32, ands: u32, cap: u32, wantXors: u32): u32 {
  top = (__heap_base + 15) & ~15;
  failed = 0;
  firstAnd = first;
  variables = first + ands;
  maxCuts = cap;
  collectXors = wantXors;
  const v = <u64>variables;
  const classCount: u32 = (cap >> 1) + 2;
  let hashBits: u32 = 10;
  while ((<u32>1 << hashBits) < ands >> 3 && hashBits < 26) hashBits++;
  const need: u64 = <u64>ands * 8 + v * 17 + (<u64>4 << hashBits) + (<u64>cap + 2) * CUT + 65536 + <u64>MAX_RAW_CHUNKS * 4;
  if (<u64>top + need > 0xfff00000) return 0;
  fanin0 = reserve(<usize>ands << 2);
  fanin1 = reserve(<usize>ands << 2);
  fanouts = reserve(<usize>variables << 2);
  blocks = reserve(<usize>variables << 2);
  heads = reserve(<usize>variables << 2);
  leafUses = reserve(<usize>variables << 2);
  flags = reserve(<usize>variables);
  hashHeads = reserve(<usize>4 << hashBits);
  hashMask = (<u32>1 << hashBits) - 1;
  scratch = reserve(HEADER + <usize>(cap + 2) * CUT);
  freeBlocks = reserve(<usize>classCount << 2);
  expand = reserve(8 * 256);
  classes = reserve(256);
  chunkTable = reserve(<usize>MAX_RAW_CHUNKS << 2);
  if (failed) return 0;
  memory.fill(fanouts, 0, chunkTable - fanouts);
  freeEntry = 0; entryChunk = 0; entryChunkEnd = 0; wideChunk = 0; wideChunkEnd = 0; blockChunk = 0; blockChunkEnd = 0;
  cutTotal = 0; cutMost = 0; cappedNodes = 0; xorCount = 0; rawAdders = 0; joinSteps = 0; adderCount = 0; fullCount = 0;
  outAdders = 0; xorBase = 0; xorTop = 0;
  fillTables();
  return 1;
}

export function fanin0Base(): usize { return fanin0; }
export function fanin1Base(): usize { return fanin1; }
export function fanoutBase(): usize { return fanouts; }
export function flagBase(): usize { return flags; }
export function adderBase(): usize { return outAdders; }
export function adders(): u32 { return adderCount; }
export function fullAdders(): u32 { return fullCount; }
export function xorNodes(): u32 { return xorCount; }
export function cuts(): f64 { return <f64>cutTotal; }
export function mostCuts(): u32 { return cutMost; }
export function capped(): u32 { return cappedNodes; }
export function pairs(): u32 { return rawAdders; }
export function failure(): u32 { return failed; }
export function bytesUsed(): f64 { return <f64>top; }

/** Counts fan-outs of the ANDs, and makes the cut {v} of every input and latch. */
export function start(): void {
  const n = variables - firstAnd;
  for (let i: u32 = 0; i < n; i++) {
    const a = fanouts + ((load<u32>(fanin0 + (i << 2)) >> 1) << 2);
    store<u32>(a, load<u32>(a) + 1);
    const b = fanouts + ((load<u32>(fanin1 + (i << 2)) >> 1) << 2);
    store<u32>(b, load<u32>(b) + 1);
  }
  for (let v: u32 = 1; v < firstAnd; v++) {
    if (load<u32>(fanouts + (v << 2)) == 0) continue;
    writeTrivial(scratch + HEADER, v);
    keep(v, 1);
    if (failed) return;
  }
}

/** Cuts, X list and joins of the variables first <= v < end. */
export function run(first: u32, end: u32): void {
  const table = expand;
  const base = scratch + HEADER;
  const cap = maxCuts;
  const limit = stepLimit();
  for (let v = first; v < end; v++) {
    const i = (v - firstAnd) << 2;
    const a = load<u32>(fanin0 + i);
    const b = load<u32>(fanin1 + i);
    const blockA: usize = load<u32>(blocks + ((a >> 1) << 2));
    const blockB: usize = load<u32>(blocks + ((b >> 1) << 2));
    writeTrivial(base, v);
    let n: u32 = 1;
    let xor2: usize = 0, xor3: usize = 0;
    let write = base + CUT;
    if (blockA && blockB) {
      const invert: u32 = (a & 1 ? 0xff : 0);
      const invertB: u32 = (b & 1 ? 0xff : 0);
      const endA = blockA + HEADER + <usize>load<u32>(blockA) * CUT;
      const firstB = blockB + HEADER;
      const endB = firstB + <usize>load<u32>(blockB) * CUT;
      for (let ca = blockA + HEADER; ca < endA; ca += CUT) {
        const signature = load<u64>(ca);
        const a0 = load<u32>(ca, 8), a1 = load<u32>(ca, 12), a2 = load<u32>(ca, 16), ta = load<u32>(ca, 20);
        for (let cb = firstB; cb < endB; cb += CUT) {
          const both = signature | load<u64>(cb);
          if (popcnt<u64>(both) > 3) continue;
          // merge of two sorted triples, padded with SENTINEL
          let p0 = a0, p1 = a1, p2 = a2, q0 = load<u32>(cb, 8), q1 = load<u32>(cb, 12), q2 = load<u32>(cb, 16);
          const l0 = min<u32>(p0, q0);
          let ma: u32 = u32(p0 == l0), mb: u32 = u32(q0 == l0);
          if (ma) { p0 = p1; p1 = p2; p2 = SENTINEL; }
          if (mb) { q0 = q1; q1 = q2; q2 = SENTINEL; }
          const l1 = min<u32>(p0, q0);
          let l2 = SENTINEL;
          if (l1 != SENTINEL) {
            const ea = u32(p0 == l1), eb = u32(q0 == l1);
            ma |= ea << 1;
            mb |= eb << 1;
            if (ea) { p0 = p1; p1 = p2; p2 = SENTINEL; }
            if (eb) { q0 = q1; q1 = q2; q2 = SENTINEL; }
            l2 = min<u32>(p0, q0);
            if (l2 != SENTINEL) {
              const fa = u32(p0 == l2), fb = u32(q0 == l2);
              ma |= fa << 2;
              mb |= fb << 2;
              if (min<u32>(fa ? p1 : p0, fb ? q1 : q0) != SENTINEL) continue;
            }
          }
          let known = false;
          for (let c = base + CUT; c < write; c += CUT) {
            if (load<u64>(c) == both && load<u32>(c, 8) == l0 && load<u32>(c, 12) == l1 && load<u32>(c, 16) == l2) {
              known = true;
              break;
            }
          }
          if (known) continue;
          if (n == cap) { cappedNodes++; ca = endA; break; }
          const t = (<u32>load<u8>(table + (ma << 8) + ta) ^ invert) & (<u32>load<u8>(table + (mb << 8) + load<u32>(cb, 20)) ^ invertB);
          store<u64>(write, both);
          store<u32>(write, l0, 8);
          store<u32>(write, l1, 12);
          store<u32>(write, l2, 16);
          store<u32>(write, t, 20);
          const kind: u32 = load<u8>(classes + t);
          if (kind) {
            if (kind & 0x20) {
              if (kind & 0x40 && !xor3) xor3 = write;
              join(v, l0, l1, l2, kind);
            } else {
              if (kind & 0x40 && !xor2) xor2 = write;
              if (l2 == SENTINEL && l1 != SENTINEL) join(v, l0, l1, 0, kind);
            }
          }
          n++;
          write += CUT;
        }
      }
    }
    const xor = xor2 ? xor2 : xor3;
    if (xor) {
      xorCount++;
      const l0 = load<u32>(xor, 8), l1 = load<u32>(xor, 12);
      let l2 = load<u32>(xor, 16);
      if (l2 == SENTINEL) l2 = 0; else store<u8>(flags + l2, load<u8>(flags + l2) | IN_XOR);
      store<u8>(flags + v, load<u8>(flags + v) | IN_XOR);
      store<u8>(flags + l0, load<u8>(flags + l0) | IN_XOR);
      store<u8>(flags + l1, load<u8>(flags + l1) | IN_XOR);
    }
    cutTotal += n;
    if (n > cutMost) cutMost = n;
    if (load<u32>(fanouts + (v << 2))) keep(v, n);
    if (failed) return;
    release(a >> 1);
    release(b >> 1);
    if (joinSteps > limit) { failed = 2; return; }
  }
}
