// A prediction worker: takes windows from the shared counter until none is left, then reports how many nodes it computed.
// Refuses to talk in between: results lie in shared memory.

import { parentPort, workerData } from 'node:worker_threads';
import { nextWindow, type PredictTask } from './predict.ts';
import { WindowModel } from './window.ts';

const task = workerData as PredictTask;
const runner = new WindowModel(task.model, task.source);
while (nextWindow(task, runner));
parentPort!.postMessage(runner.computed);
