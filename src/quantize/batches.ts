// Calibration batches that can be gone through any number of times and are made anew each time, so that nobody holds them
// all. Refuses nothing itself: what makes the batches throws.

import type { Feeds } from '../model/index.ts';

export class Batches implements AsyncIterable<Feeds> {
  private readonly open: () => AsyncIterable<Feeds> | Iterable<Feeds>;

  /** @param open starts a pass over the batches, the same ones every time */
  constructor(open: () => AsyncIterable<Feeds> | Iterable<Feeds>) {
    this.open = open;
  }

  static from(batches: readonly Feeds[] | Batches): Batches {
    return batches instanceof Batches ? batches : new Batches(() => batches);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Feeds, void, undefined> {
    yield* this.open();
  }

  /** The batches from index `start` up to but not including `end`; passes stop there. */
  slice(start: number, end = Number.POSITIVE_INFINITY): Batches {
    const open = this.open;
    return new Batches(async function* () {
      let index = 0;
      if (end <= start) return;
      for await (const batch of open()) {
        if (index++ >= start) yield batch;
        if (index >= end) return;
      }
    });
  }

  /** The first batches, in memory. */
  async take(count: number): Promise<Feeds[]> {
    const taken: Feeds[] = [];
    for await (const batch of this.slice(0, count)) taken.push(batch);
    return taken;
  }

  /** The number of batches, by a pass over them. */
  async count(): Promise<number> {
    let count = 0;
    for await (const _ of this) count++;
    return count;
  }
}
