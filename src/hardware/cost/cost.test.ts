// From RTL to a mapped netlist, its activity and its energy: a small unit end to end, and the command's refusals.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { closeYosys } from '../../synthesis/index.ts';
import { lnsMac } from '../lns/index.ts';
import { StreamDriver } from '../stream.ts';
import { vectorMac } from '../vector-mac/index.ts';
import { streamActivity } from './activity.ts';
import { ResultCache } from './cache.ts';
import { costOf } from './cost.ts';
import { cycleEnergy } from './energy.ts';
import { findLibrary, installedLibraries } from './find-library.ts';
import { mapRtl } from './map.ts';
import { areasOf } from './modules.ts';
import { netlistAig } from './netlist-aig.ts';
import { neutralLibrary } from './neutral-library.ts';
import { type LayerOperands, macOperands } from './operands.ts';
import { costCsv, costText, modulesText } from './report.ts';
import { baselineSpec, parseUnitSpec } from './specs.ts';
import { fanoutOfFour, surroundings } from './surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-cost-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await closeYosys();
});
const library = neutralLibrary();
const unit = vectorMac({ format: '2/2/2/2', vector: 4, depth: 8 });
const wide = vectorMac({ format: '4/4/-/-', vector: 4, depth: 8 });

test('the mapped netlist computes what the golden model computes, and meets its clock', async () => {
  const cache = new ResultCache(folder);
  const mapped = await mapRtl(unit.files, unit.name, library, { clock: 1500, cache });
  expect(mapped.timing.met).toBe(true);
  expect(mapped.runs.map(r => `${r.recipe} ${r.style}`)).toEqual(['plain area', 'booth area']);
  expect(mapped.area).toBe(Math.min(...mapped.runs.filter(r => r.met).map(r => r.area)));
  const { aig } = netlistAig(mapped.netlist);
  const batch = unit.stimuli(new Random(4), 4096);
  const driver = new StreamDriver(aig, unit.input, unit.output);
  const { tokens, inputStarts, tokenStarts, violations } = driver.run(batch, { traces: 1 });
  expect(violations).toBe(0);
  expect([...inputStarts]).toEqual([0, 4096]);
  const golden = unit.golden(batch);
  expect(tokenStarts[1]).toBe(golden.count);
  expect(tokens.fields['acc']).toEqual(golden.fields['acc']);
  const before = cache.misses;
  await mapRtl(unit.files, unit.name, library, { clock: 1500, cache });
  expect([before, cache.misses, cache.hits]).toEqual([2, 2, 2]);
  expect(readdirSync(folder).every(f => f.startsWith('netlist-'))).toBe(true);
});

test('a clock that the smallest netlist misses: tighter targets, speed and choices, then the smallest that meets it', async () => {
  const cache = new ResultCache(folder);
  const loose = await mapRtl(unit.files, unit.name, library, { clock: 1500, cache, recipes: ['plain'] });
  const clock = Math.round(0.95 * loose.timing.minPeriod);
  const tight = await mapRtl(unit.files, unit.name, library, { clock, cache, recipes: ['plain'] });
  expect(new Set(tight.runs.map(r => r.style))).toEqual(new Set(['area', 'speed', 'choices']));
  expect(tight.runs.filter(r => r.style === 'area')[1]!.target).toBeLessThan(tight.runs[0]!.target);
  expect(tight.timing.met).toBe(true);
  expect(tight.area).toBe(Math.min(...tight.runs.filter(r => r.met).map(r => r.area)));
  expect(tight.area).toBeGreaterThanOrEqual(loose.area);
});

test('clock gates: the netlist computes the same, and flip-flops that seldom move cost less', async () => {
  const options = { clock: 4000, cache: new ResultCache(folder), recipes: ['plain'] as const };
  const gates = neutralLibrary(true);
  const lns = lnsMac({ format: 'lns6g4', lut: 4, lanes: 2, enables: 1 });
  const batch = lns.stimuli(new Random(4), 4096);
  const [plain, gated] = await Promise.all(
    [false, true].map(clockGating => mapRtl(lns.files, lns.name, gates, { ...options, clockGating })),
  );
  expect(plain!.netlist.gatedClocks.size).toBe(0);
  expect(gated!.netlist.gatedClocks.size).toBe(4);
  for (const { netlist } of [plain!, gated!]) {
    const driver = new StreamDriver(netlistAig(netlist).aig, lns.input, lns.output);
    const { tokens, violations } = driver.run(batch, { traces: 1 });
    expect(violations).toBe(0);
    expect(tokens.fields['acc']).toEqual(lns.golden(batch).fields['acc']);
  }
  const clockOf = ({ netlist, timing }: typeof plain & object): number =>
    cycleEnergy(netlist, timing, streamActivity(netlist, lns, batch), 4000).clock;
  expect(clockOf(gated!)).toBeLessThan(0.8 * clockOf(plain!));
  // an enable that is never 1 leaves its flip-flops without a clock
  const still = streamActivity(gated!.netlist, lns, batch);
  for (const enable of gated!.netlist.gatedClocks.values()) still.probability[enable] = 0;
  expect(cycleEnergy(gated!.netlist, gated!.timing, still, 4000).clock).toBeLessThan(clockOf(gated!));
  await expect(mapRtl(lns.files, lns.name, library, { ...options, clockGating: true })).rejects.toThrow(
    /no clock gate/,
  );
});

