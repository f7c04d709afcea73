// CDCL SAT solver: two watched literals with blockers, EVSIDS heap, phase saving, glue-driven and Luby restarts,
// recursive minimisation, glue-tiered clause reduction, assumptions with cores, in-place arena compaction.
// Refuses memory past its limit: it traps, and the caller gives the solver up.
// Literals inside are 2·variable + sign, variables from 0; the boundary uses DIMACS integers.

// ---- memory: power-of-two blocks with free lists; `freeLists` holds 32 heads at the heap's start.
let bump: usize = 0;
let top: usize = 0;
let limitPages: i32 = 0;
let freeLists: usize = 0;

function sizeClass(bytes: usize): u32 {
  return bytes <= 16 ? 4 : 32 - clz<u32>(<u32>bytes - 1);
}

function allocate(bytes: usize): usize {
  const k = sizeClass(bytes);
  const head = freeLists + (k << 2);
  const block = <usize>load<u32>(head);
  if (block != 0) {
    store<u32>(head, load<u32>(block));
    return block;
  }
  const size: u64 = (<u64>1) << k;
  const end: u64 = <u64>bump + size;
  if (end > <u64>top) {
    const pages = <i32>((end - <u64>top + 65535) >> 16);
    const have = memory.size();
    let want = max(pages, min(have >> 3, 256));
    if (have + want > limitPages) want = pages;
    if (have + want > limitPages || memory.grow(want) < 0) unreachable();
    top = <usize>(have + want) << 16;
  }
  const at = bump;
  bump = <usize>end;
  return at;
}

function release(block: usize, bytes: usize): void {
  const head = freeLists + (sizeClass(bytes) << 2);
  store<u32>(block, load<u32>(head));
  store<u32>(head, <u32>block);
}

/** Moves a block of `used` bytes into one twice as large (old capacity in bytes given). */
function regrow(block: usize, used: usize, capacity: usize, wanted: usize): usize {
  const fresh = allocate(wanted);
  if (block != 0) {
    memory.copy(fresh, block, used);
    release(block, capacity);
  }
  return fresh;
}

// ---- variables
let variables: u32 = 0;
let variableCapacity: u32 = 0;
let values: usize = 0; // i8 a literal: 1 true, -1 false, 0 open
let levels: usize = 0; // u32 a variable
let reasons: usize = 0; // u32 a variable: clause reference or 0
let phases: usize = 0; // u8 a variable: sign of the literal to decide
let seen: usize = 0; // u8 a variable
let activities: usize = 0; // f64 a variable
let heap: usize = 0; // u32
let heapIndex: usize = 0; // i32 a variable, -1 outside
let heapSize: u32 = 0;
let watches: usize = 0; // 12 bytes a literal: block, bytes used, bytes held
let trail: usize = 0; // u32
let trailSize: u32 = 0;
let head: u32 = 0;
let levelStarts: usize = 0; // u32 a level
let decisionLevel: u32 = 0;
let stamps: usize = 0; // u32 a level, for counting distinct levels
let stamp: u32 = 0;
let model: usize = 0; // i8 a variable

// ---- clauses: [size, flags | glue << 8, forward] then literals; references are byte offsets into the arena
let arena: usize = 0;
let arenaUsed: u32 = 8;
let arenaHeld: u32 = 0;
let wasted: u32 = 0;
let learnts: usize = 0; // u32 references
let learntCount: u32 = 0;
let learntHeld: u32 = 0;
let irredundantCount: u32 = 0;
const LEARNT: u32 = 1;
const DELETED: u32 = 2;
const USED: u32 = 12; // two bits: reductions it will survive since last use
const HEADER: u32 = 12;

// ---- scratch vectors of u32
let learnt: usize = 0;
let learntSize: u32 = 0;
let toClear: usize = 0;
let toClearSize: u32 = 0;
let stack: usize = 0;
let stackSize: u32 = 0;
let input: usize = 0;
let inputHeld: u32 = 0;
let assumptions: usize = 0;
let assumptionCount: u32 = 0;
let core: usize = 0;
let coreCount: u32 = 0;

// ---- proof: i32 words [±size, literals...]; negative size deletes
let proof: usize = 0;
let proofUsed: u32 = 0;
let proofHeld: u32 = 0;
let proofOn: bool = false;

