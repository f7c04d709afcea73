// Reproduces the figures of docs/reason-gnn.md: node bench/gnn.mjs [--large]. Results: bench/results/gnn.json.
// Mapped test circuits need ABC and a liberty file (apt: berkeley-abc, qflow-tech-osu018); without them they are left out.
// Rows of the results file made with the same model and training circuits (its `stamp`) are kept, so an interrupted run resumes;
// --fresh makes all anew. --speed measures speed alone; --large adds the 2048-bit array multiplier; --circuits rewrites the
// committed training circuits instead. Trained models are kept under the system's temporary folder.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aig, generateMultiplier, readAiger, writeAigerFile } from '../dist/netlist/index.js';
import { detectAdders } from '../dist/reason/exact/index.js';
import { architecture } from '../dist/reason/gnn/architecture.js';
import {
  circuitLabels,
  loadModel,
  originMatch,
  predict,
  saveModel,
  score,
  trainingCircuits,
  trainModel,
} from '../dist/reason/gnn/index.js';
import { keep, kept, machine } from './keep.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const liberty = '/usr/share/qflow/tech/osu018/osu018_stdcells.lib';
const work = mkdtempSync(join(tmpdir(), 'gnn-'));
const haveAbc = spawnSync('berkeley-abc', ['-q', 'quit']).status === 0 && existsSync(liberty);
const genlib = name => join(root, 'bench/libraries', `${name}.genlib`);
const reads = {
  osu018: `read_lib -w ${liberty}`,
  mcnc: `read_genlib ${genlib('mcnc')}`,
  complex: `read_genlib ${genlib('complex')}`,
  development: `read_genlib ${genlib('development')}`,
};
const resyn2 =
  'balance; rewrite; refactor; balance; rewrite; rewrite -z; balance; refactor -z; rewrite -z; balance';
const scripts = {
  map: 'map; strash',
  area: 'map -a; strash',
  dc2: 'dc2; strash',
  dch: 'dch; strash',
  resyn2: `${resyn2}; strash`,
};

function generate(kind, width) {
  return generateMultiplier({ kind, width, signed: kind === 'booth', names: false });
}

function abc(script, seconds = 300) {
  const r = spawnSync('berkeley-abc', ['-q', script], { encoding: 'utf8', timeout: seconds * 1000 });
  return r.status === 0 ? r.stdout : undefined;
}

/** The circuit after ABC: library (or undefined) and script name. */
function mapped(aig, library, script, path) {
  const input = join(work, 'in.aig');
  writeAigerFile(aig, input);
  const read = library ? `${reads[library]}; ` : '';
  abc(`${read}read_aiger ${input}; strash; ${scripts[script]}; write_aiger ${path}`);
  return readAiger(path);
}

if (process.argv.includes('--circuits')) {
  const folder = join(root, 'assets/gnn/circuits');
  mkdirSync(folder, { recursive: true });
  for (const kind of ['csa', 'booth']) {
    for (const width of [8, 12, 16]) {
      const aig = generate(kind, width);
      for (const library of ['osu018', 'mcnc']) {
        mapped(aig, library, 'map', join(folder, `${kind}${width}.${library}.map.aig`));
        if (width > 8) mapped(aig, library, 'area', join(folder, `${kind}${width}.${library}.area.aig`));
      }
      if (width !== 12) continue;
      for (const script of ['dc2', 'dch', 'resyn2']) {
        mapped(aig, undefined, script, join(folder, `${kind}${width}.${script}.aig`));
      }
    }
  }
  process.exit(0);
}

/** SAT sweeping by ABC: are the matched nets equal to the original's? */
function confirm(aig, original) {
  const match = originMatch(aig, original, detectAdders(original).adders);
  const left = [];
  const right = [];
  for (let v = aig.firstAnd; v < aig.variableCount; v++) {
    if (match.labels[v] === 2) continue;
    left.push(2 * v);
    right.push(match.literals[v]);
  }
  const write = (g, outputs, path) => {
    const { inputCount, fanin0, fanin1 } = g;
    writeAigerFile(new Aig({ inputCount, fanin0, fanin1, outputs: Uint32Array.from(outputs) }), path);
  };
  write(aig, left, join(work, 'l.aig'));
  write(original, right, join(work, 'r.aig'));
  const text = abc(`cec ${join(work, 'l.aig')} ${join(work, 'r.aig')}`, 20);
  const verdict =
    text === undefined
      ? 'timeout'
      : /are equivalent/.test(text)
        ? 'equal'
        : (/at least \d+ outputs/.exec(text)?.[0] ?? 'refuted');
  return { nets: left.length, verdict };
}

