// The programs of docs/library.md run and print what the page says.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs', 'library.md'), 'utf8');
const programs = [...page.matchAll(/## ([^\n:]+):[^#]*?```js\n(.*?)```\s*```text\n(.*?)```/gs)];

describe('docs/library.md', () => {
  // inside the package, so that it resolves its own name
  mkdirSync(join(root, 'bitwright-out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'bitwright-out', 'library-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('every program has its output beside it', () => {
    expect(programs.length).toBe(page.split('```js').length - 1);
  });

  test.each(programs.map(([, title, code, output]) => ({ title, code, output })))('$title', ({
    title,
    code,
    output,
  }) => {
    const file = join(folder, `${title!.toLowerCase().replaceAll(' ', '-')}.mjs`);
    writeFileSync(file, code!.replaceAll("'bitwright-out/", `'${folder}/`));
    const printed = execFileSync(process.execPath, [file], { cwd: root, encoding: 'utf8' });
    expect(printed.trimEnd()).toBe(output!.trimEnd());
  });
});
