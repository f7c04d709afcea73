// The child process of heavy commands: who gets one, exit codes, signals to one or both, and no orphan.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { distModule } from '../core/places.ts';
import { wantsRerun } from './allocator.ts';

const main = fileURLToPath(distModule('cli/main'));
const root = mkdtempSync(join(tmpdir(), 'bitwright-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const onLinux = test.skipIf(process.platform !== 'linux');
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^MALLOC_|^BITWRIGHT_ALLOCATOR/.test(name)),
) as NodeJS.ProcessEnv;

test('heavy commands on Linux run in a child, unless the user has a say', () => {
  const wants = (words: string, e: NodeJS.ProcessEnv = {}, platform = 'linux', flags: string[] = []) =>
    wantsRerun(words.split(' '), e, platform, flags);
  for (const word of ['demo', 'quantize m.onnx', 'evaluate m.onnx', '--json sensitivity m.onnx'])
    expect(wants(word)).toBe(true);
  for (const word of ['inspect m.onnx', 'format int4', '--version', 'quantize --help', 'demo -h', ''])
    expect(wants(word)).toBe(false);
  expect(wants('demo', {}, 'darwin')).toBe(false);
  expect(wants('demo', { MALLOC_ARENA_MAX: '1' })).toBe(false);
  expect(wants('demo', { BITWRIGHT_ALLOCATOR: 'system' })).toBe(false);
  expect(wants('demo', { BITWRIGHT_ALLOCATOR_PARENT: '1' })).toBe(false);
  expect(wants('demo', {}, 'linux', ['--inspect=0'])).toBe(false);
  expect(wants('demo', {}, 'linux', ['--max-old-space-size=4000'])).toBe(true);
});

test('exit codes and error lines are those of the command', () => {
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', env, cwd: root });
  const missing = run('quantize', 'nothing.onnx');
  expect(missing.status).toBe(3);
  expect(missing.stderr.trim().split('\n').length).toBe(1);
  expect(missing.stdout).toBe('');
  expect(run('evaluate', '--no-such-option').status).toBe(2);
});

/** A run of the clothing network that has left its first record, the process started and the one that works. */
async function underWay(name: string, options: { detached?: boolean } = {}) {
  const folder = join(root, name);
  const words = [
    'quantize',
    '--task',
    'fashion',
    '--weights',
    'int4@v16:u4',
    '--threads',
    '1',
    '--out',
    folder,
  ];
  const parent = spawn(process.execPath, [main, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, BITWRIGHT_CHECKPOINT_SECONDS: '0' },
    detached: options.detached === true,
  });
  let stderr = '';
  parent.stderr!.on('data', chunk => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>(resolve => {
    parent.on('exit', (code, signal) => resolve({ code, signal, stderr }));
  });
  const records = join(folder, '.bitwright');
  for (let i = 0; i < 8000 && parent.exitCode === null; i++) {
    if (existsSync(records) && readdirSync(records).length > 0) break;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
  const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim().split(' ');
  expect(children.length).toBe(1);
  return { parent, child: Number(children[0]), ended, records };
}

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 600; i++) {
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : 'Z';
    if (/^Z|\) Z /.test(state)) return true;
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  return false;
}

const stop = (parent: ChildProcess, signal: NodeJS.Signals, group: boolean): void => {
  process.kill(group ? -parent.pid! : parent.pid!, signal);
};

onLinux.each([
  ['SIGTERM', false],
  ['SIGHUP', false],
  ['SIGINT', true],
] as const)(
  '%s (to the group: %s) stops the work once and keeps its record',
  async (signal, group) => {
    const { parent, child, ended, records } = await underWay(signal, { detached: group });
    stop(parent, signal, group);
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('stopped'); // the second request would have ended it without a word
    expect(await gone(child)).toBe(true);
    expect(readdirSync(records).length).toBe(1);
  },
  60_000,
);

onLinux(
  'a killed parent leaves no child, a killed child ends the parent the same way',
  async () => {
    const first = await underWay('orphan');
    first.parent.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    expect(await gone(first.child)).toBe(true);
    const second = await underWay('victim');
    process.kill(second.child, 'SIGKILL');
    expect((await second.ended).signal).toBe('SIGKILL');
  },
  60_000,
);
