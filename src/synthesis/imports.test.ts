import { afterAll, expect, test } from 'vitest';
import { resolveImports } from './imports.ts';
import { readRtl } from './rtl.ts';
import { closeYosys } from './yosys.ts';

afterAll(closeYosys);

const types = {
  name: 'types.sv',
  text: `package types;
  localparam int W = 4, D = W * 2;
  typedef logic [W-1:0] word_t;
  typedef enum logic [1:0] { IDLE, BUSY = 2'd2 } state_t;
  typedef struct packed { word_t data; logic last; } beat_t;
  function automatic [3:0] inc(input [3:0] x); inc = x + 1; endfunction
endpackage
`,
};

const user = (text: string): { name: string; text: string } => ({ name: 'user.sv', text });

test('imports in headers, files and bodies become qualified names, line by line', () => {
  const text = `import types::word_t; // W stays W in a comment
module m import types::*; #(parameter int X = W) (
  input clk, input word_t d, output beat_t q, output [D-1:0] e);
  state_t s;
  always_ff @(posedge clk) begin
    s <= s == IDLE ? BUSY : IDLE;
    q.data <= inc(d);
    q.last <= s.W;
  end
endmodule
module n #(parameter int W = 2) (input word_t d); localparam string T = "W"; endmodule
`;
  const [, out] = resolveImports([types, user(text)]);
  const lines = out!.text.split('\n');
  expect(lines.length).toBe(text.split('\n').length);
  expect(lines[0]).toContain('// W stays W in a comment');
  expect(lines[1]).toMatch(/^module m {18} *#\(parameter int X = types::W\)/);
  expect(lines[2]).toBe(
    '  input clk, input types::word_t d, output types::beat_t q, output [types::D-1:0] e);',
  );
  expect(lines[5]).toBe('    s <= s == types::IDLE ? types::BUSY : types::IDLE;');
  expect(lines[6]).toBe('    q.data <= types::inc(d);');
  expect(lines[7]).toBe('    q.last <= s.W;');
  // the next module has no W from the package: only what the file imports
  expect(lines[10]).toBe(
    'module n #(parameter int W = 2) (input types::word_t d); localparam string T = "W"; endmodule',
  );
  expect(resolveImports([types])[0]!.text).toBe(types.text);
});

test('Yosys reads what is left, whatever the order of the files', async () => {
  const design =
    user(`module m import types::*; #(parameter int X = W) (input clk, input word_t d, output reg [X-1:0] q);
  state_t s;
  always_ff @(posedge clk) begin
    s <= s == IDLE ? BUSY : IDLE;
    q <= s == BUSY ? inc(d) : d;
  end
endmodule
`);
  const { aig, ports } = await readRtl({ files: [design, types] });
  expect(ports.map(p => `${p.name}:${p.width}`).sort()).toEqual(['clk:1', 'd:4', 'q:4']);
  // IDLE and BUSY differ in one bit
  expect(aig.latchCount).toBe(5);
});

test('what needs a guess is refused with its place', () => {
  const other = { name: 'other.sv', text: 'package other; parameter W = 8; endpackage\n' };
  const refused: [string, RegExp, Record<string, string>?][] = [
    [
      'module m;\n  import typos::*;\nendmodule',
      /user\.sv, line 2: no package 'typos'; .*did you mean 'types'/,
    ],
    [
      'module m;\n  import types::word;\nendmodule',
      /line 2: package 'types' has no 'word'; .*did you mean 'word_t'/,
    ],
    [
      'import types::*;\nimport other::*;\nmodule m (input [W:0] a);\nendmodule',
      /line 3: 'W' is imported from packages types and other/,
    ],
    [
      'module m;\n  import types::*;\n  logic [3:0] BUSY;\nendmodule',
      /line 3: 'BUSY' is declared here and imported/,
    ],
    ['`define SIZE W\nmodule m import types::*; (input [`SIZE:0] a);\nendmodule', /line 1: a macro uses 'W'/],
    [
      'module m import types::*; (input a);\n n u (.a, .W);\nendmodule',
      /line 2: port '\.W' takes a name imported/,
    ],
    [
      'module m import types::*; (input a);\n`include "x.svh"\nendmodule',
      /x\.svh, line 1: an included file uses 'W'/,
      { 'x.svh': 'wire [W:0] y;' },
    ],
  ];
  for (const [text, message, includes] of refused) {
    expect(() => resolveImports([types, other, user(text)], includes)).toThrow(message);
  }
});
