// LNS MAC against floating-point MACs: energy, area and delay in one library at one clock, and the error of dot products.
// Usage: node bench/lns.mjs [--part accuracy|switching|cost] [--liberty FILE --name KEY] [--clock PS] [--lanes N]
//   [--units REGEX] [--glitches]   kept in bench/results/lns.json, unit by unit: an interrupted run goes on where it was.
// Costs are those of `bitwright cost` with the demo network's operands.

import { createHash } from 'node:crypto';
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
    clock: { type: 'string' },
    lanes: { type: 'string', default: '32' },
    units: { type: 'string' },
    glitches: { type: 'boolean', default: false },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
/** Clock of the cost part, in delays of an inverter that drives four of its kind: every unit meets it. */
const clockFo4 = 200;
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

/** Unit, and what a designer would call it. */
const list = [
  ...[8, 4, 2, 1].map(lut => ['lns-mac', { lut }, `LNS, ${lut} entr${lut === 1 ? 'y' : 'ies'}`]),
  ...['fp8e4m3', 'fp16', 'fp32'].flatMap(format => [
    ['fp-mac', { format, sum: 'tree' }, `${format}, ordinary (tree)`],
    ...(format === 'fp32' ? [] : [['fp-mac', { format }, `${format}, fused`]]),
    ['fp-mac', { format, stages: 4 }, `${format}, fused, 4 stages`],
  ]),
];

/** Every unit in one library at one clock; zero-delay energy and energy with glitches. Kept unit by unit, resumes. */
async function cost() {
  const { costOf } = await import('../dist/hardware/cost/cost.js');
  const { fanoutOfFour } = await import('../dist/hardware/cost/surroundings.js');
  const { neutralLibrary } = await import('../dist/hardware/cost/neutral-library.js');
  const { parseTimingLibrary } = await import('../dist/hardware/cost/library-read.js');
  const { makeUnit } = await import('../dist/hardware/units.js');
  const { closeYosys } = await import('../dist/synthesis/index.js');
  const library =
    flags.liberty === undefined
      ? neutralLibrary()
      : parseTimingLibrary(readFileSync(flags.liberty), flags.liberty);
  const clock =
    flags.clock === undefined ? Math.round(clockFo4 * fanoutOfFour(library)) : Number(flags.clock);
  const key = `cost ${flags.name}`;
  const old = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8'))[key] : undefined;
  const rows = old?.clock === clock ? old.rows : {};
  const wanted = flags.units === undefined ? /./ : new RegExp(flags.units);
  for (const [kind, parameters, title] of list) {
    const lanes = Number(flags.lanes);
    const name = lanes === 32 ? title : `${title}, ${lanes} lanes`;
    if (!wanted.test(name)) continue;
    const unit = await makeUnit(kind, { lanes, ...parameters });
    const rtl = createHash('sha256')
      .update(unit.files.map(f => f.text).join(''))
      .digest('hex')
      .slice(0, 16);
    const row = rows[name]?.rtl === rtl ? rows[name] : { rtl, lanes };
    rows[name] = row;
    const options = { library, clock, cache: '.bitwright/cache', timeoutSeconds: 300 };
    for (const glitches of flags.glitches ? [false, true] : [false]) {
      const energy = glitches ? 'withGlitches' : 'zeroDelay';
      if (row[energy] !== undefined) continue;
      try {
        const [r] = (await costOf([unit], { ...options, glitches })).rows;
        Object.assign(row, {
          ...{ title: r.title, area: round(r.area, 0), delay: round(r.delay, 0), met: r.met },
          ...{ cells: r.cells, sqnr: r.sqnr === null ? null : round(r.sqnr, 1) },
          [energy]: round(r.energyPerOp, 1),
          [`${energy}Split`]: Object.fromEntries(
            ['load', 'logic', 'flipFlops', 'clock', 'leakage'].map(part => [
              part,
              round(r.energy[part] / r.operations, 1),
            ]),
          ),
        });
        console.log(`${name}: ${energy} ${row[energy]} fJ, area ${row.area}, ${row.delay} ps`);
        // what another run has kept meanwhile stays
        const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8'))[key] : undefined;
        const others = kept?.clock === clock ? kept.rows : {};
        save(key, { library: library.name, clock, rows: { ...others, [name]: row } });
      } catch (error) {
        console.error(`${name}: ${error.message}`);
      }
    }
  }
  await closeYosys();
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
if (wanted('cost')) await cost();
