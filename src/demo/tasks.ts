// The built-in tasks by name.

import { requireText } from '../core/arguments.ts';
import { unknownWord } from '../core/errors.ts';
import { directionTask } from './direction.ts';
import { fashionTask } from './fashion/task.ts';
import { recogniserTask } from './recogniser.ts';
import type { Task } from './task.ts';

const makers = {
  recogniser: recogniserTask,
  direction: directionTask,
  fashion: fashionTask,
} as const;

/** Other spellings of task names. */
const spellings: Readonly<Record<string, TaskName>> = { recognizer: 'recogniser' };

export type TaskName = keyof typeof makers;

export const taskNames = Object.keys(makers) as TaskName[];

/**
 * A built-in task.
 * @param seed fixes texts, drawings and noise; default 1
 * @throws UsageError for an unknown name, with the nearest known one
 */
export function createTask(name: string, options: { seed?: number | undefined } = {}): Task {
  requireText('the task', name, `one of ${taskNames.join(', ')}`);
  const known = Object.hasOwn(spellings, name) ? spellings[name]! : name;
  if (!Object.hasOwn(makers, known)) throw unknownWord('task', name, taskNames);
  return makers[known as TaskName](options);
}
