// RTL against golden model for every kind of unit: a million vectors, what is proved, Verilator's lint and the test bench in
// Icarus and Verilator; how many mutants are noticed; and what rounding the scale product of a vector MAC costs in accuracy.
// Usage: node bench/equivalence.mjs [--part checks|native|mutants|rounding] [--row N[,N…]] [--kind KIND] [--fresh] | --table
// Rows already measured on the same RTL are kept (so a run that was stopped goes on), unless named with --row or --fresh is given.
// CPU seconds count all threads of this process, not the native tools. Kept in bench/results/equivalence.json, row by row.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../dist/core/random.js';
import { encodeReference, parseShorthand } from '../dist/format/index.js';
import { checkEquivalence } from '../dist/hardware/equivalence.js';
import { lintRtl } from '../dist/hardware/lint.js';
import { readUnit, writeUnit } from '../dist/hardware/manifest.js';
import { judgeMutants } from '../dist/hardware/mutants.js';
import { makeUnit } from '../dist/hardware/units.js';
import { roundScale } from '../dist/hardware/vector-mac/index.js';
import { simulateNatively } from '../dist/native/simulation.js';
import { closeYosys } from '../dist/synthesis/index.js';
import { keepPart, kept, machine } from './keep.mjs';

const { values: flags } = parseArgs({
  options: {
    part: { type: 'string' },
    row: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    kind: { type: 'string' },
    table: { type: 'boolean', default: false },
  },
});
const round = (x, digits = 2) => Number(x.toFixed(digits));

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const ppuSmall = { format: 'int3@v2:u3', vector: 2, inputBits: 11, multiplierBits: 3 };
const unitRows = [
  ['vector-mac', { format: '2/2/2/2', vector: 2, depth: 4 }],
  ['vector-mac', { format: '4/4/4/4', scaleBits: 4 }],
  ['vector-mac', { format: '4/4/4/6' }],
  ['vector-mac', { format: '4/4/4/6', scaleBits: 6 }],
  ['vector-mac', { format: '6/8/6/-' }],
  ['vector-mac', { format: '4/8/6/10' }],
  ['vector-mac', { format: '8/8/-/-' }],
  ['ppu', ppuSmall],
  ['ppu', { format: 'uint4@v16:u4' }],
  ['ppu', {}],
  ...[1, 2, 4, 8].map(lut => ['lns-mac', { lanes: 2, lut }]),
  ...[1, 2, 4, 8].map(lut => ['lns-mac', { lut }]),
  ['lns-convert', {}],
  ['sparsity-detector', {}],
  ['label-table', {}],
  ['channel-walk', {}],
  ['channel-walk', { width: 4, indexBits: 4, addressBits: 5 }],
  ['softermax-unnormed', { vector: 2 }],
  ['softermax-normal', { vector: 2 }],
  ['softermax-unnormed', {}],
  ['softermax-normal', {}],
  ['softmax-unnormed-fp16', { vector: 16 }],
  ['softmax-normal-fp16', { vector: 16 }],
  ['fp-mac', { format: 'fp8e4m3' }],
  ['fp-mac', { format: 'fp16' }],
  ['fp-mac', { format: 'fp32' }],
];
const mutantRows = [
  ['vector-mac', { format: '4/4/4/6' }, 100],
  ['vector-mac', { format: '8/8/-/-' }, 60],
  ['ppu', ppuSmall, 100],
  ['lns-mac', { lanes: 2, lut: 2 }, 60],
  ['lns-convert', { format: 'lns5g2', accumulator: 10 }, 60],
  ['fp-mac', { format: 'fp8e4m3', lanes: 2 }, 60],
  ['sparsity-detector', { lanes: 4, bits: 2, countBits: 4 }, 60],
  ['label-table', { addressBits: 2 }, 60],
  ['channel-walk', { width: 4, indexBits: 4, addressBits: 5 }, 60],
  ['softermax-unnormed', { vector: 2 }, 60],
  ['softermax-normal', { vector: 2 }, 60],
  ['softmax-unnormed-fp16', { vector: 2 }, 60],
  ['softmax-normal-fp16', { vector: 2 }, 60],
];

