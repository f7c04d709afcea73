import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeYosys } from '../../synthesis/yosys.ts';
import { run } from '../run.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-fork-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await closeYosys();
});

/** One word of room; `x` and `y` each note whether they have given it. */
const fork = (done: string): string => `module fork1(input clk, input rst,
  input in_valid, output in_ready, input [3:0] in_data,
  output x_valid, input x_ready, output [3:0] x_data,
  output y_valid, input y_ready, output [3:0] y_data);
  reg full, gave_x, gave_y; reg [3:0] word;
  wire x_done = gave_x | x_ready, y_done = gave_y | y_ready;
  wire done = full & ${done};
  assign in_ready = !full | done;
  assign x_valid = full & !gave_x, y_valid = full & !gave_y;
  assign x_data = word, y_data = word;
  always @(posedge clk) begin
    if (in_valid & in_ready) word <= in_data;
    full <= in_valid | (full & !done);
    gave_x <= full & !done & x_done;
    gave_y <= full & !done & y_done;
    if (rst) begin full <= 0; gave_x <= 0; gave_y <= 0; end
  end
endmodule
`;
const router = `module router(input in_valid, output in_ready, input [3:0] in_data,
  output x_valid, input x_ready, output [3:0] x_data,
  output y_valid, input y_ready, output [3:0] y_data);
  assign x_valid = in_valid & !in_data[0], y_valid = in_valid & in_data[0];
  assign x_data = in_data, y_data = in_data;
  assign in_ready = in_data[0] ? y_ready : x_ready;
endmodule
`;

async function integrity(text: string): ReturnType<typeof run> {
  const file = join(folder, 'design.v');
  writeFileSync(file, text);
  return run([file], { options: { properties: ['P5'] } });
}

test('a fork gives every word to each output', async () => {
  const [right] = await integrity(fork('x_done & y_done'));
  expect(right).toMatchObject({ verdict: 'proved', vacuous: false });
  expect(right!.reason).toBe('each of 2 outputs gets every word');
  // done when one of them has it: the other one can miss the word
  const [wrong] = await integrity(fork('(x_done | y_done)'));
  expect(wrong!.verdict).toBe('unknown');
  expect(wrong!.reason).toMatch(/^'[xy]' does not get every word, or not in order: /);
});

test('a router is not called wrong', async () => {
  const [p5] = await integrity(router);
  expect(p5!.verdict).toBe('unknown');
  expect(p5!.reason).toMatch(/a router, perhaps/);
});
