import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { randomWords, simulate } from './simulate.ts';
import { yosysCell } from './yosys-cells.ts';
import { readYosysJson } from './yosys-json.ts';

const read = (text: string, top?: string) =>
  readYosysJson({ bytes: Buffer.from(text), file: 't.json' }, { top });

/** A module of one cell over inputs 2 3 4 …; bit 40 is its output y. */
function one(type: string, pins: Record<string, number | string>, extra = ''): string {
  const connections = Object.entries(pins).map(([pin, bit]) => `"${pin}": [${JSON.stringify(bit)}]`);
  return `{"modules": {"t": {
    "ports": {"a": {"direction": "input", "bits": [2, 3, 4, 5, 6, 7]}, "y": {"direction": "output", "bits": [40]}},
    "cells": {"g": {"type": "${type}", "connections": {${connections.join(', ')}}}},
    "netnames": {"y": {"bits": [40], "attributes": {${extra}}}}}}}`;
}

/** y over input words 0..n-1. */
function words(text: string): { y: number; inputs: Uint32Array } {
  const aig = read(text);
  const inputs = randomWords(new Random(3), aig.inputCount, 1);
  return { y: simulate(aig, inputs, 1)[0]!, inputs };
}

test.each<[string, (a: number, b: number, c: number, d: number) => number]>([
  ['$_BUF_', a => a],
  ['$_NOT_', a => ~a],
  ['$_AND_', (a, b) => a & b],
  ['$_NAND_', (a, b) => ~(a & b)],
  ['$_OR_', (a, b) => a | b],
  ['$_NOR_', (a, b) => ~(a | b)],
  ['$_XOR_', (a, b) => a ^ b],
  ['$_XNOR_', (a, b) => ~(a ^ b)],
  ['$_ANDNOT_', (a, b) => a & ~b],
  ['$_ORNOT_', (a, b) => a | ~b],
  ['$_AOI3_', (a, b, c) => ~((a & b) | c)],
  ['$_OAI3_', (a, b, c) => ~((a | b) & c)],
  ['$_AOI4_', (a, b, c, d) => ~((a & b) | (c & d))],
  ['$_OAI4_', (a, b, c, d) => ~((a | b) & (c | d))],
])('%s', (type, expected) => {
  const pins = Object.fromEntries(yosysCell(type)!.inputs.map(pin => [pin, 2 + 'ABCD'.indexOf(pin)]));
  const { y, inputs } = words(one(type, { ...pins, Y: 40 }));
  expect(y).toBe(expected(inputs[0]!, inputs[1]!, inputs[2]!, inputs[3]!) >>> 0);
});

test('$_MUX_, $_NMUX_ and $_MUX4_ select by S and T', () => {
  const mux = words(one('$_MUX_', { A: 2, B: 3, S: 4, Y: 40 }));
  const [a, b, c, d, s, t] = mux.inputs as unknown as [number, number, number, number, number, number];
  expect(mux.y).toBe(((c & b) | (~c & a)) >>> 0);
  expect(words(one('$_NMUX_', { A: 2, B: 3, S: 4, Y: 40 })).y).toBe(~((c & b) | (~c & a)) >>> 0);
  const four = words(one('$_MUX4_', { A: 2, B: 3, C: 4, D: 5, S: 6, T: 7, Y: 40 }));
  expect(four.y).toBe(((t & ((s & d) | (~s & c))) | (~t & ((s & b) | (~s & a)))) >>> 0);
});

/** Next state and output of a flip-flop cell as functions of D R E and the state, from the graph. */
function flipFlop(
  type: string,
  pins: Record<string, number>,
): (d: number, r: number, e: number, q: number) => [number, number] {
  const aig = read(one(type, { ...pins, Q: 40 }, '"init": "1"'));
  expect([aig.latchCount, aig.latchInit[0]]).toEqual([1, 1]);
  expect(aig.inputCount).toBe(5); // bit 5 is the clock
  return (d, r, e, q) => {
    const inputs = Uint32Array.from([d, r, e, 0, 0], x => -x);
    const run = (root: number): number => {
      const values = new Map<number, number>([[0, 0]]);
      for (let i = 0; i < 5; i++) values.set(1 + i, inputs[i]! & 1);
      values.set(6, q);
      for (let i = 0; i < aig.andCount; i++) {
        const of = (x: number): number => values.get(x >>> 1)! ^ (x & 1);
        values.set(aig.firstAnd + i, of(aig.fanin0[i]!) & of(aig.fanin1[i]!));
      }
      return values.get(root >>> 1)! ^ (root & 1);
    };
    return [run(aig.latchNext[0]!), run(aig.outputs[0]!)];
  };
}

