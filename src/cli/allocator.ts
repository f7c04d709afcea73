// Runs a command again in a child process whose C allocator gives freed blocks back to the system, since the variables that
// ask for it are read when a process starts: without them memory creeps up with the number of calibration samples.
// Refuses to (returns undefined) where nothing is gained or the user has a say: other systems than Linux, MALLOC_* set,
// BITWRIGHT_ALLOCATOR=system, a debugger attached. The child has the terminal, the arguments and the exit code of the parent.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Commands that run a network over many samples. */
const heavy = new Set(['demo', 'quantize', 'evaluate', 'sensitivity']);

/** What the allocator is told: blocks of 128 KiB and more are mapped each on its own, and the top of the heap is given back. */
export const allocatorVariables: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** Names the parent, so that the child knows it has one: set for the child only. */
const marker = 'BITWRIGHT_ALLOCATOR_PARENT';

/** True where `rerun` starts a child. */
export function wantsRerun(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
  execArgv: readonly string[] = process.execArgv,
): boolean {
  const word = argv.find(w => !w.startsWith('-'));
  if (platform !== 'linux' || word === undefined || !heavy.has(word)) return false;
  if (argv.some(w => w === '--help' || w === '-h' || w === '--version')) return false;
  if (env['BITWRIGHT_ALLOCATOR'] === 'system' || env[marker] !== undefined) return false;
  if (Object.keys(env).some(name => name.startsWith('MALLOC_'))) return false;
  return !execArgv.some(w => w.startsWith('--inspect'));
}

/**
 * Runs this process's command line in a child and waits for its end. SIGINT, SIGTERM and SIGHUP are told to the child over a
 * channel, not sent: a key at the terminal reaches the child by itself, and must not count twice.
 * @returns the exit code, or undefined where the command is to run here; a child that a signal ended ends this process with it
 */
export async function rerun(argv: readonly string[]): Promise<number | undefined> {
  if (!wantsRerun(argv)) return undefined;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...allocatorVariables, [marker]: String(process.pid) },
  });
  const forward = (signal: NodeJS.Signals): void => {
    if (child.connected) child.send(signal, () => {});
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  const end = await new Promise<{ code: number | null; signal: NodeJS.Signals | null } | undefined>(
    resolve => {
      child.on('error', () => resolve(undefined)); // no child could be started: run here
      child.on('exit', (code, signal) => resolve({ code, signal }));
    },
  );
  for (const signal of signals) process.off(signal, forward);
  if (end === undefined) return undefined;
  if (end.signal === null) return end.code!;
  process.kill(process.pid, end.signal);
  // a signal this process does not die of
  await new Promise(resolve => setTimeout(resolve, 200));
  return 128 + constants.signals[end.signal];
}

/**
 * Calls back for every request to stop: signals of the system, and in a child those its parent tells it. `again` is true from
 * the second request of one kind on. A parent that is gone counts as the first request, and ten seconds later as the second.
 */
export function onStop(callback: (again: boolean) => void): void {
  let own = 0;
  let told = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => callback(++own > 1));
  if (process.env[marker] === undefined) return;
  delete process.env[marker];
  for (const name of Object.keys(allocatorVariables)) delete process.env[name]; // of no use to programs started from here
  process.on('message', () => callback(++told > 1));
  process.on('disconnect', () => {
    callback(false);
    setTimeout(() => callback(true), 10_000).unref();
  });
  process.channel?.unref();
}
