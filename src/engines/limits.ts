// Wall clock, abort and memory limits that every engine asks between its queries. Refuses to interrupt a query itself:
// the solver is handed what is left of the time.

import type { SolveBudget } from '../netlist/sat/solver.ts';

export interface LimitOptions {
  timeoutSeconds?: number | undefined;
  memoryLimit?: number | undefined;
  signal?: AbortSignal | undefined;
  progress?: ((engine: string, depth: number) => void) | undefined;
}

export class Limits {
  readonly memoryLimit: number;
  private readonly end: number;
  private readonly seconds: number;
  private readonly start = performance.now();
  private readonly signal: AbortSignal | undefined;
  private readonly report: ((engine: string, depth: number) => void) | undefined;
  private reported = 0;

  constructor(options: LimitOptions = {}) {
    this.seconds = options.timeoutSeconds ?? 60;
    this.end = this.start + this.seconds * 1000;
    this.memoryLimit = options.memoryLimit ?? 2 ** 30;
    this.signal = options.signal;
    this.report = options.progress;
  }

  /** Seconds since these limits were made. */
  elapsed(): number {
    return (performance.now() - this.start) / 1000;
  }

  /** Seconds left, 0 when none. */
  left(): number {
    return Math.max(0, (this.end - performance.now()) / 1000);
  }

  /** Why to stop, or undefined to go on. */
  over(): string | undefined {
    if (this.signal?.aborted === true) return 'interrupted';
    if (performance.now() >= this.end) return `timeout of ${round(this.seconds)} s`;
    return undefined;
  }

  /** What one query may use. */
  budget(seconds = Number.POSITIVE_INFINITY): SolveBudget {
    return { seconds: Math.min(seconds, this.left()), signal: this.signal };
  }

  /** A part of these limits: at most `seconds` from now. */
  part(seconds: number): Limits {
    return new Limits({
      timeoutSeconds: Math.min(seconds, this.left()),
      memoryLimit: this.memoryLimit,
      signal: this.signal,
      progress: this.report,
    });
  }

  progress(engine: string, depth: number): void {
    if (this.report === undefined || performance.now() - this.reported < 100) return;
    this.reported = performance.now();
    this.report(engine, depth);
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
