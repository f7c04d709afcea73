// Adder detection on an and-inverter graph: 3-feasible cuts with truth tables, join on leaf sets, the two filters.
// Single pass in topological order; cuts and join entries are recycled as soon as no later node can reach them.
// Must equal src/reason/exact/reference.ts bit for bit. Does not check its input: the caller hands a checked graph.

const SENTINEL: u32 = 0xffffffff;
/** Largest fan-out of a leaf whose join entries are kept in a list at that leaf; above it a hash of the leaf set is used. */
const BUCKET_FANOUT: u32 = 24;

// flag bits of a variable; the first four are the result
const IN_XOR: u8 = 1; // root or leaf of an entry of the X list
const IN_ADDER: u8 = 2; // leaf, sum or carry of a reported adder
const IS_SUM: u8 = 4; // first adder that outputs it has it as sum
const IS_CARRY: u8 = 8; // first adder that outputs it has it as carry
const VISITED: u8 = 16;
const INSIDE: u8 = 32;

// region bases
let fanin0: usize = 0;
let fanin1: usize = 0;
let fanouts: usize = 0; // u32 a variable: references from ANDs and roots
let blocks: usize = 0; // u32 a variable: address of its live cut block; afterwards head of its adder list
let heads: usize = 0; // u32 a variable: join entries whose rarest leaf it is
let leafUses: usize = 0; // u32 a variable: live cuts that contain it
let flags: usize = 0; // u8 a variable
let hashHeads: usize = 0;
let hashMask: u32 = 0;
let scratch: usize = 0; // cut block being built
let freeBlocks: usize = 0; // u32 a block class
let expand: usize = 0; // u8[8][256]
let classes: usize = 0; // u8[256]
let chunkTable: usize = 0;

let firstAnd: u32 = 0;
let variables: u32 = 0;
let maxCuts: u32 = 0;
let collectXors: u32 = 0;

// heap
let top: usize = 0;
let freeEntry: usize = 0;
let entryChunk: usize = 0;
let entryChunkEnd: usize = 0;
let wideChunk: usize = 0;
let wideChunkEnd: usize = 0;
let blockChunk: usize = 0;
let blockChunkEnd: usize = 0;
let failed: u32 = 0; // 1 out of memory, 2 too many pairs or join steps

// statistics
let cutTotal: u64 = 0;
let cutMost: u32 = 0;
let cappedNodes: u32 = 0;
let xorCount: u32 = 0;
let rawAdders: u32 = 0;
let joinSteps: u64 = 0;
let adderCount: u32 = 0;
let fullCount: u32 = 0;
let outAdders: usize = 0;
let xorBase: usize = 0;
let xorTop: usize = 0;

const CUT: usize = 24; // u64 signature; u32 leaf x 3; u32 truth table
const HEADER: usize = 8; // u32 cut count; u32 references left
const ENTRY: usize = 16; // u32 leaf, leaf, root << 4 | code, next
const WIDE: usize = 20; // u32 leaf x 3, root << 4 | code, next
const RAW: usize = 20; // u32 leaf x 3, carry, (sum, later next) with sign in the top four bits
const RAW_CHUNK_BITS: u32 = 15;
const CHUNK: usize = 1 << 18;
const MAX_RAW_CHUNKS: u32 = 8192;

export function heapBase(): usize { return __heap_base; }

function reserve(bytes: usize): usize {
  const at = (top + 7) & ~7;
  const end: u64 = <u64>at + <u64>bytes;
  if (end > (<u64>memory.size() << 16)) {
    const want = <u32>((end - (<u64>memory.size() << 16) + 65535) >> 16);
    const slack = max<u32>(want, 64);
    if (memory.grow(slack) < 0 && memory.grow(want) < 0) { failed = 1; return 0; }
  }
  top = <usize>end;
  return at;
}

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