test('activity: quiet operands cost little, random ones much', async () => {
  const cache = new ResultCache(folder);
  const { netlist } = await mapRtl(unit.files, unit.name, library, { clock: 1500, cache });
  const random = unit.stimuli(new Random(4), 2048);
  const quiet = {
    count: random.count,
    fields: Object.fromEntries(
      Object.entries(random.fields).map(([k, v]) => [k, k === 'last' ? v : v.map(() => 1)]),
    ),
  };
  const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);
  const loud = streamActivity(netlist, unit, random);
  const still = streamActivity(netlist, unit, quiet);
  expect(loud.transactions).toBe(2048);
  expect(loud.cyclesPerTransaction).toBeCloseTo(1, 1);
  expect(sum(still.toggles)).toBeLessThan(0.5 * sum(loud.toggles));
  for (const p of loud.probability) expect(p >= 0 && p <= 1).toBe(true);
});

test('glitches only add transitions, none at registers, and many in a multiplier', async () => {
  const cache = new ResultCache(folder);
  const { netlist, timing } = await mapRtl(wide.files, wide.name, library, { clock: 1500, cache });
  const batch = wide.stimuli(new Random(6), 1024);
  const zero = streamActivity(netlist, wide, batch, { traces: 32 });
  const real = streamActivity(netlist, wide, batch, { traces: 32, glitches: { timing, step: 10 } });
  let [a, b] = [0, 0];
  netlist.drivers.forEach((driver, net) => {
    const [x, y] = [zero.toggles[net]!, real.toggles[net]!];
    a += x;
    b += y;
    if (typeof driver === 'object' && netlist.instances[driver.instance]!.cell.logic.flipFlop === undefined) {
      expect(y).toBeGreaterThanOrEqual(x - 1e-12);
    } else expect(y).toBeCloseTo(x, 12);
  });
  expect(b).toBeGreaterThan(1.05 * a);
});

test('ratios are against the first unit; a clock out of reach is reported as not met', async () => {
  const result = await costOf([wide, unit], { library, clock: 1500, operands: 'random', cache: folder });
  const [base, row] = result.rows as [(typeof result.rows)[0], (typeof result.rows)[0]];
  expect([base.areaRatio, base.energyRatio]).toEqual([1, 1]);
  expect(row.areaRatio).toBeCloseTo(row.area / base.area, 12);
  expect(row.energyRatio).toBeCloseTo(row.energyPerOp / base.energyPerOp, 12);
  expect(row.baseline).toBe(wide.name);
  expect(row.energyPerOp * row.operations).toBeCloseTo(row.energy.total * row.cyclesPerTransaction, 6);
  expect(costText(result)).toHaveLength(4);
  expect(costCsv(result).trim().split('\n')).toHaveLength(3);
  const hasty = await costOf([unit], { library, clock: 90, operands: 'random', cache: folder });
  expect(hasty.rows[0]!.met).toBe(false);
  expect(hasty.rows[0]!.delay).toBeGreaterThan(90);
});

