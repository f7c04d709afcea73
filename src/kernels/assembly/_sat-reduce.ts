// SAT solver: glue-tiered clause reduction and in-place arena compaction.

import { isReason, markDeleted } from './_sat-clauses';
import { allocate, release } from './_sat-memory';
import {
  DELETED, HEADER, USED, arena, arenaUsed, collections, conflicts, decisionLevel, learntCount, learnts,
  nextReduce, reasons, reduceStep, reductions, simplifiedAt, trail, trailSize, value, variables, wasted,
  watches,
} from './_sat-state';

@inline function worse(a: u32, b: u32): bool {
  const ca = arena + a;
  const cb = arena + b;
  const ga = load<u32>(ca, 4) >> 8;
  const gb = load<u32>(cb, 4) >> 8;
  if (ga != gb) return ga > gb;
  const sa = load<u32>(ca);
  const sb = load<u32>(cb);
  return sa != sb ? sa > sb : a < b;
}

/** Heap sort of references, worst first, in place. */
function sortWorstFirst(at: usize, count: u32): void {
  for (let i = count >> 1; i > 0; ) sift(at, --i, count);
  for (let n = count; n > 1; ) {
    n--;
    const t = load<u32>(at);
    store<u32>(at, load<u32>(at + (n << 2)));
    store<u32>(at + (n << 2), t);
    sift(at, 0, n);
  }
}
function sift(at: usize, i: u32, n: u32): void {
  const x = load<u32>(at + (i << 2));
  for (;;) {
    let child: u32 = (i << 1) + 1;
    if (child >= n) break;
    // the root is the best one, so that it ends up last
    if (child + 1 < n && worse(load<u32>(at + (child << 2)), load<u32>(at + (child << 2), 4))) child++;
    const y = load<u32>(at + (child << 2));
    if (!worse(x, y)) break;
    store<u32>(at + (i << 2), y);
    i = child;
  }
  store<u32>(at + (i << 2), x);
}

export function reduce(): void {
  reductions += 1;
  if (decisionLevel == 0) removeSatisfied();
  // candidates to the front of a block of their own
  const bytes = max<u32>(learntCount << 2, 16);
  const candidates = allocate(bytes);
  let n: u32 = 0;
  for (let i: u32 = 0; i < learntCount; i++) {
    const reference = load<u32>(learnts + (i << 2));
    const c = arena + reference;
    const flags = load<u32>(c, 4);
    if (flags & DELETED || flags >> 8 <= 2 || load<u32>(c) == 2) continue;
    const used = (flags & USED) >> 2;
    if (used > 0) {
      store<u32>(c, (flags & ~USED) | ((used - 1) << 2), 4);
      continue;
    }
    if (isReason(reference)) continue;
    store<u32>(candidates + (n++ << 2), reference);
  }
  sortWorstFirst(candidates, n);
  const drop = <u32>(<f64>n * 0.75);
  for (let i: u32 = 0; i < drop; i++) markDeleted(load<u32>(candidates + (i << 2)));
  release(candidates, bytes);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < learntCount; i++) {
    const reference = load<u32>(learnts + (i << 2));
    if (!(load<u32>(arena + reference, 4) & DELETED)) store<u32>(learnts + (kept++ << 2), reference);
  }
  learntCount = kept;
  collect();
  reduceStep += 300;
  nextReduce = conflicts + reduceStep;
}

function removeSatisfied(): void {
  if (trailSize == simplifiedAt) return;
  simplifiedAt = trailSize;
  for (let i: u32 = 0; i < trailSize; i++) store<u32>(reasons + (load<u32>(trail + (i << 2)) >> 1 << 2), 0);
  let at: u32 = 8;
  while (at < arenaUsed) {
    const c = arena + at;
    const size = load<u32>(c);
    if (!(load<u32>(c, 4) & DELETED)) {
      for (let k: u32 = 0; k < size; k++) {
        if (value(load<u32>(c + HEADER + (k << 2))) > 0) {
          markDeleted(at);
          break;
        }
      }
    }
    at += HEADER + (size << 2);
  }
}

/** Drops watches of deleted clauses and closes the gaps of the arena, in place and in order. */
function collect(): void {
  collections += 1;
  let from: u32 = 8;
  let to: u32 = 8;
  while (from < arenaUsed) {
    const c = arena + from;
    const bytes = HEADER + (load<u32>(c) << 2);
    if (!(load<u32>(c, 4) & DELETED)) {
      store<u32>(c, to, 8);
      to += bytes;
    }
    from += bytes;
  }
  for (let l: u32 = 0; l < variables << 1; l++) {
    const list = watches + <usize>l * 12;
    const begin = <usize>load<u32>(list);
    const end = begin + load<u32>(list, 4);
    let j = begin;
    for (let i = begin; i < end; i += 8) {
      const watch = load<u64>(i);
      const tagged = <u32>(watch >> 32);
      const c = arena + (tagged & ~1);
      if (load<u32>(c, 4) & DELETED) continue;
      store<u64>(j, (<u64>(load<u32>(c, 8) | (tagged & 1)) << 32) | (watch & 0xffffffff));
      j += 8;
    }
    store<u32>(list, <u32>(j - begin), 4);
  }
  for (let i: u32 = 0; i < trailSize; i++) {
    const at = reasons + (load<u32>(trail + (i << 2)) >> 1 << 2);
    const reason = load<u32>(at);
    if (reason != 0) store<u32>(at, load<u32>(arena + reason, 8));
  }
  for (let i: u32 = 0; i < learntCount; i++) {
    const at = learnts + (i << 2);
    store<u32>(at, load<u32>(arena + load<u32>(at), 8));
  }
  from = 8;
  to = 8;
  while (from < arenaUsed) {
    const c = arena + from;
    const bytes = HEADER + (load<u32>(c) << 2);
    if (!(load<u32>(c, 4) & DELETED)) {
      if (from != to) memory.copy(arena + to, c, bytes);
      to += bytes;
    }
    from += bytes;
  }
  arenaUsed = to;
  wasted = 0;
}
