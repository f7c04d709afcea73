// Adder detection against ABC on the same files in the same run, and recall on technology-mapped multipliers.
// Usage: node bench/reason.mjs [--quick] [--full] [--fixtures]
//   --mapped    only the mapped circuits; the other figures are kept
//   --quick     widths to 256, mapped circuits at 32 bits, nothing written
//   --full      also the 2048-bit array multiplier (33.5 million ANDs, 1.5 GB)
//   --fixtures  only remake src/reason/fixtures (needs ABC and the osu018 liberty file)
// ABC is optional: Debian's `berkeley-abc`; the liberty file comes with `qflow-tech-osu018`. Without them those columns
// are null. Kept in bench/results/reason.json.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateMultiplier, readAiger, writeAigerFile } from '../dist/netlist/index.js';
import { adderLiterals, detectAdders, findAdders, sumScorer } from '../dist/reason/index.js';
import { keep, kept, machine, today } from './keep.mjs';

const { values: flags } = parseArgs({
  options: {
    mapped: { type: 'boolean' },
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    fixtures: { type: 'boolean' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const work = mkdtempSync(join(tmpdir(), 'bitwright-reason-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const abc = ['berkeley-abc', 'abc'].find(name => spawnSync('which', [name]).status === 0);
const liberty = ['/usr/share/qflow/tech/osu018/osu018_stdcells.lib'].find(existsSync);
const libraries = {
  ...(liberty === undefined ? {} : { osu018: `read_lib -w ${liberty}` }),
  simple: `read_genlib ${join(here, 'genlib/simple.genlib')}`,
  complex: `read_genlib ${join(here, 'genlib/complex.genlib')}`,
};
const round = x => (x === null || x === undefined ? null : Number(x.toPrecision(4)));

const makers = new Map();
/** The AIGER file of a multiplier, made once. */
function multiplier(kind, width) {
  const path = join(work, `${kind}${width}.aig`);
  if (!makers.has(path)) {
    const aig = generateMultiplier({ kind, width, signed: kind === 'booth', names: false });
    writeAigerFile(aig, path);
    makers.set(path, true);
  }
  return path;
}

/** File in, labels and adders out, one process on one thread. */
function ours(path) {
  const start = performance.now();
  const out = execFileSync(process.execPath, [cli, 'reason', 'find', path, '--mode', 'exact', '--json'], {
    maxBuffer: 1 << 26,
  });
  return { ...JSON.parse(out), processSeconds: (performance.now() - start) / 1000 };
}

/** Seconds ABC reports for the first line that matches; the process is killed there, or after `limit` seconds. */
function abcSeconds(commands, pattern, limit) {
  if (abc === undefined) return Promise.resolve(null);
  return new Promise(resolve => {
    const child = spawn('bash', ['-c', `ulimit -v 9000000; exec stdbuf -oL ${abc} -q "${commands}"`]);
    let text = '';
    let answer = { seconds: null, limit };
    const timer = setTimeout(() => child.kill('SIGKILL'), limit * 1000);
    child.stdout.on('data', chunk => {
      text += chunk;
      const match = pattern.exec(text);
      if (match !== null) {
        answer = {
          seconds: Number(match.groups.seconds),
          fullAdders: Number(match.groups.fa ?? NaN),
          halfAdders: Number(match.groups.ha ?? NaN),
          xors: Number(match.groups.xors ?? NaN),
        };
        child.kill('SIGKILL');
      }
    });
    child.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
const detected =
  /Detected (?<fa>\d+) full-adders and (?<ha>\d+) half-adders\.\s+Found (?<xors>\d+) XOR-cuts\.\s+Time =\s*(?<seconds>[\d.]+) sec/;
const treeTime = /Detected \d+ FAs\/HAs.*?Time =\s*(?<seconds>[\d.]+) sec/;

async function exactRows() {
  const rows = [];
  const widths = flags.quick ? [8, 16, 32, 64, 128, 256] : [8, 16, 32, 64, 128, 256, 512, 1024];
  for (const kind of ['csa', 'booth']) {
    for (const width of widths) {
      const path = multiplier(kind, width);
      const first = ours(path);
      const peer = await abcSeconds(`&read ${path}; &profile -a`, detected, 240);
      const second = width > 1024 ? first : ours(path);
      const best = first.seconds < second.seconds ? first : second;
      const row = {
        kind,
        width,
        ands: best.ands,
        fullAdders: best.fullAdders,
        halfAdders: best.halfAdders,
        xorNodes: best.exact.xorNodes,
        seconds: round(best.seconds),
        detectSeconds: round(best.exact.seconds),
        microsecondsPerAnd: round((best.seconds * 1e6) / best.ands),
        peakBytes: best.peakBytes,
        abcDetectSeconds: peer?.seconds ?? null,
        abcCountsEqual:
          peer === null || peer.seconds === null
            ? null
            : peer.fullAdders === best.fullAdders &&
              peer.halfAdders === best.halfAdders &&
              peer.xors === best.exact.xorNodes,
        fasterThanAbcDetection: peer?.seconds ? round(peer.seconds / best.seconds) : null,
      };
      rows.push(row);
      console.log(JSON.stringify(row));
    }
  }
  return rows;
}

async function treeRow() {
  if (flags.quick) return null;
  const path = multiplier('csa', 512);
  const mine = ours(path).seconds;
  const limit = Math.ceil(55 * mine) + 5;
  const peer = await abcSeconds(`&read ${path}; &atree`, treeTime, limit);
  const row = {
    width: 512,
    seconds: round(mine),
    abcTreeSeconds: peer?.seconds ?? null,
    abcStoppedAfter: peer !== null && peer.seconds === null ? limit : null,
    atLeastTimesFaster: peer === null ? null : round((peer.seconds ?? limit) / mine),
  };
  console.log(JSON.stringify(row));
  return row;
}

function largeRow() {
  if (!flags.full) return null;
  const path = multiplier('csa', 2048);
  const r = ours(path);
  rmSync(path);
  const row = {
    width: 2048,
    ands: r.ands,
    fullAdders: r.fullAdders,
    halfAdders: r.halfAdders,
    seconds: round(r.seconds),
    processSeconds: round(r.processSeconds),
    peakBytes: r.peakBytes,
    bytesPerAnd: round(r.peakBytes / r.ands),
  };
  console.log(JSON.stringify(row));
  return row;
}

const words = 128;

/** Every variable on 4096 random vectors, the same for every netlist with these inputs. */
function simulateAll(aig) {
  const values = new Int32Array(aig.variableCount * words);
  let state = 12345;
  for (let i = words; i < aig.firstAnd * words; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ (state >>> 7);
  }
  const read = (literal, w) => values[(literal >>> 1) * words + w] ^ -(literal & 1);
  for (let i = 0; i < aig.andCount; i++) {
    const at = (aig.firstAnd + i) * words;
    for (let w = 0; w < words; w++) values[at + w] = read(aig.fanin0[i], w) & read(aig.fanin1[i], w);
  }
  return values;
}

/** Adders that simulation of the given netlist contradicts: an independent check of the proofs. */
function contradicted(values, adders) {
  const read = (literal, w) => values[(literal >>> 1) * words + w] ^ -(literal & 1);
  let wrong = 0;
  for (let i = 0; i < adders.count; i++) {
    const { operands, sum, carry } = adderLiterals(adders, i);
    for (let w = 0; w < words; w++) {
      const [a, b, c = 0] = operands.map(x => read(x, w));
      if (read(sum, w) !== (a ^ b ^ c) || read(carry, w) !== ((a & b) | (a & c) | (b & c))) {
        wrong++;
        break;
      }
    }
  }
  return wrong;
}

/** What each full adder computes on the vectors: its carry and, in no order, operands and sum, up to complement. */
function functions(values, adders) {
  const keys = new Map();
  const key = v => {
    if (!keys.has(v)) {
      const flip = -(values[v * words] & 1);
      const row = values.subarray(v * words, (v + 1) * words).map(x => x ^ flip);
      keys.set(v, createHash('sha1').update(row).digest('base64'));
    }
    return keys.get(v);
  };
  const all = new Set();
  for (let i = 0; i < adders.count; i++) {
    if (!adders.isFull(i)) continue;
    const { operands, sum, carry } = adderLiterals(adders, i);
    const nets = [...operands, sum].map(x => key(x >>> 1)).sort();
    all.add([...nets, key(carry >>> 1)].join());
  }
  return all;
}

const resyn2 =
  'balance; rewrite; refactor; balance; rewrite; rewrite -z; balance; refactor -z; rewrite -z; balance';

async function mappedRows() {
  if (abc === undefined) return [];
  const rows = [];
  const width = flags.quick ? 32 : 128;
  const flows = [];
  for (const [name, read] of Object.entries(libraries)) {
    for (const map of ['map', 'map -a', 'amap'])
      flows.push([width, `${name} ${map}`, `${read}; LOAD; strash; ${map}; strash`]);
  }
  flows.push([32, 'dc2', 'LOAD; strash; dc2'], [32, 'resyn2', `LOAD; strash; ${resyn2}`]);
  for (const kind of ['csa', 'booth']) {
    for (const [bits, name, script] of flows) {
      const source = multiplier(kind, bits);
      const path = join(work, 'mapped.aig');
      spawnSync(abc, ['-q', `${script.replace('LOAD', `read_aiger ${source}`)}; write_aiger ${path}`]);
      const aig = readAiger(path);
      const before = readAiger(source);
      const originals = detectAdders(before).adders;
      const original = originals.fullAdders;
      const shown = detectAdders(aig).adders;
      const scorer = sumScorer();
      const start = performance.now();
      const found = await findAdders(aig, { scorer });
      const seconds = (performance.now() - start) / 1000;
      const byFunction = await findAdders(aig);
      const byNetwork = await findAdders(aig, { scorer, onlyScored: true });
      const values = simulateAll(aig);
      const wanted = functions(simulateAll(before), originals);
      const have = functions(values, found.adders);
      const recovered = [...wanted].filter(x => have.has(x)).length;
      const row = {
        kind,
        width: bits,
        flow: name,
        ands: aig.andCount,
        originalFullAdders: original,
        byCuts: shown.fullAdders,
        hybrid: found.adders.fullAdders,
        /** Share of the functions of the original full adders found. */
        recall: round(recovered / wanted.size),
        originalFunctions: wanted.size,
        halfAdders: found.adders.halfAdders,
        contradicted: contradicted(values, found.adders),
        seconds: round(seconds),
        /** By cuts, by function, proposed by the network. */
        bySource: [0, 1, 2].map(code => found.source.filter(x => x === code).length),
        satMerges: found.statistics.hidden?.sat?.proved ?? null,
        withoutNetwork: byFunction.adders.fullAdders,
        withoutNetworkSeconds: round(byFunction.statistics.seconds),
        networkAlone: byNetwork.adders.fullAdders,
        networkAloneSeconds: round(byNetwork.statistics.seconds),
      };
      rows.push(row);
      console.log(JSON.stringify(row));
    }
  }
  return rows;
}

function fixtures() {
  for (const kind of ['csa', 'booth']) {
    for (const [name, read] of Object.entries(libraries)) {
      const path = join(here, `../src/reason/fixtures/${kind}8-${name}.aig`);
      spawnSync(abc, [
        '-q',
        `${read}; read_aiger ${multiplier(kind, 8)}; strash; map; strash; write_aiger ${path}`,
      ]);
    }
  }
}

if (flags.fixtures) {
  if (abc === undefined) throw new Error('--fixtures needs ABC');
  fixtures();
} else {
  const before = kept('reason');
  const exact = flags.mapped ? (before.exact ?? []) : await exactRows();
  const tree = flags.mapped ? (before.tree ?? null) : await treeRow();
  const large = largeRow();
  const mapped = await mappedRows();
  if (!flags.quick) {
    keep('reason', {
      date: today(),
      machine: { ...machine(), load: loadavg()[0] },
      abc: abc === undefined ? null : 'Debian berkeley-abc 1.01',
      exact,
      tree,
      large: large ?? before.large ?? null,
      mapped,
    });
  }
}