test.each<[string, string, (d: number, r: number, e: number, q: number) => [number, number]]>([
  ['$_DFF_P_', 'DC', (d, _r, _e, q) => [d, q]],
  ['$_DFF_N_', 'DC', (d, _r, _e, q) => [d, q]],
  ['$_DFFE_PN_', 'DCE', (d, _r, e, q) => [e ? q : d, q]],
  ['$_DFF_PP0_', 'DCR', (d, r, _e, q) => [r ? 0 : d, r ? 0 : q]],
  ['$_DFF_PN1_', 'DCR', (d, r, _e, q) => [r ? d : 1, r ? q : 1]],
  ['$_DFFE_NP1N_', 'DCRE', (d, r, e, q) => [r ? 1 : e ? q : d, r ? 1 : q]],
  ['$_SDFF_PP1_', 'DCR', (d, r, _e, q) => [r ? 1 : d, q]],
  ['$_SDFFE_PN0P_', 'DCRE', (d, r, e, q) => [r ? (e ? d : q) : 0, q]],
  ['$_SDFFCE_PP0P_', 'DCRE', (d, r, e, q) => [e ? (r ? 0 : d) : q, q]],
])('%s', (type, letters, expected) => {
  const bits: Record<string, number> = { D: 2, R: 3, E: 4, C: 5 };
  const run = flipFlop(type, Object.fromEntries([...letters].map(pin => [pin, bits[pin]!])));
  for (let i = 0; i < 16; i++) {
    const [d, r, e, q] = [i & 1, (i >> 1) & 1, (i >> 2) & 1, i >> 3];
    expect([i, ...run(d, r, e, q)]).toEqual([i, ...expected(d, r, e, q)]);
  }
});

test('hierarchy is flattened, the marked module is the top', () => {
  const aig = read(`{"modules": {
    "other": {"ports": {}, "cells": {}},
    "inv": {"ports": {"v": {"direction": "input", "bits": [2, 3]}, "w": {"direction": "output", "bits": [4, "1"]}},
      "cells": {"n": {"type": "$_NAND_", "connections": {"A": [2], "B": [3], "Y": [4]}}}},
    "t": {"attributes": {"top": "00000000000000000000000000000001"},
      "ports": {"a": {"direction": "input", "bits": [2, 3]}, "y": {"direction": "output", "bits": [9, 8]}},
      "cells": {"i": {"type": "inv", "connections": {"v": [3, 2], "w": [8, 9]}}, "s": {"type": "$scopeinfo", "connections": {}}}}}}`);
  expect(aig.names.outputs).toEqual(['y[0]', 'y[1]']);
  expect([...aig.outputs]).toEqual([1, 7]);
  expect([...aig.names.nets!.values()].flat()).toContainEqual({ name: 'i.w[0]', complemented: true });
});

const clocks = (second: string, extra = ''): string => `{"modules": {"t": {
  "ports": {"c": {"direction": "input", "bits": [2, 3, 4]}, "y": {"direction": "output", "bits": [5, 6]}},
  "cells": {"f": {"type": "$_DFF_P_", "connections": {"C": [2], "D": [4], "Q": [5]}},
    ${extra}
    "g": {"type": "${second}", "connections": {"C": [3], "D": [4], "Q": [6]}}}}}}`;

test.each([
  ['', /t\.json, line 1: file ends too soon; expected a JSON value/],
  ['[]', /the file is no object/],
  ['{"modules": {"a": {}, "a": {}}}', /key 'a' occurs twice/],
  ['{"modules": {}}', /every module is instantiated/],
  ['{"modules":\n{"t": {"cells": {"g": {"type": "$add"}}}}}', /line 2: connections of 'g' is missing/],
  [one('$add', { A: 2, Y: 40 }), /line 3: word-level cell '\$add'; expected gates only/],
  [one('$_ALDFF_PP_', { D: 2, Q: 40 }), /cell '\$_ALDFF_PP_' is not supported/],
  [one('$_DLATCH_P_', { D: 2, Q: 40 }), /cell '\$_DLATCH_P_' is not supported/],
  [one('$_DFF_PP_', { D: 2, Q: 40 }), /is not supported/],
  [one('$_AND_', { A: 2, B: 'x', Y: 40 }), /net 'x' is used but nothing drives it/],
  [one('$_AND_', { A: 2, B: 3, Y: '1' }), /output pin 'Y' of 'g' drives a constant/],
  [one('$_AND_', { A: 2, B: 'q', Y: 40 }), /malformed bit/],
  [one('$_AND_', { A: 2, Y: 40 }), /input 'B' of instance 'g' \(\$_AND_\) is not connected/],
  [one('$_AND_', { A: 2, B: 3, Y: 4 }), /net 'a\[2\]' has two drivers/],
  [one('$_AND_', { A: 2, B: 40, Y: 40 }), /combinational cycle through 'y'/],
  [clocks('$_DFF_P_'), /flip-flop 'y\[1\]' has another clock or edge than 'y\[0\]'; expected one clock/],
  [clocks('$_DFF_N_').replace('"C": [3]', '"C": [2]'), /another clock or edge/],
  [
    clocks('$_DFF_P_', '"k": {"type": "$_AND_", "connections": {"A": [2], "B": [4], "Y": [8]}},').replaceAll(
      /"C": \[[23]\]/g,
      '"C": [8]',
    ),
    /the clock of flip-flop 'y\[0\]' is gated/,
  ],
  ['['.repeat(100000), /nested too deep/],
  ['{"modules": {"t": {"ports": {"a": {"direction": "inout", "bits": [2]}}}}}', /has direction inout/],
])('refuses %.60s', (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test('a falling edge everywhere is as good as a rising one', () => {
  const both = clocks('$_DFF_N_').replace('$_DFF_P_', '$_DFF_N_').replace('"C": [3]', '"C": [2]');
  const aig = read(both);
  expect([aig.inputCount, aig.latchCount]).toEqual([2, 2]);
  expect(aig.names.inputs).toEqual(['c[1]', 'c[2]']);
});
