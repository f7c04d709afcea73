// SAT solver: power-of-two blocks of memory with free lists; `freeLists` holds 32 heads at the heap's start.
// Refuses memory past its limit: it traps, and the caller gives the solver up.

export let bump: usize = 0;
export let top: usize = 0;
export let limitPages: i32 = 0;
export let freeLists: usize = 0;

function sizeClass(bytes: usize): u32 {
  return bytes <= 16 ? 4 : 32 - clz<u32>(<u32>bytes - 1);
}

export function allocate(bytes: usize): usize {
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

export function release(block: usize, bytes: usize): void {
  const head = freeLists + (sizeClass(bytes) << 2);
  store<u32>(block, load<u32>(head));
  store<u32>(head, <u32>block);
}

/** Moves a block of `used` bytes into one twice as large (old capacity in bytes given). */
export function regrow(block: usize, used: usize, capacity: usize, wanted: usize): usize {
  const fresh = allocate(wanted);
  if (block != 0) {
    memory.copy(fresh, block, used);
    release(block, capacity);
  }
  return fresh;
}
