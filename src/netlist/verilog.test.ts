import { expect, test } from 'vitest';
import type { Aig } from './aig.ts';
import { AigBuilder } from './builder.ts';
import { readLibertyCells } from './cell-library.ts';
import { packVectors, simulate, unpackVectors } from './simulate.ts';
import { MemorySink } from './source.ts';
import { readVerilog } from './verilog.ts';
import { constantBits } from './verilog-tokens.ts';
import { writeVerilog } from './verilog-write.ts';

const library = readLibertyCells({
  bytes: Buffer.from(`library (l) {
  cell (NOR2) { pin (A) { direction : input; } pin (B) { direction : input; }
    pin (Y) { direction : output; function : "!(A+B)"; } }
  cell (DFF) { ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; } pin (CK) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } pin (QN) { direction : output; function : "IQN"; } } }`),
});
const read = (text: string, top?: string): Aig =>
  readVerilog({ bytes: Buffer.from(text), file: 't.v' }, { library, top });

/** All outputs, least significant first, of every input vector. */
function table(aig: Aig): number[] {
  const count = 2 ** aig.inputCount;
  const vectors = Array.from({ length: count }, (_, i) => BigInt(i));
  const words = simulate(aig, packVectors(vectors, aig.inputCount), Math.ceil(count / 32));
  return unpackVectors(words, aig.outputs.length, count).map(Number);
}

/** y as a function of a (bits 3..0 of the vector) and b (bits 7..4). */
function check(body: string, expected: (a: number, b: number) => number): void {
  const aig = read(`module t(input [3:0] a, input [3:0] b, output [7:0] y);\n${body}\nendmodule\n`);
  expect(table(aig)).toEqual(Array.from({ length: 256 }, (_, i) => expected(i & 15, i >> 4) & 255));
}

const odd = (x: number): number => x.toString(2).replaceAll('0', '').length & 1;

test.each<[string, (a: number, b: number) => number]>([
  ['a & b', (a, b) => a & b],
  ['~a | b', (a, b) => ~a | b],
  ['a ^ b ~^ a', (_, b) => ~b],
  ['~(a & ~b)', (a, b) => ~(a & ~b)],
  ['{a, b}', (a, b) => (a << 4) | b],
  ['{2{a}}', a => (a << 4) | a],
  ["{4'b1010, {2{a[1:0]}}}", a => 0xa0 | ((a & 3) * 5)],
  ['a ? b : ~b', (a, b) => (a ? b : ~b)],
  ["a[0] ? a : a[1] ? b : 8'hf0", (a, b) => (a & 1 ? a : a & 2 ? b : 0xf0)],
  ['a && b[2]', (a, b) => +(a !== 0 && (b & 4) !== 0)],
  ["!a || b == 4'd9", (a, b) => +(a === 0 || b === 9)],
  ['a != b', (a, b) => +(a !== b)],
  ['a === b', (a, b) => +(a === b)],
  [
    '{&a, |a, ^a, ~&a, ~|a, ~^a}',
    a =>
      (+(a === 15) << 5) |
      (+(a > 0) << 4) |
      (odd(a) << 3) |
      (+(a < 15) << 2) |
      (+(a === 0) << 1) |
      (1 - odd(a)),
  ],
  ['a | b & a ^ b', (a, b) => a | ((b & a) ^ b)],
  ['a[2 +: 2]', a => a >> 2],
  ['{b[3 -: 2], a[3]}', (a, b) => ((b >> 2) << 1) | (a >> 3)],
  ['a & 1', a => a & 1],
  ["a ^ 8'b10_000001", a => a ^ 0x81],
  ["12'o17", () => 0o17],
])('assign y = %s', (text, expected) => {
  check(`assign y = ${text};`, expected);
});

