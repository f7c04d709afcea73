// Third-party style RTL is accepted without edits, and what cannot be read ends in one line with file and line.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { closeYosys } from '../../synthesis/yosys.ts';
import { readConfig } from '../config.ts';
import { describeInterface } from '../interface.ts';
import { type LoadedDesign, type LoadOptions, loadDesign } from '../load.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closeYosys();
});

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

async function loadText(text: string, options: LoadOptions = {}): Promise<LoadedDesign> {
  const path = join(folder, 'design.sv');
  writeFileSync(path, text);
  return await loadDesign([path], options);
}

/** Message of the error, without the folder. */
async function refusal(text: string, options: LoadOptions = {}): Promise<string> {
  const error = await loadText(text, options).then(
    () => undefined,
    (e: Error) => e,
  );
  return error === undefined ? 'accepted' : error.message.replace(`${folder}/`, '');
}

const lines = (x: LoadedDesign): string[] =>
  describeInterface(x.source, x.found).map(l => l.replace(/ +/g, ' '));
const state = (x: LoadedDesign): Record<string, string> =>
  Object.fromEntries(
    x.design.registers.map(r => [
      r.name,
      r.latches
        .map(i => x.design.aig.latchInit[i])
        .reverse()
        .join(''),
    ]),
  );

const ports =
  'input in_valid, output in_ready, input in_data, output out_valid, input out_ready, output out_data';
const plain = 'assign in_ready = out_ready; assign out_valid = in_valid; assign out_data = in_data;';

test('a vectored AXI-stream arbiter with included files and parameters', async () => {
  const x = await loadDesign([fixture('arb_vector.sv')], {
    includeFolders: [fixture('inc')],
    parameters: { S_COUNT: 3 },
  });
  expect(lines(x)).toEqual([
    'clock clk',
    'reset rst, synchronous, active high',
    ...[0, 1, 2].map(
      k =>
        `input s_axis[${k}]: valid s_axis_tvalid[${k}], ready s_axis_tready[${k}], payload s_axis_tdata[${16 * k + 15}:${16 * k}] s_axis_tkeep[${2 * k + 1}:${2 * k}] s_axis_tlast[${k}], valid is not retracted (AXI-stream)`,
    ),
    'output m_axis: valid m_axis_tvalid, ready m_axis_tready, payload m_axis_tdata m_axis_tkeep m_axis_tlast, valid is not retracted (AXI-stream)',
  ]);
});

test('packages, enumerations and structures; an asynchronous active-low reset keeps register names', async () => {
  const x = await loadDesign([fixture('types_pkg.sv'), fixture('framer.sv')]);
  expect(lines(x)).toEqual([
    'clock clk_i',
    'reset rst_ni, asynchronous, active low',
    'input in: valid valid_i, ready ready_o, payload data_i (valid/ready)',
    'output out: valid valid_o, ready ready_i, payload data_o (valid/ready)',
    'other output state_o: observed',
  ]);
  expect(state(x)).toEqual({ state_q: '00', count_q: '00', beat_q: '22222' });
});

test('no reset: initial values, the rest free; falling edge with a synchronous active-low reset', async () => {
  const x = await loadDesign([fixture('no_reset.v')]);
  expect(state(x)).toEqual({ full: '0', held: '2222' });
  const y = await loadDesign([fixture('upsizer.v')]);
  expect(lines(y).slice(0, 2)).toEqual([
    'clock aclk, falling edge',
    'reset aresetn, synchronous, active low',
  ]);
  expect(state(y)).toMatchObject({ full: '0', keep: '00', last: '2' });
});

test('the circuit decides the level of a reset whose name misleads', async () => {
  const x = await loadText(`module m(input clk, input rst_n, ${ports}); reg full;
    always @(posedge clk) if (rst_n) full <= 0; else full <= in_valid;
    assign in_ready = !full; assign out_valid = full; assign out_data = in_data; endmodule`);
  expect(lines(x)[1]).toBe('reset rst_n, synchronous, active high');
});

