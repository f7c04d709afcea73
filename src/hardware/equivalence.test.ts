// Broken units must be found: single-gate mutants of the graph, edits of the RTL, a folder tampered with.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeYosys } from '../synthesis/yosys.ts';
import { checkEquivalence } from './equivalence.ts';
import { readUnit, writeUnit } from './manifest.ts';
import { judgeMutants, mutantLine } from './mutants.ts';
import { makeUnit } from './units.ts';
import { vectorMac } from './vector-mac/index.ts';

afterAll(closeYosys);

test.each([
  ['vector-mac', { format: '4/4/4/4', vector: 4, scaleBits: 4, depth: 8 }],
  ['ppu', { format: 'int3@v2:u3', vector: 2, inputBits: 11, multiplierBits: 3 }],
  ['channel-walk', { width: 4, indexBits: 4, addressBits: 5 }],
] as const)(
  'mutants of %s die, or are proved to do what the unit does',
  async (kind, parameters) => {
    const unit = await makeUnit(kind, parameters);
    const report = await judgeMutants(unit, { count: 25, seed: 11, vectors: 12_000 });
    expect(report.open).toEqual([]);
    expect(report.killed + report.killedLate + report.equivalent).toBe(25);
    expect(report.killed).toBeGreaterThan(18);
    expect(mutantLine(report)).toMatch(/^25 mutants: \d+ noticed/);
  },
  180_000,
);

test('edits of the RTL that reviewers miss are found', async () => {
  const unit = vectorMac({ format: '4/4/4/6', vector: 4, scaleBits: 6, depth: 8 });
  const edits: [string, string][] = [
    ["acc_fresh ? 18'sh0 : acc_q", "acc_full ? 18'sh0 : acc_q"],
    ['~dot_valid | sum_open', "1'b1"],
    ["acc_fresh <= 1'b1", "acc_fresh <= 1'b0"],
    ['wire [5:0] upper = biased[9:4]', 'wire [5:0] upper = product[9:4]'],
    ['partial_last <= dot_last', 'partial_last <= in_last'],
    ['if (dot_load & scale_any) dot_q', 'if (dot_load) dot_q'],
  ];
  const text = unit.files.map(f => f.text).join('\n');
  const verdicts: string[] = [];
  for (const [from, to] of edits) {
    expect([from, text.includes(from)]).toEqual([from, true]);
    const files = unit.files.map(f => ({ name: f.name, text: f.text.replace(from, to) }));
    const report = await checkEquivalence(unit, { files, vectors: 40_000, proofSeconds: 0 });
    verdicts.push(report.verdict);
    if (report.mismatch !== undefined) expect(report.mismatch.problem.length).toBeGreaterThan(10);
  }
  // the last edit only wastes energy: outputs are the same
  expect(verdicts).toEqual([...Array(5).fill('different'), 'equivalent']);
}, 180_000);

test('a folder is read back; tampering gives a counterexample that the model confirms', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-unit-'));
  try {
    const unit = vectorMac({ format: '3/3/-/2', vector: 2, depth: 4 });
    writeUnit(unit, folder, 100, 1);
    const again = await readUnit(folder);
    expect(again.unit.files).toEqual(unit.files);
    expect((await checkEquivalence(again.unit, { files: again.files, vectors: 5000 })).verdict).toBe(
      'equivalent',
    );
    const path = join(folder, `${unit.name}_dot.v`);
    writeFileSync(path, readFileSync(path, 'utf8').replace('* $signed', '+ $signed'));
    const broken = await readUnit(folder);
    const { verdict, mismatch } = await checkEquivalence(broken.unit, { files: broken.files, vectors: 5000 });
    expect(verdict).toBe('different');
    const { inputs, expected } = mismatch!;
    const fields = Object.fromEntries(
      unit.input.fields.map(f => [f.name, Float64Array.from(inputs.flatMap(row => row[f.name]!))]),
    );
    const model = unit.golden({ count: inputs.length, fields });
    expect(model.fields['acc']!.at(-1)).toBe(expected!['acc']![0]);
    writeFileSync(path, 'module x(; endmodule');
    const unreadable = await readUnit(folder);
    await expect(checkEquivalence(unreadable.unit, { files: unreadable.files })).rejects.toThrow(
      /_dot\.v, line 1/,
    );
    writeFileSync(join(folder, 'manifest.json'), '{"schema": 3}');
    await expect(readUnit(folder)).rejects.toThrow(/manifest\.json: manifest field 'schema'/);
    await expect(readUnit(join(folder, 'nowhere'))).rejects.toThrow(
      /expected a folder written by bitwright rtl/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
