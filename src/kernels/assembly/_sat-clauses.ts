// SAT solver: clauses in the arena, two watched literals with blockers, proof lines.

import { regrow } from './_sat-memory';
import {
  DELETED, HEADER, LEARNT, arena, arenaHeld, arenaUsed, external, irredundantCount, proof, proofHeld,
  proofOn, proofUsed, reasonOf, value, wasted, watches,
} from './_sat-state';

export function pushWatch(literal: u32, reference: u32, blocker: u32): void {
  const list = watches + <usize>literal * 12;
  const used = load<u32>(list, 4);
  let block = <usize>load<u32>(list);
  const held = load<u32>(list, 8);
  if (used == held) {
    const wanted = held == 0 ? 32 : held * 2;
    block = regrow(block, used, held, wanted);
    store<u32>(list, <u32>block);
    store<u32>(list, wanted, 8);
  }
  store<u64>(block + used, (<u64>reference << 32) | <u64>blocker);
  store<u32>(list, used + 8, 4);
}

export function attach(reference: u32): void {
  const c = arena + reference;
  const size = load<u32>(c);
  const a = load<u32>(c, HEADER);
  const b = load<u32>(c, HEADER + 4);
  const tagged = size == 2 ? reference | 1 : reference;
  pushWatch(a, tagged, b);
  pushWatch(b, tagged, a);
}

/** Copies `size` literals at `from` into the arena. */
export function newClause(from: usize, size: u32, flags: u32): u32 {
  const bytes = HEADER + (size << 2);
  if (<u64>arenaUsed + <u64>bytes > <u64>arenaHeld) {
    let wanted: u64 = <u64>arenaHeld * 2;
    while (wanted < <u64>arenaUsed + <u64>bytes) wanted *= 2;
    if (wanted > 0x80000000) unreachable();
    arena = regrow(arena, arenaUsed, arenaHeld, <usize>wanted);
    arenaHeld = <u32>wanted;
  }
  const reference = arenaUsed;
  const c = arena + reference;
  store<u32>(c, size);
  store<u32>(c, flags, 4);
  store<u32>(c, 0, 8);
  memory.copy(c + HEADER, from, size << 2);
  arenaUsed += bytes;
  return reference;
}

export function isReason(reference: u32): bool {
  const c = arena + reference;
  const a = load<u32>(c, HEADER);
  if (value(a) > 0 && reasonOf(a >> 1) == reference) return true;
  const b = load<u32>(c, HEADER + 4);
  return value(b) > 0 && reasonOf(b >> 1) == reference;
}

export function markDeleted(reference: u32): void {
  const c = arena + reference;
  const flags = load<u32>(c, 4);
  store<u32>(c, flags | DELETED, 4);
  wasted += HEADER + (load<u32>(c) << 2);
  if (!(flags & LEARNT)) irredundantCount--;
  if (proofOn) emit(c + HEADER, load<u32>(c), true);
}

export function emit(from: usize, size: u32, deletion: bool): void {
  const bytes = 4 + (size << 2);
  while (proofUsed + bytes > proofHeld) {
    const wanted = proofHeld == 0 ? 4096 : proofHeld * 2;
    proof = regrow(proof, proofUsed, proofHeld, wanted);
    proofHeld = wanted;
  }
  store<i32>(proof + proofUsed, deletion ? -<i32>size : <i32>size);
  for (let i: u32 = 0; i < size; i++) {
    store<i32>(proof + proofUsed + 4 + (i << 2), external(load<u32>(from + (i << 2))));
  }
  proofUsed += bytes;
}
