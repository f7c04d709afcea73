import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distModule } from '../core/places.ts';
import { serializeModel } from '../model/index.ts';
import { noise, smallNetwork } from '../model/networks.fixture.ts';

let root: string;
let model: string;
const run = (...words: string[]) => {
  const main = fileURLToPath(distModule('cli/main'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
  return { status, stdout, stderr: stderr.trim() };
};

function npy(dims: number[], values: Float32Array): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.join(', ')},), }\n`;
  const head = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length, 0]);
  return Buffer.concat([head, Buffer.from(text), Buffer.from(values.buffer)]);
}

function folder(name: string, files: Record<string, Uint8Array | string>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const good = (): Uint8Array => npy([12, 2, 6, 6], noise([12, 2, 6, 6], 1).data as Float32Array);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-cli-'));
  model = join(root, 'small.onnx');
  writeFileSync(model, serializeModel(smallNetwork()));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a user model with a folder of arrays: quantize, sensitivity, evaluate', () => {
  const data = folder('good', { 'a.npy': good(), 'labels.txt': '0\n1\n2\n'.repeat(4) });
  const quantized = JSON.parse(
    run('quantize', model, '--data', data, '--weights', 'int4@channel', '--json').stdout,
  );
  expect(quantized.rows[0].effectiveBits).toBeLessThan(13);
  expect(quantized.agreement.sqnr).toBeGreaterThan(10);
  const ranks = JSON.parse(run('sensitivity', model, '--data', data, '--json').stdout);
  expect(ranks.layers.length).toBe(4);
  const scored = JSON.parse(run('evaluate', model, '--data', data, '--reference', model, '--json').stdout);
  expect(scored).toMatchObject({ samples: 12, agreement: { top1: 100 }, rows: [{ metric: 'top1' }] });
});

test('bad data: one line with file and expectation, exit code 2 or 3, nothing written', () => {
  const bytes = good();
  const cases: [string, Record<string, Uint8Array | string>, RegExp][] = [
    [
      'shape',
      { 'a.npy': good(), 'b.npy': npy([4, 3, 6, 6], new Float32Array(432)) },
      /b\.npy: input 'x' got float32\[4,3,6,6\]; expected float32\[batch,2,6,6\]/,
    ],
    [
      'cut',
      { 'a.npy': bytes.subarray(0, bytes.length - 9) },
      /a\.npy, byte \d+: promises float32\[12,2,6,6\]/,
    ],
    ['empty', {}, /holds no data/],
  ];
  for (const [name, files, message] of cases) {
    const data = folder(name, files);
    const out = join(root, `${name}-out`);
    const commands = [
      ['quantize', model, '--data', data, '--out', out],
      ['evaluate', model, '--data', data, '--reference', model, '--out', out],
      ['sensitivity', model, '--data', data],
    ];
    // Every command on the first case, one on the others: they read data the same way.
    for (const words of name === 'shape' ? commands : commands.slice(0, 1)) {
      const { status, stdout, stderr } = run(...words);
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(message);
      expect(stderr.split('\n').length).toBe(1);
    }
    expect(readdirSync(root)).not.toContain(`${name}-out`);
  }
  const noData = run('evaluate', model);
  expect([noData.status, noData.stderr.split('\n').length]).toEqual([2, 1]);
  const unlabelled = run('evaluate', model, '--data', folder('plain', { 'a.npy': good() }));
  expect(unlabelled.status).toBe(2);
  expect(unlabelled.stderr).toMatch(/labels in the folder, or --reference MODEL/);
});