const log = text => process.stderr.write(`${text}\n`);
const percent = x => Math.round(x * 1e6) / 1e4;

const folder = join(root, 'assets/gnn');
const hash = createHash('sha256').update(readFileSync(join(folder, 'default.model')));
for (const f of readdirSync(join(folder, 'circuits')).sort()) {
  hash.update(f).update(readFileSync(join(folder, 'circuits', f)));
}
const stamp = hash.digest('hex').slice(0, 16);
const models = join(tmpdir(), `bitwright-gnn-${stamp}`);
mkdirSync(models, { recursive: true });

const a = architecture('default');
const mixed = { epochs: 200, sampleNodes: 0, balance: 0.5, dropout: 0.1 };
const narrow = { simulate: true, relations: ['plain', 'complemented'] };
/** Models by name: architecture, circuits, options of training. */
const recipes = {
  'gamora, trained on CSA8 as published': [architecture('gamora'), 'csa8', { epochs: 100 }],
  'gamora, trained on the mix': [architecture('gamora'), 'mix', mixed],
  'default with simulation signatures': [{ ...a, simulate: true }, 'mix', { epochs: 200 }],
  'default with signatures, fan-in messages only': [{ ...a, ...narrow }, 'mix', { epochs: 200 }],
};
for (const seed of [2, 3]) {
  recipes[`default, seed ${seed}`] = [a, 'mix', { epochs: 200, seed }];
  recipes[`default with simulation signatures, seed ${seed}`] = [
    { ...a, simulate: true },
    'mix',
    { epochs: 200, seed },
  ];
}
const training = [];

/** The model of that name; trained when no earlier run left it. */
async function obtain(name) {
  if (name === 'default') return loadModel();
  const path = join(models, `${name.replace(/\W+/g, '-')}.model`);
  if (existsSync(path)) return loadModel(path);
  const [shape, set, options] = recipes[name];
  const t = await trainModel(shape, trainingCircuits(set), options);
  saveModel(t.model, path);
  training.push({ name, seconds: t.seconds, parameters: t.model.parameters.length });
  log(`${name} ${t.seconds.toFixed(1)} s`);
  return t.model;
}

const cases = [];
for (const width of [8, 16, 32, 64, 128, 256, 512]) cases.push({ name: `CSA ${width}`, kind: 'csa', width });
for (const width of [16, 32, 64, 128]) cases.push({ name: `Booth ${width}`, kind: 'booth', width });
if (haveAbc) {
  for (const kind of ['csa', 'booth']) {
    for (const [library, script] of [
      ['osu018', 'map'],
      ['mcnc', 'map'],
      ['complex', 'map'],
      ['complex', 'area'],
      [undefined, 'dc2'],
    ]) {
      const label = `${kind === 'csa' ? 'CSA' : 'Booth'} 128 ${library ?? ''} ${script}`.replace('  ', ' ');
      cases.push({ name: label, kind, width: 128, library, script });
    }
  }
}

const developmentCases = [];
if (haveAbc) {
  for (const kind of ['csa', 'booth']) {
    for (const width of [24, 32]) {
      for (const script of ['map', 'area']) {
        const label = `${kind === 'csa' ? 'CSA' : 'Booth'} ${width} development ${script}`;
        developmentCases.push({ name: label, kind, width, library: 'development', script });
      }
    }
  }
}

const speedOnly = process.argv.includes('--speed');
const before = kept('gnn');
const same = before.stamp === stamp && !process.argv.includes('--fresh');

