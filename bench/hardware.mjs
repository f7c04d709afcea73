// Costs of hardware units against their baselines: the vector MAC at the named points of VS-Quant, softermax, on the
// neutral library and on a liberty file. Usage: node bench/hardware.mjs [--liberty FILE] [--clock PS] [--formats F …] [--part vector-mac|softermax|sweep]
// Part `sweep` times the twelve points in one run: without a cache, interrupted and taken up again, and from the cache.
// Kept in bench/results/hardware.json, a part and library at a time. Every ratio is within one run at one clock.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepPart, machine, today, versionOf } from './keep.mjs';

const { values: flags } = parseArgs({
  options: {
    liberty: { type: 'string', default: 'neutral' },
    part: { type: 'string', default: 'vector-mac' },
    clock: { type: 'string' },
    formats: { type: 'string', multiple: true },
    cache: { type: 'string' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const round = (x, digits = 3) => (x === null ? null : Number(x.toFixed(digits)));

/** VS-Quant figures 3 to 6, relative to 8/8/-/-: energy, performance per area (read off the figures, ±0.02). */
const paper = {
  '4/4/-/-': { energy: 0.49 },
  '4/4/4/4': { energy: 0.64 },
  '4/4/4/6': { energy: 0.76, perArea: 1.59 },
  '4/3/4/6': { energy: 0.72, perArea: 1.63 },
  '4/6/4/-': { energy: 0.57, perArea: 1.57 },
  '6/6/-/-': { energy: 0.77, perArea: 1.28 },
  '6/6/4/4': { energy: 1.04 },
  '6/8/-/-': { energy: 0.82, perArea: 1.23 },
  '6/8/6/-': { energy: 0.98, perArea: 1.14 },
  '8/8/6/-': { energy: 1.04 },
  '4/8/6/10': { energy: 1.34, perArea: 1.35 },
};

function cost(...args) {
  const run = spawnSync(
    process.execPath,
    [
      ...[cli, 'cost', ...args, '--liberty', flags.liberty, '--json', '--quiet'],
      ...(flags.clock === undefined ? [] : ['--clock', flags.clock]),
      ...(flags.cache === undefined ? [] : ['--cache', flags.cache]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

const summary = r => ({
  unit: r.unit,
  format: r.format,
  area: round(r.area, 1),
  areaRatio: round(r.areaRatio),
  areaSaving: round(1 - r.areaRatio),
  delay: round(r.delay, 1),
  met: r.met,
  energyPerOp: round(r.energyPerOp, 2),
  energyRatio: round(r.energyRatio),
  energySaving: round(1 - r.energyRatio),
  flipFlops: round(r.flipFlops),
  sqnr: round(r.sqnr, 1),
  operands: r.operands,
});

const netlists = folder =>
  existsSync(folder) ? readdirSync(folder).filter(f => f.startsWith('netlist-')).length : 0;

/** The sweep stopped by Ctrl-C after some netlists: exit code, seconds until it ended, what it left behind. */
async function interrupted(folder, after) {
  const child = spawn(
    process.execPath,
    [cli, 'cost', 'sweep', '--liberty', flags.liberty, '--cache', folder, '--quiet'],
    { stdio: 'ignore' },
  );
  const ended = new Promise(done => child.on('close', code => done(code)));
  while (netlists(folder) < after && child.exitCode === null) await new Promise(r => setTimeout(r, 100));
  const start = performance.now();
  child.kill('SIGINT');
  const code = await ended;
  return { code, secondsToStop: round((performance.now() - start) / 1000, 2), netlists: netlists(folder) };
}

let result;
if (flags.part === 'sweep') {
  const root = mkdtempSync(join(tmpdir(), 'bitwright-sweep-'));
  try {
    const timed = folder => {
      const start = performance.now();
      const run = cost('sweep', '--cache', folder);
      return { ...run, wall: round((performance.now() - start) / 1000, 1) };
    };
    const cold = timed(join(root, 'cold'));
    const warm = timed(join(root, 'cold'));
    const stop = await interrupted(join(root, 'stopped'), 6);
    const resumed = timed(join(root, 'stopped'));
    const figures = run => JSON.stringify(run.rows.map(r => [r.name, r.area, r.delay, r.energyPerOp]));
    result = {
      ...{ library: cold.library, clock: cold.clock, command: 'bitwright cost sweep' },
      cold: { seconds: cold.wall, netlistsMade: cold.cacheMisses, goalSeconds: 600 },
      warm: { seconds: warm.wall, fromCache: warm.cacheHits, same: figures(warm) === figures(cold) },
      interrupted: stop,
      resumed: {
        ...{ seconds: resumed.wall, fromCache: resumed.cacheHits, netlistsMade: resumed.cacheMisses },
        same: figures(resumed) === figures(cold),
      },
      rows: cold.rows.map(r => summary(r)),
    };
    result.goals = [
      { goal: 'twelve points in 600 s', reached: cold.wall < 600 && result.warm.same && result.resumed.same },
    ];
    console.log(JSON.stringify({ ...result, rows: undefined }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
} else if (flags.part === 'vector-mac') {
  const { clock, seconds, cacheHits, cacheMisses, library, rows } = cost(
    'sweep',
    ...(flags.formats === undefined ? [] : ['--formats', ...flags.formats]),
  );
  const of = format => rows.find(r => r.format === format);
  result = {
    ...{ library, clock, seconds: round(seconds, 1), cacheHits, cacheMisses },
    rows: rows.map(r => ({ ...summary(r), paper: paper[r.format] ?? null })),
    goals: ['4/4/4/4', '4/4/4/6'].map(format => ({
      format,
      areaSaving: round(1 - of(format).areaRatio),
      areaGoal: 0.37,
      energySaving: round(1 - of(format).energyRatio),
      energyGoal: 0.24,
      reached: 1 - of(format).areaRatio >= 0.37 && 1 - of(format).energyRatio >= 0.24,
    })),
  };
} else {
  const goals = { 'softermax-unnormed': [0.25, 0.1], 'softermax-normal': [0.65, 0.39] };
  result = {
    rows: Object.entries(goals).flatMap(([unit, [area, energy]]) => {
      const { library, clock, rows } = cost(unit);
      return rows.map(r => ({
        library,
        clock,
        ...summary(r),
        paper: r.unit === unit ? { area, energy } : null,
      }));
    }),
  };
}
for (const row of result.rows) {
  console.log(
    `${row.unit} ${row.format}: area ${row.areaRatio}, energy ${row.energyRatio}, ${row.delay} ps${row.met ? '' : ' (not met)'}${row.paper ? `   paper ${JSON.stringify(row.paper)}` : ''}`,
  );
}
if (result.goals !== undefined) for (const goal of result.goals) console.log(JSON.stringify(goal));
const name =
  flags.liberty === 'neutral' ? 'neutral' : flags.liberty.replace(/^.*\//, '').replace(/\.lib$/, '');
keepPart('hardware', before => ({
  machine: machine(),
  yosys: `@yowasp/yosys ${versionOf('@yowasp/yosys')}`,
  [flags.part]: { ...before[flags.part], [name]: { date: today(), ...result } },
}));
if (result.goals?.some(g => !g.reached)) process.exitCode = 1;
