// Every unit from its name to RTL, equivalence and cost with the baseline, nothing cached: seconds of the three commands.
// Usage: node bench/unit-minute.mjs [--units SPEC …]; a SPEC is what follows `bitwright rtl`, in quotes.
// Kept in bench/results/unit-minute.json, a unit at a time, with the load of the machine at the start of each.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepPart, machine, today } from './keep.mjs';

const { values: flags } = parseArgs({ options: { units: { type: 'string', multiple: true } } });
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const goal = 60;
const specs = flags.units ?? [
  ...['vector-mac --format 4/4/4/6 --vector 16', 'ppu', 'lns-mac --format lns8g8 --lut 1'],
  ...['lns-mac --format lns8g8 --lut 8', 'lns-convert', 'fp-mac --format fp8e4m3', 'fp-mac --format fp16'],
  ...['sparsity-detector', 'label-table', 'channel-walk', 'softermax-unnormed --width 32'],
  ...['softermax-normal --width 32', 'softmax-unnormed-fp16 --width 16', 'softmax-normal-fp16 --width 16'],
];
const measured = [];
const root = mkdtempSync(join(tmpdir(), 'bitwright-minute-'));
const digits = x => Number(x.toFixed(1));
try {
  for (const spec of specs) {
    const load = digits(loadavg()[0]);
    const folder = join(root, 'unit');
    const words = spec.split(' ');
    const commands = {
      rtl: ['rtl', ...words, '-o', folder],
      equivalence: ['equivalence', folder, '--no-native'],
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
    const unit = {
      ...{ date: today(), seconds, total, within: total < goal, verdict, load },
      priced: rows.map(r => `${r.unit} ${r.format}: ${r.cells} cells`),
    };
    console.log(spec.padEnd(42), JSON.stringify(seconds), total, verdict, `load ${load}`);
    measured.push(unit);
    keepPart('unit-minute', ({ units }) => ({
      ...{ machine: machine(), goalSeconds: goal },
      units: { ...units, [spec]: unit },
    }));
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
if (measured.some(unit => unit.verdict !== 'ok' || !unit.within)) process.exitCode = 1;
