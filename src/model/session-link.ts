// The link of a session to its worker thread: requests that wait for an answer, the abort signal, an orderly end.
// Refuses requests once it has ended.

import { Worker } from 'node:worker_threads';
import { AbortedError, BitwrightError } from '../core/errors.ts';
import { distModule } from '../core/places.ts';
import type { SessionReply, SessionRequest } from './session-worker.ts';

type Ask = SessionRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

interface Waiting {
  resolve: (reply: SessionReply) => void;
  reject: (error: Error) => void;
  blame: (text: string) => Error;
}

/**
 * The worker, the requests it has not answered yet, and the abort signal. The worker is never terminated from outside:
 * the runtime's binding aborts the whole process when its thread is stopped inside a call. It is asked to leave, and
 * leaves after the call under way; the caller is told at once.
 */
export class WorkerLink {
  /** Set to 1 to make the worker drop the requests it has not begun. */
  private readonly stop = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker = new Worker(distModule('model/session-worker'), {
    workerData: { stop: this.stop },
  });
  private readonly waiting = new Map<number, Waiting>();
  private readonly signal: AbortSignal | undefined;
  private readonly exited: Promise<void>;
  private readonly onAbort = (): void => {
    void this.leave(new AbortedError('stopped'));
  };
  private next = 0;
  private ended: Error | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
    this.worker.on('message', (reply: SessionReply) => {
      const waiter = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (this.waiting.size === 0 && this.ended === undefined) this.worker.unref();
      if (waiter === undefined) return;
      if (reply.error !== undefined) waiter.reject(waiter.blame(reply.error));
      else waiter.resolve(reply);
    });
    this.worker.on('error', error =>
      this.fail(new BitwrightError(`the model worker failed: ${error.message}`)),
    );
    this.exited = new Promise(resolve => {
      this.worker.on('exit', () => {
        this.fail(new BitwrightError('the model worker ended'));
        resolve();
      });
    });
    this.worker.unref();
    if (signal?.aborted === true) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  async ask(request: Ask, transfer: ArrayBuffer[], blame: (text: string) => Error): Promise<SessionReply> {
    if (this.ended !== undefined) throw this.ended;
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, blame });
      this.worker.ref();
      this.worker.postMessage({ ...request, id }, transfer);
    });
  }

  async end(): Promise<void> {
    await this.leave(new BitwrightError('the session is closed'));
  }

  private async leave(reason: Error): Promise<void> {
    this.signal?.removeEventListener('abort', this.onAbort);
    if (this.ended === undefined) {
      this.fail(reason);
      Atomics.store(this.stop, 0, 1);
      this.worker.ref();
      this.worker.postMessage({ id: this.next++, kind: 'close' });
    }
    await this.exited;
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const waiter of this.waiting.values()) waiter.reject(error);
    this.waiting.clear();
  }
}
