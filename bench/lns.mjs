// LNS MAC against floating-point MACs: energy, area and delay in one library at one clock, and the error of dot products.
// Usage: node bench/lns.mjs [--part accuracy|switching|cost] [--liberty FILE] [--name KEY]   kept in bench/results/lns.json.
// Costs come from `bitwright cost sweep` with the demo network's operands, every unit of 32 lanes.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    part: { type: 'string' },
    liberty: { type: 'string' },
    name: { type: 'string', default: 'neutral' },
    formats: { type: 'string', multiple: true },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const file = join(here, 'results/lns.json');
const round = (x, digits = 4) => Number(x.toFixed(digits));

async function accuracy() {
  const { lnsDot, planLnsMac } = await import('../dist/hardware/lns/index.js');
  const { fpPartial, planFpMac } = await import('../dist/hardware/fp-mac/index.js');
  const { floatAdd, floatToNumber } = await import('../dist/hardware/float/index.js');
  const { codeValue, elementMax, nearestCode } = await import('../dist/format/element.js');
  const { parseFormat } = await import('../dist/format/index.js');
  const { Random } = await import('../dist/core/random.js');
  const length = 512;
  const count = 400;
  // normal weights, activations after ReLU; each scaled so that its largest magnitude is the largest code
  const draw = (random, element, relu, outlier) => {
    const real = Array.from({ length }, () => {
      const x = random.normal();
      return relu ? Math.max(x, 0) : x;
    });
    if (outlier > 0) real[random.below(length)] = outlier;
    const scale = real.reduce((m, x) => Math.max(m, Math.abs(x)), 0) / elementMax(element);
    return { real, scale, codes: real.map(x => nearestCode(element, x / scale)) };
  };
  const rows = [];
  const measure = (name, format, dot, outlier = 0) => {
    const { element } = parseFormat(format);
    const random = new Random(11);
    let [signal, unit, total] = [0, 0, 0];
    for (let k = 0; k < count; k++) {
      const w = draw(random, element, false, 0);
      const a = draw(random, element, true, outlier);
      const scale = w.scale * a.scale;
      let exact = 0;
      let coded = 0;
      for (let i = 0; i < length; i++) {
        exact += w.real[i] * a.real[i];
        coded += codeValue(element, w.codes[i]) * codeValue(element, a.codes[i]) * scale;
      }
      const got = dot(w.codes, a.codes) * scale;
      signal += exact ** 2;
      unit += (got - coded) ** 2;
      total += (got - exact) ** 2;
    }
    const db = noise => round(10 * Math.log10(signal / noise), 1);
    rows.push({ name, unit: db(unit), total: db(total) });
    console.log(`${name}: arithmetic ${db(unit)} dB, with coding ${db(total)} dB`);
  };
  for (const lut of [8, 4, 2, 1]) {
    const plan = planLnsMac({ format: 'lns8g8', lut });
    measure(`lns8g8, ${lut} entries`, 'lns8g8', (w, a) => lnsDot(plan, w, a));
  }
  for (const drop of [14, 16, 20, 22]) {
    const plan = planLnsMac({ format: 'lns8g8', lut: 8, drop });
    measure(`lns8g8, 8 entries, drop ${drop}`, 'lns8g8', (w, a) => lnsDot(plan, w, a));
  }
  for (const drop of [18, 20]) {
    const plan = planLnsMac({ format: 'lns8g8', lut: 8, drop });
    measure(`lns8g8, drop ${drop}, outlier of 60`, 'lns8g8', (w, a) => lnsDot(plan, w, a), 60);
  }
  for (const [format, sum] of [
    ['fp8e4m3', 'fused'],
    ['fp8e4m3', 'tree'],
    ['fp16', 'fused'],
  ]) {
    const plan = planFpMac({ format, sum });
    measure(`${format}, ${sum}`, format, (w, a) => {
      let acc = 0;
      for (let at = 0; at < length; at += plan.lanes)
        acc = floatAdd(plan.accumulate, acc, fpPartial(plan, w, a, at));
      return floatToNumber(plan.accumulate, acc);
    });
  }
  return rows;
}

