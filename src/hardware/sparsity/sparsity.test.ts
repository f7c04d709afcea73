// The sparsity units through Yosys against their models, their second descriptions, and a detector that miscounts.

import { afterAll, expect, test } from 'vitest';
import { equivalent } from '../../netlist/sat/miter.ts';
import { readRtl } from '../../synthesis/rtl.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { checkStream } from '../stream-check.fixture.ts';
import type { Unit } from '../unit.ts';
import { channelWalk } from './channel-walk.ts';
import { sparsityDetector } from './detector.ts';
import { labelTable } from './label-table.ts';

afterAll(closeYosys);

const cases: [string, Unit][] = [
  ['detector of 16 lanes', sparsityDetector({})],
  ['detector of one lane and a small count', sparsityDetector({ lanes: 1, bits: 8, countBits: 2 })],
  ['detector of 5 lanes', sparsityDetector({ lanes: 5, bits: 3, countBits: 3 })],
  ['label table', labelTable({ addressBits: 4 })],
  ['channel walk', channelWalk({})],
  ['channel walk of 16 labels', channelWalk({ width: 16 })],
  ['channel walk of small words and addresses', channelWalk({ width: 4, indexBits: 6, addressBits: 5 })],
];

for (const [what, unit] of cases) {
  test(what, async () => {
    expect(await checkStream(unit, 20_000)).toMatchObject({
      accepted: 20_000,
      violations: 0,
      wrong: [],
      warnings: [],
    });
    expect(await checkStream(unit, 4000, unit.reference!)).toMatchObject({ wrong: [], warnings: [] });
  });
}

test('the detector equals its second description by SAT, outputs and next states', async () => {
  const unit = sparsityDetector({ lanes: 5, bits: 3, countBits: 4 });
  const [a, b] = await Promise.all(
    [unit.files, unit.reference!].map(async files => (await readRtl({ files, top: unit.name })).aig),
  );
  expect(equivalent(a!, b!, { match: 'name', seconds: 20 }).verdict).toBe('equivalent');
});

test('a detector that counts what does not exist is noticed', async () => {
  const unit = sparsityDetector({});
  const files = unit.files.map(f => ({ ...f, text: f.text.replace(' & in_active[3]', '') }));
  expect(files[0]!.text).not.toBe(unit.files[0]!.text);
  expect((await checkStream(unit, 4000, files)).wrong.length).toBeGreaterThan(0);
});

test('parameters out of range are refused in one line', () => {
  expect(() => sparsityDetector({ lanes: 0 })).toThrow(
    /sparsity-detector lanes 0; expected an integer from 1/,
  );
});
