// SAT solver: variables, and their heap ordered by activity (EVSIDS).

import { regrow } from './_sat-memory';
import {
  activities, core, coreCount, heap, heapIndex, heapSize, increment, learnt, levelStarts, levels, model,
  phases, reasons, seen, stack, stamps, toClear, trail, values, variableCapacity, variables, watches,
} from './_sat-state';

function growVariables(): void {
  const old = <usize>variableCapacity;
  const n = max<usize>(old * 2, 256);
  values = regrow(values, old * 2, old * 2, n * 2);
  levels = regrow(levels, old * 4, old * 4, n * 4);
  reasons = regrow(reasons, old * 4, old * 4, n * 4);
  phases = regrow(phases, old, old, n);
  seen = regrow(seen, old, old, n);
  activities = regrow(activities, old * 8, old * 8, n * 8);
  heap = regrow(heap, old * 4, old * 4, n * 4);
  heapIndex = regrow(heapIndex, old * 4, old * 4, n * 4);
  watches = regrow(watches, old * 24, old * 32, n * 32);
  trail = regrow(trail, old * 4, old * 4, n * 4);
  levelStarts = regrow(levelStarts, old * 4, old * 4 + 64, n * 4 + 64);
  stamps = regrow(stamps, old * 4 + 64, old * 4 + 64, n * 4 + 64);
  memory.fill(stamps + old * 4, 0, (n - old) * 4 + 64);
  model = regrow(model, old, old, n);
  learnt = regrow(learnt, 0, old * 4 + 64, n * 4 + 64);
  toClear = regrow(toClear, 0, old * 4 + 64, n * 4 + 64);
  stack = regrow(stack, 0, old * 4 + 64, n * 4 + 64);
  core = regrow(core, <usize>coreCount * 4, old * 4 + 64, n * 4 + 64);
  variableCapacity = <u32>n;
}

/** Adds a variable; @returns its DIMACS number */
export function newVariable(): u32 {
  if (variables == variableCapacity) growVariables();
  const v = variables++;
  store<u16>(values + (v << 1), 0);
  store<u32>(levels + (v << 2), 0);
  store<u32>(reasons + (v << 2), 0);
  store<u8>(phases + v, 1);
  store<u8>(seen + v, 0);
  store<u8>(model + v, 0);
  store<f64>(activities + (v << 3), 0);
  memory.fill(watches + <usize>v * 24, 0, 24);
  store<i32>(heapIndex + (v << 2), -1);
  heapInsert(v);
  return v + 1;
}

// ---- heap ordered by activity
@inline function activity(v: u32): f64 {
  return load<f64>(activities + (v << 3));
}
@inline function place(v: u32, i: u32): void {
  store<u32>(heap + (i << 2), v);
  store<i32>(heapIndex + (v << 2), <i32>i);
}
function siftUp(i: u32): void {
  const v = load<u32>(heap + (i << 2));
  const a = activity(v);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const u = load<u32>(heap + (parent << 2));
    if (activity(u) >= a) break;
    place(u, i);
    i = parent;
  }
  place(v, i);
}
function siftDown(i: u32): void {
  const v = load<u32>(heap + (i << 2));
  const a = activity(v);
  for (;;) {
    let child: u32 = (i << 1) + 1;
    if (child >= heapSize) break;
    let u = load<u32>(heap + (child << 2));
    let b = activity(u);
    if (child + 1 < heapSize) {
      const w = load<u32>(heap + (child << 2), 4);
      const c = activity(w);
      if (c > b) {
        u = w;
        b = c;
        child++;
      }
    }
    if (b <= a) break;
    place(u, i);
    i = child;
  }
  place(v, i);
}
export function heapInsert(v: u32): void {
  place(v, heapSize);
  siftUp(heapSize++);
}
export function heapPop(): u32 {
  const v = load<u32>(heap);
  store<i32>(heapIndex + (v << 2), -1);
  heapSize--;
  if (heapSize > 0) {
    place(load<u32>(heap + (heapSize << 2)), 0);
    siftDown(0);
  }
  return v;
}
export function bumpVariable(v: u32): void {
  const a = activity(v) + increment;
  store<f64>(activities + (v << 3), a);
  if (a > 1e100) {
    for (let u: u32 = 0; u < variables; u++) store<f64>(activities + (u << 3), activity(u) * 1e-100);
    increment *= 1e-100;
  }
  const i = load<i32>(heapIndex + (v << 2));
  if (i >= 0) siftUp(<u32>i);
}
