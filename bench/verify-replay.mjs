// Every failing run of the shipped examples, replayed on the source itself by Icarus and Verilator. Usage:
//   node bench/verify-replay.mjs [--only TEXT] [--no-verilator] [--keep DIR]
// The test bench that `bitwright verify` writes drives the inputs of the trace and compares every output; under Icarus its
// waveform is compared with ours too, signal by signal, registers included. Kept in bench/results/verify-replay.json.
// Exit 1 when a simulator sees other values; says so and exits 0 when none is installed.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engines } from '../dist/engines/index.js';
import { makeUnit } from '../dist/hardware/units.js';
import { closeYosys } from '../dist/synthesis/index.js';
import { examples } from '../dist/verify/examples/table.js';
import { loadDesign } from '../dist/verify/load.js';
import { verifyDesign } from '../dist/verify/run.js';
import { benchOf, replayNatively, writeVcd } from '../dist/verify/traces/index.js';
import { keep, machine, today } from './keep.mjs';
import { compareDumps } from './verify-replay/vcd.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const option = name => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const versionOf = (program, flag) => {
  const { status, stdout } = spawnSync(program, [flag], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0].trim() : undefined;
};
const versions = { iverilog: versionOf('iverilog', '-V'), verilator: versionOf('verilator', '--version') };
if (process.argv.includes('--no-verilator')) versions.verilator = undefined;
const simulators = Object.keys(versions).filter(name => versions[name] !== undefined);
if (simulators.length === 0) {
  console.log('skipped: neither iverilog nor verilator on PATH');
  process.exit(0);
}

const only = option('--only') ?? '';
const folderToKeep = option('--keep');
const folder = folderToKeep ?? mkdtempSync(join(tmpdir(), 'bitwright-replay-'));
mkdirSync(folder, { recursive: true });
const rows = [];

async function filesOf(example) {
  if (example.generated !== true)
    return { files: [join(root, 'assets/verify', example.file)], top: example.top };
  const unit = await makeUnit(example.file, example.parameters);
  const files = unit.files.map(f => {
    const path = join(folder, f.name);
    writeFileSync(path, f.text);
    return path;
  });
  return { files, top: unit.name };
}

/** Our dump against the one Icarus makes of the same bench. */
function dumps(bench, files, table) {
  const program = join(folder, 'replay.vvp');
  const built = spawnSync('iverilog', ['-g2012', '-s', 'replay', '-o', program, bench, ...files], {
    encoding: 'utf8',
  });
  if (built.status !== 0) return { error: built.stderr.trim().split('\n').slice(0, 3).join(' | ') };
  spawnSync('vvp', [program, '+vcd'], { cwd: folder, encoding: 'utf8' });
  const theirs = readFileSync(join(folder, 'replay.vcd'), 'utf8');
  return compareDumps(writeVcd(table), theirs, table.steps.length);
}

for (const example of examples) {
  const kinds = Object.entries(example.expected).flatMap(([kind, verdict]) =>
    verdict !== 'refuted' ? [] : kind === 'P2' ? ['P2', 'P2-live'] : [kind],
  );
  if (kinds.length === 0 || !example.name.includes(only)) continue;
  const { files, top } = await filesOf(example);
  const loaded = await loadDesign(files, {
    top,
    parameters: example.generated === true ? {} : example.parameters,
  });
  const results = await verifyDesign(loaded.design, loaded.found, engines, {
    properties: kinds,
    timeoutSeconds: 60,
  });
  for (const { property, trace } of results) {
    if (trace === undefined) continue;
    const bench = join(folder, `${example.name}.${property}`.replace(/[^\w.]+/g, '-').concat('.v'));
    writeFileSync(bench, benchOf(loaded, trace));
    const row = { design: example.name, property, cycles: trace.steps.length };
    const replays = await replayNatively(bench, files, loaded, undefined, simulators);
    for (const { simulator, verdict, output } of replays) {
      row[simulator] = verdict;
      if (verdict !== 'pass') row[`${simulator}Output`] = output;
    }
    if (versions.iverilog !== undefined) row.vcd = dumps(bench, files, trace);
    rows.push(row);
    console.log(JSON.stringify(row));
  }
}
await closeYosys();
if (folderToKeep === undefined) rmSync(folder, { recursive: true, force: true });

const wrong = rows.filter(
  r => simulators.some(s => r[s] !== 'pass') || r.vcd?.error !== undefined || r.vcd?.different > 0,
);
console.log(`${rows.length} failing runs, ${wrong.length} not reproduced`);
if (only === '' && simulators.length === 2) {
  const { cpu, node } = machine();
  keep('verify-replay', { machine: cpu, node, ...versions, date: today(), rows });
}
process.exit(wrong.length > 0 ? 1 : 0);
