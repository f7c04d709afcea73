// Modules read once: any is a graph, one can stand for another, and what stands below a replaced one stays its own.

import { afterAll, expect, test } from 'vitest';
import { Aig } from '../netlist/aig.ts';
import { Simulator } from '../netlist/simulate.ts';
import { RtlModules, readModuleGates } from './modules.ts';
import { readRtl } from './rtl.ts';
import { closeYosys } from './yosys.ts';

afterAll(closeYosys);

const top = `module m(input clk, input a, input b, input c, output reg q);
  wire x, y;
  pair u(.a(a), .b(b), .y(x));
  pair v(.a(x), .b(c), .y(y));
  always @(posedge clk) q <= y;
endmodule
`;
const pair = 'module pair(input a, input b, output y); leaf l(.a(a), .b(b), .y(y)); endmodule\n';
const leaf = (gate: string): string =>
  `module leaf(input a, input b, output y); assign y = a ${gate} b; endmodule\n`;

const read = async (text: string): Promise<RtlModules> =>
  new RtlModules(await readModuleGates({ files: [{ name: 'm.v', text }], top: 'm' }));

/** What the next state of the only register is for the eight input patterns, bit by bit. */
function truth(aig: Aig): number {
  const inputs = Uint32Array.from(aig.names.inputs!, name => {
    return { a: 0xaa, b: 0xcc, c: 0xf0 }[name!] ?? 0;
  });
  const { inputCount, fanin0, fanin1, latchCount, latchNext } = aig;
  expect(aig.names.latches).toEqual(['q']);
  const free = new Simulator(
    new Aig({ inputCount: inputCount + latchCount, fanin0, fanin1, outputs: latchNext }),
  );
  return free.run(Uint32Array.from([...inputs, 0]), 1)[0]! & 0xff;
}

test('a module is the graph of itself and all below', async () => {
  const both = await read(leaf('&') + pair + top);
  expect(truth(both.graph('m'))).toBe(0xaa & 0xcc & 0xf0);
  const small = both.graph('pair');
  expect([small.inputCount, small.andCount, small.latchCount]).toEqual([2, 1, 0]);
  expect(both.has('leaf')).toBe(true);
  expect(both.has('nothing')).toBe(false);
});

test('a replaced module brings what stands below it; the others keep theirs', async () => {
  const ands = await read(leaf('&') + pair + top);
  const ors = await read(leaf('|') + pair + top);
  expect(truth(ands.with('leaf', ors).graph('m'))).toBe((0xaa | 0xcc | 0xf0) & 0xff);
  // `pair` of the second description stands on its own `leaf`, whatever the first calls by that name
  expect(truth(ands.with('pair', ors).graph('m'))).toBe((0xaa | 0xcc | 0xf0) & 0xff);
  expect(truth(ands.with('pair', ors).with('leaf', ands).graph('m'))).toBe((0xaa | 0xcc | 0xf0) & 0xff);
  expect(truth(ands.graph('m'))).toBe(0xaa & 0xcc & 0xf0);
});

test('a loop over module boundaries is told by the modules and placed by a flat reading', async () => {
  const text = `${leaf('&')}module m(input clk, input a, output reg q);
  wire x, y;
  leaf u(.a(a), .b(y), .y(x));
  leaf v(.a(a), .b(x), .y(y));
  always @(posedge clk) q <= y;
endmodule
`;
  const modules = await read(text);
  expect(() => modules.graph('m')).toThrow(/combinational cycle/);
  await expect(readRtl({ files: [{ name: 'm.v', text }], top: 'm' })).rejects.toThrow(
    /^m\.v, line \d+: combinational loop through/,
  );
});
