import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runYosys } from '@yowasp/yosys';
import { expect, test } from 'vitest';
import type { LoadedDesign } from '../load.ts';
import type { TraceSignal, TraceTable, TraceValue } from '../trace.ts';
import { drawWaveform, replayNatively, traceBlocks, waveJson, writeTestbench, writeVcd } from './index.ts';

const signals: TraceSignal[] = [
  { name: 'clk', width: 1, scope: '', kind: 'clock' },
  { name: 'in_val', width: 1, scope: '', kind: 'valid', channel: 'in', direction: 'in' },
  { name: 'in_rdy', width: 1, scope: 'A', kind: 'ready', channel: 'in', direction: 'out' },
  { name: 'in_rdy', width: 1, scope: 'B', kind: 'ready', channel: 'in', direction: 'out' },
  { name: 'in_msg', width: 4, scope: 'A', kind: 'payload', channel: 'in', direction: 'in' },
  { name: 'in_msg', width: 4, scope: 'B', kind: 'payload', channel: 'in', direction: 'in' },
  { name: 'core.sum', width: 6, scope: 'A', kind: 'register' },
  { name: 'core.sum', width: 6, scope: 'B', kind: 'register' },
];
const row = (...values: (number | undefined)[]): TraceValue[] =>
  values.map(v => (v === undefined ? undefined : BigInt(v)));
const table: TraceTable = {
  design: 'accumulator',
  property: 'P1',
  summary: 'ready differs in cycle 2 <&>',
  signals,
  steps: [
    row(1, 0, 1, 1, 3, 5, 0, 0),
    row(1, 1, 1, 1, undefined, undefined, 3, 5),
    row(1, 1, 0, 1, 2, 2, 10, 12),
  ],
  failing: [2, 3],
};

test('the dump declares every signal once and writes a value only when it changes', () => {
  const text = writeVcd(table);
  const codes = [...text.matchAll(/^\$var \w+ \d+ (\S+) (\S+)/gm)].map(m => m[1]!);
  expect(codes.length).toBe(signals.length);
  expect(new Set(codes).size).toBe(codes.length);
  expect(text).toMatch(/\$scope module core \$end\n\$var reg 6/);
  // replay the dump: every non-clock value of every step is found again
  const values = new Map<string, string>();
  const seen: string[][] = [];
  for (const line of text.slice(text.indexOf('$enddefinitions')).split('\n')) {
    const time = /^#(\d+)$/.exec(line);
    if (time !== null && Number(time[1]) % 10 === 0 && Number(time[1]) > 0) {
      seen.push(codes.map(c => values.get(c)!));
    }
    const bit = /^([01x])(\S+)$/.exec(line);
    const word = /^b(\S+) (\S+)$/.exec(line);
    if (bit !== null) values.set(bit[2]!, bit[1]!);
    if (word !== null) values.set(word[2]!, word[1]!);
  }
  // codes come in order of scopes; find the signal by declaration order instead
  const declared = [...text.matchAll(/^\$var \w+ \d+ (\S+) /gm)].map(m => m[1]!.charCodeAt(0) - 33);
  table.steps.forEach((step, t) => {
    declared.forEach((s, i) => {
      if (signals[s]!.kind === 'clock') return;
      expect(seen[t]![i]).toBe(step[s] === undefined ? 'x' : step[s]!.toString(2));
    });
  });
});

test('WaveDrom draws the WaveJSON text', () => {
  const require = createRequire(import.meta.url);
  const wavedrom = require('wavedrom');
  const skin = require('wavedrom/skins/default.js');
  const json = waveJson({ ...table, loopStart: 1 });
  const lanes = json.signal.flatMap(group => (Array.isArray(group) ? group.slice(1) : [group]));
  expect(lanes).toContainEqual({ name: 'in_msg (A)', wave: '=x=', data: ['3', '2'] });
  expect(lanes).toContainEqual({ name: 'in_rdy (A)', wave: '1.0' });
  const drawn = wavedrom.onml.stringify(wavedrom.renderAny(0, json, skin));
  expect(drawn).toContain('<svg');
  expect(drawn).toContain('core.sum (A)');
});

test('the timing diagram marks transfers, differences, don’t cares and the loop', () => {
  const { svg } = drawWaveform({ ...table, loopStart: 1 });
  expect(svg.match(/<circle/g)?.length).toBe(3); // transfers: cycle 1 in A and B, cycle 2 in B
  expect(svg.match(/url\(#any\)/g)?.length).toBe(2);
  expect(svg).toContain('repeat for ever');
  expect(svg).not.toMatch(/<script|href|<&>/);
  expect(drawWaveform(table).svg).not.toContain('repeat for ever');
  expect(traceBlocks(table).map(b => b.kind)).toEqual(['drawing', 'preformatted']);
});

test('the test bench is Verilog that Yosys parses, and drives and compares each copy', async () => {
  const text = writeTestbench(table, {
    module: 'accumulator',
    ports: [
      { name: 'clk', direction: 'in', width: 1 },
      { name: 'rst', direction: 'in', width: 1 },
      { name: 'in_val', direction: 'in', width: 1 },
      { name: 'in_rdy', direction: 'out', width: 1 },
      { name: 'in_msg', direction: 'in', width: 4 },
    ],
    clocks: ['clk'],
    resets: [{ port: 'rst', active: 1 }],
    parameters: { BUG: 1 },
  });
  expect(text).toContain("in_msg_B = 4'h5;");
  expect(text).toContain('expect_value(in_rdy_A, 1\'h0, "in_rdy_A");');
  expect(text).toContain('accumulator #(.BUG(1)) dut_A (');
  await expect(
    runYosys(
      ['-q', '-p', 'read_verilog -sv -defer replay.v'],
      { 'replay.v': text },
      { stdout: () => {}, stderr: () => {} },
    ),
  ).resolves.toBeDefined();
  expect(() => writeTestbench(table, { module: 'm', ports: [], clocks: [], resets: [] })).toThrow(
    /expected a port of m/,
  );
});

test('a simulator on PATH is given bench and sources; without one nothing is claimed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-replay-'));
  const path = process.env['PATH'];
  try {
    const bench = join(folder, 'P1.testbench.v');
    writeFileSync(bench, 'module replay; endmodule\n');
    const loaded = { rtl: { files: [] } } as unknown as LoadedDesign;
    process.env['PATH'] = folder;
    expect(await replayNatively(bench, ['design.v'], loaded)).toEqual([]);
    // stands for Icarus: writes a program that prints what it was given
    writeFileSync(
      join(folder, 'iverilog'),
      '#!/bin/sh\n[ "$1" = -V ] && exit 0\nprintf \'#!/bin/sh\\necho "PASS replayed %s"\\n\' "$*" > "$5"\n/bin/chmod +x "$5"\n',
      { mode: 0o755 },
    );
    const [result] = await replayNatively(bench, ['design.v'], loaded);
    expect(result).toMatchObject({ simulator: 'iverilog', verdict: 'pass' });
    expect(result!.output).toMatch(/-s replay .*P1\.testbench\.v .*design\.v/);
    const macros = { rtl: { files: [], defines: { A: '1' } } } as unknown as LoadedDesign;
    expect(await replayNatively(bench, ['design.v'], macros)).toEqual([]);
  } finally {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true, force: true });
  }
});
