// Reproduces the figures of docs/reason-gnn.md: node bench/gnn.mjs [--large]. Results: bench/results/gnn.json.
// Mapped test circuits need ABC and a liberty file (apt: berkeley-abc, qflow-tech-osu018); without them they are left out.
// --speed measures speed alone and keeps the other figures; --circuits rewrites the committed training circuits instead; --large adds the 2048-bit array multiplier.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
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
  score,
  trainingCircuits,
  trainModel,
} from '../dist/reason/gnn/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const liberty = '/usr/share/qflow/tech/osu018/osu018_stdcells.lib';
const work = mkdtempSync(join(tmpdir(), 'gnn-'));
const haveAbc = spawnSync('berkeley-abc', ['-q', 'quit']).status === 0 && existsSync(liberty);
const genlib = name => join(root, 'bench/libraries', `${name}.genlib`);
const reads = {
  osu018: `read_lib -w ${liberty}`,
  mcnc: `read_genlib ${genlib('mcnc')}`,
  complex: `read_genlib ${genlib('complex')}`,
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

async function models() {
  const all = {};
  const published = await trainModel(architecture('gamora'), trainingCircuits('csa8'), { epochs: 100 });
  all['gamora, trained on CSA8 as published'] = published;
  log(`gamora csa8 ${published.seconds.toFixed(1)} s`);
  const mix = await trainModel(architecture('gamora'), trainingCircuits('mix'), {
    epochs: 200,
    sampleNodes: 0,
    balance: 0.5,
    dropout: 0.1,
  });
  all['gamora, trained on the mix'] = mix;
  log(`gamora mix ${mix.seconds.toFixed(1)} s`);
  const a = architecture('default');
  for (const [name, change] of [
    ['default with simulation signatures', { simulate: true }],
    [
      'default with signatures, fan-in messages only',
      { simulate: true, relations: ['plain', 'complemented'] },
    ],
  ]) {
    all[name] = await trainModel({ ...a, ...change }, trainingCircuits('mix'), { epochs: 200 });
    log(`${name} ${all[name].seconds.toFixed(1)} s`);
  }
  all['default'] = { model: loadModel(), seconds: Number.NaN };
  return all;
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

const speedOnly = process.argv.includes('--speed');
const results = join(root, 'bench/results/gnn.json');
mkdirSync(join(root, 'bench/results'), { recursive: true });
const before = speedOnly && existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : {};
const machine = { cpu: cpus()[0].model, cores: availableParallelism(), node: process.version };

const speed = [];
for (const [kind, width] of [
  ['csa', 512],
  ['booth', 512],
]) {
  const aig = generate(kind, width);
  for (const threads of [1, 2]) {
    const runs = [];
    for (let i = 0; i < 5; i++) runs.push((await predict(aig, { threads })).statistics);
    const best = runs.reduce((a, b) => (a.seconds < b.seconds ? a : b));
    const perSecond = best.nodes / best.seconds;
    speed.push({
      circuit: `${kind}${width}`,
      threads,
      nodes: best.nodes,
      seconds: best.seconds,
      nodesPerSecond: perSecond,
      distinctShare: best.distinctShare,
      prepareSeconds: best.prepareSeconds,
    });
    log(`${kind}${width} ${threads} threads ${(perSecond / 1e6).toFixed(2)} million nodes/s`);
  }
}

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

const trained = speedOnly ? {} : await models();
const training = Object.entries(trained).map(([name, t]) => ({
  name,
  seconds: t.seconds,
  parameters: t.model.parameters.length,
}));
const rows = [];
const confirmations = [];

function save() {
  const accuracy = speedOnly ? {} : { abc: haveAbc, training, rows, confirmations };
  const all = {
    ...before,
    date: new Date().toISOString(),
    machine,
    ...accuracy,
    speed,
    large: large ?? before.large,
  };
  writeFileSync(results, `${JSON.stringify(all, undefined, 1)}\n`);
}

for (const c of speedOnly ? [] : cases) {
  const original = generate(c.kind, c.width);
  const aig = c.script ? mapped(original, c.library, c.script, join(work, 'm.aig')) : original;
  const labels = circuitLabels(aig, c.script ? original : undefined);
  if (c.script === 'map') {
    confirmations.push({ circuit: c.name, ...confirm(aig, original) });
    log(JSON.stringify(confirmations.at(-1)));
  }
  for (const [name, { model }] of Object.entries(trained)) {
    if (c.width > 128 && name !== 'default' && !name.startsWith('gamora, trained on CSA8')) continue;
    const p = await predict(aig, { model, threads: 2 });
    const shared = ['plain', 'maj', 'xor'];
    const roots = ['carry', 'sum', 'other'];
    const tasks = {};
    for (const [task, names] of [
      ['xor', shared],
      ['maj', shared],
      ['root', roots],
      ['origin', roots],
    ]) {
      const s = score(p[task], labels[task], names, aig.firstAnd);
      tasks[task] = {
        accuracy: percent(s.accuracy),
        balanced: percent(s.balanced),
        majority: percent(s.majority),
        f1: Object.fromEntries(s.classes.map(x => [x.name, Math.round(x.f1 * 1e4) / 1e4])),
        counts: Object.fromEntries(s.classes.map(x => [x.name, x.count])),
      };
    }
    rows.push({ circuit: c.name, ands: aig.andCount, model: name, tasks });
    const short = ['root', 'origin'].map(t => `${t} ${tasks[t].accuracy} / ${tasks[t].balanced}`).join('  ');
    save();
    log(`${c.name.padEnd(24)} ${name.padEnd(40)} ${short}`);
  }
}

save();
rmSync(work, { recursive: true });
