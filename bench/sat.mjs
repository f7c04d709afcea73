// The SAT solver against others on the same CNF files in the same run, and equivalence checks it carries.
// Usage: node bench/sat.mjs [--quick]. Peers: npm `logic-solver` (MiniSat by Emscripten, a devDependency) and, where it is
// installed, Debian's `minisat` (its seconds are of the whole process). Kept in bench/results/sat.json. A solver stopped by the time limit has null seconds.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Random } from '../dist/core/random.js';
import {
  ConeEncoder,
  coneGraph,
  equivalent,
  formatDimacs,
  generateAdder,
  generateMultiplier,
  loadCnf,
  miter,
  parseDimacs,
  Solver,
  sweep,
} from '../dist/netlist/index.js';
import { keep, machine, today } from './keep.mjs';

const limit = 30;
const warmUp = {
  variableCount: 2,
  clauses: [
    [1, 2],
    [-1, -2],
  ],
};

/** The CNF of a miter: is its output ever true? */
function miterCnf(first, second) {
  const aig = miter(first, second);
  const clauses = [];
  let variables = 0;
  const recorder = {
    newVariable: () => ++variables,
    addClause: clause => clauses.push(Array.from(clause)),
  };
  const cone = new ConeEncoder(coneGraph(aig), recorder);
  cone.open([aig.outputs[0]]);
  clauses.push([cone.literal(aig.outputs[0])]);
  return { variableCount: variables, clauses };
}

function random3(seed, variables, ratio) {
  const random = new Random(seed);
  const clauses = Array.from({ length: Math.round(variables * ratio) }, () => {
    const chosen = new Set();
    while (chosen.size < 3) chosen.add(1 + random.below(variables));
    return Array.from(chosen, v => (random.below(2) === 0 ? v : -v));
  });
  return { variableCount: variables, clauses };
}

function pigeons(holes) {
  const v = (p, h) => p * holes + h + 1;
  const clauses = [];
  for (let p = 0; p <= holes; p++) clauses.push(Array.from({ length: holes }, (_, h) => v(p, h)));
  for (let h = 0; h < holes; h++) {
    for (let p = 0; p <= holes; p++) for (let q = 0; q < p; q++) clauses.push([-v(p, h), -v(q, h)]);
  }
  return { variableCount: (holes + 1) * holes, clauses };
}

const multiplier = (kind, width) => generateMultiplier({ kind, width });
const instances = {
  'random 3-SAT 200 at 4.26 (a)': () => random3(1, 200, 4.26),
  'random 3-SAT 250 at 4.26 (b)': () => random3(2, 250, 4.26),
  'random 3-SAT 250 at 4.26 (c)': () => random3(3, 250, 4.26),
  'pigeons 10 in 9': () => pigeons(9),
  'miter ripple = Kogge-Stone 64': () =>
    miterCnf(generateAdder({ kind: 'ripple', width: 64 }), generateAdder({ kind: 'kogge-stone', width: 64 })),
  'miter array = Booth 6': () => miterCnf(multiplier('csa', 6), multiplier('booth', 6)),
  'miter array = Booth 7': () => miterCnf(multiplier('csa', 7), multiplier('booth', 7)),
};

/** Seconds from the parsed clauses to the answer, after a small instance has loaded and compiled the solver. */
function solveWith(name, cnf) {
  if (cnf !== warmUp) solveWith(name, warmUp);
  const start = performance.now();
  let answer;
  if (name === 'bitwright') {
    const solver = new Solver();
    loadCnf(solver, cnf);
    answer = solver.solve([], { seconds: limit });
  } else {
    const MiniSat = createRequire(import.meta.url)('logic-solver/minisat_wrapper.js');
    const solver = new MiniSat();
    solver.ensureVar(cnf.variableCount);
    for (const clause of cnf.clauses) solver.addClause(Array.from(clause));
    answer = solver.solve() ? 'sat' : 'unsat';
  }
  return { answer, seconds: (performance.now() - start) / 1000 };
}

