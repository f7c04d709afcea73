// The commands of this room as a user runs them, on a small network and a folder of arrays.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distRoot } from '../core/places.ts';
import { quantizable, serializeModel } from '../model/index.ts';
import { smallBatches, smallNetwork } from './network.fixture.ts';

const main = fileURLToPath(new URL('cli/main.js', distRoot));
const root = mkdtempSync(join(tmpdir(), 'quantize-commands-'));
const model = join(root, 'small.onnx');
const data = join(root, 'data');

function npy(dims: readonly number[], values: Float32Array): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const header = `${text.padEnd(117)}\n`;
  const head = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  return Buffer.concat([head, Buffer.from(header, 'latin1'), Buffer.from(values.buffer)]);
}

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(args: string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  // checkpoints as they come, so that a test can wait for one
  const env = { ...process.env, TMPDIR: join(root, 'tmp'), BITWRIGHT_CHECKPOINT_SECONDS: '0' };
  const child = spawn(process.execPath, [main, ...args], { cwd: root, env });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (x: Buffer) => void (stdout += x.toString()));
  child.stderr!.on('data', (x: Buffer) => void (stderr += x.toString()));
  const outcome = new Promise<Outcome>(resolve =>
    child.on('close', code => resolve({ code, stdout, stderr })),
  );
  return { child, outcome };
}

const run = (...args: string[]): Promise<Outcome> => start(args).outcome;

interface Result {
  rows: { effectiveBits: number; value: number }[];
  agreement: { top1: number; sqnr: number | null };
  layers: { node: string; weights: string; method: string; format: string; sqnr: number }[];
  tried: { budget: number; drop: number }[];
}

async function result(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await run(...args, '--json', '--threads', '1');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Result;
}