test.each<[string, (a: number, b: number) => number]>([
  [
    "nand n1(y[0], a[0], b[0], a[1]), (y[1], a[2], b[2]); assign y[7:2] = 6'd0;",
    (a, b) => +!(a & b & 1 && a & 2) | (+!(a & b & 4) << 1),
  ],
  [
    "not #(1, 2) (y[0], y[1], a[3]); buf #3 u(y[2], b[0]); assign #1 {y[7:4], y[3]} = 5'b10101;",
    (a, b) => (a & 8 ? 0 : 3) | ((b & 1) << 2) | 0xa8,
  ],
  [
    'xor (y[0], a[0], a[1], a[2], a[3]); xnor (y[1], a[0], b[0]); nor (y[2], a[0], a[1], a[2]); or (y[3], a[1], b[1]);' +
      'and (y[4], a[3], b[3]); supply1 one; supply0 zero; assign y[5] = one, y[7:6] = {zero, one};',
    (a, b) =>
      odd(a) |
      (((a ^ b ^ 1) & 1) << 1) |
      (+((a & 7) === 0) << 2) |
      (((a | b) & 2) << 2) |
      ((a & b & 8) << 1) |
      0x60,
  ],
  ['wire [0:3] r = a; assign y = {r[0], r[1:3]};', a => a],
  [
    'wire \\odd.name[1] = a[1]; (* keep, src = "x.v:1" *)' + 'assign /* here */ y = \\odd.name[1] ; // there',
    a => (a >> 1) & 1,
  ],
])('%s', (body, expected) => {
  check(body, expected);
});

test('hierarchy: named, positional, open, narrow and wide connections, non-ANSI headers, several instances', () => {
  const aig = read(`\`timescale 1ns/1ps
    module half(x, y, s, c); input x, y; output s; output c; wire s; xor (s, x, y); and (c, x, y); endmodule
    module full(input x, y, z, output s, c);
      wire p, g, h;
      half first(x, y, p, g);
      half second(.x(p), .c(h), .s(s), .y(z));
      or (c, g, h);
    endmodule
    module pad(input [3:0] v, output [3:0] w); assign w = ~v; endmodule
    module add(a, b, sum, extra);
      input [1:0] a, b; output [2:0] sum; output [5:0] extra;
      wire k;
      full f0(a[0], b[0], 1'b0, sum[0], k), f1(a[1], b[1], k, sum[1], sum[2]);
      pad p(.v({a}), .w(extra[3:0]));
      half unused(.x(a[0]), .y(b[0]), .s(), .c(extra[4]));
      half last(a[0], b[0], extra[5]);
    endmodule`);
  expect(aig.names.model).toBe('add');
  expect(aig.names.inputs).toEqual(['a[0]', 'a[1]', 'b[0]', 'b[1]']);
  expect(table(aig)).toEqual(
    Array.from({ length: 16 }, (_, i) => {
      const [a, b] = [i & 3, i >> 2];
      return (a + b) | ((~a & 15) << 3) | ((a & b & 1) << 7) | (((a ^ b) & 1) << 8);
    }),
  );
  expect([...aig.names.nets!.values()].flat().map(x => x.name)).toContain('f1.first.s');
});

test('registers, initial values, liberty flip-flops and Yosys gates', () => {
  const aig = read(`module t(input ck, d, output reg [1:0] q, output n, output m);
    reg r = 1'b1;
    initial begin q[0] = 0; q[1] <= 1'b1; end
    always @(posedge ck) begin q <= {q[0], d}; r <= ~r; end
    DFF f(.CK(ck), .D(r), .Q(m), .QN());
    wire w; \\$_DFF_P_  g(.C(ck), .D(w), .Q(n)); NOR2 h(.A(d), .B(m), .Y(w));
  endmodule`);
  expect([aig.inputCount, aig.latchCount]).toEqual([1, 5]);
  expect(aig.names.inputs).toEqual(['d']);
  expect(aig.names.latches).toEqual(['q[0]', 'q[1]', 'r', 'm', 'n']);
  expect([...aig.latchInit]).toEqual([0, 1, 1, 2, 2]);
});

test('the top is chosen by name', () => {
  const text =
    'module p(input a, output y); assign y = a; endmodule module q(input a, output y); assign y = ~a; endmodule';
  expect(() => read(text)).toThrow(/several top modules: p, q; expected one top module, or --top/);
  expect(table(read(text, 'q'))).toEqual([1, 0]);
  expect(() => read(text, 'pp')).toThrow(/no module 'pp'; did you mean 'p'/);
});

