// The plain map of adders, comparisons and products against the integers, every operand pair, signed and unsigned.

import { afterAll, expect, test } from 'vitest';
import { Simulator } from '../netlist/simulate.ts';
import { RtlModules, readModuleGates } from './modules.ts';
import { closeYosys } from './yosys.ts';

afterAll(closeYosys);

const source = `module t(input [3:0] a, input [3:0] b, output [8:0] product, output [8:0] squared, output [6:0] cut,
  output [8:0] mixed, output less, output [4:0] difference);
  assign product = a * b;
  assign squared = $signed(a) * $signed(b);
  assign cut = $signed(a) * $signed(b);
  assign mixed = $signed(a) * $signed({1'b0, b});
  assign less = $signed(a) < $signed(b);
  assign difference = a - b;
endmodule`;

test('plain arithmetic gives the integers Verilog means, in chains', async () => {
  const read = await readModuleGates({ files: [{ name: 't.v', text: source }], top: 't' });
  const aig = new RtlModules(read).graph('t');
  const words = 8;
  const inputs = new Uint32Array(8 * words);
  for (let x = 0; x < 256; x++)
    for (let i = 0; i < 8; i++) if ((x >> i) & 1) inputs[i * words + (x >> 5)]! |= 1 << (x & 31);
  const out = new Simulator(aig).run(inputs, words);
  for (let x = 0; x < 256; x++) {
    const got: Record<string, number> = {};
    aig.names.outputs!.forEach((name, i) => {
      const [, stem, place] = /^(\w+)(?:\[(\d+)\])?$/.exec(name!)!;
      const bit = (out[i * words + (x >> 5)]! >>> (x & 31)) & 1;
      got[stem!] = (got[stem!] ?? 0) + bit * 2 ** Number(place ?? 0);
    });
    const a = x & 15;
    const b = x >> 4;
    const sa = a > 7 ? a - 16 : a;
    const sb = b > 7 ? b - 16 : b;
    expect(got).toEqual({
      product: a * b,
      squared: (sa * sb) & 511,
      cut: (sa * sb) & 127,
      mixed: (sa * b) & 511,
      less: sa < sb ? 1 : 0,
      difference: (a - b) & 31,
    });
  }
}, 60_000);
