// A prediction worker: waits for its task, takes windows from the shared counter until none is left, reports how many nodes
// it computed and ends. Refuses to talk in between: results lie in shared memory.

import { parentPort } from 'node:worker_threads';
import { kernelModule } from '../../kernels/load.ts';
import { npnTable } from './npn.ts';
import { nextWindow, type PredictTask } from './predict.ts';
import { WindowModel } from './window.ts';

npnTable();
kernelModule('gnn');
parentPort!.once('message', (task: PredictTask) => {
  const runner = new WindowModel(task.model, task.source);
  while (nextWindow(task, runner));
  parentPort!.postMessage(runner.computed);
});