function fillTables(): void {
  // expand[mask][t]: table t over the leaves of a cut, as a table over a superset in which they take the places of mask
  for (let mask: u32 = 0; mask < 8; mask++) {
    for (let t: u32 = 0; t < 256; t++) {
      let r: u32 = 0;
      for (let row: u32 = 0; row < 8; row++) {
        let from: u32 = 0, k: u32 = 0;
        for (let place: u32 = 0; place < 3; place++) {
          if ((mask >> place) & 1) { from |= ((row >> place) & 1) << k; k++; }
        }
        r |= ((t >> from) & 1) << row;
      }
      store<u8>(expand + (mask << 8) + t, <u8>r);
    }
  }
  memory.fill(classes, 0, 256);
  // class byte: bit 7 used, bit 6 exclusive-or, bit 5 three leaves, low four bits the sign contribution
  store<u8>(classes + 0x66, 0x80 | 0x40);
  store<u8>(classes + 0x99, 0x80 | 0x40 | 8);
  store<u8>(classes + 0x96, 0x80 | 0x40 | 0x20);
  store<u8>(classes + 0x69, 0x80 | 0x40 | 0x20 | 8);
  for (let n: u32 = 0; n < 8; n++) {
    let majority: u32 = 0, conjunction: u32 = 0;
    for (let row: u32 = 0; row < 8; row++) {
      const a = (row ^ n) & 1, b = ((row ^ n) >> 1) & 1, c = ((row ^ n) >> 2) & 1;
      majority |= <u32>(a + b + c > 1) << row;
      conjunction |= ((a & b) ^ (n >> 2)) << row;
    }
    store<u8>(classes + majority, <u8>(0x80 | 0x20 | n));
    store<u8>(classes + conjunction, <u8>(0x80 | n));
  }
}

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

@inline
function writeTrivial(cut: usize, v: u32): void {
  store<u64>(cut, <u64>1 << (v & 63));
  store<u32>(cut, v, 8);
  store<u32>(cut, SENTINEL, 12);
  store<u32>(cut, SENTINEL, 16);
  store<u32>(cut, 0xaa, 20);
}

/** Stores the n cuts of scratch as the block of v. */
function keep(v: u32, n: u32): void {
  const size = (n + 1) >> 1; // class: pairs of cuts
  const list = freeBlocks + (size << 2);
  let block: usize = load<u32>(list);
  if (block) store<u32>(list, load<u32>(block));
  else {
    const bytes = HEADER + (<usize>size << 1) * CUT;
    if (blockChunk + bytes > blockChunkEnd) {
      const chunk = max<usize>(CHUNK, bytes);
      blockChunk = reserve(chunk);
      if (failed) return;
      blockChunkEnd = blockChunk + chunk;
    }
    block = blockChunk;
    blockChunk += bytes;
  }
  store<u32>(block, n);
  store<u32>(block, load<u32>(fanouts + (v << 2)), 4);
  memory.copy(block + HEADER, scratch + HEADER, <usize>n * CUT);
  store<u32>(blocks + (v << 2), <u32>block);
  const uses = leafUses;
  for (let c = block + HEADER, end = c + <usize>n * CUT; c < end; c += CUT) {
    const p = uses + (load<u32>(c, 8) << 2);
    store<u32>(p, load<u32>(p) + 1);
    const l1 = load<u32>(c, 12);
    if (l1 != SENTINEL) {
      const q = uses + (l1 << 2);
      store<u32>(q, load<u32>(q) + 1);
      const l2 = load<u32>(c, 16);
      if (l2 != SENTINEL) {
        const r = uses + (l2 << 2);
        store<u32>(r, load<u32>(r) + 1);
      }
    }
  }
}

@inline
function dropLeaf(leaf: u32): void {
  const p = leafUses + (leaf << 2);
  const left = load<u32>(p) - 1;
  store<u32>(p, left);
  if (left == 0) {
    const h = heads + (leaf << 2);
    let e: usize = load<u32>(h);
    if (e) {
      const first = e;
      for (;;) {
        const next: usize = load<u32>(e, 12);
        if (!next) break;
        e = next;
      }
      store<u32>(e, <u32>freeEntry, 12);
      freeEntry = first;
      store<u32>(h, 0);
    }
  }
}

/** One reference to v is used up; its block is recycled with the last. */
@inline
function release(v: u32): void {
  const block: usize = load<u32>(blocks + (v << 2));
  if (!block) return;
  const left = load<u32>(block, 4) - 1;
  store<u32>(block, left, 4);
  if (left == 0) recycle(v, block);
}

function recycle(v: u32, block: usize): void {
  const n = load<u32>(block);
  for (let c = block + HEADER, end = c + <usize>n * CUT; c < end; c += CUT) {
    dropLeaf(load<u32>(c, 8));
    const l1 = load<u32>(c, 12);
    if (l1 != SENTINEL) {
      dropLeaf(l1);
      const l2 = load<u32>(c, 16);
      if (l2 != SENTINEL) dropLeaf(l2);
    }
  }
  const list = freeBlocks + (((n + 1) >> 1) << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
  store<u32>(blocks + (v << 2), 0);
}

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
function join(v: u32, l0: u32, l1: u32, l2: u32, kind: u32): void {
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

/** Bound on list steps; a graph full of copies of one gate would make them quadratic. */
@inline
function stepLimit(): u64 { return (<u64>variables << 6) + 16777216; }

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
