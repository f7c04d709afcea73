// Long work in steps, so that the event loop gets its turn between them: only then can a signal, a timer or a message be heard.
// The work is a generator that yields wherever it could stop. Refuses to measure progress or to spread over threads.

import { AbortedError } from './errors.ts';

/** Work that yields between its steps and returns its result. */
export type Steps<Result> = Generator<void, Result, void>;

export interface StepOptions {
  /** Looked at after each step. */
  signal?: AbortSignal | undefined;
  /** What the error says. */
  stopped: string;
}

/** All steps without a turn for anything else. @throws AbortedError when the signal is aborted already, or watches a clock */
export function straight<Result>(steps: Steps<Result>, options: StepOptions): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (options.signal?.aborted === true) throw new AbortedError(options.stopped);
  }
}

/**
 * All steps, with a turn for the event loop at least every `milliseconds`, as far as steps are short enough.
 * @throws AbortedError when the signal fires
 */
export async function inTurns<Result>(
  steps: Steps<Result>,
  options: StepOptions & { milliseconds?: number | undefined },
): Promise<Result> {
  const { milliseconds = 50, signal } = options;
  let turn = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - turn >= milliseconds) {
      await new Promise(resolve => setImmediate(resolve));
      turn = performance.now();
    }
    if (signal?.aborted === true) throw new AbortedError(options.stopped);
  }
}
