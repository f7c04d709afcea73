// Adder detection: pairs sorted by sum and carry, the containment filter, the adder list and the labels.

import { stepLimit } from './_adders-join';
import {
  INSIDE, IN_ADDER, IS_CARRY, IS_SUM, RAW, RAW_CHUNK_BITS, VISITED, adderCount, blocks, chunkTable, failed,
  fanin0, fanin1, firstAnd, flags, fullCount, outAdders, rawAdders, reserve, top, variables,
} from './_adders-state';

@inline
function rawAt(index: u32): usize {
  return <usize>load<u32>(chunkTable + ((index >> RAW_CHUNK_BITS) << 2)) + <usize>(index & ((1 << RAW_CHUNK_BITS) - 1)) * RAW;
}

const LINK: u32 = 0x0fffffff;

/** Order within one sum: by carry, then by leaves. */
function precedes(a: usize, b: usize): bool {
  if (load<u32>(a, 12) != load<u32>(b, 12)) return load<u32>(a, 12) < load<u32>(b, 12);
  if (load<u32>(a) != load<u32>(b)) return load<u32>(a) < load<u32>(b);
  if (load<u32>(a, 4) != load<u32>(b, 4)) return load<u32>(a, 4) < load<u32>(b, 4);
  return load<u32>(a, 8) < load<u32>(b, 8);
}

/** Sorts the pairs by (sum, carry), applies the containment filter, writes the adder list, marks labels. */
export function finish(): void {
  memory.fill(blocks, 0, <usize>variables << 2);
  // list of each sum, ascending by carry; `next` is index + 1
  let steps: u64 = 0;
  const limit = stepLimit();
  for (let r: u32 = 0; r < rawAdders; r++) {
    const at = rawAt(r);
    const x = load<u32>(at, 16) & LINK;
    let link = blocks + (x << 2);
    let next = load<u32>(link) & LINK;
    while (next) {
      const other = rawAt(next - 1);
      if (!precedes(other, at)) break;
      link = other + 16;
      next = load<u32>(link) & LINK;
      steps++;
    }
    store<u32>(at, (load<u32>(at, 16) & ~LINK) | next, 16);
    store<u32>(link, (load<u32>(link) & ~LINK) | (r + 1));
    if (steps > limit) { failed = 2; return; }
  }
  markInsides();
  if (failed) return;
  let count: u32 = 0;
  for (let x = firstAnd; x < variables; x++) {
    for (let next = load<u32>(blocks + (x << 2)) & LINK; next;) {
      const at = rawAt(next - 1);
      if (stays(x, at)) count++;
      next = load<u32>(at, 16) & LINK;
    }
  }
  outAdders = reserve(<usize>count * 24);
  if (failed) return;
  let out = outAdders;
  for (let x = firstAnd; x < variables; x++) {
    for (let next = load<u32>(blocks + (x << 2)) & LINK; next;) {
      const at = rawAt(next - 1);
      const word = load<u32>(at, 16);
      if (stays(x, at)) {
        const l0 = load<u32>(at), l1 = load<u32>(at, 4), l2 = load<u32>(at, 8), m = load<u32>(at, 12);
        store<u32>(out, l0);
        store<u32>(out, l1, 4);
        store<u32>(out, l2, 8);
        store<u32>(out, x, 12);
        store<u32>(out, m, 16);
        store<u32>(out, word >> 28, 20);
        out += 24;
        if (l2) { fullCount++; mark(l2, IN_ADDER); }
        mark(l0, IN_ADDER);
        mark(l1, IN_ADDER);
        mark(x, IN_ADDER);
        mark(m, IN_ADDER);
        if (!(load<u8>(flags + x) & (IS_SUM | IS_CARRY))) mark(x, IS_SUM);
        if (!(load<u8>(flags + m) & (IS_SUM | IS_CARRY))) mark(m, IS_CARRY);
      }
      next = word & LINK;
    }
  }
  adderCount = count;
  for (let v: u32 = 0; v < variables; v++) store<u8>(flags + v, load<u8>(flags + v) & 15);
}

@inline
function mark(v: u32, bit: u8): void {
  store<u8>(flags + v, load<u8>(flags + v) | bit);
}

@inline
function stays(x: u32, at: usize): bool {
  return load<u32>(at, 8) != 0 || !(load<u8>(flags + x) & load<u8>(flags + load<u32>(at, 12)) & INSIDE);
}

/** Everything strictly above the leaves of a full adder and reachable from its outputs is inside. */
function markInsides(): void {
  let stackEnd = <usize>(<u64>memory.size() << 16);
  const stack = (top + 7) & ~7;
  for (let x = firstAnd; x < variables; x++) {
    for (let next = load<u32>(blocks + (x << 2)) & LINK; next;) {
      const at = rawAt(next - 1);
      next = load<u32>(at, 16) & LINK;
      const l2 = load<u32>(at, 8);
      if (!l2) continue;
      mark(load<u32>(at), VISITED);
      mark(load<u32>(at, 4), VISITED);
      mark(l2, VISITED);
      let depth = stack;
      // room for the two outputs; deeper pushes are checked below
      if (depth + 16 > stackEnd) {
        if (memory.grow(16) < 0) { failed = 1; return; }
        stackEnd += 16 << 16;
      }
      store<u32>(depth, x);
      store<u32>(depth, load<u32>(at, 12), 4);
      depth += 8;
      while (depth > stack) {
        depth -= 4;
        const v = load<u32>(depth);
        const f = load<u8>(flags + v);
        if (f & VISITED) continue;
        store<u8>(flags + v, f | VISITED | INSIDE);
        if (v < firstAnd) continue;
        if (depth + 8 > stackEnd) {
          if (memory.grow(16) < 0) { failed = 1; return; }
          stackEnd += 16 << 16;
        }
        const i = (v - firstAnd) << 2;
        store<u32>(depth, load<u32>(fanin0 + i) >> 1);
        store<u32>(depth, load<u32>(fanin1 + i) >> 1, 4);
        depth += 8;
      }
    }
  }
}
