// Folders and files that appear whole or not at all.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder, writeFileAtomic } from './files.ts';

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
