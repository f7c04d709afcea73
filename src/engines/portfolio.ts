// Engines side by side in worker threads: the first answer wins and the others are ended. Each has its own slot of time;
// a worker that does not stop by itself is terminated. Leaves no worker behind, whatever happens.

import { Worker } from 'node:worker_threads';
import { distModule } from '../core/places.ts';
import type { Aig } from '../netlist/aig.ts';
import { runAbc } from './abc.ts';
import type { WorkerReply, WorkerRequest } from './engine-worker.ts';
import { packAig, unpackOutcome } from './pack.ts';
import type { EngineOutcome, OwnEngine } from './run-engine.ts';
import type { EngineName, Hints } from './types.ts';

export interface PortfolioTask {
  aig: Aig;
  bad: number;
  engines: readonly EngineName[];
  threads: number;
  timeoutSeconds: number;
  memoryLimit: number;
  maxDepth: number;
  hints: Hints;
  signal?: AbortSignal | undefined;
  progress?: ((engine: string, depth: number) => void) | undefined;
}

/** Seconds past its time limit after which a worker is ended by force. */
const grace = 0.5;

/**
 * Runs the engines. The first gets a thread for the whole time; the others share the remaining threads, each with an
 * even part of the time (an engine that gives up early leaves its part to the next).
 */
export async function runPortfolio(task: PortfolioTask): Promise<EngineOutcome> {
  const end = performance.now() + task.timeoutSeconds * 1000;
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  task.signal?.addEventListener('abort', onAbort);
  if (task.signal?.aborted === true) stop.abort();
  const left = (): number => Math.max(0, (end - performance.now()) / 1000);
  const outcomes: EngineOutcome[] = [];
  let answer: EngineOutcome | undefined;
  const take = (outcome: EngineOutcome): void => {
    outcomes.push(outcome);
    if (answer === undefined && outcome.verdict !== 'unknown') {
      answer = outcome;
      stop.abort();
    }
  };
  const waiting = [...task.engines];
  const lane = async (first: boolean, lanes: number): Promise<void> => {
    while (waiting.length > 0 && !stop.signal.aborted && left() > 0.05) {
      const engine = waiting.shift()!;
      const share = first ? left() : left() / Math.ceil((waiting.length + 1) / lanes);
      first = false;
      take(await runOne(engine, task, share, stop.signal));
    }
  };
  const threads = Math.max(1, Math.min(task.threads, task.engines.length));
  try {
    const sharing = Math.max(1, threads - 1);
    await Promise.all(Array.from({ length: threads }, (_, i) => lane(i === 0 && threads > 1, sharing)));
  } finally {
    task.signal?.removeEventListener('abort', onAbort);
    stop.abort();
  }
  if (answer !== undefined) return answer;
  const deepest = outcomes.reduce<EngineOutcome | undefined>(
    (best, o) => (best === undefined || o.depth > best.depth ? o : best),
    undefined,
  );
  const reason =
    task.signal?.aborted === true
      ? 'interrupted'
      : left() <= 0.05
        ? `timeout of ${Math.round(task.timeoutSeconds * 1000) / 1000} s`
        : outcomes.map(o => `${o.method}: ${o.reason ?? 'gave up'}`).join('; ') || 'no engine ran';
  return { verdict: 'unknown', method: deepest?.method ?? 'portfolio', depth: deepest?.depth ?? 0, reason };
}

function runOne(
  engine: EngineName,
  task: PortfolioTask,
  seconds: number,
  signal: AbortSignal,
): Promise<EngineOutcome> {
  if (engine === 'yosys-abc' || engine === 'berkeley-abc') {
    return runAbc(engine, task.aig, task.bad, { timeoutSeconds: seconds, signal });
  }
  return runWorker(engine, task, seconds, signal);
}

function runWorker(
  engine: OwnEngine,
  task: PortfolioTask,
  seconds: number,
  signal: AbortSignal,
): Promise<EngineOutcome> {
  const worker = new Worker(distModule('engines/engine-worker'), {
    resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.ceil(task.memoryLimit / 2 ** 20)) },
  });
  let depth = 0;
  return new Promise<EngineOutcome>(resolve => {
    const finish = (outcome: EngineOutcome): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      worker.removeAllListeners();
      worker.on('error', () => {});
      void worker.terminate().then(() => resolve(outcome));
    };
    const unknown = (reason: string): void => finish({ verdict: 'unknown', method: engine, depth, reason });
    const abort = (): void => unknown('interrupted');
    const timer = setTimeout(
      () => unknown(`timeout of ${Math.round(seconds * 1000) / 1000} s`),
      (seconds + grace) * 1000,
    );
    worker.on('message', (reply: WorkerReply) => {
      if ('progress' in reply) {
        depth = reply.progress.depth;
        task.progress?.(reply.progress.engine, reply.progress.depth);
      } else if ('error' in reply) unknown(reply.error);
      else finish(unpackOutcome(reply.outcome));
    });
    worker.on('error', error => {
      const code = (error as NodeJS.ErrnoException).code;
      unknown(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory limit' : error.message);
    });
    worker.on('exit', () => unknown('worker ended'));
    signal.addEventListener('abort', abort);
    if (signal.aborted) {
      abort();
      return;
    }
    const request: WorkerRequest = {
      engine,
      aig: packAig(task.aig),
      bad: task.bad,
      maxDepth: task.maxDepth,
      hints: task.hints,
      timeoutSeconds: seconds,
      memoryLimit: task.memoryLimit,
    };
    worker.postMessage(request);
  });
}
