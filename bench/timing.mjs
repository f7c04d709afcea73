// Our static timing against OpenSTA's on the mapped netlists of several units: the smallest period, and every endpoint.
// Usage: node bench/timing.mjs [--liberty FILE] [--cache DIR] [--units SPEC …]
// Needs `sta` on PATH (Debian: opensta). Kept in bench/results/timing.json, a library at a time.

import { parseArgs } from 'node:util';
import { ResultCache } from '../dist/hardware/cost/cache.js';
import { findLibrary } from '../dist/hardware/cost/find-library.js';
import { mapRtl } from '../dist/hardware/cost/map.js';
import { checkTiming, openStaVersion } from '../dist/hardware/cost/opensta.js';
import { parseUnitSpec, unitOf } from '../dist/hardware/cost/specs.js';
import { fanoutOfFour, surroundings } from '../dist/hardware/cost/surroundings.js';
import { closeYosys } from '../dist/synthesis/index.js';
import { keepPart, machine, today } from './keep.mjs';

const { values: flags } = parseArgs({
  options: {
    liberty: { type: 'string', default: 'neutral' },
    cache: { type: 'string' },
    units: { type: 'string', multiple: true },
  },
});
const version = await openStaVersion();
if (version === undefined) {
  console.error('no `sta` on PATH (Debian: apt-get install opensta)');
  process.exit(3);
}
const specs = flags.units ?? [
  ...['vector-mac:format=4/4/4/6', 'vector-mac:format=8/8/-/-', 'softermax-unnormed', 'softermax-normal'],
  ...['lns-mac:format=lns8g8,lut=1', 'ppu', 'fp-mac:format=fp8e4m3'],
];
const library = findLibrary(flags.liberty);
const clock = Math.round(130 * fanoutOfFour(library));
const around = surroundings(library);
const rows = [];
for (const text of specs) {
  const unit = await unitOf(parseUnitSpec(text));
  const { netlist, timing } = await mapRtl(unit.files, unit.name, library, {
    ...{ clock, recipes: ['plain'], timeoutSeconds: 1200, cache: new ResultCache(flags.cache) },
  });
  const entry = { unit: text, cells: netlist.instances.length };
  for (const wires of ['capacitance', 'library']) {
    const check = await checkTiming(netlist, { timing, outputLoad: around.outputLoad, wires });
    const digits = (x, n) => Number(x.toFixed(n));
    entry[wires] = {
      ...{ ours: digits(check.ours, 2), opensta: digits(check.theirs, 2), error: digits(check.error, 6) },
      ...{ endpoints: check.endpoints, missing: check.missing },
      ...{ worstEndpoint: digits(check.worstEndpoint, 6), meanEndpoint: digits(check.meanEndpoint, 6) },
      seconds: digits(check.seconds, 1),
    };
  }
  rows.push(entry);
  console.log(text, JSON.stringify(entry.capacitance), JSON.stringify(entry.library));
}
await closeYosys();
const worst = wires => Math.max(...rows.map(r => Math.abs(r[wires].error)));
keepPart('timing', () => ({
  machine: machine(),
  opensta: version,
  [library.name]: {
    ...{ date: today(), clock, goal: 0.05 },
    ...{ worstPeriodError: worst('capacitance'), worstPeriodErrorWithWireResistance: worst('library') },
    rows,
  },
}));
console.log('largest error of a period:', worst('capacitance'), 'with wire resistance:', worst('library'));
if (worst('capacitance') > 0.05 || worst('library') > 0.05) process.exitCode = 1;
