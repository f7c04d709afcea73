// LNS MAC against floating-point MACs: energy, area and delay in one library at one clock, and the error of dot products.
// Usage: node bench/lns.mjs [--part accuracy|demo|modules|cost] [--liberty FILE --name KEY] [--clock PS] [--lanes N]
//   [--units REGEX] [--glitches] [--clock-gating]   kept in bench/results/lns.json, unit by unit: an interrupted run goes on where it was.
// Costs are those of `bitwright cost` with the demo network's operands.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { keepPart, kept, machineLine } from './keep.mjs';

const { values: flags } = parseArgs({
  options: {
    part: { type: 'string' },
    liberty: { type: 'string' },
    name: { type: 'string', default: 'neutral' },
    clock: { type: 'string' },
    lanes: { type: 'string', default: '32' },
    units: { type: 'string' },
    glitches: { type: 'boolean', default: false },
    'clock-gating': { type: 'boolean', default: false },
  },
});
/** Clock of the cost part, in delays of an inverter that drives four of its kind: every unit meets it. */
const clockFo4 = 200;
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
  for (const drop of [16, 19, 20, 22]) {
    const plan = planLnsMac({ format: 'lns8g8', lut: 8, drop });
    measure(`lns8g8, 8 entries, drop ${drop}`, 'lns8g8', (w, a) => lnsDot(plan, w, a));
  }
  for (const drop of [18, 20]) {
    const plan = planLnsMac({ format: 'lns8g8', lut: 8, drop });
    measure(`lns8g8, drop ${drop}, outlier of 60`, 'lns8g8', (w, a) => lnsDot(plan, w, a), 60);
  }
  for (const [format, sum, fraction] of [
    ['fp8e4m3', 'fused'],
    ['fp8e4m3', 'fused', 10],
    ['fp8e4m3', 'fused', 9],
    ['fp8e4m3', 'tree'],
    ['fp16', 'fused'],
  ]) {
    const plan = planFpMac({ format, sum, ...(fraction === undefined ? {} : { fraction }) });
    const name = `${format}, ${sum}${fraction === undefined ? '' : `, ${fraction} fraction bits`}`;
    measure(name, format, (w, a) => {
      let acc = 0;
      for (let at = 0; at < length; at += plan.lanes)
        acc = floatAdd(plan.accumulate, acc, fpPartial(plan, w, a, at));
      return floatToNumber(plan.accumulate, acc);
    });
  }
  return rows;
}

/**
 * Error of the dot products of the cost part, layer by layer of the demo network, dB: of the arithmetic alone, against exact
 * products of the coded operands, and with coding, against the real ones.
 */
