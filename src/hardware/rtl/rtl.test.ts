// The RTL pieces through Yosys: arithmetic equals the integers in its range, the buffer keeps order under random stalls.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { packVectors, Simulator, unpackVectors } from '../../netlist/simulate.ts';
import { readRtl } from '../../synthesis/rtl.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { StreamDriver } from '../stream.ts';
import type { Channel } from '../unit.ts';
import {
  add,
  lanes,
  larger,
  Module,
  magnitude,
  multiply,
  type Net,
  skidBuffer,
  subtract,
  tree,
  widthOf,
} from './index.ts';

afterAll(closeYosys);

test('widths are the fewest that hold a range', () => {
  expect([
    widthOf(0, 0),
    widthOf(0, 1),
    widthOf(0, 225),
    widthOf(-7, 7),
    widthOf(-8, 7),
    widthOf(-8, 8),
  ]).toEqual([1, 1, 8, 4, 4, 5]);
  expect(widthOf(-784, 784)).toBe(11);
});

test('sum trees, products, maxima and magnitudes of mixed signs, at every legal operand', async () => {
  const m = new Module('pieces', ['Arithmetic pieces.']);
  const x = lanes(m, 'x', m.input('xs', 9), 3, 3, -3, 3);
  const y = lanes(m, 'y', m.input('ys', 6), 3, 2, 0, 3);
  const products = x.map((a, i) => multiply(m, `p_${i}`, a, y[i]!));
  const results: [string, Net][] = [
    ['dot', tree(m, 'dot', products, add)],
    ['difference', subtract(m, 'difference', x[0]!, y[0]!)],
    ['largest', tree(m, 'largest', y, larger)],
    ['size', magnitude(m, 'size', x[1]!)],
    ['square', multiply(m, 'square', y[0]!, y[1]!)],
  ];
  for (const [name, value] of results) {
    m.raw(`assign ${m.output(`${name}_out`, value.width).text} = ${value.text};`);
  }
  const { aig } = await readRtl({ files: [m.file()], top: 'pieces' });
  const vectors: bigint[] = [];
  for (let v = 0; v < 2 ** 15; v++) vectors.push(BigInt(v));
  const order = aig.names.inputs!.map(name => {
    const [, port, bit] = /^(\w+)\[(\d+)\]$/.exec(name!)!;
    return BigInt((port === 'ys' ? 9 : 0) + Number(bit));
  });
  const placed = vectors.map(v =>
    order.reduce((sum, from, to) => sum | (((v >> from) & 1n) << BigInt(to)), 0n),
  );
  const words = new Simulator(aig).run(packVectors(placed, aig.inputCount), 1024);
  const out = unpackVectors(words, aig.outputs.length, vectors.length);
  const names = aig.names.outputs!;
  const read = (row: bigint, port: string, value: Net): number => {
    let code = 0;
    names.forEach((name, i) => {
      const match = new RegExp(`^${port}_out(?:\\[(\\d+)\\])?$`).exec(name!);
      if (match !== null) code += Number((row >> BigInt(i)) & 1n) * 2 ** Number(match[1] ?? 0);
    });
    return value.signed && code >= 2 ** (value.width - 1) ? code - 2 ** value.width : code;
  };
  let checked = 0;
  vectors.forEach((_, v) => {
    const xs = [0, 1, 2].map(i => (((v >> (3 * i)) & 7) ^ 4) - 4);
    const ys = [0, 1, 2].map(i => (v >> (9 + 2 * i)) & 3);
    if (xs.includes(-4)) return;
    checked++;
    const row = out[v]!;
    const got = results.map(([name, value]) => read(row, name, value));
    const want = [
      xs.reduce((sum, a, i) => sum + a * ys[i]!, 0),
      xs[0]! - ys[0]!,
      Math.max(...ys),
      Math.abs(xs[1]!),
      ys[0]! * ys[1]!,
    ];
    if (got.some((g, i) => g !== want[i])) expect({ xs, ys, got }).toEqual({ xs, ys, got: want });
  });
  expect(checked).toBe(7 ** 3 * 64);
});

const channel = (name: string, direction: 'in' | 'out', bits: number): Channel => ({
  name,
  direction,
  fields: [
    { name: 'data', lanes: 1, bits, signed: true },
    { name: 'tag', lanes: 3, bits: 5, signed: false },
  ],
});

function bufferTop(): string {
  return `module top(input clk, input rst, input in_valid, output in_ready, input [39:0] in_data, input [14:0] in_tag,
    output out_valid, input out_ready, output [39:0] out_data, output [14:0] out_tag);
  buffer b(.clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_data({in_tag, in_data}),
    .out_valid(out_valid), .out_ready(out_ready), .out_data({out_tag, out_data}));
endmodule`;
}

function data(count: number) {
  const random = new Random(5);
  return {
    count,
    fields: {
      data: Float64Array.from({ length: count }, () => Math.floor(random.between(-(2 ** 39), 2 ** 39))),
      tag: Float64Array.from({ length: 3 * count }, () => random.below(32)),
    },
  };
}

test('the buffer hands every transaction on in order, whatever the stalls', async () => {
  const { aig } = await readRtl({
    files: [skidBuffer('buffer', 55), { name: 'top.v', text: bufferTop() }],
    top: 'top',
  });
  const driver = new StreamDriver(aig, channel('in', 'in', 40), channel('out', 'out', 40));
  const batch = data(20_011);
  for (const stalls of ['mixed', 'none', { valid: 0.2, ready: 0.3 }] as const) {
    for (const idle of ['random', 'hold', 'zero'] as const) {
      const result = driver.run(batch, { stalls, idle, seed: 3 });
      expect(result.accepted).toBe(batch.count);
      expect(result.violations).toBe(0);
      expect(result.tokenStarts).toEqual(result.inputStarts);
      expect(result.tokens).toEqual(batch);
      if (stalls === 'none') expect(result.cycles).toBe(Math.ceil(batch.count / 512) + 1 + 64);
    }
  }
  const few = driver.run(batch, { traces: 3 });
  expect(few.tokens).toEqual(batch);
});

test('a buffer that drops its offer, or one that sticks, is noticed', async () => {
  const broken = skidBuffer('buffer', 55);
  const run = async (from: string, to: string) => {
    expect(broken.text).toContain(from);
    const files = [
      { name: broken.name, text: broken.text.replace(from, to) },
      { name: 'top.v', text: bufferTop() },
    ];
    const { aig } = await readRtl({ files, top: 'top' });
    return new StreamDriver(aig, channel('in', 'in', 40), channel('out', 'out', 40)).run(data(5000));
  };
  const changing = await run('if (move) main <=', 'if (move | in_valid) main <=');
  expect(changing.violations).toBeGreaterThan(0);
  const endless = await run('main_full <= take | spare_full;', "main_full <= 1'b1;");
  expect(endless.tokens.count).toBeGreaterThan(5000);
  const stuck = await run(
    'spare_full <= (spare_full | take) & ~move;',
    'spare_full <= spare_full | take & ~move;',
  );
  expect(stuck.accepted).toBeLessThan(5000);
});
