import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'netlist-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): { code: number; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'netlist', ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status ?? -1, out: stdout, error: stderr };
}
const json = (...words: string[]): Record<string, unknown> => JSON.parse(run(...words, '--json').out);
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test('generate, convert through every format, stats', () => {
  const made = json('generate', 'multiplier', '--kind', 'csa', '--width', '8', '-o', 'm.aig');
  expect(made).toMatchObject({ circuit: 'multiplier', ands: 8 * 64 - 11 * 8, inputs: 16, outputs: 16 });
  let from = 'm.aig';
  for (const to of ['m.v', 'm.json', 'm.bench', 'm.blif', 'm.aag', 'back.aig']) {
    expect(json('convert', from, '-o', to)).toMatchObject({ input: from, output: to, ands: 424 });
    from = to;
  }
  const wanted = { inputs: 16, latches: 0, outputs: 16, ands: 424, unusedAnds: 0 };
  expect(json('stats', 'back.aig')).toMatchObject(wanted);
  expect(json('stats', 'm.v')).toMatchObject(wanted);
});

test('cells of --liberty and --genlib', () => {
  put(
    'c.lib',
    'library(l) { cell(NR) { pin(A) {direction:input;} pin(Y) {direction:output; function:"A\'";} } }',
  );
  put('g.genlib', 'GATE nd 2 O=!(a*b);\n  PIN * INV 1 999 1 0 1 0\n');
  put(
    'm.v',
    'module t(input p, q, output y); wire w; nd g(.a(p), .b(q), .O(w)); NR h(.A(w), .Y(y)); endmodule',
  );
  const words = ['convert', 'm.v', '-o', 'cells.aag', '--liberty', 'c.lib', '--genlib', 'g.genlib'];
  expect(json(...words)).toMatchObject({ ands: 1 });
  expect(readFileSync(join(folder, 'cells.aag'), 'utf8')).toMatch(/^aag 3 2 0 1 1\n2\n4\n6\n6 [24] [24]\n/);
  expect(run('convert', 'm.v', '-o', 'x.aag')).toMatchObject({
    code: 3,
    error: expect.stringMatching(/m\.v, line 1: no module or cell 'nd'; .*--liberty/),
  });
});

test('simulate --vectors prints each vector; with latches state, inputs, outputs, next state', () => {
  put('x.bench', 'INPUT(a)\nINPUT(b)\nOUTPUT(y)\nOUTPUT(z)\ny = XOR(a, b)\nz = AND(a, b)\n');
  put('x.txt', '00\n01\n\n11\n.\n10\n');
  expect(run('simulate', 'x.bench', '--vectors', 'x.txt').out).toBe('00 00\n01 10\n11 01\n');
  put(
    'count.v',
    `module count(input clk, en, output [1:0] q); reg [1:0] q = 2'b01;
    always @(posedge clk) q <= en ? {q[1] ^ q[0], ~q[0]} : q; endmodule`,
  );
  put('en.txt', '1\n0\n1\n1\n');
  expect(run('simulate', 'count.v', '--vectors', 'en.txt').out).toBe(
    '10 1 10 01\n01 0 01 01\n01 1 01 11\n11 1 11 00\n',
  );
  put('d.v', 'module d(input clk, d, output reg q); always @(posedge clk) q <= d; endmodule');
  put('bits', '1\n0\n');
  expect(run('simulate', 'd.v', '--vectors', 'bits').error).toMatch(
    /latch 'q' starts uninitialised; expected --initial/,
  );
  expect(run('simulate', 'd.v', '--vectors', 'bits', '--initial', '1').out).toBe('1 1 1 1\n1 0 1 0\n');
  put('bad.txt', '00\n0x\n');
  expect(run('simulate', 'x.bench', '--vectors', 'bad.txt')).toMatchObject({
    code: 3,
    error: expect.stringMatching(/bad\.txt, line 2: vector with 'x'; expected 2 characters 0 or 1/),
  });
});

test('random simulation is a function of the seed', () => {
  put('r.bench', 'INPUT(a)\nOUTPUT(y)\ny = DFF(a)\n');
  const once = json('simulate', 'r.bench', '--seed', '4', '--steps', '32')['rows'];
  expect(json('simulate', 'r.bench', '--seed', '4', '--steps', '32')['rows']).toEqual(once);
  const [row] = once as { probability: number }[];
  expect(row!.probability).toBeGreaterThan(0.4);
  expect(row!.probability).toBeLessThan(0.6);
});

test.each([
  [['convert', 'm.aig', '-o', 'm.blef'], 2, /names no netlist format; .*did you mean 'blif'/],
  [['stats', 'none.aig'], 3, /none\.aig: cannot read \(ENOENT\)/],
  [['generate', 'adder', '--kind', 'kogge', '--width', '8', '-o', 'a.aig'], 2, /unknown adder kind 'kogge'/],
  [['generate', 'adder', '--width', '0', '-o', 'a.aig'], 2, /--width/],
])('%j ends with code %i', (words, code, message) => {
  const { code: got, out, error } = run(...words);
  expect([got, out]).toEqual([code, '']);
  expect(error.trimEnd().split('\n')).toHaveLength(1);
  expect(error).toMatch(message);
});
