// The model checking engines against ABC's pdr on the same problems in the same run. Usage:
//   node bench/verify-engine.mjs [--limit SECONDS] [--quick] [--only TEXT]
// Own engines: two threads. ABC: `scorr; pdr` inside @yowasp/yosys and, where installed, a native berkeley-abc, each with
// one thread. Every own proof is checked by the independent checker. Kept in bench/results/verify-engine.json; an engine
// stopped by the limit has null seconds.

import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAbc } from '../dist/engines/abc.js';
import { checkCertificate, checkCover, checkLiveness, checkSafety } from '../dist/engines/index.js';
import { fifo } from '../dist/engines/machines.js';
import { closeYosys } from '../dist/synthesis/index.js';
import { loadDesign } from '../dist/verify/load.js';
import { verifyDesign } from '../dist/verify/run.js';
import { keep, machine, today, versionOf } from './keep.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const option = name => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const limit = Number(option('--limit') ?? 60);
const only = option('--only');
const quick = process.argv.includes('--quick');

/** The safety problem a property of a shipped design becomes. */
async function product(file, property, parameters) {
  const loaded = await loadDesign([join(here, '../assets/verify', file)], {
    includeFolders: [],
    parameters,
    defines: {},
    config: {},
  });
  let problem;
  const capture = async (aig, options) => {
    problem ??= { aig, hints: options.hints };
    return checkSafety(aig, options);
  };
  await verifyDesign(
    loaded.design,
    loaded.found,
    { checkSafety: capture, checkLiveness, checkCover },
    { properties: [property], timeoutSeconds: limit },
  );
  return problem;
}

const problems = [
  ['FIFO 4 x 1, 0*110*', () => fifo({ depth: 4, width: 1, monitor: 'colours' })],
  ['FIFO 8 x 1, 0*110*', () => fifo({ depth: 8, width: 1, monitor: 'colours' })],
  ['FIFO 8 x 2, marked token', () => fifo({ depth: 8, width: 2 })],
  ['FIFO 16 x 8, marked token', () => fifo({ depth: 16, width: 8 })],
  ['FIFO 16 x 8, overflow', () => fifo({ depth: 16, width: 8, overflow: true })],
  ['credit link, P1', () => product('credit_link.sv', 'P1', {})],
  ['skid pipeline of 8, P1', () => product('skid_pipeline.sv', 'P1', { STAGES: '8' })],
  ['skid pipeline of 8, bug, P1', () => product('skid_pipeline.sv', 'P1', { STAGES: '8', BUG: '1' })],
  ...(quick
    ? []
    : [
        ['FIFO 64 x 32, marked token', () => fifo({ depth: 64, width: 32 })],
        ['skid pipeline of 32, P1', () => product('skid_pipeline.sv', 'P1', { STAGES: '32' })],
      ]),
];

const round = x => (x === null ? null : Math.round(x * 1000) / 1000);
const rows = [];
for (const [name, make] of problems) {
  if (only !== undefined && !name.includes(only)) continue;
  const made = await make();
  const { aig, hints } = made === undefined || 'hints' in made ? (made ?? {}) : { aig: made };
  if (aig === undefined) {
    console.log(`${name}: decided by structure alone, not run`);
    continue;
  }
  const own = await checkSafety(aig, {
    timeoutSeconds: limit,
    hints,
    engines: ['pdr', 'k-induction', 'bmc'],
    threads: 2,
  });
  const row = {
    problem: name,
    latches: aig.latchCount,
    ands: aig.andCount,
    own: {
      verdict: own.verdict,
      method: own.method,
      depth: own.depth,
      seconds: own.verdict === 'unknown' ? null : round(own.seconds),
    },
  };
  if (own.certificate !== undefined) {
    const check = checkCertificate(aig, 0, own.certificate, { timeoutSeconds: 4 * limit });
    row.certificate = { valid: check.valid, clauses: own.certificate.clauses, seconds: round(check.seconds) };
  }
  for (const peer of ['yosys-abc', 'berkeley-abc']) {
    const start = performance.now();
    const found = await runAbc(peer, aig, 0, { timeoutSeconds: limit });
    const seconds = (performance.now() - start) / 1000;
    if (found.reason?.includes('not installed')) continue;
    row[peer] = {
      verdict: found.verdict,
      depth: found.depth,
      seconds: found.verdict === 'unknown' ? null : round(seconds),
    };
  }
  rows.push(row);
  console.log(JSON.stringify(row));
}
await closeYosys();
// a part is printed, not kept
if (only !== undefined) process.exit(0);
const { cpu, cores, node } = machine();
keep('verify-engine', {
  ...{ machine: cpu, cores, load: loadavg()[0], node, yosys: versionOf('@yowasp/yosys') },
  ...{ date: today(), limit, rows },
});
process.exit(0);
