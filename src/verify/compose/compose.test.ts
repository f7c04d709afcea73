import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/places.ts';
import { engines } from '../../engines/index.ts';
import { exampleSource } from '../examples/load.ts';
import type { Exploration } from '../integrity/index.ts';
import { contractOf, readHierarchy, verifyComposed } from './index.ts';

const pipeline = (parameters: Record<string, number>) =>
  exampleSource({ file: 'skid_pipeline.sv', top: 'skid_pipeline', parameters });

test('the hierarchy has one kind of module for each set of parameters', async () => {
  const { instances, logic, top } = await readHierarchy(await pipeline({ STAGES: 6, BUG: 1, BUG_STAGE: 4 }));
  expect(top).toBe('skid_pipeline');
  expect(logic).toEqual([]);
  expect(instances.length).toBe(6);
  expect(new Set(instances.map(i => i.module.key)).size).toBe(2);
  expect(instances.every(i => i.module.name === 'skid_buffer')).toBe(true);
});

test('a pipeline of 12 skid buffers is proved from one of them', { timeout: 60_000 }, async () => {
  const result = await verifyComposed(await pipeline({ STAGES: 12 }), engines);
  if (typeof result === 'string') throw new Error(result);
  expect([result.P1.verdict, result.P2.verdict, result.P5.verdict]).toEqual(['proved', 'proved', 'proved']);
  expect([result.modules.length, result.instances, result.capacity]).toEqual([1, 12, 24]);
  expect(result.modules[0]!.contract).toEqual({ kept: true, gives: true, takes: true, capacity: 2 });
});

test.each([
  [1, 'P5', /P5 refuted/],
  [4, 'P2', /a word can stay inside for ever|valid is withdrawn/],
  [5, 'P1', /P1 refuted/],
] as const)(
  'bug %i in one stage takes the proof of %s away',
  { timeout: 60_000 },
  async (bug, property, reason) => {
    const result = await verifyComposed(await pipeline({ STAGES: 5, BUG: bug }), engines);
    if (typeof result === 'string') throw new Error(result);
    expect(result[property].verdict).toBe('unknown');
    expect(result[property].reason).toMatch(reason);
  },
);

test('tops that cannot be cut say why', { timeout: 60_000 }, async () => {
  const forked = await exampleSource({ file: 'fork_join.sv', top: 'fork_join', parameters: {} });
  expect(await verifyComposed(forked, engines)).toMatch(/has logic of its own/);
  const flat = await exampleSource({ file: 'fifo.sv', top: 'fifo', parameters: {} });
  expect(await verifyComposed(flat, engines)).toBe('no instances');
});

test('a loop of stages is not proved free of deadlock', { timeout: 60_000 }, async () => {
  const stage = readFileSync(new URL('assets/verify/skid_pipeline.sv', packageRoot), 'utf8');
  const text = `${stage}
module ring (input logic clk, input logic rst, input logic a_valid, output logic a_ready, input logic [3:0] a_data,
  output logic b_valid, input logic b_ready, output logic [3:0] b_data);
  logic v1, r1, v2, r2; logic [3:0] d1, d2;
  (* keep *) skid_buffer #(.W(4)) one (.clk, .rst, .in_valid(v2), .in_ready(r2), .in_data(d2), .out_valid(v1), .out_ready(r1), .out_data(d1));
  (* keep *) skid_buffer #(.W(4)) two (.clk, .rst, .in_valid(v1), .in_ready(r1), .in_data(d1), .out_valid(v2), .out_ready(r2), .out_data(d2));
  skid_buffer #(.W(4)) aside (.clk, .rst, .in_valid(a_valid), .in_ready(a_ready), .in_data(a_data),
    .out_valid(b_valid), .out_ready(b_ready), .out_data(b_data));
endmodule
`;
  const result = await verifyComposed({ files: [{ name: 'ring.sv', text }], top: 'ring' }, engines);
  if (typeof result === 'string') throw new Error(result);
  expect(result.P2).toEqual({ verdict: 'unknown', reason: 'words can go round: one, two' });
});

test('a module that another net resets is not cut out', { timeout: 60_000 }, async () => {
  const stage = readFileSync(new URL('assets/verify/skid_pipeline.sv', packageRoot), 'utf8');
  const text = `${stage}
module two (input logic clk, input logic rst, input logic clear, input logic a_valid, output logic a_ready,
  input logic [3:0] a_data, output logic b_valid, input logic b_ready, output logic [3:0] b_data);
  logic v, r; logic [3:0] d;
  skid_buffer #(.W(4)) one (.clk, .rst, .in_valid(a_valid), .in_ready(a_ready), .in_data(a_data), .out_valid(v), .out_ready(r), .out_data(d));
  skid_buffer #(.W(4)) other (.clk, .rst(clear), .in_valid(v), .in_ready(r), .in_data(d), .out_valid(b_valid), .out_ready(b_ready), .out_data(b_data));
endmodule
`;
  expect(await verifyComposed({ files: [{ name: 'two.sv', text }], top: 'two' }, engines)).toBe(
    "the reset of 'other' is not that of the top",
  );
});

test('promises are read off the transitions', () => {
  // one word of room: 0 empty, 1 full; `lazy`: full may wait without valid for ever
  const graph = (lazy: boolean): Exploration => ({
    outcome: 'closed',
    roles: {
      data: [],
      tags: [],
      dataLatches: [],
      controlLatches: [],
      freeInputs: [],
      undefinedInputs: [],
      ands: [],
    },
    choices: [1, 2],
    openLatches: [],
    states: 2,
    capacity: 1,
    depth: 1,
    took: [1],
    gave: [1],
    inside: [0, 1],
    edges: {
      from: [0, 0, 1, 1],
      to: [0, 1, 1, 0],
      choice: [0, 1, 0, 2],
      took: [0, 1, 0, 0],
      gave: [0, 0, 0, 1],
      valid: [0, 0, lazy ? 0 : 1, 1],
    },
  });
  expect(contractOf(graph(false), 1)).toEqual({ kept: true, gives: true, takes: true, capacity: 1 });
  expect(contractOf(graph(true), 1).gives).toBe(false);
});
