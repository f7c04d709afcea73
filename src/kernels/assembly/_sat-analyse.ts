// SAT solver: first-UIP clauses with recursive and binary minimisation, cores of assumptions.

import { bumpVariable } from './_sat-order';
import {
  HEADER, LEARNT, arena, core, coreCount, decisionLevel, learnt, learntLiterals, learntSize, levelOf,
  levelStarts, reasonOf, removedLiterals, seen, stack, stackSize, stamp, stamps, toClear, toClearSize, trail,
  trailSize, value, watches,
} from './_sat-state';

export function countLevels(from: usize, size: u32): u32 {
  stamp++;
  let glue: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const level = levelOf(load<u32>(from + (i << 2)) >> 1);
    const at = stamps + (level << 2);
    if (load<u32>(at) != stamp) {
      store<u32>(at, stamp);
      glue++;
    }
  }
  return glue;
}

function touch(reference: u32): void {
  const c = arena + reference;
  let flags = load<u32>(c, 4);
  if (!(flags & LEARNT)) return;
  let glue = flags >> 8;
  if (glue > 2) {
    const now = countLevels(c + HEADER, load<u32>(c));
    if (now < glue) glue = now;
  }
  flags = (glue << 8) | (flags & 3) | (glue <= 6 ? 8 : 4);
  store<u32>(c, flags, 4);
}

@inline function abstractLevel(v: u32): u32 {
  return 1 << (levelOf(v) & 31);
}

function redundant(literal: u32, mask: u32): bool {
  const keep = toClearSize;
  stackSize = 1;
  store<u32>(stack, literal);
  while (stackSize > 0) {
    stackSize--;
    const q = load<u32>(stack + (stackSize << 2));
    const c = arena + reasonOf(q >> 1);
    const last = c + HEADER + (load<u32>(c) << 2);
    for (let k = c + HEADER; k < last; k += 4) {
      const l = load<u32>(k);
      const v = l >> 1;
      if (v == q >> 1 || load<u8>(seen + v) || levelOf(v) == 0) continue;
      if (reasonOf(v) == 0 || !(abstractLevel(v) & mask)) {
        for (let i = keep; i < toClearSize; i++) store<u8>(seen + load<u32>(toClear + (i << 2)), 0);
        toClearSize = keep;
        return false;
      }
      store<u8>(seen + v, 1);
      store<u32>(toClear + (toClearSize++ << 2), v);
      store<u32>(stack + (stackSize++ << 2), l);
    }
  }
  return true;
}

/** Learns the first-UIP clause into `learnt`; @returns the level to jump back to */
export function analyse(conflict: u32): u32 {
  learntSize = 1;
  toClearSize = 0;
  let open: u32 = 0;
  let index = trailSize;
  let p: u32 = 0xffffffff;
  do {
    touch(conflict);
    const c = arena + conflict;
    const last = c + HEADER + (load<u32>(c) << 2);
    for (let k = c + HEADER; k < last; k += 4) {
      const q = load<u32>(k);
      const v = q >> 1;
      if (q == p || load<u8>(seen + v)) continue;
      const level = levelOf(v);
      if (level == 0) continue;
      store<u8>(seen + v, 1);
      bumpVariable(v);
      if (level == decisionLevel) open++;
      else {
        store<u32>(learnt + (learntSize++ << 2), q);
        store<u32>(toClear + (toClearSize++ << 2), v);
      }
    }
    do index--;
    while (!load<u8>(seen + (load<u32>(trail + (index << 2)) >> 1)));
    p = load<u32>(trail + (index << 2));
    conflict = reasonOf(p >> 1);
    store<u8>(seen + (p >> 1), 0);
    open--;
  } while (open > 0);
  store<u32>(learnt, p ^ 1);
  const full = learntSize;
  let mask: u32 = 0;
  for (let i: u32 = 1; i < learntSize; i++) mask |= abstractLevel(load<u32>(learnt + (i << 2)) >> 1);
  let kept: u32 = 1;
  for (let i: u32 = 1; i < learntSize; i++) {
    const l = load<u32>(learnt + (i << 2));
    if (reasonOf(l >> 1) == 0 || !redundant(l, mask)) store<u32>(learnt + (kept++ << 2), l);
  }
  learntSize = kept;
  if (learntSize > 1 && learntSize <= 30) minimiseWithBinary();
  for (let i: u32 = 0; i < toClearSize; i++) store<u8>(seen + load<u32>(toClear + (i << 2)), 0);
  learntLiterals += <f64>learntSize;
  removedLiterals += <f64>(full - learntSize);
  if (learntSize == 1) return 0;
  let best: u32 = 1;
  for (let i: u32 = 2; i < learntSize; i++) {
    if (levelOf(load<u32>(learnt + (i << 2)) >> 1) > levelOf(load<u32>(learnt + (best << 2)) >> 1)) best = i;
  }
  const l = load<u32>(learnt + (best << 2));
  store<u32>(learnt + (best << 2), load<u32>(learnt, 4));
  store<u32>(learnt, l, 4);
  return levelOf(l >> 1);
}

/** Drops literals l for which the asserting literal and a binary clause imply the rest suffices. */
function minimiseWithBinary(): void {
  const p = load<u32>(learnt);
  if (countLevels(learnt, learntSize) > 6) return;
  for (let i: u32 = 1; i < learntSize; i++) store<u8>(seen + (load<u32>(learnt + (i << 2)) >> 1), 2);
  let removed: u32 = 0;
  const list = watches + <usize>p * 12;
  let i = <usize>load<u32>(list);
  const end = i + load<u32>(list, 4);
  for (; i < end; i += 8) {
    const watch = load<u64>(i);
    if (!(<u32>(watch >> 32) & 1)) continue;
    const other = <u32>watch;
    if (value(other) > 0 && load<u8>(seen + (other >> 1)) == 2) {
      store<u8>(seen + (other >> 1), 1);
      removed++;
    }
  }
  let kept: u32 = 1;
  for (let k: u32 = 1; k < learntSize; k++) {
    const l = load<u32>(learnt + (k << 2));
    if (removed == 0 || load<u8>(seen + (l >> 1)) == 2) store<u32>(learnt + (kept++ << 2), l);
  }
  learntSize = kept;
}

/** The assumptions that together force `literal` false. */
export function analyseFinal(literal: u32): void {
  coreCount = 0;
  store<u32>(core + (coreCount++ << 2), literal);
  if (decisionLevel == 0) return;
  store<u8>(seen + (literal >> 1), 1);
  const start = load<u32>(levelStarts);
  for (let i = trailSize; i > start; ) {
    i--;
    const l = load<u32>(trail + (i << 2));
    const v = l >> 1;
    if (!load<u8>(seen + v)) continue;
    const reason = reasonOf(v);
    if (reason == 0) {
      store<u32>(core + (coreCount++ << 2), l);
    } else {
      const c = arena + reason;
      const last = c + HEADER + (load<u32>(c) << 2);
      for (let k = c + HEADER; k < last; k += 4) {
        const u = load<u32>(k) >> 1;
        if (u != v && levelOf(u) > 0) store<u8>(seen + u, 1);
      }
    }
    store<u8>(seen + v, 0);
  }
  store<u8>(seen + (literal >> 1), 0);
}
