// Folders and files that appear whole or not at all.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AtomicFile, makeFolder, writeFileAtomic } from './files.ts';
import { distRoot } from './places.ts';

const root = mkdtempSync(join(tmpdir(), 'bitwright-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('folders are made with those above them, a second time too', () => {
  const folder = join(root, 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  expect(readdirSync(join(root, 'a', 'b'))).toEqual(['c']);
});

test('a file in the way, and a place that takes no folders, end at once with one line', () => {
  writeFileSync(join(root, 'file'), 'x');
  expect(() => writeFileAtomic(join(root, 'file', 'out.txt'), 'y')).toThrow(/out\.txt: cannot write \(E/);
  if (existsSync('/proc/self'))
    expect(() => writeFileAtomic('/proc/none/out.txt', 'y')).toThrow(/cannot write \(E/);
});

test('a file is there whole or not at all', () => {
  const path = join(root, 'deep', 'out.txt');
  writeFileAtomic(path, 'whole');
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect(readdirSync(join(root, 'deep'))).toEqual(['out.txt']);
});

/** Runs a program with the built `AtomicFile`; it may end as it likes. */
function run(body: string): SpawnSyncReturns<string> {
  const files = JSON.stringify(new URL('core/files.js', distRoot).href);
  const script = `const { AtomicFile } = await import(${files}); ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

test('a process that exits while it writes leaves nothing', () => {
  const folder = join(root, 'exits');
  const path = JSON.stringify(join(folder, 'out.txt'));
  const { status, stderr } = run(`new AtomicFile(${path}).write('half'); process.exit(7);`);
  expect([status, stderr, readdirSync(folder)]).toEqual([7, '', []]);
  expect(run(`new AtomicFile(${path}).write('half'); throw new Error('no');`).status).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test('what a killed process left goes with the next write of the name, and nothing else does', () => {
  const folder = join(root, 'killed');
  const path = join(folder, 'out.txt');
  const { signal } = run(
    `new AtomicFile(${JSON.stringify(path)}).write('half'); process.kill(process.pid, 'SIGKILL'); for (;;);`,
  );
  expect(signal).toBe('SIGKILL');
  const [left] = readdirSync(folder);
  expect(left).toMatch(/^out\.txt\.[0-9a-f]{6}-\d+-0-0\.tmp$/);
  const dead = /-(\d+)-0-0/.exec(left!)![1]!;
  const kept = [
    left!.replace(`-${dead}-`, `-${process.ppid}-`), // a process that lives
    left!.replace(/\.[0-9a-f]{6}-/, '.zzzzzz-'), // another machine
    left!.replace('out.txt', 'other.txt'),
    `out.txt.${dead}-0.tmp`,
  ];
  for (const name of kept) writeFileSync(join(folder, name), '');
  writeFileAtomic(path, 'whole');
  expect(readdirSync(folder).sort()).toEqual([...kept, 'out.txt'].sort());
});

test('what an earlier process with this number left is told by its age', () => {
  const folder = join(root, 'again');
  const path = join(folder, 'out.txt');
  writeFileAtomic(join(folder, 'first.txt'), '');
  const file = new AtomicFile(join(folder, 'seen.txt'));
  const [name] = readdirSync(folder).filter(x => x.endsWith('.tmp'));
  file.abandon();
  const old = join(folder, name!.replace('seen', 'out').replace(/-\d+\.tmp$/, '-77.tmp'));
  const young = old.replace('-77.', '-78.');
  for (const left of [old, young]) writeFileSync(left, '');
  utimesSync(old, 1, 1);
  writeFileAtomic(path, 'whole');
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
});