async function demo() {
  const { lnsDot, planLnsMac } = await import('../dist/hardware/lns/index.js');
  const { fpPartial, planFpMac } = await import('../dist/hardware/fp-mac/index.js');
  const { floatAdd, floatToNumber } = await import('../dist/hardware/float/index.js');
  const { demoLayers } = await import('../dist/hardware/cost/operands.js');
  const { decode, encode, parseFormat } = await import('../dist/format/index.js');
  const { codeValue } = await import('../dist/format/element.js');
  const layers = await demoLayers('.bitwright/cache');
  const rows = [];
  const measure = (name, text, dot) => {
    const [weight, activation] = ['channel', 'tensor'].map(scaling => parseFormat(`${text}@${scaling}`));
    const { element } = weight;
    const values = Float64Array.from({ length: 256 }, (_, code) => codeValue(element, code));
    const at = (codes, i) => (codes[i] < 0 ? codes[i] + 256 : codes[i]);
    const found = layers.map(layer => {
      const features = layer.taps * layer.channels;
      const code = (data, rows, format, shape) => {
        const q = encode(data, shape, format);
        return {
          codes: Uint8Array.from({ length: rows * features }, (_, i) => at(q.codes, i)),
          back: decode(q),
        };
      };
      const w = code(layer.weights, layer.rows, weight, {
        ...{ shape: [layer.rows, features], channelAxis: 0, reductionAxis: 1 },
      });
      const a = code(layer.patches, layer.patchCount, activation, {
        ...{ shape: [1, layer.patchCount, features], channelAxis: 0, reductionAxis: 2 },
      });
      // the scale of a row: its largest element against the value of that code
      const scaleOf = ({ codes, back }, row) => {
        let best = row * features;
        for (let i = best; i < (row + 1) * features; i++)
          if (Math.abs(back[i]) > Math.abs(back[best])) best = i;
        return back[best] === 0 ? 0 : back[best] / values[codes[best]];
      };
      let [signal, coded, unit, total] = [0, 0, 0, 0];
      for (let r = 0; r < layer.rows; r++) {
        const wr = w.codes.subarray(r * features, (r + 1) * features);
        for (let p = 0; p < layer.patchCount; p += 4) {
          const ar = a.codes.subarray(p * features, (p + 1) * features);
          const scale = scaleOf(w, r) * scaleOf(a, p);
          let [real, exact] = [0, 0];
          for (let k = 0; k < features; k++) {
            real += layer.weights[r * features + k] * layer.patches[p * features + k];
            exact += values[wr[k]] * values[ar[k]];
          }
          const got = dot(wr, ar);
          signal += real ** 2;
          coded += (exact * scale) ** 2;
          unit += ((got - exact) * scale) ** 2;
          total += (got * scale - real) ** 2;
        }
      }
      const db = (s, noise) => round(10 * Math.log10(s / noise), 1);
      return { layer: layer.node, unit: db(coded, unit), total: db(signal, total) };
    });
    rows.push({ name, layers: found });
    console.log(name, found.map(l => `${l.unit} (${l.total})`).join('  '));
  };
  for (const [lut, drop] of [
    ...[16, 18, 19, 20, 22].map(drop => [8, drop]),
    ...[4, 2, 1].map(lut => [lut, 18]),
  ]) {
    const plan = planLnsMac({ format: 'lns8g8', lut, drop });
    measure(`lns8g8, ${lut} entr${lut === 1 ? 'y' : 'ies'}, drop ${drop}`, 'lns8g8', (w, a) =>
      lnsDot(plan, w, a),
    );
  }
  for (const fraction of [17, 10, 9]) {
    const plan = planFpMac({ format: 'fp8e4m3', fraction });
    measure(`fp8e4m3, fused, ${fraction} fraction bits`, 'fp8e4m3', (w, a) => {
      const length = Math.ceil(w.length / plan.lanes) * plan.lanes;
      const [wp, ap] = [w, a].map(x => {
        const padded = new Uint8Array(length);
        padded.set(x);
        return padded;
      });
      let acc = 0;
      for (let i = 0; i < length; i += plan.lanes)
        acc = floatAdd(plan.accumulate, acc, fpPartial(plan, wp, ap, i));
      return floatToNumber(plan.accumulate, acc);
    });
  }
  return rows;
}

/** Zero-delay energy of the 8-entry MAC by module: those whose boundary is kept, flip-flops, and the rest. */
async function modules() {
  const { neutralLibrary } = await import('../dist/hardware/cost/neutral-library.js');
  const { mapRtl } = await import('../dist/hardware/cost/map.js');
  const { ResultCache } = await import('../dist/hardware/cost/cache.js');
  const { streamActivity } = await import('../dist/hardware/cost/activity.js');
  const { cycleEnergy } = await import('../dist/hardware/cost/energy.js');
  const { demoLayers, macOperands } = await import('../dist/hardware/cost/operands.js');
  const { fanoutOfFour } = await import('../dist/hardware/cost/surroundings.js');
  const { makeUnit } = await import('../dist/hardware/units.js');
  const { closeYosys } = await import('../dist/synthesis/index.js');
  const cells = neutralLibrary();
  const period = Math.round(clockFo4 * fanoutOfFour(cells));
  const unit = await makeUnit('lns-mac', { lut: 8, lanes: Number(flags.lanes) });
  const cache = '.bitwright/cache';
  const { netlist, timing } = await mapRtl(unit.files, unit.name, cells, {
    clock: period,
    cache: new ResultCache(cache),
  });
  await closeYosys();
  const { batch, starts } = macOperands(unit, await demoLayers(cache));
  const activity = streamActivity(netlist, unit, batch, { starts, traces: starts.length - 1 });
  const names = {
    exponent: 'exponent adders',
    predecode: 'predecoders',
    lines: 'rows and columns',
    grid: 'grid',
  };
  const groupOf = ({ name, cell }) => {
    if (cell.logic.flipFlop !== undefined) return 'flip-flops and clock';
    const [, step] = /lane_\d+\.\W*u_(\w+)/.exec(name) ?? [];
    if (step !== undefined) return names[step] ?? step;
    if (/(plus|minus)_sum_/.test(name)) return 'trees';
    return /bin_\d+\./.test(name) ? 'bins' : 'constants, control';
  };
  const half = cells.voltage ** 2 / 2;
  const groups = new Map();
  const charge = (group, energy) => groups.set(group, (groups.get(group) ?? 0) + energy);
  netlist.drivers.forEach((driver, net) => {
    if (net < 2 || net === netlist.clock) return;
    const group = typeof driver === 'object' ? groupOf(netlist.instances[driver.instance]) : 'operand inputs';
    charge(group, half * timing.loads[net] * activity.toggles[net]);
  });
  for (const group of new Set(netlist.instances.map(groupOf))) {
    const instances = netlist.instances.filter(instance => groupOf(instance) === group);
    const e = cycleEnergy({ ...netlist, instances }, timing, activity, period);
    const clockNet = 2 * half * timing.loads[netlist.clock];
    const clockEnergy = group === 'flip-flops and clock' ? e.clock : e.clock - clockNet;
    charge(group, e.logic + e.flipFlops + clockEnergy + e.leakage);
  }
  const per = activity.cyclesPerTransaction / unit.operationsPerTransaction;
  const rows = Object.fromEntries(
    [...groups].sort((a, b) => b[1] - a[1]).map(([group, energy]) => [group, round(energy * per, 1)]),
  );
  console.log(rows);
  return { library: cells.name, clock: period, lanes: Number(flags.lanes), rows };
}

