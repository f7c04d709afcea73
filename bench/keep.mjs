// Where benches keep their figures: bench/results/NAME.json, with the machine they were measured on. A file changes as a
// whole or not at all, and what another run has kept in it meanwhile stays. Measures nothing.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../dist/core/files.js';

const fileOf = name => fileURLToPath(new URL(`results/${name}.json`, import.meta.url));

/** Figures kept so far; an empty object when there are none. */
export function kept(name) {
  try {
    return JSON.parse(readFileSync(fileOf(name), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Keeps figures in place of all that was kept before. */
export function keep(name, figures, indent = 2) {
  writeFileAtomic(fileOf(name), `${JSON.stringify(figures, undefined, indent)}\n`);
}

/**
 * Changes some keys of what is kept and leaves the others: `change` is told what is kept now and returns the keys to set.
 * Two benches that run at the same time wait for each other.
 */
export function keepPart(name, change) {
  const lock = `${fileOf(name)}.lock`;
  takeLock(lock);
  try {
    const before = kept(name);
    keep(name, { ...before, ...change(before) });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A lock is held for the time of one write: one that is ten seconds old was left behind. */
function takeLock(lock) {
  mkdirSync(new URL('results/', import.meta.url), { recursive: true });
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (tries === 100) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** Processor, number of its cores, version of Node. */
export const machine = () => ({ cpu: cpus()[0]?.model, cores: cpus().length, node: process.version });

/** The same in one line. @param more versions of what else decides, e.g. `onnxruntime-node 1.30.0` */
export const machineLine = (...more) =>
  [`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`, ...more].join(', ');

/** Day of the measurement. */
export const today = () => new Date().toISOString().slice(0, 10);

/** Version of an installed package, or of this one. */
export function versionOf(name) {
  const path = name === undefined ? '../package.json' : `../node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
}
