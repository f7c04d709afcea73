import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { distRoot } from '../core/places.ts';
import { systemError } from './output.ts';

const main = fileURLToPath(new URL('cli/main.js', distRoot));
const root = mkdtempSync(join(tmpdir(), 'cli-output-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(args: string[], stdout: 'closed' | number): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: root,
    stdio: ['ignore', stdout === 'closed' ? 'pipe' : stdout, 'pipe'],
  });
  if (stdout === 'closed') child.stdout!.destroy();
  let stderr = '';
  child.stderr!.on('data', (x: Buffer) => void (stderr += x.toString()));
  return new Promise(resolve => child.on('close', code => resolve({ code, stderr })));
}

test('a reader that has gone is no error', async () => {
  expect(await run(['format', 'int4@v16:u4', '--json'], 'closed')).toEqual({ code: 0, stderr: '' });
  expect(await run(['--help'], 'closed')).toEqual({ code: 0, stderr: '' });
});

test.skipIf(!existsSync('/dev/full'))('a full disk behind stdout is one line and exit code 3', async () => {
  const full = openSync('/dev/full', 'w');
  const stderr = 'bitwright: stdout: cannot write (ENOSPC)\n';
  expect(await run(['format', 'int4@v16:u4'], full)).toEqual({ code: 3, stderr });
  expect(await run(['format', 'int4@v16:u4', '--json'], full)).toEqual({ code: 3, stderr });
});

test('--out that cannot be a folder is refused before any work', async () => {
  writeFileSync(join(root, 'file'), '');
  for (const out of ['file', 'file/below']) {
    const { code, stderr } = await run(['demo', '--out', out], 'closed');
    expect([code, stderr.split('\n').length, stderr.includes(`${out}: `)]).toEqual([3, 2, true]);
    expect(stderr).toContain('expected a folder for results');
  }
  expect(readdirSync(root)).toEqual(['file']);
});

test('calls of the system on a path are bad input, programming errors are not', () => {
  const thrown = Object.assign(new Error('EISDIR'), { code: 'EISDIR', syscall: 'open', path: 'x' });
  expect(systemError(thrown)).toMatchObject({ message: 'x: cannot open (EISDIR)', exitCode: 3 });
  expect(systemError(new TypeError('x is not a function'))).toBe(undefined);
  expect(systemError(Object.assign(new Error('no'), { code: 'ERR_ASSERTION' }))).toBe(undefined);
});

/** Ends a command after a while. @returns exit code, signal, and whether it went within a second */
async function interrupt(args: string[], after: number): Promise<[number | null, string | null, boolean]> {
  const child = spawn(process.execPath, [main, ...args], { cwd: root, stdio: 'ignore' });
  const ended = new Promise<[number | null, string | null]>(resolve =>
    child.on('exit', (code, signal) => resolve([code, signal])),
  );
  await new Promise(resolve => setTimeout(resolve, after));
  const begin = performance.now();
  child.kill('SIGINT');
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
  const [code, signal] = await ended;
  clearTimeout(killer);
  return [code, signal, performance.now() - begin < 1000];
}

test('an interrupt ends a command that works in one piece', async () => {
  const large = ['netlist', 'generate', 'multiplier', '--width', '4096', '-o', 'large.aig'];
  expect(await interrupt(large, 1200)).toEqual([null, 'SIGINT', true]);
  expect(existsSync(join(root, 'large.aig'))).toBe(false);
});

test('an interrupt ends the reasoning about a large multiplier at once', async () => {
  const made = await run(['netlist', 'generate', 'multiplier', '--width', '512', '-o', 'm512.aig'], 'closed');
  expect(made.code).toBe(0);
  expect(await interrupt(['reason', 'find', 'm512.aig'], 800)).toEqual([null, 'SIGINT', true]);
  expect(await interrupt(['reason', 'check', 'm512.aig'], 700)).toEqual([null, 'SIGINT', true]);
}, 30_000);

test('bad input of a file names it, whoever finds it bad', async () => {
  const latch = join(root, 'latch.aag');
  writeFileSync(latch, 'aag 2 1 1 1 0\n2\n4 2\n4\n');
  const check = await run(['reason', 'check', latch], 'closed');
  expect(check).toEqual({
    code: 3,
    stderr: `bitwright: ${latch}: the netlist has 1 latches; expected a combinational multiplier\n`,
  });
  const gates = join(root, 'gates.v');
  writeFileSync(gates, 'module m(input a, input b, output y); assign y = a & b; endmodule\n');
  expect(await run(['reason', 'predict', gates], 'closed')).toEqual({ code: 0, stderr: '' });
  const verify = await run(['verify', gates], 'closed');
  expect([verify.code, verify.stderr.startsWith(`bitwright: ${gates}: no valid/ready channel`)]).toEqual([
    3,
    true,
  ]);
});