/** Best of five by wall clock and by processor time: on a shared machine only the second is the program's own. */
async function measureSpeed() {
  const speed = [];
  for (const [kind, width] of [
    ['csa', 512],
    ['booth', 512],
  ]) {
    const aig = generate(kind, width);
    for (const threads of [1, 2]) {
      let best;
      let cpuSeconds = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 5; i++) {
        const start = process.cpuUsage();
        const { statistics } = await predict(aig, { threads });
        const used = process.cpuUsage(start);
        cpuSeconds = Math.min(cpuSeconds, (used.user + used.system) / 1e6);
        if (best === undefined || statistics.seconds < best.seconds) best = statistics;
      }
      const nodesPerSecond = best.nodes / best.seconds;
      speed.push({
        circuit: `${kind}${width}`,
        ...best,
        nodesPerSecond,
        cpuSeconds,
        loadAverage: loadavg()[0],
      });
      log(`${kind}${width} ${threads} threads ${(nodesPerSecond / 1e6).toFixed(2)} million nodes/s`);
    }
  }
  return speed;
}
const speed = speedOnly || !same || !before.speed ? await measureSpeed() : before.speed;

let large;
if (process.argv.includes('--large')) {
  const aig = generate('csa', 2048);
  const { statistics: s } = await predict(aig, { threads: 2 });
  large = {
    circuit: 'csa2048',
    ...s,
    nodesPerSecond: s.nodes / s.seconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  log(JSON.stringify(large));
}

const rows = speedOnly || same ? (before.rows ?? []) : [];
const development = speedOnly || same ? (before.development ?? []) : [];
const confirmations = speedOnly || same ? (before.confirmations ?? []) : [];

function save() {
  const figures = {
    stamp: speedOnly ? before.stamp : stamp,
    date: new Date().toISOString(),
    machine: machine(),
    abc: haveAbc,
    training: [...(before.training ?? []).filter(t => !training.some(x => x.name === t.name)), ...training],
    rows,
    development,
    confirmations,
    speed,
    large: large ?? before.large,
  };
  keep('gnn', figures, 1);
}

const shared = ['plain', 'maj', 'xor'];
const roots = ['carry', 'sum', 'other'];

/** Scores of the models on a circuit, appended to `list`, but for those already there. */
async function measure(c, names, list) {
  const missing = names.filter(name => !list.some(r => r.circuit === c.name && r.model === name));
  if (missing.length === 0) return;
  const original = generate(c.kind, c.width);
  const aig = c.script ? mapped(original, c.library, c.script, join(work, 'm.aig')) : original;
  const labels = circuitLabels(aig, c.script ? original : undefined);
  if (list === rows && c.script === 'map' && !confirmations.some(x => x.circuit === c.name)) {
    confirmations.push({ circuit: c.name, ...confirm(aig, original) });
    log(JSON.stringify(confirmations.at(-1)));
  }
  for (const name of missing) {
    const p = await predict(aig, { model: await obtain(name), threads: 2 });
    const tasks = {};
    for (const [task, classes] of [
      ['xor', shared],
      ['maj', shared],
      ['root', roots],
      ['origin', roots],
    ]) {
      const s = score(p[task], labels[task], classes, aig.firstAnd);
      tasks[task] = {
        accuracy: percent(s.accuracy),
        balanced: percent(s.balanced),
        majority: percent(s.majority),
        f1: Object.fromEntries(s.classes.map(x => [x.name, Math.round(x.f1 * 1e4) / 1e4])),
        counts: Object.fromEntries(s.classes.map(x => [x.name, x.count])),
      };
    }
    list.push({ circuit: c.name, ands: aig.andCount, model: name, tasks });
    const short = ['root', 'origin'].map(t => `${t} ${tasks[t].accuracy} / ${tasks[t].balanced}`).join('  ');
    save();
    log(`${c.name.padEnd(24)} ${name.padEnd(45)} ${short}`);
  }
}

if (!speedOnly) {
  // The default model everywhere first, then the choice on the development set, spreads over seeds, and the other models.
  for (const c of cases) await measure(c, ['default'], rows);
  const plain = ['default', 'default, seed 2', 'default, seed 3'];
  const simulated = ['', ', seed 2', ', seed 3'].map(s => `default with simulation signatures${s}`);
  for (const name of [...plain, ...simulated]) {
    for (const c of developmentCases) await measure(c, [name], development);
  }
  for (const c of cases.filter(c => c.width >= 128 && c.width <= 512)) await measure(c, plain, rows);
  for (const c of cases) {
    const names = Object.keys(recipes).filter(n => !n.includes('seed'));
    await measure(c, c.width > 128 ? names.slice(0, 1) : names, rows);
  }
}

save();
rmSync(work, { recursive: true });
