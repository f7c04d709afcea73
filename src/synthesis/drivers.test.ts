// A second driver is refused in every form it takes; what only looks like one is read.

import { afterAll, expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Simulator } from '../netlist/simulate.ts';
import { readModuleGates } from './modules.ts';
import { readRtl } from './rtl.ts';
import { closeYosys } from './yosys.ts';

afterAll(closeYosys);

const flop = 'input c, input a, input b, output logic q';
const inverter = 'module inv(input a, output y); assign y = ~a; endmodule\n';

/** What a reader says about the text, or `read`. */
async function said(text: string, perModule = false): Promise<string> {
  const source = { files: [{ name: 'm.sv', text }], top: 'm' };
  return await (perModule ? readModuleGates(source) : readRtl(source)).then(
    () => 'read',
    (error: Error) => {
      expect(error).toBeInstanceOf(InputError);
      return error.message;
    },
  );
}

const second = (name: string, lines: string, place = lines.split(', ').at(-1)): string =>
  `m.sv, line ${place}: two drivers of ${name}${lines.includes(',') ? ` (lines ${lines})` : ''}; expected one`;

test.each([
  [
    'two clocked blocks',
    `(${flop});\nalways @(posedge c) q <= a;\nalways @(posedge c) q <= b;`,
    second("'q'", '2, 3'),
  ],
  [
    'the same block twice',
    `(${flop});\nalways @(posedge c) q <= a;\nalways @(posedge c) q <= a;`,
    second("'q'", '2, 3'),
  ],
  [
    'two edges',
    `(${flop});\nalways @(posedge c) q <= a;\nalways @(negedge c) q <= b;`,
    second("'q'", '2, 3'),
  ],
  ['two combinational blocks', `(${flop});\nalways @* q = a;\nalways @* q = a & b;`, second("'q'", '2, 3')],
  [
    'a block and one of a constant',
    `(${flop});\nalways @* q = a & b;\nalways @* q = 1;`,
    second("'q'", '2, 3'),
  ],
  [
    'a block, in part',
    `(${flop}); logic [3:0] r;\nalways @(posedge c) r <= {4{a}};\nalways @(posedge c) r[3:2] <= b;\nassign q = ^r;`,
    second("'r'", '2, 3'),
  ],
  [
    'blocks made in a loop',
    `(${flop});\ngenvar i;\nfor (i = 0; i < 2; i = i + 1) begin : g\nalways @(posedge c) q <= a ^ i;\nend`,
    second("'q'", '4'),
  ],
  [
    'a block and an assignment',
    `(${flop});\nalways_ff @(posedge c) q <= a;\nassign q = b;`,
    second("'q'", '2, 3'),
  ],
  [
    'a block and a constant',
    `(${flop});\nassign q = 1'b0;\nalways_ff @(posedge c) q <= a;`,
    second("'q'", '2, 3'),
  ],
  [
    'a register nobody reads',
    `(${flop}); reg t; assign q = a;\nalways @(posedge c) t <= a;\nalways @(posedge c) t <= b;`,
    second("'t'", '2, 3'),
  ],
  ['two assignments', `(${flop});\nassign q = a;\nassign q = b;`, second("'q'", '2, 3')],
  ['two of one value', `(${flop});\nassign q = a;\nassign q = a;`, second("'q'", '2, 3')],
  ['two constants', `(${flop});\nassign q = 1'b0;\nassign q = 1'b1;`, second("'q'", '2, 3')],
  ['logic and a constant', `(${flop});\nassign q = a & b;\nassign q = 1'b1;`, second("'q'", '2, 3')],
  ['twice in one', `(${flop});\nassign {q, q} = {a, b};`, second("'q'", '2')],
  [
    'a concatenation',
    `(${flop}, output r);\nassign {q, r} = {a, b};\nassign r\n = a;`,
    second("'r'", '2, 4'),
  ],
  [
    'a declaration and an assignment',
    `(${flop});\nwire w = a;\nassign w = ~a; assign q = w;`,
    second("'w'", '2, 3'),
  ],
  ['an instance and an assignment', `(${flop});\ninv u(.a(a), .y(q));\nassign q = b;`, second("'q'", '3, 4')],
  ['an instance and a constant', `(${flop});\ninv u(.a(a), .y(q));\nassign q = 1'b1;`, second("'q'", '3, 4')],
  ['two instances', `(${flop});\ninv u(.a(a), .y(q));\ninv v(.a(b), .y(q));`, second("'q'", '3, 4')],
  [
    'an instance that drives an expression',
    `(${flop}); assign q = a;\ninv u(.a(a), .y(a & b));`,
    second("'y' of 'u'", '3'),
  ],
  ['two gates', `(${flop});\nand (q, a, b);\nor (q, a, b);`, second("'q'", '2, 3')],
  ['an input', `(${flop});\nassign a = b; assign q = a;`, second("'a', an input", '2')],
  [
    'an input, by an instance',
    `(${flop}); assign q = b;\ninv u(.a(a), .y(b));`,
    second("'b', an input", '3'),
  ],
  [
    'an output wired to a constant',
    `(${flop}); assign q = a;\ninv u(.a(a), .y(1'b0));`,
    /^m\.sv, line 3: output 'y' of instance 'u' is wired to a constant/,
  ],
  [
    'an inout port',
    `(${flop}, inout io);\nassign io = a; assign q = io;`,
    "m.sv, line 1: inout port 'io'; expected input or output",
  ],
  [
    'a three-state driver',
    `(${flop});\nassign q = a ? b : 1'bz;`,
    /^m\.sv, line 2: three-state driver for 'q'/,
  ],
  [
    'a three-state block',
    `(${flop});\nalways @* if (a) q = b; else q = 1'bz;`,
    /^m\.sv, line 2: three-state driver for 'q'/,
  ],
] as const)('refused: %s', async (_, body, message) => {
  const text = `${body.includes('inv ') ? inverter : ''}module m${body}\nendmodule\n`;
  expect(await said(text)).toMatch(message);
  expect(await said(text, true)).toMatch(message);
});