/** Test bench and lint in the native tools. */
async function nativeRow(unit) {
  const folder = mkdtempSync(join(tmpdir(), 'equivalence-'));
  try {
    writeUnit(unit, folder, 2048, 1);
    const { files, vectors } = await readUnit(folder);
    const lint = await lintRtl(files, unit.name);
    const names = [...unit.files.map(f => f.name), `${unit.name}_tb.v`];
    const runs = await simulateNatively(folder, `${unit.name}_tb`, names, { timeoutSeconds: 240 });
    const told = name => {
      const run = runs.find(r => r.simulator === name);
      if (run === undefined) return 'not installed';
      return { ...run, buildSeconds: round(run.buildSeconds), runSeconds: round(run.runSeconds) };
    };
    return {
      lint: lint === undefined ? 'not installed' : `${lint.verdict} (${lint.version})`,
      benchTransactions: vectors.inputs.count,
      iverilog: told('iverilog'),
      verilator: told('verilator'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkRow(unit) {
  const before = cpu();
  const report = await checkEquivalence(unit, { proofSeconds: 120 });
  const cpuSeconds = round(cpu() - before);
  const { verdict, transactions, outputs, exhaustive, ands, registers, proof, seconds } = report;
  return {
    ...{ verdict, transactions, outputs, exhaustive, ands, registers },
    proof: proof === undefined ? 'none' : proof.verdict,
    proved: proof === undefined ? '' : `${proof.proved} of ${proof.pairs} bits`,
    reason: proof?.reason ?? '',
    patterns: proof?.patterns ?? 0,
    synthesisSeconds: round(seconds.synthesis),
    simulationSeconds: round(seconds.simulation),
    proofSeconds: round(seconds.proof),
    cpuSeconds,
  };
}

async function mutantRow(unit, count) {
  return judgeMutants(unit, { count, vectors: 50_000 });
}

/** SQNR of dot products of 256 elements against the same integers with the whole scale product, dB. */
function rounding() {
  const rows = [];
  const count = 256;
  for (const format of ['4/4/4/4', '4/4/4/6', '6/6/4/4', '8/8/6/6']) {
    const pair = parseShorthand(format);
    for (const [data, draw] of [
      ['normal', r => r.normal()],
      ['laplace', r => r.laplace()],
    ]) {
      const random = new Random(3);
      const bits = pair.weight.scaling.scale.bits + pair.activation.scaling.scale.bits;
      for (const p of [4, 6, 8]) {
        let signal = 0;
        let noise = 0;
        for (let trial = 0; trial < 400; trial++) {
          const layout = { shape: [1, count], channelAxis: 0, reductionAxis: 1 };
          const make = f =>
            encodeReference(
              Float32Array.from({ length: count }, () => draw(random)),
              layout,
              f,
            );
          const w = make(pair.weight);
          const a = make(pair.activation);
          let whole = 0;
          let cut = 0;
          for (let v = 0; v < count / 16; v++) {
            let dot = 0;
            for (let i = 16 * v; i < 16 * v + 16; i++) dot += w.codes[i] * a.codes[i];
            const product = w.scaleCodes[v] * a.scaleCodes[v];
            whole += dot * product;
            cut += dot * roundScale(product, bits - p, p) * 2 ** (bits - p);
          }
          signal += whole ** 2;
          noise += (whole - cut) ** 2;
        }
        rows.push({ format, data, scaleBits: p, sqnr: round(10 * Math.log10(signal / noise), 1) });
      }
    }
  }
  return rows;
}

/** The tables of docs/hardware.md, from what is kept. */
function tables({ units = [], mutants = [] }) {
  const spelled = ({ kind, parameters }) =>
    [kind, ...Object.entries(parameters).map(([k, v]) => (k === 'format' ? v : `${k} ${v}`))].join(' ');
  const simulator = run => (run === undefined ? '' : typeof run === 'string' ? run : run.verdict);
  const checked = u => [
    `${u.transactions.toLocaleString('en').replaceAll(',', ' ')}${u.exhaustive ? ', every input among them' : ''}`,
    u.proof === 'proved' ? `proved, ${u.proved}` : `${u.proved}; ${/open: [^;]*/.exec(u.reason)?.[0] ?? ''}`,
  ];
  const rows = [
    ['unit', 'transactions', 'proof', 'lint', 'Icarus', 'Verilator', 'simulation s', 'CPU s'],
    ['---', '---', '---', '---', '---', '---', '---', '---'],
    ...units.map(u => [
      spelled(u),
      ...(u.checksOn === undefined ? ['not measured', 'not measured'] : checked(u)),
      ...[u.lint?.replace(/ .*/, ''), simulator(u.iverilog), simulator(u.verilator)],
      ...(u.checksOn === undefined ? ['', ''] : [u.simulationSeconds, u.cpuSeconds]),
    ]),
  ];
  const judged = [
    [
      'unit',
      'mutants',
      'noticed',
      'of these only with 1 M',
      'proved to be no change',
      'told apart by the model checker only',
      'neither',
    ],
    ['---', '---', '---', '---', '---', '---', '---'],
    ...mutants.map(m => [
      spelled(m),
      ...[m.mutants, m.killed + m.killedLate, m.killedLate, m.equivalent, m.missed.length, m.open.length],
    ]),
  ];
  return [rows, judged].map(list => list.map(row => `| ${row.join(' | ')} |`).join('\n')).join('\n\n');
}
if (flags.table) {
  console.log(tables(kept('equivalence')));
  process.exit(0);
}

const wanted = flags.row?.split(',').map(Number);

const digest = files => {
  const hash = createHash('sha256');
  for (const { text } of files) hash.update(text);
  return hash.digest('hex').slice(0, 16);
};

// what a row of `units` was measured on is kept beside each of its two halves
for (const [part, table, rows, measure] of [
  ['native', 'units', unitRows, nativeRow],
  ['checks', 'units', unitRows, checkRow],
  ['mutants', 'mutants', mutantRows, mutantRow],
]) {
  if (flags.part !== undefined && flags.part !== part) continue;
  const units = await Promise.all(rows.map(([kind, parameters]) => makeUnit(kind, parameters)));
  const order = units.map(unit => unit.name);
  for (const [i, [kind, parameters, count]] of rows.entries()) {
    const unit = units[i];
    if (flags.kind !== undefined && flags.kind !== kind) continue;
    const on = digest([...unit.files, ...(part === 'native' ? [] : (unit.reference ?? []))]);
    const has = kept('equivalence')[table]?.some(r => r.unit === unit.name && r[`${part}On`] === on) === true;
    if (wanted === undefined ? has && !flags.fresh : !wanted.includes(i)) continue;
    const measured = await measure(unit, count);
    keepPart('equivalence', results => {
      const known = (results[table] ?? []).filter(r => order.includes(r.unit));
      const old = known.find(r => r.unit === unit.name) ?? {};
      const row = { ...old, unit: unit.name, kind, parameters, ...measured, [`${part}On`]: on };
      const others = known.filter(r => r.unit !== unit.name);
      const sorted = [...others, row].sort((x, y) => order.indexOf(x.unit) - order.indexOf(y.unit));
      return { machine: machine(), [table]: sorted };
    });
    console.log(i, unit.name, measured);
  }
}
if (flags.part === undefined || flags.part === 'rounding') {
  const figures = rounding();
  keepPart('equivalence', () => ({ machine: machine(), rounding: figures }));
}
await closeYosys();
