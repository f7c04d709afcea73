// Runs Yosys scripts: the WASM build in worker threads with a real timeout, or an installed `yosys` when asked for.
// Refuses to wait for a stuck pass: at the time limit or on abort the worker is terminated, not asked.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AbortedError, BitwrightError, InputError } from '../core/errors.ts';
import { distModule } from '../core/places.ts';
import { inScratch } from '../core/scratch.ts';
import { runNative } from '../native/run.ts';
import type { YosysReply, YosysRequest } from './yosys-worker.ts';

export interface YosysRun {
  /** Commands as for `yosys -p`, separated by ';' or newlines. */
  script: string;
  /** Files the script sees, by path relative to its working folder. */
  files: Record<string, string | Uint8Array>;
  /** Wall-clock limit. Default 120 s. */
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Use the `yosys` on PATH instead of the WASM build. Default false. */
  native?: boolean | undefined;
  /**
   * Name under which standard output comes back as a file. The memory file system of the WASM build copies a whole file
   * at every 4 KiB written, so big results (`write_json` without a file name) are ten times faster this way. Not with
   * `verbose`.
   */
  captured?: string | undefined;
  /** Keep the full log (default: warnings and errors only, `-q`). */
  verbose?: boolean | undefined;
}

export interface YosysResult {
  /** Files the script wrote, by path. */
  files: Map<string, Uint8Array>;
  log: string;
  seconds: number;
}

/** The time limit ended a run: more work than the caller allows, no fault inside. */
export class SynthesisTimeout extends BitwrightError {
  override readonly exitCode = 3;
}

/** Workers that finished a script and hold a compiled Yosys: the next script starts 0.4 s sooner. */
const idle: Worker[] = [];
const idleLimit = 2;

/** Ends the idle workers. They do not keep the process alive; a library user may want the memory back. */
export async function closeYosys(): Promise<void> {
  await Promise.all(idle.splice(0).map(worker => worker.terminate()));
}

/**
 * Runs a script.
 * @throws InputError with file and line for what Yosys refuses; SynthesisTimeout; AbortedError
 */
export async function runYosys(run: YosysRun): Promise<YosysResult> {
  const { script, files, timeoutSeconds = 120, signal, native = false, captured } = run;
  const verbose = run.verbose === true && captured === undefined;
  const start = performance.now();
  if (signal?.aborted === true) throw new AbortedError('synthesis stopped');
  const args = [...(verbose ? [] : ['-q']), '-p', script];
  const reply = native
    ? await runInstalled(args, files, captured, timeoutSeconds, signal)
    : await runWorker({ args, files, captured }, timeoutSeconds, signal);
  if (reply.code !== 0) throw yosysError(reply.log, reply.code);
  return {
    files: new Map(Object.entries(reply.files)),
    log: reply.log,
    seconds: (performance.now() - start) / 1000,
  };
}

function runWorker(
  request: YosysRequest,
  timeoutSeconds: number,
  signal: AbortSignal | undefined,
): Promise<YosysReply> {
  const worker = idle.pop() ?? startWorker();
  worker.ref();
  return new Promise((resolve, reject) => {
    const stop = (error: Error | undefined, reply?: YosysReply): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      worker.off('message', take);
      worker.off('error', fail);
      // a worker that trapped has a memory in an unknown state
      if (reply !== undefined && reply.code !== -1 && idle.length < idleLimit) {
        worker.unref();
        idle.push(worker);
      } else void worker.terminate();
      if (error !== undefined) reject(error);
      else resolve(reply!);
    };
    const abort = (): void => stop(new AbortedError('synthesis stopped'));
    const timer = setTimeout(() => stop(timeoutError(timeoutSeconds)), timeoutSeconds * 1000);
    signal?.addEventListener('abort', abort);
    const take = (reply: YosysReply): void => stop(undefined, reply);
    const fail = (error: Error): void =>
      stop(new BitwrightError(`Yosys worker failed: ${error.message}`, {}, { cause: error }));
    worker.on('message', take);
    worker.on('error', fail);
    worker.postMessage(request);
  });
}

function startWorker(): Worker {
  const worker = new Worker(distModule('synthesis/yosys-worker'));
  // an idle worker that dies must not take the process with it
  worker.on('error', () => {
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  });
  return worker;
}

function timeoutError(seconds: number): SynthesisTimeout {
  return new SynthesisTimeout(`Yosys did not finish within ${seconds} s`);
}

/** @throws InputError when there is no `yosys`; SynthesisTimeout; AbortedError */
function runInstalled(
  args: string[],
  files: Record<string, string | Uint8Array>,
  captured: string | undefined,
  timeoutSeconds: number,
  signal: AbortSignal | undefined,
): Promise<YosysReply> {
  return inScratch('yosys', async folder => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const chunks: Uint8Array[] = [];
    const { output, code, missing, timedOut } = await runNative('yosys', args, {
      ...{ cwd: folder, timeoutSeconds, signal, outputLimit: Number.POSITIVE_INFINITY },
      takeStdout: captured === undefined ? undefined : data => chunks.push(data),
    });
    if (missing) throw new InputError('cannot run yosys', { expected: 'yosys on PATH' });
    if (signal?.aborted === true) throw new AbortedError('synthesis stopped');
    if (timedOut) throw timeoutError(timeoutSeconds);
    const written: Record<string, Uint8Array> = {};
    if (captured !== undefined && code === 0) written[captured] = Buffer.concat(chunks);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
      if (!(path in files)) written[path] = readFileSync(join(folder, path));
    }
    return { files: written, log: output, code };
  });
}

/** The first ERROR of a log as one line with file and line. */
function yosysError(log: string, code: number): BitwrightError {
  const match = /^(?:(\S[^\n]*?):(\d+)(?:\.\d+(?:-\d+(?:\.\d+)?)?)?: )?ERROR: ([^\n]*)/m.exec(log);
  if (match === null) {
    const tail = log.trim().split('\n').slice(-1)[0] ?? '';
    return new BitwrightError(`Yosys ended with code ${code}${tail === '' ? '' : `: ${tail.slice(0, 300)}`}`);
  }
  let problem = match[3]!.trim();
  let file = match[1];
  let line = match[2];
  // some errors carry the place inside the sentence: "... at src/m.sv:3.1-3.9"
  if (file === undefined) {
    const inside = /([\w./-]+\.\w+):(\d+)(?:\.\d+-\d+\.\d+)?/.exec(problem);
    if (inside !== null) [, file, line] = inside;
  }
  problem = problem.replace(/\\(?=\w)/g, '').replace(/\.$/, '');
  // line 0: what Yosys made itself
  return new InputError(problem, { file, line: Number(line ?? 0) || undefined });
}
