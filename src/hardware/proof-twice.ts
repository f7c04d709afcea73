// The proof against the second description: first the modules described twice, then the unit. In a worker thread, beside the
// simulation. Refuses to outlive its caller: on abort the thread is ended.

import { Worker } from 'node:worker_threads';
import { AbortedError, BitwrightError } from '../core/errors.ts';
import { distModule } from '../core/places.ts';
import { Aig, type AigParts } from '../netlist/aig.ts';
import { type ModuleGates, RtlModules } from '../synthesis/modules.ts';
import type { RtlFile } from '../synthesis/rtl.ts';
import { type ProofResult, proveUnits } from './proof.ts';
import { type Described, proveModules } from './proof-modules.ts';
import type { Channel } from './unit.ts';

/** A description as another thread is given it. */
export interface ReadDescription {
  files: readonly RtlFile[];
  gates: ModuleGates;
}

/** All a proof needs: plain data. */
export interface ProofTask {
  top: string;
  /** Limits the inputs the proof speaks of. */
  input: Channel;
  unit: ReadDescription;
  reference: ReadDescription;
  /** A graph to prove instead of that of the unit. */
  aig?: AigParts | undefined;
  /** Seconds of proving; reading is not counted. */
  seconds: number;
}

export type ProofReply = { proof: ProofResult } | { error: string };

/** Proves in this thread. @throws InputError */
export function proveTwice({ top, input, unit, reference, aig, seconds }: ProofTask): ProofResult {
  const begin = performance.now();
  const described = ({ files, gates }: ReadDescription): Described => ({
    files,
    modules: new RtlModules(gates),
  });
  const own = described(unit);
  const modules = proveModules(own, described(reference), { top, seconds: 0.75 * seconds });
  const whole = aig === undefined ? own.modules.graph(top) : new Aig(aig);
  const result = proveUnits(whole, modules.reference.graph(top), input, {
    seconds: seconds / (modules.pairs > 0 ? 2 : 1),
  });
  if (modules.pairs === 0) return result;
  return {
    ...result,
    reason: `${result.reason}; modules proved equal for every input: ${modules.proved.join(', ')}`,
    proved: result.proved + modules.bits,
    pairs: result.pairs + modules.pairs,
    patterns: result.patterns + modules.patterns,
    seconds: (performance.now() - begin) / 1000,
  };
}

/**
 * Proves in a thread of its own.
 * @throws AbortedError
 */
export function startProof(task: ProofTask, signal: AbortSignal): Promise<ProofResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(distModule('hardware/proof-worker'), { workerData: task });
    const end = (): void => {
      signal.removeEventListener('abort', abort);
      void worker.terminate();
    };
    const abort = (): void => {
      end();
      reject(new AbortedError('proof stopped'));
    };
    const fail = (problem: string): void => {
      end();
      reject(new BitwrightError(`proof failed: ${problem}`));
    };
    signal.addEventListener('abort', abort);
    worker.on('message', (reply: ProofReply) => {
      if ('error' in reply) return fail(reply.error);
      end();
      resolve(reply.proof);
    });
    worker.on('error', error => fail(error.message));
    if (signal.aborted) abort();
  });
}
