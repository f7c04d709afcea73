// Numbers the distinct neighbourhoods of nodes: a hash table from word sequences to 0, 1, 2, … .
// Refuses to trust a hash: sequences are compared word by word.

/** Word sequences in the order they were first met; a caller writes one at `pool[end…]` and interns it. */
export class Interner {
  /** Sequences met. */
  count = 0;
  /** Words of all sequences; sequence i lies from `starts[i]` to `starts[i + 1]`. */
  pool = new Int32Array(1 << 14);
  starts = new Int32Array(1 << 11);
  /** Where the next sequence is to be written. */
  end = 0;
  private slots = new Int32Array(1 << 12);

  /** The pool with room for `words` more words. */
  room(words: number): Int32Array {
    if (this.end + words > this.pool.length) {
      const grown = new Int32Array(2 * (this.end + words));
      grown.set(this.pool);
      this.pool = grown;
    }
    return this.pool;
  }

  /** Number of the sequence written at `pool[end…to-1]`; a new one is kept. */
  intern(to: number): number {
    const { pool, end } = this;
    const length = to - end;
    const mask = this.slots.length - 1;
    let h = length;
    for (let i = end; i < to; i++) {
      h = Math.imul(h ^ pool[i]!, 0x9e3779b1);
      h ^= h >>> 15;
    }
    let slot = h & mask;
    for (;;) {
      const id = this.slots[slot]! - 1;
      if (id < 0) break;
      const at = this.starts[id]!;
      if (this.starts[id + 1]! - at === length) {
        let k = 0;
        while (k < length && pool[at + k] === pool[end + k]) k++;
        if (k === length) return id;
      }
      slot = (slot + 1) & mask;
    }
    const id = this.count++;
    this.slots[slot] = id + 1;
    if (id + 2 > this.starts.length) {
      const grown = new Int32Array(2 * this.starts.length);
      grown.set(this.starts);
      this.starts = grown;
    }
    this.starts[id] = end;
    this.starts[id + 1] = to;
    this.end = to;
    if (2 * this.count > this.slots.length) this.rehash();
    return id;
  }

  clear(): void {
    this.count = 0;
    this.end = 0;
    this.slots.fill(0);
  }

  private rehash(): void {
    this.slots = new Int32Array(2 * this.slots.length);
    const mask = this.slots.length - 1;
    for (let id = 0; id < this.count; id++) {
      const to = this.starts[id + 1]!;
      let h = to - this.starts[id]!;
      for (let i = this.starts[id]!; i < to; i++) {
        h = Math.imul(h ^ this.pool[i]!, 0x9e3779b1);
        h ^= h >>> 15;
      }
      let slot = h & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = id + 1;
    }
  }
}
