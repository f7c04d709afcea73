// A run that is stopped or killed goes on from its checkpoint and gives the same bytes.

import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { distModule } from '../core/places.ts';
import { serializeModel } from '../model/index.ts';
import { smallBatches, smallNetwork } from './network.fixture.ts';
import { quantize } from './quantize.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-checkpoint-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const options = { weights: 'int4@v8:u4', activations: 'int4@v8:u4' };
const files = (): string[] => (existsSync(join(root, 'c')) ? readdirSync(join(root, 'c')) : []);

/** Quantizes, stopped after so many layers; the bytes of the result, and how much of it was resumed. */
async function run(stopAfter = Number.POSITIVE_INFINITY, batches = smallBatches(4), more = {}) {
  const stop = new AbortController();
  const { model, statistics } = await quantize(smallNetwork(), { ...options, ...more }, batches, {
    signal: stop.signal,
    checkpoint: { folder: join(root, 'c'), seconds: 0 },
    progress: () => ({
      update: done => void (done >= stopAfter && stop.abort()),
      end() {},
    }),
  });
  return { bytes: Buffer.from(serializeModel(model.graph)), resumed: statistics.resumed };
}

test('a stopped run leaves one file, the next goes on with it, gives the same bytes and removes it', async () => {
  const whole = await run();
  expect(whole.resumed).toBe(0);
  expect(files()).toEqual([]);
  for (const after of [1, 2, 3]) {
    await expect(run(after)).rejects.toThrow('stopped');
    expect(files().length).toBe(1);
    const again = await run();
    expect(again.resumed).toBeGreaterThanOrEqual(after);
    expect(again.bytes.equals(whole.bytes)).toBe(true);
    expect(existsSync(join(root, 'c'))).toBe(false);
  }
});

test('other data or options do not take the checkpoint; a damaged end is worked out again', async () => {
  const whole = await run();
  await expect(run(3)).rejects.toThrow('stopped');
  const [name] = files();
  const path = join(root, 'c', name!);
  expect((await run(9, smallBatches(4, 4, 8))).resumed).toBe(0);
  expect((await run(9, smallBatches(4), { damping: 0.2 })).resumed).toBe(0);
  expect(files()).toEqual([name]);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length - 3));
  const cut = await run();
  expect(cut.resumed).toBeGreaterThan(0);
  expect(cut.bytes.equals(whole.bytes)).toBe(true);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(join(root, name!), bytes);
  await expect(run(2)).rejects.toThrow('stopped');
  appendFileSync(path, Buffer.from([9, 9, 9]));
  expect((await run()).bytes.equals(whole.bytes)).toBe(true);
});

test('a killed command resumes and writes the same file', async () => {
  const main = fileURLToPath(distModule('cli/main'));
  const words = ['quantize', '--task', 'fashion', '--weights', 'int4@v16:u4', '--threads', '1', '--json'];
  const env = { ...process.env, BITWRIGHT_CHECKPOINT_SECONDS: '0', BITWRIGHT_ALLOCATOR: 'system' };
  const out = (name: string): string[] => ['--out', join(root, name)];
  const plain = spawnSync(process.execPath, [main, ...words, ...out('plain')], { encoding: 'utf8', env });
  expect(plain.status).toBe(0);
  const child = spawn(process.execPath, [main, ...words, ...out('killed')], { stdio: 'ignore', env });
  const folder = join(root, 'killed', '.bitwright');
  const ended = new Promise<NodeJS.Signals | null>(resolve =>
    child.on('exit', (_, signal) => resolve(signal)),
  );
  const sizes = new Set<number>();
  for (let i = 0; i < 4000 && child.exitCode === null; i++) {
    // a file that has grown since it was first seen holds a layer at least
    const [name] = existsSync(folder) ? readdirSync(folder) : [];
    if (name !== undefined) sizes.add(statSync(join(folder, name)).size);
    if (sizes.size > 1) break;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  expect(readdirSync(folder).length).toBe(1);
  const again = spawnSync(process.execPath, [main, ...words, ...out('killed')], { encoding: 'utf8', env });
  expect(JSON.parse(again.stdout).resumed).toBeGreaterThan(0);
  expect(existsSync(folder)).toBe(false);
  const model = (name: string): Buffer => {
    const found = readdirSync(join(root, name)).find(n => n.endsWith('.onnx'));
    return readFileSync(join(root, name, found!));
  };
  expect(model('killed').equals(model('plain'))).toBe(true);
}, 60_000);
