// Whole runs from RTL: verdicts, traces in the design's own signals, covers, per-port answers, stall insensitivity.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { AbortedError } from '../core/errors.ts';
import { closeYosys } from '../synthesis/yosys.ts';
import { type ReducedConfig, run } from './run.fixture.ts';
import { traceSignal } from './trace.ts';

afterAll(closeYosys);

const asset = (name: string): string =>
  fileURLToPath(new URL(`../../assets/verify/${name}`, import.meta.url));
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const verdicts = (results: Awaited<ReturnType<typeof run>>): string[] =>
  results.map(r => `${r.property} ${r.verdict}`);
const bug = (n: number): ReducedConfig => ({ parameters: { BUG: n } });

test('an accumulator that adds without looking at valid', async () => {
  const parameters = { BUG: 1, W: 2 };
  const [p1] = await run([asset('accumulator.sv')], {
    parameters,
    options: { properties: ['P1'], engines: ['bmc'] },
  });
  const [p2, live] = await run([asset('accumulator.sv')], {
    parameters,
    options: { properties: ['P2', 'P2-live'] },
  });
  expect([p1!.verdict, p2!.verdict, live!.verdict]).toEqual(['refuted', 'proved', 'proved']);
  const table = p1!.trace!;
  expect(p1!.traceLength).toBe(table.steps.length);
  // both copies see the same valid and different garbage; the outputs differ while valid at the end
  const last = table.steps[table.steps.length - 1]!;
  const valid = last[traceSignal(table, 'out_val')];
  const a = last[traceSignal(table, 'out_msg', 'A')];
  const b = last[traceSignal(table, 'out_msg', 'B')];
  expect(valid).toBe(1n);
  expect(a).not.toBe(b);
  expect(p1!.garbage).toContain('sum');
  expect(p2!.covers.every(c => c.outcome === 'reached')).toBe(true);
});

test('a dead design: refuted with a lasso, and what is still proved about it is called vacuous', async () => {
  const [p1, p2, live] = await run([asset('handshake.sv')], bug(1));
  expect(verdicts([p1!, p2!, live!])).toEqual(['P1 proved', 'P2 refuted', 'P2-live refuted']);
  expect(p1!.vacuous).toBe(true);
  expect(live!.trace!.loopStart).toBeLessThan(live!.trace!.steps.length);
  const go = traceSignal(p2!.trace!, 'go', 'check');
  expect(p2!.trace!.steps.at(-1)![go]).toBe(1n);
});

test('a bound that is too small is called slow', async () => {
  const [tight] = await run([asset('handshake.sv')], { options: { properties: ['P2'], bound: 1 } });
  expect(tight!.verdict).toBe('refuted');
  expect(tight!.reason).toMatch(/^slow, not dead: something moves after \d+ cycles$/);
  const [measured] = await run([asset('handshake.sv')], { options: { properties: ['P2'] } });
  expect(measured!.verdict).toBe('proved');
});

test('ports on their own: packets without end starve the other port of an arbiter', async () => {
  const results = await run([fixture('arb_vector.sv')], {
    load: { includeFolders: [fixture('inc')], parameters: { DATA_WIDTH: 1 } },
    options: { properties: ['P2'], perPort: true },
  });
  expect(verdicts(results)).toEqual([
    'P2 proved',
    'P2:s_axis[0] refuted',
    'P2:s_axis[1] refuted',
    'P2:m_axis proved',
  ]);
});

test('stalls do not change what a pass-through stage sends, but do change what a mode register sends', async () => {
  const options = { properties: ['P3' as const] };
  expect(verdicts(await run([asset('garbage_latch.sv')], { parameters: { W: 1 }, options }))).toEqual([
    'P3:out proved',
  ]);
  expect(
    verdicts(
      await run([asset('mode_register.sv')], {
        parameters: { W: 1 },
        options: { ...options, engines: ['bmc'] },
      }),
    ),
  ).toEqual(['P3:out refuted']);
});

test('protocol: a FIFO that changes its stalled head, observed outputs and uninitialised registers', async () => {
  const options = { properties: ['P4' as const] };
  expect(verdicts(await run([asset('fifo.sv')], { ...bug(1), options }))).toEqual(['P4:out refuted']);
  const [p1] = await run([fixture('no_reset.v')], { options: { properties: ['P1'] } });
  expect(p1!.failure).toBe('output spy differs');
});

test('a consumer that breaks when an offer is withdrawn: the remark says that persistence would do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-run-'));
  const path = join(folder, 'm.v');
  writeFileSync(
    path,
    `module m(input clk, input rst, input in_valid, output in_ready, input in_data);
      reg seen, broken;
      assign in_ready = seen & ~broken;
      always @(posedge clk) if (rst) begin seen <= 0; broken <= 0; end
        else begin seen <= in_valid & ~in_ready; if (seen & ~in_valid) broken <= 1; end
    endmodule`,
  );
  const [p2] = await run([path], { options: { properties: ['P2'] } });
  rmSync(folder, { recursive: true });
  expect(p2!.verdict).toBe('refuted');
  expect(p2!.reason).toBe('dead: the state repeats; holds when offers stay until taken (persistent inputs)');
});

test('a run that is stopped ends soon and says so', async () => {
  const controller = new AbortController();
  const started = performance.now();
  setTimeout(() => controller.abort(), 3000);
  const running = run([asset('accumulator.sv')], {
    parameters: { W: 24 },
    load: { signal: controller.signal },
    options: { properties: ['P3'], threads: 2, timeoutSeconds: 300, signal: controller.signal },
  });
  await expect(running).rejects.toBeInstanceOf(AbortedError);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('out of time is unknown, with the reason and the bound', async () => {
  const [p3] = await run([asset('accumulator.sv')], {
    parameters: { W: 24 },
    options: { properties: ['P3'], timeoutSeconds: 1 },
  });
  expect(p3!.verdict).toBe('unknown');
  expect(p3!.reason).toMatch(/timeout/);
  expect(p3!.depth).toBeGreaterThanOrEqual(0);
});

test('a property that no channel has, and one that does not exist, are no silent passes', async () => {
  const sink = join(mkdtempSync(join(tmpdir(), 'verify-run-')), 'sink.sv');
  writeFileSync(
    sink,
    `module sink(input clk, input rst, input in_valid, output in_ready, input [3:0] in_data, output reg [3:0] led);
  assign in_ready = 1'b1;
  always @(posedge clk) if (rst) led <= 0; else if (in_valid) led <= in_data;
endmodule\n`,
  );
  await expect(run([sink], { options: { properties: ['P3', 'P4'] } })).rejects.toThrow(
    "nothing to check: 'sink' has no channel for P3, P4",
  );
  expect(verdicts(await run([sink], { options: { properties: ['P1', 'P4'] } }))).toEqual(['P1 proved']);
  await expect(run([sink], { options: { properties: ['P7' as never] } })).rejects.toThrow(
    /unknown property 'P7'/,
  );
  rmSync(join(sink, '..'), { recursive: true });
});
