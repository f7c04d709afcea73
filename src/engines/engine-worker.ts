// Worker entry: runs one engine on one problem, reports progress, posts the outcome. Refuses a second task: the pool ends
// a worker with its answer, as memory that WASM has grown does not shrink.

import { parentPort } from 'node:worker_threads';
import { Aig, type AigParts } from '../netlist/aig.ts';
import { Limits } from './limits.ts';
import { type PackedOutcome, packOutcome } from './pack.ts';
import { type OwnEngine, runEngine } from './run-engine.ts';
import type { Hints } from './types.ts';

export interface WorkerRequest {
  engine: OwnEngine;
  aig: AigParts;
  bad: number;
  maxDepth: number;
  hints: Hints;
  timeoutSeconds: number;
  memoryLimit: number;
}

export type WorkerReply =
  | { progress: { engine: string; depth: number } }
  | { outcome: PackedOutcome }
  | { error: string };

const port = parentPort;
port?.once('message', (request: WorkerRequest) => {
  try {
    const limits = new Limits({
      timeoutSeconds: request.timeoutSeconds,
      memoryLimit: request.memoryLimit,
      progress: (engine, depth) => port.postMessage({ progress: { engine, depth } } satisfies WorkerReply),
    });
    const outcome = runEngine({ ...request, aig: new Aig(request.aig) }, limits);
    port.postMessage({ outcome: packOutcome(outcome) } satisfies WorkerReply);
  } catch (error) {
    port.postMessage({ error: String((error as Error).message) } satisfies WorkerReply);
  }
});
