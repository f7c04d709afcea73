// What a unit says on its output channel, from hundreds of traces at once. Refuses nothing: the driver decides what counts.

import { payloadWords, transpose32, unpackBatch } from './payload.ts';
import type { Batch, Channel } from './unit.ts';

/** Gathers output transactions as packed words in order of arrival, sorted by trace at the end. */
export class Collector {
  private readonly channel: Channel;
  private readonly literals: Uint32Array;
  private readonly groups: number;
  private readonly words: number;
  private readonly column = new Uint32Array(32);
  private readonly before: Uint32Array;
  private packed = new Uint32Array(1 << 12);
  private trace = new Uint16Array(1 << 10);
  count = 0;

  constructor(channel: Channel, literals: Uint32Array, groups: number) {
    this.channel = channel;
    this.literals = literals;
    this.groups = groups;
    this.words = payloadWords(channel);
    this.before = new Uint32Array(literals.length * groups);
  }

  /** Traces whose stalled offer is gone or changed; remembers the payload for the next cycle. */
  check(block: Uint32Array, stalled: Uint32Array, valid: Uint32Array): number {
    const literals = this.literals;
    const groups = this.groups;
    const before = this.before;
    let broken = 0;
    for (let g = 0; g < groups; g++) {
      const watch = stalled[g]!;
      let wrong = watch & ~valid[g]!;
      for (let i = 0; i < literals.length; i++) {
        const literal = literals[i]!;
        const word = block[(literal >>> 1) * groups + g]! ^ -(literal & 1);
        wrong |= (word ^ before[i * groups + g]!) & watch;
        before[i * groups + g] = word;
      }
      for (; wrong !== 0; wrong &= wrong - 1) broken++;
    }
    return broken;
  }

  take(block: Uint32Array, fire: Uint32Array): void {
    const literals = this.literals;
    const groups = this.groups;
    const words = this.words;
    const column = this.column;
    for (let g = 0; g < groups; g++) {
      if (fire[g] === 0) continue;
      const first = this.count;
      for (let w = 0; w < words; w++) {
        const bits = Math.min(32, literals.length - 32 * w);
        for (let b = 0; b < 32; b++) {
          if (b >= bits) column[b] = 0;
          else {
            const literal = literals[32 * w + b]!;
            column[b] = block[(literal >>> 1) * groups + g]! ^ -(literal & 1);
          }
        }
        transpose32(column);
        let at = first;
        for (let rest = fire[g]!; rest !== 0; at++) {
          const lane = 31 - Math.clz32(rest);
          rest &= ~(1 << lane);
          if (at >= this.trace.length || (at + 1) * words > this.packed.length) this.grow();
          this.trace[at] = 32 * g + lane;
          this.packed[at * words + w] = column[lane]!;
        }
        this.count = at;
      }
    }
  }

  private grow(): void {
    const trace = new Uint16Array(2 * this.trace.length);
    trace.set(this.trace);
    this.trace = trace;
    const packed = new Uint32Array(Math.max(2 * this.packed.length, trace.length * this.words));
    packed.set(this.packed);
    this.packed = packed;
  }

  finish(traces: number): { tokens: Batch; tokenStarts: Uint32Array } {
    const tokenStarts = new Uint32Array(traces + 1);
    for (let i = 0; i < this.count; i++) if (this.trace[i]! < traces) tokenStarts[this.trace[i]! + 1]!++;
    for (let t = 0; t < traces; t++) tokenStarts[t + 1]! += tokenStarts[t]!;
    const place = tokenStarts.slice();
    const kept = tokenStarts[traces]!;
    const sorted = new Uint32Array(kept * this.words);
    for (let i = 0; i < this.count; i++) {
      if (this.trace[i]! >= traces) continue;
      const to = place[this.trace[i]!]!++;
      for (let w = 0; w < this.words; w++) sorted[to * this.words + w] = this.packed[i * this.words + w]!;
    }
    return { tokens: unpackBatch(this.channel, sorted, kept), tokenStarts };
  }
}
