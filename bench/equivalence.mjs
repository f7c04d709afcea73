// RTL against golden model: time for a million vectors, what SAT proves, and how many mutants survive; and what rounding
// the scale product of a vector MAC costs in accuracy.
// Usage: node bench/equivalence.mjs [--part units|mutants|rounding] [--row N]   default all; a row replaces the kept one of
// its unit. CPU seconds count all threads and do not depend on what else the machine does. Kept in bench/results/equivalence.json.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../dist/core/random.js';
import { encodeReference, parseShorthand } from '../dist/format/index.js';
import { checkEquivalence, simulateUnit } from '../dist/hardware/equivalence.js';
import { makeUnit } from '../dist/hardware/units.js';
import { roundScale } from '../dist/hardware/vector-mac/index.js';
import { Aig } from '../dist/netlist/index.js';
import { closeYosys, readRtl } from '../dist/synthesis/index.js';

const { values: flags } = parseArgs({ options: { part: { type: 'string' }, row: { type: 'string' } } });
const here = dirname(fileURLToPath(import.meta.url));
const round = (x, digits = 2) => Number(x.toFixed(digits));

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const chosen = list => (flags.row === undefined ? list : [list[Number(flags.row)]]);

const macs = [
  { format: '4/4/4/4' },
  { format: '4/4/4/4', scaleBits: 4 },
  { format: '4/4/4/6' },
  { format: '4/4/4/6', scaleBits: 6 },
  { format: '6/8/6/-' },
  { format: '4/8/6/10' },
  { format: '8/8/-/-' },
  { format: '2/2/2/2', vector: 2, depth: 4 },
];

async function units() {
  const list = [...macs.map(m => ['vector-mac', m]), ['ppu', {}], ['ppu', { format: 'uint4@v16:u4' }]];
  const rows = [];
  for (const [kind, parameters] of chosen(list)) {
    const unit = await makeUnit(kind, parameters);
    const before = cpu();
    const report = await checkEquivalence(unit, { proofSeconds: 8 });
    const { verdict, transactions, outputs, exhaustive, ands, registers, proof, seconds } = report;
    rows.push({
      ...{ unit: unit.name, verdict, transactions, outputs, exhaustive, ands, registers },
      proof: proof === undefined ? 'none' : proof.verdict,
      proved: proof === undefined ? '' : `${proof.proved} of ${proof.pairs} bits`,
      synthesisSeconds: round(seconds.synthesis),
      simulationSeconds: round(seconds.simulation),
      proofSeconds: round(seconds.proof),
      cpuSeconds: round(cpu() - before),
    });
    console.log(rows.at(-1));
  }
  return rows;
}

async function mutants() {
  const rows = [];
  const list = [
    ['vector-mac', { format: '4/4/4/6' }, 100],
    ['vector-mac', { format: '8/8/-/-' }, 60],
    ['ppu', { format: 'int4@v4:u6', vector: 4 }, 100],
  ];
  for (const [kind, parameters, count] of chosen(list)) {
    const unit = await makeUnit(kind, parameters);
    const { aig } = await readRtl({ files: unit.files, top: unit.name });
    const random = new Random(7);
    let caught = 0;
    for (let i = 0; i < count; i++) {
      const fanin0 = aig.fanin0.slice();
      const fanin1 = aig.fanin1.slice();
      (random.below(2) === 0 ? fanin0 : fanin1)[random.below(aig.andCount)] ^= 1;
      const { inputCount, outputs, latchNext, latchInit, names } = aig;
      const broken = new Aig({ inputCount, fanin0, fanin1, outputs, latchNext, latchInit, names });
      if (simulateUnit(unit, broken, { vectors: 50_000 }).mismatch !== undefined) caught++;
    }
    rows.push({ unit: unit.name, mutants: count, caught, vectors: 50_000 });
    console.log(rows.at(-1));
  }
  return rows;
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

const path = join(here, 'results/equivalence.json');
const results = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
results.machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
for (const [name, part] of Object.entries({ units, mutants, rounding })) {
  if (flags.part !== undefined && flags.part !== name) continue;
  const rows = await part();
  const fresh = new Set(rows.map(r => r.unit));
  const kept = flags.row === undefined ? [] : (results[name] ?? []).filter(r => !fresh.has(r.unit));
  results[name] = [...kept, ...rows];
}
await closeYosys();
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