test('a module that drives its own input, whatever is connected to it', async () => {
  const inner = 'module s(input a, input b, output y);\nassign a = b; assign y = a; endmodule\n';
  for (const pins of ['.a(a), ', '', ".a(1'b0), "]) {
    const text = `${inner}module m(${flop}); s u(${pins}.b(b), .y(q)); endmodule`;
    for (const perModule of [false, true]) {
      expect(await said(text, perModule)).toBe(second("'a', an input", '2'));
    }
  }
});

test('an inout port of an instance', async () => {
  const text = `module s(input a,\n inout y); assign y = a; endmodule\nmodule m(${flop}); s u(a, q); endmodule`;
  expect(await said(text)).toBe("m.sv, line 2: inout port 'y'; expected input or output");
});

test('a name that reaches into an instance, written or read', async () => {
  const inner = 'module s(input a, output y); wire t = ~a; assign y = t; endmodule\n';
  for (const use of ['assign u.t = b;', 'wire r = u.t;']) {
    const text = `${inner}module m(${flop}); s u(a, q);\n${use} endmodule`;
    expect(await said(text)).toBe(
      "m.sv, line 3: hierarchical name 'u.t'; expected a signal of the module itself",
    );
  }
});

test.each([
  [
    'bits of one vector',
    `(input c, input [1:0] a, output reg [1:0] q);
    always @(posedge c) q[0] <= a[0];\nalways @(posedge c) q[1] <= a[1];`,
  ],
  [
    'fields of one structure',
    `(${flop}); typedef struct packed {logic x; logic y;} pair; pair s;
    always_ff @(posedge c) s.x <= a; assign s.y = b; assign q = ^s;`,
  ],
  [
    'elements of one array',
    `(input c, input [1:0] a, input i, output q); reg mem[0:1];
    genvar k; for (k = 0; k < 2; k = k + 1) always @(posedge c) mem[k] <= a[k]; assign q = mem[i];`,
  ],
  [
    'a memory with two ports',
    `(input c, input [1:0] a, input [3:0] p, output q); reg mem[0:3];
    always @(posedge c) if (a[0]) mem[p[1:0]] <= a[1];
    always @(posedge c) if (a[1]) mem[p[3:2]] <= a[0]; assign q = mem[p[1:0]];`,
  ],
  ['an initial value', `(${flop}); initial q = 0; always @(posedge c) q <= a;`],
  ['an asynchronous reset', `(${flop}); always @(posedge c or posedge b) if (b) q <= 0; else q <= a;`],
  [
    'a loop variable that two blocks count with',
    `(input c, input [1:0] a, output reg q, output reg r); integer i;
    always @(posedge c) for (i = 0; i < 2; i = i + 1) q <= a[i];
    always @(posedge c) if (a[0]) for (i = 0; i < 2; i = i + 1) r <= a[i];`,
  ],
  [
    'a function called twice',
    `(${flop}, output r); function f(input x); reg t; begin t = ~x; f = t; end endfunction
    assign q = f(a), r = f(b);`,
  ],
  [
    'z as a wildcard',
    `(${flop}); always @* casez ({a, b}) 2'b1z: q = 1; 2'b?0: q = 0; default: q = 1; endcase`,
  ],
  [
    'names in generated blocks',
    `(input [1:0] a, output [1:0] q); genvar i;
    for (i = 0; i < 2; i = i + 1) begin : g wire t = ~a[i]; end assign q = {g[1].t, g[0].t};`,
  ],
])('read: %s', async (_, body) => {
  const text = `module m${body}\nendmodule`;
  expect(await said(text)).toBe('read');
  expect(await said(text, true)).toBe('read');
});

test('a loop variable that is read after the loops is a net like any other', async () => {
  const text = `module m(input c, input [1:0] a, output reg q, output reg r, output [31:0] o); integer i; assign o = i;
    always @(posedge c) for (i = 0; i < 2; i = i + 1) q <= a[i];
    always @(posedge c) for (i = 0; i < 2; i = i + 1) r <= a[i];\nendmodule`;
  expect(await said(text)).toBe(second("'i'", '2, 3'));
});

test('wired and: two drivers as the language means them', async () => {
  const text =
    'module m(input a, input b, output q); wand w; assign w = a; assign w = b; assign q = w; endmodule';
  const { aig } = await readRtl({ files: [{ name: 'm.sv', text }] });
  const simulator = new Simulator(aig);
  simulator.trace(
    1,
    (_, rows) => {
      rows[0] = 0b1100;
      rows[simulator.blockWords] = 0b1010;
    },
    (_, block) => {
      const literal = aig.outputs[0]!;
      const row = block[(literal >>> 1) * simulator.blockWords]! ^ -(literal & 1);
      expect(row & 0b1111).toBe(0b1000);
    },
  );
});

test('an interface port without a modport is refused at its line', async () => {
  const bus = '// the bus, in short\ninterface bus;\n  logic valid, ready;\nendinterface\n';
  const text = `${bus}module m(\n  input c, // in\n  bus in,\n  output logic q);\nalways_ff @(posedge c) q <= 1;\nendmodule\n`;
  expect(await said(text)).toBe(
    "m.sv, line 7: interface port 'in' without a modport; expected a modport that makes each signal an input or an output",
  );
});