test.each([
  [
    'two clocks',
    `module m(input ca, input cb, ${ports}, output u); reg a, b;
always @(posedge ca) a <= in_data;
always @(posedge cb) b <= a;
${plain} assign u = a ^ b; endmodule`,
    /two clocks: 'c[ab]' clocks '[ab]' and 'c[ab]' clocks '[ab]'/,
  ],
  [
    'two edges',
    `module m(input c, ${ports}, output q); reg a, b;
always @(posedge c) a <= in_data;
always @(negedge c) b <= a;
assign q = b; ${plain} endmodule`,
    /^design\.sv, line \d: '[ab]' is clocked by the \w+ edge of 'c' and '[ab]' by the (rising|falling) edge/,
  ],
  [
    'a gated clock',
    `module m(input c, ${ports}, output reg q); wire g = c & in_valid;
always @(posedge g) q <= in_data;
${plain} endmodule`,
    /^design\.sv, line 2: register 'q' is clocked by 'g', which is made inside the design/,
  ],
  [
    'a clock used as data',
    `module m(input c, ${ports}, output q); reg a;
always @(posedge c) a <= in_data;
assign q = a & c; ${plain} endmodule`,
    /^design\.sv, line 3: clock 'c' is also used as data/,
  ],
  [
    'two drivers',
    `module m(input c, ${ports}, output reg q);
${plain}
always @(posedge c) q <= in_data;
always @(posedge c) if (in_valid) q <= 0;
endmodule`,
    /^design\.sv, line 4: two drivers of 'q' \(lines 3, 4\); expected one/,
  ],
  [
    'two drivers that make a loop',
    `module m(input c, ${ports}, output q); reg a;
always @(posedge c) a <= in_data;
${plain} assign q = a;
assign q = !a;
endmodule`,
    /^design\.sv, line 4: two drivers of 'q' \(lines 3, 4\); expected one/,
  ],
  [
    'a second driver of a constant',
    `module m(input c, ${ports}, output reg q);
${plain} assign q = 0;
always @(posedge c) q <= in_data;
endmodule`,
    /^design\.sv, line 3: two drivers of 'q' \(lines 2, 3\); expected one/,
  ],
  [
    'an input that is driven',
    `module m(${ports});
${plain} assign in_valid = 0; endmodule`,
    /^design\.sv, line 2: two drivers of 'in_valid', an input; expected one/,
  ],
  [
    'a three-state driver',
    `module m(${ports}, output q);
${plain} assign q = in_valid ? in_data : 1'bz; endmodule`,
    /^design\.sv, line 2: three-state driver for 'q'/,
  ],
  [
    'a name that reaches into an instance',
    `module s(input a, output y); wire t = !a; assign y = t; endmodule
module m(${ports}); wire y; s u(in_data, y);
${plain} assign u.t = in_data; endmodule`,
    /^design\.sv, line 3: hierarchical name 'u\.t'/,
  ],
  [
    'a latch',
    `module m(${ports}, output reg q);
always @* if (in_valid) q = in_data;
${plain} endmodule`,
    /^design\.sv, line 2: latch 'q'/,
  ],
  [
    'a loop',
    `module m(${ports}, output q); wire x, y;
assign x = y & in_valid;
assign y = x | in_data;
assign q = y; ${plain} endmodule`,
    /^design\.sv, line [23]: combinational loop through '[xy]', '[xy]'/,
  ],
  [
    'a missing module',
    `module m(${ports});
 ${plain}
 absent u(.a(in_data)); endmodule`,
    /^design\.sv, line 3: no module 'absent' \(instance 'u'\)/,
  ],
  [
    'a huge memory',
    `module m(input c, ${ports}); reg mem[0:1<<27]; reg [27:0] p;
always @(posedge c) if (in_valid) begin mem[p] <= in_data; p <= p + 1; end
assign out_data = mem[p]; assign in_ready = 1, out_valid = 1; endmodule`,
    /memory 'mem' of 134217729 words of 1 bits; expected memories of at most 16384 bits/,
  ],
  [
    'a huge width',
    `module m(input c, input in_valid, input [2000000000:0] in_data, output reg [2000000000:0] q);
always @(posedge c) q <= in_data; endmodule`,
    /^design\.sv, line \d: .*width/i,
  ],
  ['nonsense', '\u0000\u0001 module', /^design\.sv, line 1: syntax error/],
  [
    'an unsupported construct',
    `module m(${ports}); ${plain}
 covergroup g @(posedge in_valid); endgroup
endmodule`,
    /^design\.sv, line 2: /,
  ],
])('refused in one line: %s', async (_, text, message) => {
  const said = await refusal(text);
  expect(said).toMatch(message);
  expect(said).not.toContain('\n');
});

test('several tops, and none', async () => {
  const one = (name: string): string => `module ${name} (${ports}); ${plain} endmodule\n`;
  const inner = `module inner(input x, output y); assign y = x; endmodule\n`;
  const wrap = `module wrap (${ports}); ${plain} wire y; inner i(in_valid, y); endmodule\n`;
  const two = one('second') + one('first');
  expect(await refusal(two)).toBe(
    'design.sv: several top modules: first, second; expected one top module, or --top',
  );
  expect(await refusal(two, { parameters: { W: 1 } })).toMatch(/several top modules: first, second/);
  expect(await refusal(two, { top: 'second' })).toBe('accepted');
  expect((await loadText(one('spare') + inner + wrap)).design.name).toBe('wrap');
  for (const text of ['', '// nothing\n'])
    expect(await refusal(text)).toBe('design.sv: no module; expected at least one module');
});