/** Unit, and what a designer would call it. */
const list = [
  ...[8, 4, 2, 1].map(lut => ['lns-mac', { lut }, `LNS, ${lut} entr${lut === 1 ? 'y' : 'ies'}`]),
  ...[19, 20].map(drop => ['lns-mac', { lut: 8, drop }, `LNS, 8 entries, drop ${drop}`]),
  ...[10, 9].map(fraction => [
    'fp-mac',
    { format: 'fp8e4m3', fraction },
    `fp8e4m3, fused, ${fraction} fraction bits`,
  ]),
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
  const clockGating = flags['clock-gating'];
  const library =
    flags.liberty === undefined
      ? neutralLibrary(clockGating)
      : parseTimingLibrary(readFileSync(flags.liberty), flags.liberty);
  const clock =
    flags.clock === undefined ? Math.round(clockFo4 * fanoutOfFour(library)) : Number(flags.clock);
  const key = `cost ${flags.name}${clockGating ? ', clock gates' : ''}`;
  const old = kept('lns')[key];
  const rows = old?.clock === clock ? old.rows : {};
  const wanted = flags.units === undefined ? /./ : new RegExp(flags.units);
  for (const [kind, parameters, title] of list) {
    const lanes = Number(flags.lanes);
    const name = lanes === 32 ? title : `${title}, ${lanes} lanes`;
    if (!wanted.test(name)) continue;
    const enables = clockGating && kind === 'lns-mac' ? { enables: 1 } : {};
    const unit = await makeUnit(kind, { lanes, ...parameters, ...enables });
    const rtl = createHash('sha256')
      .update(unit.files.map(f => f.text).join(''))
      .digest('hex')
      .slice(0, 16);
    const row = rows[name]?.rtl === rtl ? rows[name] : { rtl, lanes };
    rows[name] = row;
    const options = { library, clock, cache: '.bitwright/cache', timeoutSeconds: 300, clockGating };
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
        save(key, before => {
          const others = before?.clock === clock ? before.rows : {};
          return { library: library.name, clock, rows: { ...others, [name]: row } };
        });
      } catch (error) {
        console.error(`${name}: ${error.message}`);
      }
    }
  }
  await closeYosys();
}

/** @param change the figures of a key, from those kept of it */
function save(key, change) {
  keepPart('lns', before => ({ machine: machineLine(), [key]: change(before[key]) }));
}

const wanted = part => flags.part === undefined || flags.part === part;
if (wanted('accuracy')) {
  const figures = await accuracy();
  save('accuracy', () => figures);
}
if (wanted('demo')) {
  const figures = await demo();
  save('demo', () => figures);
}
if (wanted('modules')) {
  const figures = await modules();
  save('modules', () => figures);
}
if (wanted('cost')) await cost();