test('area by module: counts along the hierarchy, shares of the sum', async () => {
  const result = await costOf([unit], {
    ...{ library, clock: 1500, operands: 'random', cache: folder, modules: true },
  });
  const [row] = result.rows;
  const modules = row!.modules!;
  expect(modules.length).toBeGreaterThan(1);
  expect(modules.reduce((a, m) => a + m.share, 0)).toBeCloseTo(1, 9);
  const sum = modules.reduce((a, m) => a + m.total, 0);
  expect(sum).toBeGreaterThan(0.8 * row!.area);
  expect(sum).toBeLessThan(1.5 * row!.area);
  expect(modulesText(row!)).toHaveLength(modules.length + 1);
  const stat = {
    modules: {
      '\\top': { num_cells_by_type: { middle: 2, INV_X1: 3 } },
      '\\middle': { num_cells_by_type: { leaf: 4 } },
      '\\leaf': { num_cells_by_type: { NAND2_X1: 5 } },
    },
  };
  const inverter = library.cells.get('INV_X1')!.area;
  expect(areasOf(stat, 'top', library)).toEqual([
    { name: 'leaf', instances: 8, area: 5, total: 40, share: 40 / (40 + 3 * inverter) },
    {
      name: 'top',
      instances: 1,
      area: 3 * inverter,
      total: 3 * inverter,
      share: (3 * inverter) / (40 + 3 * inverter),
    },
  ]);
});

test('operands: the same outputs in every format, codes within range, finer formats closer', () => {
  const random = new Random(9);
  const features = 2 * 20;
  const layer: LayerOperands = {
    ...{ node: 'x', taps: 2, channels: 20, rows: 8, patchCount: 8 },
    weights: Float32Array.from({ length: 8 * features }, () => random.normal()),
    patches: Float32Array.from({ length: 8 * features }, () => Math.max(0, random.normal())),
  };
  const streams = ['8/8/-/-', '4/4/4/6', '3/3/-/-'].map(format =>
    macOperands(vectorMac({ format, vector: 16 }), [layer], { traces: 4, vectors: 12 }),
  );
  // 20 channels are two vectors a tap: four an output, three outputs a trace
  for (const s of streams) {
    expect([...s.starts]).toEqual([0, 12, 24, 36, 48]);
    expect([...s.batch.fields['last']!].filter(x => x === 1)).toHaveLength(12);
    expect(s.batch.fields['w']!.length).toBe(48 * 16);
  }
  expect(Math.max(...streams[1]!.batch.fields['w']!)).toBe(7);
  expect(Math.max(...streams[1]!.batch.fields['as']!)).toBeLessThanOrEqual(63);
  expect(Math.min(...streams[0]!.batch.fields['w']!)).toBeGreaterThanOrEqual(-127);
  expect(streams[0]!.sqnr).toBeGreaterThan(streams[1]!.sqnr);
  expect(streams[1]!.sqnr).toBeGreaterThan(streams[2]!.sqnr);
  // lanes beyond the 20 channels are padding
  const w = streams[0]!.batch.fields['w']!;
  for (let lane = 4; lane < 16; lane++) expect(w[16 + lane]).toBe(0);
});

test('spelling of units, baselines and libraries', () => {
  const base = { unit: 'vector-mac', parameters: { format: '4/4/4/6', vector: 8, scaleBits: 4 } };
  expect(baselineSpec(base, undefined)).toEqual({
    unit: 'vector-mac',
    parameters: { format: '8/8/-/-', vector: 8 },
  });
  expect(parseUnitSpec('fp-mac:fp16', base)).toEqual({ unit: 'fp-mac', parameters: { format: 'fp16' } });
  expect(parseUnitSpec('lns-mac:format=lns8g8,lut=4', base)).toEqual({
    unit: 'lns-mac',
    parameters: { format: 'lns8g8', lut: 4 },
  });
  expect(parseUnitSpec('int4@v16:u4,int4@v16:u6', base).parameters['format']).toBe('int4@v16:u4,int4@v16:u6');
  expect(() => findLibrary('nuetral')).toThrow(
    /nuetral: no such library; expected a liberty file, neutral.*did you mean 'neutral'/,
  );
  expect(() => findLibrary('osu018x')).toThrow(/no such library/);
});

test.each(
  Object.entries(installedLibraries),
)('library %s: read where installed, else told where it would be', (name, path) => {
  if (!existsSync(path)) {
    expect(() => findLibrary(name)).toThrow(
      `${path}: library '${name}' is not installed; expected the file of Debian's package qflow-tech-${name}`,
    );
    return;
  }
  const found = findLibrary(name);
  expect(found.file).toBe(path);
  expect(found.areaUnit).toBe('µm²');
  expect(surroundings(found).registerTime).toBeGreaterThan(0);
  expect(fanoutOfFour(found)).toBeGreaterThan(20);
});

test('a library without flip-flops is refused before anything is mapped', () => {
  const cells = new Map([...library.cells].filter(([name]) => !name.startsWith('DFF')));
  expect(() => surroundings({ ...library, cells })).toThrow('the library has no D flip-flop');
});
