// Long computations on the main thread pause now and then, so that Ctrl-C is heard within a fraction of a second.
// Refuses to go on once the signal is aborted.

import { AbortedError } from '../core/errors.ts';

/** Called inside loops: usually returns undefined at once, else a promise to await. */
export type Breath = () => Promise<void> | undefined;

/** @throws AbortedError (from the promise) when the signal is aborted */
export function breathe(signal?: AbortSignal, milliseconds = 50): Breath {
  let last = performance.now();
  return () => {
    if (performance.now() - last < milliseconds) return undefined;
    return new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        last = performance.now();
        if (signal?.aborted === true) reject(new AbortedError('stopped'));
        else resolve();
      });
    });
  };
}

/** For callers that have nothing to stop. */
export const noBreath: Breath = () => undefined;

/** Kernel instances for computations that pause: one computation at a time has an instance's memory. */
export class KernelPool<T> {
  private readonly idle: T[] = [];
  private readonly make: () => T;

  constructor(make: () => T) {
    this.make = make;
  }

  async use<R>(work: (kernel: T) => Promise<R>): Promise<R> {
    const kernel = this.idle.pop() ?? this.make();
    try {
      return await work(kernel);
    } finally {
      this.idle.push(kernel);
    }
  }
}