test.each([
  ['always @(*) y = a;', /t\.v, line 2: 'always' with '\*' is not structural Verilog/],
  ['always @(posedge a) if (b) y <= a;', /line 2: 'if' is not structural/],
  ['\nif (a) assign y = b;', /line 3: 'if' is not structural/],
  ['case (a) endcase', /'case' is not structural/],
  ['function f; endfunction', /'function' is not structural/],
  ['generate endgenerate', /'generate' is not structural/],
  ['parameter N = 3;', /'parameter' is not structural/],
  ['integer i;', /'integer' is not structural/],
  ['initial #3 y = 1;', /delay '#' is not structural/],
  ['initial $display;', /'\$display' is not structural/],
  ['assign y = a + b;', /operator '\+' is not structural/],
  ['assign y = a << 1;', /operator '<<' is not structural/],
  ['assign y = a[b];', /unexpected 'b'; expected a constant index/],
  ['assign y = a[4];', /index 4 of 'a' is out of range; expected \[3:0\]/],
  ['assign y = a[0:2];', /part select 0:2 of 'a' is reversed/],
  ["assign y = 4'bx;", /constant with x or z/],
  ['assign y = $time;', /system function '\$time'/],
  ['`include "x.v"', /directive or macro '`include'/],
  ['assign y = a;\nassign y[0] = b[0];', /line 3: net 'y\[0\]' has two drivers/],
  ['assign y = z;', /net 'z' is used but nothing drives it/],
  ['wire p, q; assign p = q & a[0], q = p; assign y = p;', /combinational cycle through 'p', 'q'|'q', 'p'/],
  ['wire p; wire p;', /'p' declared twice \(first on line 2\)/],
  ['and g(y[0], a[0]); or g(y[1], a[1]);', /instance 'g' defined twice/],
  ['and (y[0], a);', /input of and has 4 bits; expected one bit/],
  ['NOR3 u(.A(a[0]));', /no module or cell 'NOR3'.*did you mean 'NOR2'/],
  ['NOR2 u(y[0], a[0], a[1]);', /positional pins of cell 'NOR2'/],
  ['NOR2 u(.A(a[0]), .C(b[0]), .Y(y[0]));', /cell 'NOR2' has no pin 'C'/],
  ['NOR2 #(3) u(.A(a[0]));', /parameters of 'NOR2'/],
  ['t u(.a(a), .b(b), .y(y));', /module/],
  [`assign y = ${'('.repeat(600)}a${')'.repeat(600)};`, /nested too deep/],
  [`assign y = ${'~'.repeat(3000)}a;`, /nested too deep/],
  ['wire [2000000000:0] w; assign w[0] = a[0]; assign y = w[0];', /needs too many nets/],
  ['assign y = {1000000000{a}};', /concatenation of 4000000000 bits/],
  [`wire [200000:0] w; assign y = ^(w${'&w'.repeat(5000)});`, /takes too much work/],
  ['assign y = "text";', /unexpected '"text"'; expected an expression/],
  ['/* open', /file ends inside a comment/],
  ['inout z;', /'inout' is not structural/],
  ['wire signed [1:0] s; assign s = a[1:0]; assign y = s;', /sign extension of 's'/],
])('refuses %s', (body, message) => {
  expect(() => check(body, () => 0)).toThrow(message);
});

test('a hierarchy exponential in the file is refused', () => {
  let text = 'module m0(input a, output y); assign y = a; endmodule\n';
  for (let i = 1; i < 40; i++) {
    text += `module m${i}(input a, output y); wire w; m${i - 1} p(a, w), q(w, y); endmodule\n`;
  }
  expect(() => read(text)).toThrow(/too many instances after flattening/);
});

test('constants', () => {
  expect(constantBits("4'b10x1")).toEqual([1, 2, 0, 1]);
  expect(constantBits("3'd7")).toEqual([1, 1, 1]);
  expect(constantBits("2'hff")).toEqual([1, 1]);
  expect(constantBits("8'sh_0f")).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  expect(constantBits('5')!.length).toBe(32);
  expect(constantBits("3'b012")).toBeUndefined();
  expect(constantBits("99999999'b0")).toBeUndefined();
});

test('vectors are written as vectors, other names escaped, one wire an AND', () => {
  const b = new AigBuilder();
  const inputs = [...b.addInputs('a', 3), b.addInput('b[1]'), b.addInput('wire')];
  const and = b.addAnd(inputs[0]!, inputs[3]! ^ 1);
  b.addOutput(and, 'y[0]');
  b.addOutput(inputs[4]! ^ 1, 'y[1]');
  b.addOutput(1, 'a');
  const sink = new MemorySink();
  writeVerilog(b.build(), sink);
  expect(sink.text()).toBe(`module top(
  input \\a[0] ,
  input \\a[1] ,
  input \\a[2] ,
  input \\b[1] ,
  input \\wire ,
  output [1:0] y,
  output a
);
  wire n6 = \\a[0]  & ~\\b[1] ;
  assign y[0] = n6;
  assign y[1] = ~\\wire ;
  assign a = 1'b1;
endmodule
`);
});