/** In a worker, so that a solver without a budget can be stopped. */
function timed(name, cnf) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { name, cnf } });
    const timer = setTimeout(() => {
      worker.terminate();
      resolve({ answer: 'unknown', seconds: null });
    }, limit * 1000);
    worker.once('message', result => {
      clearTimeout(timer);
      worker.terminate();
      resolve(result.answer === 'unknown' ? { answer: 'unknown', seconds: null } : result);
    });
    worker.once('error', reject);
  });
}

function native(file) {
  if (spawnSync('which', ['minisat']).status !== 0) return null;
  const start = performance.now();
  const { status } = spawnSync('minisat', ['-verb=0', file], { timeout: limit * 1000 });
  const answer = status === 10 ? 'sat' : status === 20 ? 'unsat' : 'unknown';
  return { answer, seconds: answer === 'unknown' ? null : (performance.now() - start) / 1000 };
}

const round = x => (x === null || x === undefined ? null : Number(x.toPrecision(3)));

async function main() {
  const work = mkdtempSync(join(tmpdir(), 'bitwright-sat-'));
  const rows = [];
  for (const [instance, make] of Object.entries(instances)) {
    const made = make();
    const file = join(work, 'instance.cnf');
    writeFileSync(file, formatDimacs(made));
    const cnf = parseDimacs(readFileSync(file, 'utf8'));
    const ours = await timed('bitwright', cnf);
    const logicSolver = await timed('logic-solver', cnf);
    const minisat = native(file);
    const answers = new Set([ours, logicSolver, minisat].map(r => r?.answer ?? 'unknown'));
    answers.delete('unknown');
    if (answers.size > 1) throw new Error(`${instance}: the solvers disagree`);
    const row = {
      instance,
      variables: made.variableCount,
      clauses: made.clauses.length,
      answer: [...answers][0] ?? 'unknown',
      seconds: round(ours.seconds),
      logicSolverSeconds: round(logicSolver.seconds),
      minisatSeconds: round(minisat?.seconds),
    };
    rows.push(row);
    console.log(JSON.stringify(row));
  }
  const checks = [];
  for (const [name, first, second] of [
    [
      'ripple = Kogge-Stone 256',
      generateAdder({ kind: 'ripple', width: 256 }),
      generateAdder({ kind: 'kogge-stone', width: 256 }),
    ],
    [
      'ripple = carry-lookahead 256',
      generateAdder({ kind: 'ripple', width: 256 }),
      generateAdder({ kind: 'cla', width: 256 }),
    ],
    ['array = Booth 6', multiplier('csa', 6), multiplier('booth', 6)],
    ['array = Booth 8', multiplier('csa', 8), multiplier('booth', 8)],
  ]) {
    const { verdict, proved, pairs, seconds } = equivalent(first, second, { seconds: limit });
    const row = {
      name,
      ands: first.andCount + second.andCount,
      verdict,
      proved,
      pairs,
      seconds: round(seconds),
    };
    checks.push(row);
    console.log(JSON.stringify(row));
  }
  const aig = multiplier('booth', 64);
  const { statistics } = sweep(aig, { seconds: limit });
  const swept = { circuit: 'booth64', ands: aig.andCount, ...statistics, seconds: round(statistics.seconds) };
  console.log(JSON.stringify(swept));
  rmSync(work, { recursive: true, force: true });
  if (process.argv.includes('--quick')) return;
  keep('sat', {
    date: today(),
    machine: { ...machine(), load: loadavg()[0] },
    limitSeconds: limit,
    peers: {
      'logic-solver': JSON.parse(readFileSync(new URL('../package.json', import.meta.url))).devDependencies[
        'logic-solver'
      ],
      minisat: existsSync('/usr/bin/minisat') ? 'Debian minisat2 2.2.1' : null,
    },
    solvers: rows,
    equivalence: checks,
    sweep: swept,
  });
}

if (isMainThread) await main();
else parentPort.postMessage(solveWith(workerData.name, workerData.cnf));