// ---- search state
let consistent: bool = true;
let increment: f64 = 1;
let decay: f64 = 0.95;
let conflicts: f64 = 0;
let decisions: f64 = 0;
let propagations: f64 = 0;
let restarts: f64 = 0;
let reductions: f64 = 0;
let learntLiterals: f64 = 0;
let removedLiterals: f64 = 0;
let collections: f64 = 0;
let nextReduce: f64 = 2000;
let reduceStep: f64 = 2000;
let fast: f64 = 0;
let slow: f64 = 0;
let fastWeight: f64 = 1;
let slowWeight: f64 = 1;
let sinceRestart: u32 = 0;
let stable: bool = false;
let modeUntil: f64 = 1000;
let modeCount: f64 = 0;
let lubyIndex: u32 = 0;
let lubyLeft: u32 = 0;
let simplifiedAt: u32 = 0;

export function init(pages: i32): void {
  limitPages = pages;
  if (memory.size() == 0) memory.grow(1);
  freeLists = (__heap_base + 15) & ~15;
  bump = freeLists + 256;
  top = <usize>memory.size() << 16;
  memory.fill(freeLists, 0, 256);
  arenaHeld = 1 << 16;
  arena = allocate(arenaHeld);
  learntHeld = 4096;
  learnts = allocate(learntHeld);
}

@inline function value(literal: u32): i32 {
  return <i32>load<i8>(values + literal);
}
@inline function levelOf(v: u32): u32 {
  return load<u32>(levels + (v << 2));
}
@inline function reasonOf(v: u32): u32 {
  return load<u32>(reasons + (v << 2));
}

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
function heapInsert(v: u32): void {
  place(v, heapSize);
  siftUp(heapSize++);
}
function heapPop(): u32 {
  const v = load<u32>(heap);
  store<i32>(heapIndex + (v << 2), -1);
  heapSize--;
  if (heapSize > 0) {
    place(load<u32>(heap + (heapSize << 2)), 0);
    siftDown(0);
  }
  return v;
}
function bumpVariable(v: u32): void {
  const a = activity(v) + increment;
  store<f64>(activities + (v << 3), a);
  if (a > 1e100) {
    for (let u: u32 = 0; u < variables; u++) store<f64>(activities + (u << 3), activity(u) * 1e-100);
    increment *= 1e-100;
  }
  const i = load<i32>(heapIndex + (v << 2));
  if (i >= 0) siftUp(<u32>i);
}

