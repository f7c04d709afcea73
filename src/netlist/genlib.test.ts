import { expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { readBlif } from './blif.ts';
import { readGenlibCells } from './cell-library.ts';
import { simulate } from './simulate.ts';

const text = `# a library
GATE zero 0 O=CONST0;
GATE one 0 O=CONST1;
GATE inv 1 O=!a; PIN * INV 1 999 0.9 0.3 0.9 0.3
GATE "nd2" 2 O=!(a*b);
  PIN a INV 1 999 1 0 1 0
  PIN b INV 1 999 1 0 1 0
GATE aoi21 3 O=!(a*b
   +c);
PIN * INV 1 999 1 0 1 0
GATE xr 5 O=a*!b+!a*b; PIN * UNKNOWN 2 999 1.9 0.5 1.9 0.5
GATE mj 7 Y=a*b + b*c + a*c; PIN * NONINV 1 999 1 0 1 0
GATE inv 4 O=!a; PIN * INV 4 999 0.5 0.1 0.5 0.1
LATCH dff 8 Q=D; PIN * NONINV 1 999 1 0 1 0
  SEQ Q ANY RISING_EDGE
`;
const read = (source: string) => readGenlibCells({ bytes: Buffer.from(source), file: 'g.genlib' });

test('gates, their areas and pins; the first of a name stands', () => {
  const cells = read(text);
  expect([...cells.keys()]).toEqual(['zero', 'one', 'inv', 'nd2', 'aoi21', 'xr', 'mj', 'dff']);
  expect([cells.get('inv')!.area, cells.get('aoi21')!.area]).toEqual([1, 3]);
  expect(cells.get('aoi21')!.inputs).toEqual(['a', 'b', 'c']);
});

test.each([
  ['zero', '', 'O', 0x00],
  ['one', '', 'O', 0xff],
  ['inv', 'a', 'O', 0x55],
  ['nd2', 'ab', 'O', 0x77],
  ['aoi21', 'abc', 'O', 0x07],
  ['xr', 'ab', 'O', 0x66],
  ['mj', 'abc', 'Y', 0xe8],
])('%s', (name, pins, output, expected) => {
  const connections = [...pins].map(pin => `${pin}=${pin}`).join(' ');
  const blif = `.model t\n.inputs a b c\n.outputs y\n.gate ${name} ${connections} ${output}=y\n.end\n`;
  const aig = readBlif({ bytes: Buffer.from(blif) }, { library: read(text) });
  expect(simulate(aig, Uint32Array.of(0xaa, 0xcc, 0xf0), 1)[0]! & 0xff).toBe(expected);
});

test.each([
  ['GATE g 1 O=!(a*b;', /g\.genlib, line 1: missing '\)' in function/],
  ['\nGATE g O=a;', /line 2: malformed GATE/],
  ['GATE g 1 O=a;\nGOTE h 1 O=a;', /line 2: unexpected 'GOTE h 1 O=a;'; expected GATE, LATCH or PIN/],
  ['GATE g 1 O=a', /line 1: malformed GATE/],
])('refuses %s', (source, message) => {
  expect(() => read(source)).toThrow(message);
});

test('a genlib LATCH is refused where it is used', () => {
  const blif = '.model t\n.inputs a\n.outputs y\n.gate dff D=a Q=y\n.end\n';
  expect(() => readBlif({ bytes: Buffer.from(blif) }, { library: read(text) })).toThrow(/is a genlib LATCH/);
});

test('damaged genlib files fail with an InputError and nothing else', () => {
  const random = new Random(5);
  const bytes = Buffer.from(text);
  const end = performance.now() + 1500;
  let failures = 0;
  for (let run = 0; run < 5000 && performance.now() < end; run++) {
    const damaged = Uint8Array.from(bytes);
    for (let i = 0; i < 1 + random.below(4); i++) damaged[random.below(damaged.length)] = random.below(256);
    try {
      readGenlibCells({ bytes: damaged, file: 'g' });
    } catch (error) {
      failures++;
      if (!(error instanceof InputError)) throw error;
      expect(error.message).toMatch(/^g, line \d+: [^\n]+$/);
    }
  }
  expect(failures).toBeGreaterThan(50);
});
