// Our timing against OpenSTA's on a mapped unit, every endpoint; skipped, and said so, where `sta` is not installed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeYosys } from '../../synthesis/index.ts';
import { vectorMac } from '../vector-mac/index.ts';
import { ResultCache } from './cache.ts';
import { mapRtl } from './map.ts';
import { netlistVerilog } from './netlist-verilog.ts';
import { neutralLibrary } from './neutral-library.ts';
import { checkTiming, openStaVersion } from './opensta.ts';
import { surroundings } from './surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-sta-test-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await closeYosys();
});
const library = neutralLibrary();
const unit = vectorMac({ format: '2/2/2/2', vector: 4, depth: 8 });
const version = await openStaVersion();

test.skipIf(version === undefined)('every endpoint as OpenSTA has it (needs sta on PATH)', async () => {
  const mapped = await mapRtl(unit.files, unit.name, library, {
    clock: 1500,
    cache: new ResultCache(folder),
  });
  const { outputLoad } = surroundings(library);
  const check = await checkTiming(mapped.netlist, { timing: mapped.timing, outputLoad });
  expect(check!.missing).toBe(0);
  expect(check!.endpoints).toBeGreaterThan(30);
  expect(Math.abs(check!.error)).toBeLessThan(1e-5);
  expect(check!.worstEndpoint).toBeLessThan(1e-4);
  // another load outside must show: the comparison can fail
  const other = await checkTiming(mapped.netlist, { timing: mapped.timing, outputLoad: 10 * outputLoad });
  expect(other!.worstEndpoint).toBeGreaterThan(0.01);
});

test('the netlist as Verilog: every instance, every port, every net', async () => {
  const { netlist } = await mapRtl(unit.files, unit.name, library, {
    clock: 1500,
    cache: new ResultCache(folder),
  });
  const text = netlistVerilog(netlist);
  expect(text).toMatch(new RegExp(`^module ${unit.name} \\(`));
  expect(text.match(/^ {2}[A-Z]\w+ i\d+ \(\.\w+\(/gm)).toHaveLength(netlist.instances.length);
  for (const port of netlist.ports) expect(text).toMatch(new RegExp(`put (\\[\\d+:0\\] )?${port.name};`));
  expect(text.match(/^ {2}wire n\d+;/gm)).toHaveLength(netlist.netNames.length - 2);
});
