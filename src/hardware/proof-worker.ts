// Worker entry: one proof of a unit against its second description. Refuses a second task: its thread ends with the answer.

import { parentPort, workerData } from 'node:worker_threads';
import { type ProofReply, type ProofTask, proveTwice } from './proof-twice.ts';

let reply: ProofReply;
try {
  reply = { proof: proveTwice(workerData as ProofTask) };
} catch (error) {
  reply = { error: (error as Error).message };
}
parentPort!.postMessage(reply);
