// The Softermax units as RTL: simulated against the golden model under stalls, for the default formats and others.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { exactSoftmax } from '../../format/index.ts';
import { closeYosys, RtlModules, readModuleGates } from '../../synthesis/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import { floatFormat, floatToNumber } from '../float/index.ts';
import { type Described, proveModules } from '../proof-modules.ts';
import { checkStream } from '../stream-check.fixture.ts';
import type { Unit, UnitParameters } from '../unit.ts';
import { makeUnit } from '../units.ts';
import { softmaxNormal } from './baseline-normal.ts';
import { softmaxUnnormed } from './baseline-unnormed.ts';
import {
  floatNormalOperands,
  floatUnnormedOperands,
  normalOperands,
  normalRows,
  unnormedOperands,
} from './operands.ts';
import { softermaxOf } from './options.ts';
import { softermaxNormal, softermaxUnnormed } from './units.ts';

afterAll(() => closeYosys());

async function check(unit: Unit, files = unit.files, count = 20000): Promise<void> {
  const { wrong, accepted, violations, warnings } = await checkStream(unit, count, files);
  expect({ wrong, accepted, violations, warnings }).toEqual({
    ...{ wrong: [], accepted: count, violations: 0, warnings: [] },
  });
}

const small: UnitParameters[] = [
  { vector: 2 },
  { vector: 3, input: 'fix7.4', addendFraction: 15, operandFraction: 15 },
  {
    vector: 2,
    input: 'fix4.0',
    sum: 'ufix6.6',
    addendFraction: 6,
    reciprocalSegments: 4,
    reciprocalPlace: 0,
    operandFraction: 7,
  },
];
const cases: UnitParameters[] = [{ vector: 5 }, ...small];

test.each(cases)('unnormalised unit equals the golden model: %o', async parameters => {
  await check(softermaxUnnormed(parameters));
});

test.each(cases)('normalisation unit equals the golden model: %o', async parameters => {
  await check(softermaxNormal(parameters));
});

test.each([
  ...[softmaxUnnormed({ vector: 1 }), softmaxNormal({ vector: 1 }), softmaxUnnormed({ vector: 3 })],
  ...[softmaxUnnormed({ vector: 2, pipeline: false }), softmaxNormal({ vector: 2, pipeline: false })],
  ...[softmaxNormal({ vector: 3 }), softmaxNormal({ vector: 2, division: 'reciprocal' })],
])('fp16 baseline equals its golden model: $name', async unit => {
  await check(unit);
});

test('fp16 baseline is a softmax: rows of its two halves sum to one', () => {
  const first = softmaxUnnormed({ vector: 4 });
  const second = softmaxNormal({ vector: 4 });
  const batch = second.stimuli(new Random(9), 12 * 40);
  const y = second.golden(batch).fields['y']!;
  for (let row = 0; row < 40; row++) {
    let sum = 0;
    for (let i = row * 48; i < (row + 1) * 48; i++) sum += floatToNumber(floatFormat('fp16'), y[i]!);
    expect(Math.abs(sum - 1)).toBeLessThan(0.02);
  }
  expect(first.golden(first.stimuli(new Random(9), 10)).count).toBe(10);
});

test.each(small)('second descriptions do too: %o', async parameters => {
  for (const unit of [softermaxUnnormed(parameters), softermaxNormal(parameters)])
    await check(unit, [...unit.reference!], 4000);
});

test('parameters by another name, wrong names and values', () => {
  expect(softermaxUnnormed({ width: '8' }).parameters['vector']).toBe(8);
  expect(() => softermaxUnnormed({ vectr: 8 })).toThrow(/vector/);
  expect(() => softermaxNormal({ vector: 'x' })).toThrow(/an integer/);
});

test('the units by name', async () => {
  for (const name of [
    'softermax-unnormed',
    'softermax-normal',
    'softmax-unnormed-fp16',
    'softmax-normal-fp16',
  ])
    expect((await makeUnit(name, { width: 4 })).kind).toBe(name);
});

test('a broken unit is told from the model', async () => {
  const unit = softermaxUnnormed({ vector: 2 });
  const files = unit.files.map(f => ({ ...f, text: f.text.replace("16'd46341", "16'd46300") }));
  expect((await checkStream(unit, 4000, files)).wrong.length).toBeGreaterThan(0);
});

test('operands of all four units come from the same rows', () => {
  const rows = normalRows(new Random(2), 3, 20);
  const model = softermaxOf({ vector: 8 });
  const ours = unnormedOperands(model, rows);
  const float = floatUnnormedOperands(8, rows);
  expect([ours.count, float.count]).toEqual([9, 9]);
  expect(Array.from(ours.fields['x']!.subarray(20, 24))).toEqual([-128, -128, -128, -128]);
  const first = softmaxUnnormed({ vector: 8, pipeline: false });
  const quotients = softmaxNormal({ vector: 8 }).golden(floatNormalOperands(8, rows, first.golden)).fields[
    'y'
  ]!;
  const exact = exactSoftmax(rows[1]!);
  const unit = softermaxNormal({ vector: 8 });
  const y = unit.golden(normalOperands(model, rows)).fields['y']!;
  for (let i = 0; i < 20; i++) {
    expect(Math.abs(floatToNumber(floatFormat('fp16'), quotients[24 + i]!) - exact[i]!)).toBeLessThan(0.002);
    expect(Math.abs(y[24 + i]! / 128 - exact[i]!)).toBeLessThan(0.06);
  }
});

test.each([
  softmaxUnnormed,
  softmaxNormal,
])('the pieces of the fp16 baseline are proved against a second description', async make => {
  const unit = make({ vector: 1 });
  const reference = unit.reference!;
  const read = async (files: readonly RtlFile[]): Promise<Described> => ({
    files,
    modules: new RtlModules(await readModuleGates({ files, top: unit.name })),
  });
  const own = await read(unit.files);
  const proofs = proveModules(own, await read(reference), { top: unit.name, seconds: 60 });
  expect(proofs.open).toEqual([]);
  expect(proofs.proved.length).toBeGreaterThan(0);
  expect(proofs.bits).toBe(proofs.pairs);
  const wrong = reference.map(f => ({
    ...f,
    text: f.text.replace(' + 4;', ' + 3;').replace('> 4 ||', '>= 4 ||'),
  }));
  expect(proveModules(own, await read(wrong), { top: unit.name, seconds: 60 }).open.length).toBe(1);
}, 120_000);
