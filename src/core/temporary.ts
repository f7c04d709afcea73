// Names under which files and folders grow beside their final name: `NAME.HOST-PID-THREAD-N.ENDING`. Whatever is still there when the
// process exits is removed; what a process that was killed left is removed by the next one that claims a name for the same file.
// Refuses to touch what another machine, or a process that lives, may be writing.

import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
const open = new Set<string>();
/** Final names whose leftovers were looked for: this process leaves none. */
const looked = new Set<string>();
let counter = 0;
let watching = false;

/** A new name beside `path`, which need not exist yet; nothing is made. Goes with `releaseTemporary`. */
export function claimTemporary(path: string, ending: 'tmp' | 'unchecked'): string {
  if (!watching) {
    watching = true;
    process.once('exit', () => {
      for (const name of open) remove(name);
    });
  }
  const key = `${resolve(path)}.${ending}`;
  if (!looked.has(key)) {
    looked.add(key);
    removeStale(path, ending);
  }
  const name = `${path}.${host}-${process.pid}-${threadId}-${counter++}.${ending}`;
  open.add(resolve(name));
  return name;
}

/** Removes what has this name, if anything. */
export function releaseTemporary(name: string): void {
  open.delete(resolve(name));
  remove(name);
}

function removeStale(path: string, ending: string): void {
  const folder = dirname(resolve(path));
  const head = `${basename(path)}.${host}-`;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // no folder, nothing left in it
  }
  for (const name of names) {
    if (!name.startsWith(head) || !name.endsWith(`.${ending}`)) continue;
    const [, pid] = /^(\d+)-\d+-\d+$/.exec(name.slice(head.length, -ending.length - 1)) ?? [];
    const full = join(folder, name);
    if (pid !== undefined && isStale(full, Number(pid))) remove(full);
  }
}

function isStale(name: string, pid: number): boolean {
  if (pid !== process.pid) return !lives(pid);
  // left by a process that had our number before us
  const { mtimeMs } = statSync(name, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
  return mtimeMs < Date.now() - 1000 * process.uptime() - 1000;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Tidying fails in silence: the work itself is done, or its own error is told. */
function remove(name: string): void {
  try {
    rmSync(name, { recursive: true, force: true });
  } catch {}
}
