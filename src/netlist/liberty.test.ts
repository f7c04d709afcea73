import { expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { readBlif } from './blif.ts';
import { libertyCells, readLibertyCells } from './cell-library.ts';
import { libertyGroups, libertyValue, readLiberty } from './liberty.ts';
import { Simulator, simulate } from './simulate.ts';

const library = `/* a small library */
library (neutral) {
  nom_voltage : 1.2;
  define (drive, cell, integer);
  wire_load_from_area (0, 1.27e+06, 200k);
  operating_conditions (typical) { voltage : VDD + 0.5 ; }
  cell (AOI21) { area : 3.5; // and-or-invert
    pin (A B) { direction : input; }
    pin (C) { direction : "input"; }
    pin (Y) { direction : output; function : "!((A B)+C)";
      timing () { related_pin : "A"; values ("0.1, 0.2", \\
        "0.3, 0.4"); } } }
  cell (DFFR) { area : 9;
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; clear : "RN'"; }
    pin (D) { direction : input; } pin (CK) { direction : input; } pin (RN) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } }
  cell (LAT) { latch (IQ, IQN) { enable : "G"; data_in : "D"; } pin (Q) { direction : output; function : "IQ"; } }
}`;
const bytes = Buffer.from(library);
const cells = readLibertyCells({ bytes, file: 'n.lib' });
const blif = (text: string) => readBlif({ bytes: Buffer.from(text), file: 't.blif' }, { library: cells });

test('groups, attributes, numbers with exponents, arithmetic and continued strings', () => {
  const tree = readLiberty({ bytes });
  expect(tree.arguments).toEqual(['neutral']);
  expect(libertyValue(tree, 'nom_voltage')).toBe('1.2');
  expect(tree.attributes.get('wire_load_from_area')).toEqual(['0', '1.27e+06', '200k']);
  expect(libertyValue(libertyGroups(tree, 'operating_conditions')[0]!, 'voltage')).toBe('VDD + 0.5');
  const pin = libertyGroups(libertyGroups(tree, 'cell')[0]!, 'pin')[2]!;
  expect(libertyGroups(pin, 'timing')[0]!.attributes.get('values')).toEqual(['0.1, 0.2', '0.3, 0.4']);
  expect(libertyCells(tree).get('AOI21')!.area).toBe(3.5);
});

test('a .gate has the function of its liberty cell', () => {
  const aig = blif('.model t\n.inputs a b c\n.outputs y\n.gate AOI21 A=a B=b C=c Y=y\n.end\n');
  expect(simulate(aig, Uint32Array.of(0xaa, 0xcc, 0xf0), 1)[0]! & 0xff).toBe(0x07);
});

test('a flip-flop shows its asynchronous clear within the cycle', () => {
  const aig = blif('.model t\n.inputs d r k\n.outputs q\n.gate DFFR D=d CK=k RN=r Q=q\n.end\n');
  const simulator = new Simulator(aig);
  const seen: number[] = [];
  const n = simulator.blockWords;
  simulator.trace(
    4,
    (step, words) => {
      words.fill(0xffffffff, 0, n);
      words.fill([0, 0xffffffff, 0xffffffff, 0][step]!, n, 2 * n);
    },
    (_, block) => {
      const row = new Uint32Array(n);
      simulator.read(block, aig.outputs[0]!, row, 0);
      seen.push(row[0]! & 1);
    },
  );
  expect(seen).toEqual([0, 0, 1, 0]);
});

test.each([
  ['.gate AOI21 A=a B=b C=c Z=y', /line 4: cell 'AOI21' has no pin 'Z'/],
  ['.gate AOI21 A=a B=b Y=y', /input 'C' of instance '' \(AOI21\) is not connected/],
  ['.gate AOI22 A=a Y=y', /no cell 'AOI22' in a library; did you mean 'AOI21'/],
  ['.gate LAT Q=y', /is a level-sensitive latch/],
])('refuses %s', (line, message) => {
  expect(() => blif(`.model t\n.inputs a b c\n.outputs y\n${line}\n.end\n`)).toThrow(message);
});

test('a function over a name that is no pin is refused with its line', () => {
  const read = (from: string, to: string) => () =>
    readLibertyCells({ bytes: Buffer.from(library.replace(from, to)), file: 'n.lib' });
  expect(read('"!((A B)+C)"', '"!((A B)+D)"')).toThrow(
    "n.lib, line 10: function of pin 'Y' of cell 'AOI21' names 'D'; expected pins: A, B, C; did you mean 'A'?",
  );
  expect(read('function : "IQ"; } }\n  cell (LAT)', 'function : "IQX"; } }\n  cell (LAT)')).toThrow(
    /names 'IQX'/,
  );
  expect(read('ff (IQ, IQN)', 'ff (state, IQN)')).not.toThrow();
});

test('damaged liberty files fail with an InputError and nothing else', () => {
  const random = new Random(3);
  const end = performance.now() + 1500;
  for (let run = 0; run < 3000 && performance.now() < end; run++) {
    let damaged = Uint8Array.from(bytes);
    for (let i = 0; i < 1 + random.below(4); i++) damaged[random.below(damaged.length)] = random.below(256);
    if (random.below(3) === 0) damaged = damaged.subarray(0, random.below(damaged.length));
    try {
      readLibertyCells({ bytes: damaged });
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }
  expect(() => readLiberty({ bytes: Buffer.from('a(){'.repeat(5000)) })).toThrow(/nested too deep/);
});
