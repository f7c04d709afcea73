// The demo room's public face: the built-in tasks, and how to run and score them.

export { greedyDecode, readAlphabet } from './ctc.ts';
export { type DirectionOptions, directionTask } from './direction.ts';
export { type FashionOptions, fashionTask } from './fashion/task.ts';
export { type RecogniserOptions, recogniserTask } from './recogniser.ts';
export {
  type Answer,
  characterAccuracy,
  comparable,
  type Estimate,
  type EvaluateOptions,
  estimate,
  evaluate,
  levenshtein,
  type Score,
  score,
} from './score.ts';
export { type Batch, type Outputs, outputNamed, type SetOptions, type Task, type Tensor } from './task.ts';
export { createTask, type TaskName, taskNames } from './tasks.ts';
