// Yosys in a worker: RTL to a graph with the behaviour of the RTL, errors with places, limits that hold.

import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Simulator } from '../netlist/simulate.ts';
import { readRtl } from './rtl.ts';
import { closeYosys, runYosys, SynthesisTimeout } from './yosys.ts';

afterAll(closeYosys);

const counter = `module counter #(parameter W = 4) (
  input clk, input rst_n, input en, input [W-1:0] step, output reg [W-1:0] count);
  always @(posedge clk or negedge rst_n)
    if (!rst_n) count <= 1; else if (en) count <= count + step;
endmodule
`;

test('a counter with parameter and asynchronous reset', async () => {
  const { aig, ports, top } = await readRtl({
    files: [{ name: 'dir/counter.sv', text: counter }],
    top: 'counter',
    parameters: { W: 6 },
  });
  expect(top).toBe('counter');
  expect(ports.map(p => [p.name, p.direction, p.width])).toEqual([
    ['clk', 'input', 1],
    ['rst_n', 'input', 1],
    ['en', 'input', 1],
    ['step', 'input', 6],
    ['count', 'output', 6],
  ]);
  expect(ports[4]!.source).toBe('dir/counter.sv:2');
  expect(aig.latchCount).toBe(6);
  expect(aig.latchInit.every(x => x === 2)).toBe(true);
  const bit = new Map(aig.names.inputs!.map((name, i) => [name, i]));
  const simulator = new Simulator(aig);
  const seen: number[] = [];
  const words = simulator.blockWords;
  simulator.trace(
    5,
    (step, rows) => {
      rows.fill(0);
      rows[bit.get('rst_n')! * words] = step === 0 ? 0 : 1;
      rows[bit.get('en')! * words] = step === 2 ? 0 : 1;
      rows[bit.get('step[1]')! * words] = 1;
    },
    (_, block) => {
      let value = 0;
      aig.outputs.forEach((literal, i) => {
        const row = block[(literal >>> 1) * words]!;
        value |= ((row ^ -(literal & 1)) & 1) << i;
      });
      seen.push(value);
    },
  );
  expect(seen).toEqual([1, 1, 3, 3, 5]);
});

test('a syntax error names the file and line of the user', async () => {
  const files = [{ name: 'a b/bad.sv', text: 'module m(input a);\nassign x = ;\nendmodule\n' }];
  await expect(readRtl({ files })).rejects.toThrow(/^a b\/bad\.sv, line 2: syntax error/);
  await expect(readRtl({ files })).rejects.toBeInstanceOf(InputError);
});

test('a missing module, a combinational loop, a latch, a bad parameter', async () => {
  const read = (text: string, parameters = {}) => readRtl({ files: [{ name: 'm.sv', text }], parameters });
  await expect(read('module m(input a, output b);\n nothere u(a, b);\nendmodule')).rejects.toThrow(/nothere/);
  await expect(
    read('module m(input a, output b);\n wire c = a & b; assign b = ~c;\nendmodule'),
  ).rejects.toThrow(
    /^m\.sv, line 2: combinational loop through '[bc]'(, '[bc]')?; expected a register on every cycle$/,
  );
  await expect(
    read('module m(input a, output b);\n wire [3:0] t; // t\n assign b = a & t[2];\nendmodule'),
  ).rejects.toThrow(/^m\.sv, line 2: 't\[2\]' is used but nothing drives it$/);
  await expect(
    read(
      'module s(input x, output y); assign y = ~x; endmodule\nmodule m(output b);\n s u(.y(b));\nendmodule',
    ),
  ).rejects.toThrow(/^m\.sv, line 1: 'u\.x' is used but nothing drives it$/);
  await expect(
    read('module m(input g, input a, output reg b);\n always @* if (g) b = a;\nendmodule'),
  ).rejects.toThrow(/^m\.sv, line 2: level-sensitive latch for 'b'/);
  await expect(read(counter, { W: '3; write_json x' })).rejects.toThrow(/parameter W/);
});

test('the time limit ends a run that would go on', async () => {
  const wide = 'module m(input [255:0] a, input [255:0] b, output [511:0] c); assign c = a * b; endmodule';
  await expect(
    runYosys({ script: 'read_verilog m.v; synth -top m', files: { 'm.v': wide }, timeoutSeconds: 0.7 }),
  ).rejects.toBeInstanceOf(SynthesisTimeout);
});

test('an abort ends a run', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const wide = 'module m(input [255:0] a, input [255:0] b, output [511:0] c); assign c = a * b; endmodule';
  await expect(
    runYosys({
      script: 'read_verilog m.v; synth -top m',
      files: { 'm.v': wide },
      signal: controller.signal,
    }),
  ).rejects.toThrow(/stopped/);
});

const installed = spawnSync('yosys', ['-V'], { stdio: 'ignore' }).status === 0;

test.skipIf(!installed)(
  `an installed yosys gives the same graph${installed ? '' : ' (yosys not installed)'}`,
  async () => {
    const source = {
      files: [{ name: 'dir/counter.sv', text: counter }],
      parameters: { W: 5 },
      top: 'counter',
    };
    const [own, other] = [await readRtl(source), await readRtl(source, { native: true })];
    expect([other.ports, other.aig.latchCount]).toEqual([own.ports, own.aig.latchCount]);
    await expect(
      readRtl({ files: [{ name: 'm.sv', text: 'module m(input a;\nendmodule' }] }, { native: true }),
    ).rejects.toThrow(/^m\.sv, line 1: syntax error/);
    const wide = 'module m(input [511:0] a, input [511:0] b, output [1023:0] c); assign c = a * b; endmodule';
    const endless = { script: 'read_verilog m.v; synth -top m', files: { 'm.v': wide }, native: true };
    await expect(runYosys({ ...endless, timeoutSeconds: 0.4 })).rejects.toBeInstanceOf(SynthesisTimeout);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    await expect(runYosys({ ...endless, signal: controller.signal })).rejects.toThrow(/stopped/);
  },
);
