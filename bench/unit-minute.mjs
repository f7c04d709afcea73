// Every unit from its name to RTL, equivalence and cost with the baseline, nothing cached: seconds of the three commands.
// Usage: node bench/unit-minute.mjs [--units SPEC …]; a SPEC is what follows `bitwright rtl`, in quotes.
// Kept in bench/results/unit-minute.json, a unit at a time, with the load of the machine at the start of each.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({ options: { units: { type: 'string', multiple: true } } });
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const file = join(here, 'results/unit-minute.json');
const goal = 60;
const specs = flags.units ?? [
  ...['vector-mac --format 4/4/4/6 --vector 16', 'ppu', 'lns-mac --format lns8g8 --lut 1'],
  ...['lns-mac --format lns8g8 --lut 8', 'lns-convert', 'fp-mac --format fp8e4m3', 'fp-mac --format fp16'],
  ...['sparsity-detector', 'label-table', 'channel-walk', 'softermax-unnormed --width 32'],
  ...['softermax-normal --width 32', 'softmax-unnormed-fp16 --width 16', 'softmax-normal-fp16 --width 16'],
];
const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { units: {} };
kept.machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
kept.goalSeconds = goal;
const root = mkdtempSync(join(tmpdir(), 'bitwright-minute-'));
const digits = x => Number(x.toFixed(1));
try {
  for (const spec of specs) {
    const load = digits(loadavg()[0]);
    const folder = join(root, 'unit');
    const words = spec.split(' ');
    const commands = {
      rtl: ['rtl', ...words, '-o', folder],
      equivalence: ['equivalence', folder],
      cost: ['cost', ...words, '--cache', join(root, 'cache')],
    };
    const seconds = {};
    let verdict = 'ok';
    let rows = [];
    for (const [name, args] of Object.entries(commands)) {
      const start = performance.now();
      const run = spawnSync(process.execPath, [cli, ...args, '--json', '--quiet'], {
        ...{ encoding: 'utf8', maxBuffer: 1 << 28 },
      });
      seconds[name] = digits((performance.now() - start) / 1000);
      if (run.status !== 0) verdict = `${name}: exit ${run.status} ${run.stderr.trim().slice(0, 200)}`;
      if (name === 'cost' && run.status === 0) rows = JSON.parse(run.stdout).rows;
    }
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    const total = digits(Object.values(seconds).reduce((a, b) => a + b));
    kept.units[spec] = {
      ...{ date: new Date().toISOString().slice(0, 10), seconds, total, within: total < goal, verdict, load },
      priced: rows.map(r => `${r.unit} ${r.format}: ${r.cells} cells`),
    };
    console.log(spec.padEnd(42), JSON.stringify(seconds), total, verdict, `load ${load}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
if (specs.some(s => kept.units[s].verdict !== 'ok' || !kept.units[s].within)) process.exitCode = 1;