// ---- watches
function pushWatch(literal: u32, reference: u32, blocker: u32): void {
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

function attach(reference: u32): void {
  const c = arena + reference;
  const size = load<u32>(c);
  const a = load<u32>(c, HEADER);
  const b = load<u32>(c, HEADER + 4);
  const tagged = size == 2 ? reference | 1 : reference;
  pushWatch(a, tagged, b);
  pushWatch(b, tagged, a);
}

/** Copies `size` literals at `from` into the arena. */
function newClause(from: usize, size: u32, flags: u32): u32 {
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

function isReason(reference: u32): bool {
  const c = arena + reference;
  const a = load<u32>(c, HEADER);
  if (value(a) > 0 && reasonOf(a >> 1) == reference) return true;
  const b = load<u32>(c, HEADER + 4);
  return value(b) > 0 && reasonOf(b >> 1) == reference;
}

function markDeleted(reference: u32): void {
  const c = arena + reference;
  const flags = load<u32>(c, 4);
  store<u32>(c, flags | DELETED, 4);
  wasted += HEADER + (load<u32>(c) << 2);
  if (!(flags & LEARNT)) irredundantCount--;
  if (proofOn) emit(c + HEADER, load<u32>(c), true);
}

function emit(from: usize, size: u32, deletion: bool): void {
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

@inline function external(literal: u32): i32 {
  const v = <i32>(literal >> 1) + 1;
  return literal & 1 ? -v : v;
}
@inline function internal(literal: i32): u32 {
  return literal < 0 ? (<u32>(-literal - 1) << 1) | 1 : <u32>(literal - 1) << 1;
}

// ---- assignment
@inline function enqueue(literal: u32, reason: u32): void {
  store<i8>(values + literal, 1);
  store<i8>(values + (literal ^ 1), -1);
  const v = literal >> 1;
  store<u32>(levels + (v << 2), decisionLevel);
  store<u32>(reasons + (v << 2), reason);
  store<u32>(trail + (trailSize << 2), literal);
  trailSize++;
}

function cancelUntil(level: u32): void {
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
function propagate(): u32 {
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

// ---- analysis
function countLevels(from: usize, size: u32): u32 {
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
function analyse(conflict: u32): u32 {
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
function analyseFinal(literal: u32): void {
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

// ---- clause database
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

function reduce(): void {
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

// ---- boundary
/** Room for `count` literals; @returns its address */
export function buffer(count: u32): usize {
  const bytes = max<u32>(count << 2, 64);
  if (bytes > inputHeld) {
    input = regrow(input, 0, inputHeld, bytes);
    inputHeld = bytes;
  }
  return input;
}

/** Adds the clause in the buffer (DIMACS literals). @returns 0 when the clauses became contradictory */
export function addClause(count: u32): i32 {
  if (!consistent) return 0;
  // seen is used as a mark of polarity: 1 positive, 2 negative
  let kept: u32 = 0;
  let trivial = false;
  for (let i: u32 = 0; i < count; i++) {
    const literal = internal(load<i32>(input + (i << 2)));
    const mark: u8 = literal & 1 ? 2 : 1;
    const have = load<u8>(seen + (literal >> 1));
    if (value(literal) > 0 || (have != 0 && have != mark)) {
      trivial = true;
      break;
    }
    if (have == mark || value(literal) < 0) continue;
    store<u8>(seen + (literal >> 1), mark);
    store<u32>(input + (kept++ << 2), literal);
  }
  for (let i: u32 = 0; i < kept; i++) store<u8>(seen + (load<u32>(input + (i << 2)) >> 1), 0);
  if (trivial) return 1;
  if (kept == 0) {
    consistent = false;
    if (proofOn) emit(input, 0, false);
    return 0;
  }
  if (proofOn && kept < count) emit(input, kept, false);
  if (kept == 1) {
    enqueue(load<u32>(input), 0);
    if (propagate() != 0) {
      consistent = false;
      if (proofOn) emit(input, 0, false);
      return 0;
    }
    return 1;
  }
  irredundantCount++;
  attach(newClause(input, kept, 0));
  return 1;
}

/** Starts a search under the assumptions in the buffer, which must not repeat a literal. */
export function begin(count: u32): void {
  cancelUntil(0);
  const bytes = max<u32>(count << 2, 16);
  if (assumptions != 0) release(assumptions, max<u32>(assumptionCount << 2, 16));
  assumptions = allocate(bytes);
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(assumptions + (i << 2), internal(load<i32>(input + (i << 2))));
  }
  assumptionCount = count;
  coreCount = 0;
  fast = 0;
  fastWeight = 1;
  sinceRestart = 0;
}

export function finish(): void {
  cancelUntil(0);
}

function luby(i: u32): u32 {
  let size: u32 = 1;
  let k: u32 = 0;
  while (size < i + 1) {
    size = 2 * size + 1;
    k++;
  }
  while (size - 1 != i) {
    size = (size - 1) >> 1;
    k--;
    i %= size;
  }
  return 1 << k;
}

function shouldRestart(): bool {
  if (stable) return lubyLeft == 0;
  return sinceRestart >= 10 && fast / (1 - fastWeight) > 1.15 * (slow / (1 - slowWeight));
}

function restart(): void {
  restarts += 1;
  sinceRestart = 0;
  if (conflicts >= modeUntil) {
    stable = !stable;
    if (!stable) modeCount += 1;
    modeUntil = conflicts + 1000 * (modeCount + 1) * (modeCount + 1);
  }
  if (stable) lubyLeft = luby(lubyIndex++) * 256;
  cancelUntil(min(assumptionCount, decisionLevel));
}

/**
 * Searches until an answer or a limit. @returns 1 satisfiable, 2 unsatisfiable, 0 a limit was reached (call again
 * to go on, or finish)
 */
export function search(conflictLimit: f64, propagationLimit: f64): i32 {
  if (!consistent) return 2;
  const conflictEnd = conflicts + conflictLimit;
  const propagationEnd = propagations + propagationLimit;
  for (;;) {
    const conflict = propagate();
    if (conflict != 0) {
      conflicts += 1;
      if (decisionLevel == 0) {
        consistent = false;
        if (proofOn) emit(input, 0, false);
        return 2;
      }
      const level = analyse(conflict);
      const glue = countLevels(learnt, learntSize);
      sinceRestart++;
      if (lubyLeft > 0) lubyLeft--;
      fast += (<f64>glue - fast) * 0.03;
      fastWeight *= 0.97;
      slow += (<f64>glue - slow) * 0.0003;
      slowWeight *= 0.9997;
      cancelUntil(level);
      if (proofOn) emit(learnt, learntSize, false);
      if (learntSize == 1) enqueue(load<u32>(learnt), 0);
      else {
        const reference = newClause(learnt, learntSize, LEARNT | (glue << 8) | (glue <= 6 ? 8 : 4));
        attach(reference);
        if (learntCount << 2 == learntHeld) {
          learnts = regrow(learnts, learntHeld, learntHeld, learntHeld * 2);
          learntHeld *= 2;
        }
        store<u32>(learnts + (learntCount++ << 2), reference);
        enqueue(load<u32>(learnt), reference);
      }
      increment /= decay;
      continue;
    }
    if (conflicts >= conflictEnd || propagations >= propagationEnd) return 0;
    if (shouldRestart()) {
      restart();
      if (conflicts >= nextReduce) {
        cancelUntil(0);
        reduce();
      }
      continue;
    }
    if (conflicts >= nextReduce) reduce();
    // assumptions first, one level each
    let next: u32 = 0xffffffff;
    while (decisionLevel < assumptionCount) {
      const p = load<u32>(assumptions + (decisionLevel << 2));
      const v = value(p);
      if (v > 0) {
        openLevel();
        continue;
      }
      if (v < 0) {
        analyseFinal(p ^ 1);
        // the literal itself is an assumption, and it is the false one
        store<u32>(core, p);
        return 2;
      }
      next = p;
      break;
    }
    if (next == 0xffffffff) {
      for (;;) {
        if (heapSize == 0) {
          for (let v: u32 = 0; v < variables; v++) store<i8>(model + v, load<i8>(values + (v << 1)));
          return 1;
        }
        const v = heapPop();
        if (value(v << 1) == 0) {
          next = (v << 1) | load<u8>(phases + v);
          break;
        }
      }
      decisions += 1;
    }
    openLevel();
    enqueue(next, 0);
  }
  return 0;
}

function openLevel(): void {
  store<u32>(levelStarts + (decisionLevel << 2), trailSize);
  decisionLevel++;
}

/** 1 true, -1 false in the last model. */
export function modelValue(variable: u32): i32 {
  return <i32>load<i8>(model + (variable - 1));
}

export function coreSize(): u32 {
  return coreCount;
}
export function coreLiteral(i: u32): i32 {
  return external(load<u32>(core + (i << 2)));
}

/** Value fixed at level 0 of a DIMACS literal: 1, -1, or 0. Valid between searches. */
export function fixedValue(literal: i32): i32 {
  return value(internal(literal));
}

export function setPhase(literal: i32): void {
  const l = internal(literal);
  store<u8>(phases + (l >> 1), <u8>(l & 1));
}

export function setProof(on: bool): void {
  proofOn = on;
}
export function proofAddress(): usize {
  return proof;
}
/** Words waiting; the caller copies them, then clears. */
export function proofWords(): u32 {
  return proofUsed >> 2;
}
export function clearProof(): void {
  proofUsed = 0;
}

export function statistic(which: i32): f64 {
  switch (which) {
    case 0:
      return conflicts;
    case 1:
      return decisions;
    case 2:
      return propagations;
    case 3:
      return restarts;
    case 4:
      return reductions;
    case 5:
      return <f64>learntCount;
    case 6:
      return <f64>irredundantCount;
    case 7:
      return learntLiterals;
    case 8:
      return removedLiterals;
    case 9:
      return <f64>bump;
    case 10:
      return collections;
    default:
      return <f64>variables;
  }
}
