// The multiplier check: plain, resynthesised and mapped multipliers, beside ABC's `&polyn` on the same files.
// Usage: node bench/check.mjs [--quick]   (--quick: 64 and 32 bits only, nothing written)
// ABC is optional: Debian's `berkeley-abc`; without it only the plain circuits are run. Kept in bench/results/check.json.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateMultiplier, writeAigerFile } from '../dist/netlist/index.js';
import { keep, machine, today } from './keep.mjs';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' } } });
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const work = mkdtempSync(join(tmpdir(), 'bitwright-check-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const abc = ['berkeley-abc', 'abc'].find(name => spawnSync('which', [name]).status === 0);
const limit = 10;
const resyn2 =
  'balance; rewrite; refactor; balance; rewrite; rewrite -z; balance; refactor -z; rewrite -z; balance';
const genlib = join(here, 'genlib/complex.genlib');
const scripts = {
  resyn2,
  dc2: 'dc2',
  dch: 'dch',
  'map -a': `read_genlib ${genlib}; map -a; strash`,
  map: `read_genlib ${genlib}; map; strash`,
};

function plain(kind, width) {
  const path = join(work, `${kind}${width}.aig`);
  writeAigerFile(generateMultiplier({ kind, width, signed: kind === 'booth' }), path);
  return path;
}

function check(path) {
  const start = performance.now();
  const run = spawnSync(
    process.execPath,
    [cli, 'reason', 'check', path, '--timeout', String(limit), '--json'],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  );
  const result = JSON.parse(run.stdout);
  const { verdict, reason, seconds, statistics } = result;
  return {
    verdict,
    reason,
    seconds,
    processSeconds: (performance.now() - start) / 1000,
    ands: statistics.ands,
  };
}

/** ABC's backward rewriting: processor seconds, and the monomials it ends with (n² when it reached the product). */
function polyn(path, signed) {
  if (abc === undefined) return null;
  const start = performance.now();
  const commands = `&read ${path}; &polyn${signed ? ' -s' : ''}`;
  const run = spawnSync('bash', ['-c', `ulimit -v 6000000; exec ${abc} -q "${commands}"`], {
    encoding: 'utf8',
    timeout: limit * 1000,
    maxBuffer: 1 << 28,
  });
  const done = run.status === 0;
  const left = /Left = (\d+)/.exec(run.stdout ?? '')?.[1];
  return {
    finished: done,
    processSeconds: (performance.now() - start) / 1000,
    monomialsLeft: left === undefined ? null : Number(left),
  };
}

const rows = [];
const measure = (name, kind, width, path) => {
  const row = { circuit: name, width, bitwright: check(path), abcPolyn: polyn(path, kind === 'booth') };
  rows.push(row);
  console.log(name, row.bitwright.verdict, row.bitwright.seconds.toFixed(2), JSON.stringify(row.abcPolyn));
};
for (const width of flags.quick ? [64] : [64, 128, 256]) {
  for (const kind of ['csa', 'booth']) measure(`${kind} ${width}`, kind, width, plain(kind, width));
}
if (abc !== undefined) {
  for (const kind of ['csa', 'booth']) {
    const source = plain(kind, 32);
    for (const [name, script] of Object.entries(scripts)) {
      const path = join(work, 'changed.aig');
      const made = spawnSync(abc, ['-q', `read_aiger ${source}; strash; ${script}; write_aiger -s ${path}`]);
      if (made.status === 0) measure(`${kind} 32, ${name}`, kind, 32, path);
    }
  }
}
if (!flags.quick) {
  keep('check', { date: today(), machine: { ...machine(), load: loadavg() }, timeout: limit, rows });
}
