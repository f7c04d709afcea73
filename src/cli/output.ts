// What happens when the terminal, pipe or file behind stdout and stderr takes no more.
// A closed pipe (`| head -1`) is no error: the rest is dropped, and the command ends as it would. Anything else is told once.

import { BitwrightError, InputError } from '../core/errors.ts';

/** Watches stdout and stderr; call once, before anything is written. */
export function guardOutput(): void {
  let told = false;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (told || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    told = true;
    const { message } = new InputError(`cannot write (${error.code ?? error.message})`, { file: 'stdout' });
    process.stderr.write(`bitwright: ${message}\n`);
    process.on('exit', () => {
      process.exitCode = 3;
    });
  });
}

/** A failed call of the system on a path as an error of ours; undefined for all else. */
export function systemError(error: unknown): BitwrightError | undefined {
  if (!(error instanceof Error) || error instanceof BitwrightError) return undefined;
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  if (code === undefined || syscall === undefined) return undefined;
  if (path === undefined && code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EFBIG' && code !== 'EIO')
    return undefined;
  const reading = ['read', 'scandir', 'stat', 'lstat', 'readlink'].includes(syscall);
  return new InputError(`cannot ${reading ? 'read' : syscall} (${code})`, { file: dest ?? path });
}
