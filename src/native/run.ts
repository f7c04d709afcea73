// Runs a native program with a time limit and collects what it prints. Refuses to throw: a program that is not there or
// does not end is a code below zero.

import { spawn } from 'node:child_process';

export interface NativeRun {
  /** Exit code; -1 when the program could not be started or was stopped. */
  code: number;
  /** Standard output and error as they came, at most `outputLimit` characters or little more. */
  output: string;
  /** The time limit ended it. */
  timedOut: boolean;
  /** There is no such program. */
  missing: boolean;
}

export interface NativeRunOptions {
  cwd?: string | undefined;
  /** Where programs are looked for, as PATH. Default: that of the process. */
  path?: string | undefined;
  /** Default 300. */
  timeoutSeconds?: number | undefined;
  /** Characters of output kept; default 1 MiB. */
  outputLimit?: number | undefined;
  /** Takes standard output, whole and as bytes, in place of `output`. */
  takeStdout?: ((data: Uint8Array) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export function runNative(
  program: string,
  args: readonly string[],
  options: NativeRunOptions = {},
): Promise<NativeRun> {
  const { cwd, path, timeoutSeconds = 300, outputLimit = 1 << 20, takeStdout, signal } = options;
  const env = path === undefined ? process.env : { ...process.env, PATH: path };
  return new Promise(done => {
    // a group of its own: make and the compilers it starts end with it
    const child = spawn(program, [...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it has ended already
      }
    };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, 1000 * timeoutSeconds);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    let output = '';
    const take = (data: unknown): void => {
      if (output.length < outputLimit) output += String(data);
    };
    const end = (code: number, missing: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      done({ code, output, timedOut, missing });
    };
    child.stdout.on('data', takeStdout ?? take);
    child.stderr.on('data', take);
    child.on('error', error => end(-1, (error as NodeJS.ErrnoException).code === 'ENOENT'));
    child.on('close', code => end(code ?? -1, false));
  });
}

/** What a program says to `flag`, or undefined when it is not installed. */
export async function nativeVersion(
  program: string,
  flag: string,
  options: NativeRunOptions = {},
): Promise<string | undefined> {
  const probe = await runNative(program, [flag], { timeoutSeconds: 20, ...options });
  return probe.code === 0 ? (/\d+\.\d+/.exec(probe.output)?.[0] ?? '') : undefined;
}