/** Transitions of the and-inverter graph an operation: no library, no mapping, no glitches. 16 lanes. */
async function switching() {
  const { makeUnit } = await import('../dist/hardware/units.js');
  const { StreamDriver } = await import('../dist/hardware/stream.js');
  const { closeYosys, readRtl } = await import('../dist/synthesis/index.js');
  const { elementMax, nearestCode } = await import('../dist/format/element.js');
  const { parseFormat } = await import('../dist/format/index.js');
  const { Random } = await import('../dist/core/random.js');
  const lanes = 16;
  const [traces, vectors] = [128, 32];
  const rows = [];
  const bitCount = x => {
    x -= (x >>> 1) & 0x55555555;
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
    return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  };
  const list = [
    ...[8, 4, 2, 1].map(lut => ['lns-mac', { lut }]),
    ...['fp8e4m3', 'fp16', 'fp32'].map(format => ['fp-mac', { format }]),
    ['fp-mac', { format: 'fp8e4m3', sum: 'tree' }],
  ];
  for (const [kind, parameters] of list) {
    const unit = await makeUnit(kind, { lanes, ...parameters });
    const { aig } = await readRtl({ files: unit.files, top: unit.name });
    const { element } = parseFormat(unit.format);
    const random = new Random(5);
    // normal weights and activations, the largest of some hundred near the largest code of the narrow formats
    const scale = element.kind === 'float' && !element.name.startsWith('fp8') ? 1 : elementMax(element) / 4;
    const codes = () =>
      Float64Array.from({ length: traces * vectors * lanes }, () =>
        nearestCode(element, random.normal() * scale),
      );
    const last = Float64Array.from({ length: traces * vectors }, (_, t) => (t % 8 === 7 ? 1 : 0));
    const batch = { count: traces * vectors, fields: { w: codes(), a: codes(), last } };
    const driver = new StreamDriver(aig, unit.input, unit.output);
    const words = driver.simulator.blockWords;
    let before;
    let [logic, registers, cycles] = [0, 0, 0];
    driver.run(batch, {
      ...{ traces, stalls: 'none', idle: 'hold', silence: 4 },
      observe(cycle, block) {
        if (cycle >= 4 && cycle < 28) {
          cycles++;
          for (let v = aig.inputCount + 1; v < aig.variableCount; v++) {
            let moved = 0;
            for (let at = v * words; at < v * words + traces / 32; at++)
              moved += bitCount(block[at] ^ before[at]);
            if (v < aig.firstAnd) registers += moved;
            else logic += moved;
          }
        }
        before = block.slice();
      },
    });
    const operations = traces * cycles * lanes;
    rows.push({
      ...{ unit: unit.name, title: unit.title, andsPerLane: round(aig.andCount / lanes, 0) },
      ...{
        registers: aig.latchCount,
        logic: round(logic / operations, 1),
        state: round(registers / operations, 2),
      },
    });
    console.log(JSON.stringify(rows.at(-1)));
  }
  await closeYosys();
  return { lanes, rows };
}

const defaults = [
  'lns-mac:lut=1',
  'lns-mac:lut=2',
  'lns-mac:lut=4',
  'fp-mac:format=fp8e4m3',
  'fp-mac:format=fp16',
  'fp-mac:format=fp32',
  'fp-mac:format=fp8e4m3,sum=tree',
  'fp-mac:format=fp16,sum=tree',
];

function cost() {
  const formats = flags.formats ?? defaults;
  const rows = {};
  let head = {};
  // one baseline, one unit at a time: an interrupted bench keeps what it has
  for (const format of formats) {
    const library = flags.liberty === undefined ? [] : ['--liberty', flags.liberty];
    const args = [cli, 'cost', 'sweep', '--baseline', 'lns-mac:lut=8', '--formats', format, ...library];
    const run = spawnSync(process.execPath, [...args, '--timeout', '900', '--quiet', '--json'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (run.status !== 0) {
      console.error(`${format}: ${run.stderr.trim().split('\n').at(-1)}`);
      continue;
    }
    const result = JSON.parse(run.stdout);
    head = { library: result.library, clock: result.clock };
    for (const row of result.rows) {
      rows[row.name] = {
        ...{ title: row.title, area: round(row.area, 0), delay: round(row.delay, 0), met: row.met },
        ...{ energyPerOp: round(row.energyPerOp, 3), energyRatio: round(row.energyRatio, 3) },
        ...{ areaRatio: round(row.areaRatio, 3), sqnr: row.sqnr === null ? null : round(row.sqnr, 1) },
        split: Object.fromEntries(
          Object.entries(row.energy).map(([key, value]) => [key, round(value / row.operations, 3)]),
        ),
      };
      const { energyPerOp, energyRatio, area } = rows[row.name];
      console.log(`${row.title}: ${energyPerOp} fJ, ${energyRatio} of lut 8, area ${area}`);
    }
    save(`cost ${flags.name}`, { ...head, rows });
  }
}

function save(key, value) {
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  results.machine = `${cpus()[0].model.trim()}, ${cpus().length} threads, Node ${process.version}`;
  results[key] = value;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

const wanted = part => flags.part === undefined || flags.part === part;
if (wanted('accuracy')) save('accuracy', await accuracy());
if (wanted('switching')) save('switching', await switching());
if (wanted('cost')) cost();
