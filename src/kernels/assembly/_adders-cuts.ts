// Adder detection: cut blocks of variables, recycled with their last reference.

import {
  CHUNK, CUT, HEADER, SENTINEL, blockChunk, blockChunkEnd, blocks, failed, fanouts, freeBlocks, freeEntry,
  heads, leafUses, reserve, scratch,
} from './_adders-state';

@inline
export function writeTrivial(cut: usize, v: u32): void {
  store<u64>(cut, <u64>1 << (v & 63));
  store<u32>(cut, v, 8);
  store<u32>(cut, SENTINEL, 12);
  store<u32>(cut, SENTINEL, 16);
  store<u32>(cut, 0xaa, 20);
}

/** Stores the n cuts of scratch as the block of v. */
export function keep(v: u32, n: u32): void {
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
export function release(v: u32): void {
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
