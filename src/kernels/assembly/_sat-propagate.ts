// SAT solver: assignment, unit propagation, backtracking.

import { pushWatch } from './_sat-clauses';
import { heapInsert } from './_sat-order';
import {
  HEADER, arena, decisionLevel, head, heapIndex, levelStarts, levels, phases, propagations, reasons, trail,
  trailSize, value, values, watches,
} from './_sat-state';

@inline export function enqueue(literal: u32, reason: u32): void {
  store<i8>(values + literal, 1);
  store<i8>(values + (literal ^ 1), -1);
  const v = literal >> 1;
  store<u32>(levels + (v << 2), decisionLevel);
  store<u32>(reasons + (v << 2), reason);
  store<u32>(trail + (trailSize << 2), literal);
  trailSize++;
}

export function cancelUntil(level: u32): void {
  if (decisionLevel <= level) return;
  const start = load<u32>(levelStarts + (level << 2));
  for (let i = trailSize; i > start; ) {
    i--;
    const literal = load<u32>(trail + (i << 2));
    const v = literal >> 1;
    store<i8>(values + literal, 0);
    store<i8>(values + (literal ^ 1), 0);
    store<u8>(phases + v, <u8>(literal & 1));
    if (load<i32>(heapIndex + (v << 2)) < 0) heapInsert(v);
  }
  trailSize = start;
  head = start;
  decisionLevel = level;
}

/** @returns the reference of a falsified clause, or 0 */
export function propagate(): u32 {
  let conflict: u32 = 0;
  const first = head;
  while (head < trailSize) {
    const falsified = load<u32>(trail + (head << 2)) ^ 1;
    head++;
    const list = watches + <usize>falsified * 12;
    let i = <usize>load<u32>(list);
    let j = i;
    const begin = i;
    const end = i + load<u32>(list, 4);
    while (i < end) {
      const watch = load<u64>(i);
      i += 8;
      const blocker = <u32>watch;
      const blockerValue = value(blocker);
      if (blockerValue > 0) {
        store<u64>(j, watch);
        j += 8;
        continue;
      }
      const reference = <u32>(watch >> 32);
      if (reference & 1) {
        store<u64>(j, watch);
        j += 8;
        if (blockerValue < 0) {
          conflict = reference & ~1;
          break;
        }
        enqueue(blocker, reference & ~1);
        continue;
      }
      const c = arena + reference;
      const other = load<u32>(c, HEADER) ^ load<u32>(c, HEADER + 4) ^ falsified;
      const otherValue = value(other);
      if (otherValue > 0) {
        store<u64>(j, (<u64>reference << 32) | <u64>other);
        j += 8;
        continue;
      }
      const last = c + HEADER + (load<u32>(c) << 2);
      let k = c + HEADER + 8;
      let literal: u32 = 0;
      while (k < last) {
        literal = load<u32>(k);
        if (value(literal) >= 0) break;
        k += 4;
      }
      store<u32>(c, other, HEADER);
      if (k < last) {
        store<u32>(c, literal, HEADER + 4);
        store<u32>(k, falsified);
        pushWatch(literal, reference, other);
        continue;
      }
      store<u32>(c, falsified, HEADER + 4);
      store<u64>(j, (<u64>reference << 32) | <u64>other);
      j += 8;
      if (otherValue < 0) {
        conflict = reference;
        break;
      }
      enqueue(other, reference);
    }
    if (i != j) {
      const rest = end - i;
      if (rest > 0) memory.copy(j, i, rest);
      store<u32>(list, <u32>(j - begin + rest), 4);
    }
    if (conflict != 0) break;
  }
  propagations += <f64>(head - first);
  return conflict;
}