beforeAll(() => {
  mkdirSync(data);
  mkdirSync(join(root, 'tmp'));
  writeFileSync(model, serializeModel(smallNetwork()));
  smallBatches(6).forEach(({ x }, i) => {
    writeFileSync(join(data, `${i}.npy`), npy(x!.dims, x!.data as Float32Array));
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('quantize without labels: agreement, effective bits, the result file', async () => {
  const out = join(root, 'out');
  const r = await result('quantize', model, '--data', data, '--scheme', '4/8/4/8', '--out', out);
  expect(r.rows[0]!.effectiveBits).toBeGreaterThan(4);
  expect(r.agreement.top1).toBeGreaterThan(70);
  expect(r.agreement.sqnr!).toBeGreaterThan(10);
  expect(existsSync(join(out, 'quantize.json'))).toBe(true);
  expect(readFileSync(join(out, 'quantize.junit.xml'), 'utf8')).toContain('every layer is quantized');
  expect(readdirSync(out).filter(n => n.endsWith('.tmp'))).toEqual([]);
});

test('rules by class and name, the last match wins, keep is stronger', async () => {
  const rules = ['--first', 'int8@channel', '--depthwise', 'int6@channel', '--last', 'int5@v8:u4'];
  const named = ['--layer', 'p*=int8@v16:u4', '--layer', 'point=int3@v16:u4', '--keep', 'dense*'];
  const r = await result('quantize', model, '--data', data, ...rules, ...named);
  const formats = Object.fromEntries(r.layers.map(l => [l.node, l.weights]));
  expect(formats).toEqual({
    ...{ stem: 'int8@channel', depth: 'int6@channel', point: 'int3@v16:u4', dense: 'fp32' },
  });
});

test('--budget stays within its bits, --max-drop within its points on held-out batches', async () => {
  const budget = await result('quantize', model, '--data', data, '--budget', '7');
  expect(budget.rows[0]!.effectiveBits).toBeLessThanOrEqual(7);
  expect(budget.rows[0]!.effectiveBits).toBeGreaterThan(5.5);
  expect(new Set(budget.layers.map(l => l.weights)).size).toBeGreaterThan(1);
  const drop = await result('quantize', model, '--data', data, '--max-drop', '10');
  expect(drop.tried.at(-1)!.drop).toBeLessThanOrEqual(10);
  for (const t of drop.tried.slice(0, -1)) expect(t.drop).toBeGreaterThan(10);
  const { code, stderr } = await run('quantize', model, '--data', data, '--budget', '2');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^bitwright: budget of 2 bits.*at least [\d.]+.*\n$/);
});

test('evaluate against a reference; sensitivity ranks the worst layer first', async () => {
  const same = await result('evaluate', model, '--reference', model, '--data', data);
  expect(same.agreement.top1).toBe(100);
  const ranked = await result(
    'sensitivity',
    model,
    '--data',
    data,
    '--weights',
    'int3@channel',
    'int8@channel',
  );
  expect(ranked.layers.length).toBe(8);
  const noise = ranked.layers.map(l => l.sqnr);
  expect(noise).toEqual([...noise].sort((a, b) => a - b));
  expect(ranked.layers[0]!.format).toBe('int3@channel');
});

test('bad input: one line that names it, exit code 2 or 3, nothing written', async () => {
  const out = join(root, 'never');
  const bad = join(root, 'bad');
  mkdirSync(bad);
  writeFileSync(join(bad, 'wrong.npy'), npy([2, 3, 8, 9], new Float32Array(432)));
  const cut = join(root, 'cut.onnx');
  writeFileSync(cut, serializeModel(smallNetwork()).subarray(0, 900));
  const notNumbers = join(root, 'nan');
  mkdirSync(notNumbers);
  const values = new Float32Array(2 * 192);
  values[200] = Number.NaN;
  writeFileSync(join(notNumbers, 'nan.npy'), npy([2, 3, 8, 8], values));
  const notFinite = join(root, 'nan.onnx');
  const broken = smallNetwork();
  const { weight } = quantizable(broken).nodes[0]!;
  (broken.constant(weight!.name)!.data as Float32Array)[3] = Number.NaN;
  writeFileSync(notFinite, serializeModel(broken));
  const cases: [string[], number, RegExp][] = [
    [['quantize', model, '--data', bad], 3, /wrong\.npy/],
    [['quantize', cut, '--data', data], 3, /cut\.onnx/],
    [['quantize', model, '--data', data, '--weights', 'int4@v16:q4'], 2, /int4@v16:q4/],
    [['quantize', model, '--data', data, '--activations', 'fp8@v16'], 2, /fp8/],
    [['quantize', model, '--data', join(root, 'nowhere')], 3, /nowhere/],
    [['quantize', model], 2, /calibration data/],
    [['quantize', model, '--data', notNumbers], 3, /nan\.npy.*NaN in sample 1/],
    [['quantize', notFinite, '--data', data], 3, /nan\.onnx.*holds NaN at element 3/],
    [['quantize', model, '--data', data, '--budget', '5', '--max-drop', '1'], 2, /exclude/],
    [['evaluate', cut, '--reference', model, '--data', data], 3, /cut\.onnx/],
    [['evaluate', model, '--reference', model, '--data', bad], 3, /wrong\.npy/],
    [['sensitivity', model, '--data', data, '--weights', 'int99@channel'], 2, /int99/],
  ];
  const outcomes = await Promise.all(cases.map(([args]) => run(...args, '--out', out)));
  outcomes.forEach(({ code, stdout, stderr }, i) => {
    const [args, wanted, pattern] = cases[i]!;
    expect([args.join(' '), code]).toEqual([args.join(' '), wanted]);
    expect(stderr).toMatch(/^bitwright: [^\n]+\n$/);
    expect(stderr).toMatch(pattern);
    expect(stdout).toBe('');
  });
  expect(existsSync(out)).toBe(false);
});

test('an interrupt in the middle of the fit ends the command and leaves its checkpoint only', async () => {
  const out = join(root, 'stopped');
  const { child, outcome } = start(['quantize', '--task', 'direction', '--scheme', '4/8/4/8', '--out', out]);
  for (let tries = 0; tries < 300 && !existsSync(join(out, '.bitwright')); tries++)
    await new Promise(resolve => setTimeout(resolve, 100));
  expect(child.exitCode).toBe(null);
  const sent = performance.now();
  child.kill('SIGINT');
  const { code, stderr } = await outcome;
  expect(code).toBe(130);
  expect(stderr).toBe('bitwright: stopped\n');
  expect(performance.now() - sent).toBeLessThan(5000);
  expect(readdirSync(out)).toEqual(['.bitwright']);
  expect(readdirSync(join(out, '.bitwright')).every(n => n.endsWith('.checkpoint'))).toBe(true);
  expect(readdirSync(join(root, 'tmp')).filter(n => n.startsWith('bitwright-'))).toEqual([]);
});
