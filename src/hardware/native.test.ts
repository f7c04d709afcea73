// Native tools on the generated RTL: every unit is clean under verilator -Wall, every test bench passes in Icarus, a broken
// unit does not. Skipped, by name, where a tool is not installed.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { simulateNatively } from '../native/simulation.ts';
import { lintLines, lintRtl } from './lint.ts';
import { readUnit, writeUnit } from './manifest.ts';
import { smallUnits, unitSpread } from './spread.fixture.ts';
import { makeUnit } from './units.ts';

const has = (program: string, flag: string): boolean =>
  spawnSync(program, [flag], { stdio: 'ignore' }).status === 0;
const verilator = has('verilator', '--version');
const icarus = has('iverilog', '-V');
const scratch = mkdtempSync(join(tmpdir(), 'bitwright-native-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.skipIf(!verilator)(
  `every unit is clean under verilator --lint-only -Wall${verilator ? '' : ' (verilator not installed)'}`,
  async () => {
    // the first of each kind is its default
    const kinds = new Set<string>();
    const firsts = unitSpread.filter(([kind]) => !kinds.has(kind) && kinds.add(kind));
    const some = [...firsts, ...smallUnits.map(([kind, parameters]) => [kind, parameters] as const)];
    for (const [kind, parameters] of process.env['BITWRIGHT_FULL'] === '1' ? unitSpread : some) {
      const unit = await makeUnit(kind, parameters);
      const lint = await lintRtl(unit.files, unit.name);
      expect([unit.name, lint!.warnings]).toEqual([unit.name, []]);
      expect(lintLines(lint)[0]).toMatch(/^Verilator [\d.]+ lint -Wall: clean$/);
    }
  },
  180_000,
);

test.skipIf(!verilator)('a net nobody reads is told with its line', async () => {
  const unit = await makeUnit('vector-mac', { format: '2/2/-/-', vector: 2, depth: 2 });
  const files = unit.files.map(f => ({
    ...f,
    text: f.text.replace('endmodule', "  wire spare = 1'b0;\nendmodule"),
  }));
  const lint = await lintRtl(files, unit.name);
  expect(lint!.verdict).toBe('warnings');
  expect(lintLines(lint).join('\n')).toMatch(
    /UNUSEDSIGNAL: vector_mac_2_2_x_x_v2_k2\.v:\d+:\d+: Signal is not used: 'spare'/,
  );
});

test('without Verilator there is no lint, and that is said', async () => {
  const unit = await makeUnit('label-table', { addressBits: 1 });
  const lint = await lintRtl(unit.files, unit.name, { path: scratch });
  expect([lint, lintLines(lint)]).toEqual([undefined, ['Verilator lint: Verilator not found']]);
});

test.skipIf(!icarus)(
  `every test bench passes in Icarus; with one wrong gate it fails${icarus ? '' : ' (iverilog not installed)'}`,
  async () => {
    for (const [kind, parameters, from, to] of smallUnits) {
      const unit = await makeUnit(kind, parameters);
      const folder = join(scratch, unit.name);
      mkdirSync(folder);
      writeUnit(unit, folder, 400, 1);
      const { files, vectors } = await readUnit(folder);
      expect(vectors!.inputs.count).toBe(400);
      const names = [...unit.files.map(f => f.name), `${unit.name}_tb.v`];
      const run = () => simulateNatively(folder, `${unit.name}_tb`, names, { simulators: ['iverilog'] });
      const [right] = await run();
      expect([unit.name, right!.verdict, right!.output]).toEqual([
        unit.name,
        'pass',
        `PASS ${vectors!.outputs.count} outputs`,
      ]);
      const broken = files.find(f => f.text.includes(from));
      expect([unit.name, from, broken !== undefined]).toEqual([unit.name, from, true]);
      writeFileSync(broken!.name, readFileSync(broken!.name, 'utf8').replace(from, to));
      const [wrong] = await run();
      expect([unit.name, wrong!.verdict]).toEqual([unit.name, 'fail']);
      const away = spawnSync('sh', [
        '-c',
        `cd ${scratch} && iverilog -g2012 -o away ${folder}/*.v && vvp away`,
      ]);
      expect(away.stdout.toString()).toContain('FAIL vectors are missing or short');
      expect(away.stdout.toString()).not.toContain('PASS');
      expect(wrong!.output).toMatch(/FAIL sent \d+ of 400, seen \d+ of \d+, wrong \d+$/);
    }
  },
  180_000,
);
