// Adder detection: layout of its memory, flags, counters; chunks from the end of the heap.

export const SENTINEL: u32 = 0xffffffff;
/** Largest fan-out of a leaf whose join entries are kept in a list at that leaf; above it a hash of the leaf set is used. */
export const BUCKET_FANOUT: u32 = 24;

// flag bits of a variable; the first four are the result
export const IN_XOR: u8 = 1; // root or leaf of an entry of the X list
export const IN_ADDER: u8 = 2; // leaf, sum or carry of a reported adder
export const IS_SUM: u8 = 4; // first adder that outputs it has it as sum
export const IS_CARRY: u8 = 8; // first adder that outputs it has it as carry
export const VISITED: u8 = 16;
export const INSIDE: u8 = 32;

// region bases
export let fanin0: usize = 0;
export let fanin1: usize = 0;
export let fanouts: usize = 0; // u32 a variable: references from ANDs and roots
export let blocks: usize = 0; // u32 a variable: address of its live cut block; afterwards head of its adder list
export let heads: usize = 0; // u32 a variable: join entries whose rarest leaf it is
export let leafUses: usize = 0; // u32 a variable: live cuts that contain it
export let flags: usize = 0; // u8 a variable
export let hashHeads: usize = 0;
export let hashMask: u32 = 0;
export let scratch: usize = 0; // cut block being built
export let freeBlocks: usize = 0; // u32 a block class
export let expand: usize = 0; // u8[8][256]
export let classes: usize = 0; // u8[256]
export let chunkTable: usize = 0;

export let firstAnd: u32 = 0;
export let variables: u32 = 0;
export let maxCuts: u32 = 0;
export let collectXors: u32 = 0;

// heap
export let top: usize = 0;
export let freeEntry: usize = 0;
export let entryChunk: usize = 0;
export let entryChunkEnd: usize = 0;
export let wideChunk: usize = 0;
export let wideChunkEnd: usize = 0;
export let blockChunk: usize = 0;
export let blockChunkEnd: usize = 0;
export let failed: u32 = 0; // 1 out of memory, 2 too many pairs or join steps

// statistics
export let cutTotal: u64 = 0;
export let cutMost: u32 = 0;
export let cappedNodes: u32 = 0;
export let xorCount: u32 = 0;
export let rawAdders: u32 = 0;
export let joinSteps: u64 = 0;
export let adderCount: u32 = 0;
export let fullCount: u32 = 0;
export let outAdders: usize = 0;
export let xorBase: usize = 0;
export let xorTop: usize = 0;

export const CUT: usize = 24; // u64 signature; u32 leaf x 3; u32 truth table
export const HEADER: usize = 8; // u32 cut count; u32 references left
export const ENTRY: usize = 16; // u32 leaf, leaf, root << 4 | code, next
export const WIDE: usize = 20; // u32 leaf x 3, root << 4 | code, next
export const RAW: usize = 20; // u32 leaf x 3, carry, (sum, later next) with sign in the top four bits
export const RAW_CHUNK_BITS: u32 = 15;
export const CHUNK: usize = 1 << 18;
export const MAX_RAW_CHUNKS: u32 = 8192;

export function reserve(bytes: usize): usize {
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