test('a folder of included files that is none', async () => {
  expect(await refusal('module m; endmodule', { includeFolders: ['nowhere'] })).toBe(
    'nowhere: is no folder; expected a folder of included files',
  );
});

test('unknown top and parameter', async () => {
  const text = `module framing #(parameter W = 1) (${ports}); ${plain} endmodule`;
  expect(await refusal(text, { top: 'framming' })).toBe(
    "design.sv, line 1: no module 'framming'; expected one of framing; did you mean 'framing'?",
  );
  expect(await refusal(text, { parameters: { V: 2 } })).toBe(
    "design.sv, line 1: module 'framing' has no parameter 'V'; expected W; did you mean 'W'?",
  );
});

test('a configuration makes and changes channels, ties inputs, ignores outputs', async () => {
  const text = `module m(input clk, input go, input [7:0] d, output take, ${ports}, output irq);
    ${plain} assign take = go & in_valid; assign irq = ^d; endmodule`;
  const config = readConfig(
    `channels:
  - { name: cmd, valid: go, ready: take, payload: ["d[3:0]"] }
  - { name: in, persistent: true, forever: true }
ignore: irq
`,
    'v.yaml',
  );
  const x = await loadText(text, { config, configFile: 'v.yaml' });
  expect(lines(x)).toEqual([
    'clock clk',
    'reset none: registers start at their initial values, or free',
    'input in: valid in_valid, ready in_ready, payload in_data, valid is not retracted (valid/ready)',
    'output out: valid out_valid, ready out_ready, payload out_data (valid/ready)',
    'input cmd: valid go, ready take, payload d[3:0] (configuration)',
    'other output irq: ignored',
  ]);
  expect(x.found.channels[0]!.forever).toBe(true);
  const bad = readConfig('channels: [{ name: cmd, valid: gO }]', 'v.yaml');
  expect(await refusal(text, { config: bad, configFile: 'v.yaml' })).toMatch(
    /^v\.yaml: no port 'gO'.*did you mean 'go'\?$/,
  );
});

test('a configuration is refused with its line', () => {
  const said = (text: string): string => {
    try {
      readConfig(text, 'v.yaml');
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(said('top: a\nclok: clk\n')).toBe("v.yaml, line 2: unknown key 'clok'; did you mean 'clock'?");
  expect(said('channels:\n  - name: a\n    vald: b\n')).toMatch(
    /^v\.yaml, line 3: unknown key 'channels\.0\.vald'; did you mean 'valid'\?$/,
  );
  expect(said('bound: many\n')).toMatch(/^v\.yaml, line 1: 'bound': /);
  expect(said('a: [1\n')).toMatch(/^v\.yaml, line \d: /);
  expect(said('')).toBe('accepted');
});

test('a register without a reset value starts free, also when one value would make it a constant', async () => {
  const x = await loadText(`module m(input clk, input rst, ${ports}); reg on, full;
    always @(posedge clk) begin
      if (in_valid & in_ready) on <= 1;
      if (rst) full <= 0; else full <= in_valid & in_ready;
    end
    assign in_ready = on & out_ready; assign out_valid = full; assign out_data = in_data; endmodule`);
  expect(state(x)).toEqual({ full: '0', on: '2' });
});

test('ports beyond the limit are refused before the passes that take minutes for them', async () => {
  const wide = (bits: number, outputs = 1): string => {
    const range = `[${bits - 1}:0]`;
    const names = Array.from({ length: outputs }, (_, i) => `out_data${i}`);
    return `module m(input clk, input ${range} in_data, ${names.map(n => `output reg ${range} ${n}`).join(', ')});
      always @(posedge clk) begin ${names.map(n => `${n} <= in_data;`).join(' ')} end endmodule`;
  };
  const begin = performance.now();
  expect(await refusal(wide(300_000))).toBe(
    'design.sv: ports of 600001 bits; expected at most 200000 (set a width parameter with -P)',
  );
  expect(await refusal(wide(60_000, 5))).toBe(
    'design.sv: ports of 360001 bits; expected at most 200000 (set a width parameter with -P)',
  );
  expect((performance.now() - begin) / 1000).toBeLessThan(15);
});

test('the time limit holds for all of reading, and says so', async () => {
  const slow = `module m(input clk, input [59999:0] a, output reg [59999:0] q); always @(posedge clk) q <= q ^ a; endmodule`;
  const begin = performance.now();
  expect(await refusal(slow, { timeoutSeconds: 2 })).toBe(
    'design.sv: not read within 2 s; expected a smaller design or a longer time limit (--timeout)',
  );
  expect((performance.now() - begin) / 1000).toBeLessThan(8);
});
