import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import type { Aig } from './aig.ts';
import { readAiger } from './aiger-read.ts';
import { aigerBytes } from './aiger-write.ts';
import { readBlif } from './blif.ts';
import { writeBlif } from './blif-write.ts';
import { randomGraph } from './random-graph.fixture.ts';
import { randomWords, simulate } from './simulate.ts';
import { MemorySink } from './source.ts';
import { strash } from './strash.ts';

const text = (s: string) => ({ bytes: Buffer.from(s), file: 't' });

function graph(seed: number, properties: boolean): Aig {
  const random = new Random(seed);
  return randomGraph(random, {
    inputs: random.below(6),
    latches: random.below(4),
    ands: random.below(120),
    properties,
    names: random.below(2) === 1,
    hashing: random.below(2) === 1,
  });
}

function plain(aig: Aig): unknown {
  const { names: _names, ...rest } = aig;
  return JSON.parse(JSON.stringify(rest));
}

function equalBySimulation(a: Aig, b: Aig): void {
  const random = new Random(5);
  const inputs = randomWords(random, a.inputCount, 8);
  const latches = randomWords(random, a.latchCount, 8);
  expect(simulate(b, inputs, 8, latches)).toEqual(simulate(a, inputs, 8, latches));
  expect(b.latchInit).toEqual(a.latchInit);
}

test('binary and ascii files give the same graph back', () => {
  fc.assert(
    fc.property(fc.integer(), seed => {
      const aig = graph(seed, true);
      for (const ascii of [false, true]) {
        const back = readAiger({ bytes: aigerBytes(aig, { ascii }) });
        back.check();
        expect(plain(back)).toEqual(plain(aig));
        expect(aigerBytes(back)).toEqual(aigerBytes(aig));
      }
    }),
    { numRuns: 100 },
  );
});

test('BLIF gives the same functions and reset values back; strash keeps them', () => {
  fc.assert(
    fc.property(fc.integer(), seed => {
      const aig = graph(seed, false);
      const sink = new MemorySink();
      writeBlif(aig, sink);
      equalBySimulation(aig, readBlif({ bytes: sink.bytes() }));
      equalBySimulation(aig, strash(aig).aig);
    }),
    { numRuns: 60 },
  );
});

test('ascii files may be numbered and ordered freely', () => {
  const aig = readAiger(text('aag 9 2 0 1 2\n8\n4\n16\n16 14 9\n14 8 5\n'));
  expect([...aig.fanin0, ...aig.fanin1, ...aig.outputs]).toEqual([2, 3, 5, 6, 8]);
});

test.each([
  ['', /empty file/],
  ['hello', /not an AIGER file/],
  ['aig 1 2\n', /header too short/],
  ['aig 1152921504606846976 0 0 0 1152921504606846976\n', /byte 21: a number above 2\^53/],
  ['aig 1099511627776 0 0 0 1099511627776\n', /byte 0: header promises 1099511627776 variables/],
  ['aig 2000000000 2000000000 0 0 0\n', /promises 2000000000 inputs in a file of/],
  ['aig 1000000 0 0 0 1000000\n', /promises at least 2000000 bytes/],
  ['aag 1 1 0 1 0\n2\n9\n', /byte 16: literal 9 is out of range/],
  ['aag 3 1 0 0 2\n2\n4 6 2\n6 4 2\n', /combinational cycle through AND/],
  ['aag 2 1 0 0 1\n2\n2 2 2\n', /variable 1 is defined twice/],
  ['aag 3 1 0 1 1\n2\n4\n4 6 2\n', /literal 6 is used but never defined/],
  ['aig 2 1 0 0 1\n\x00\x00', /AND 4 has an out-of-range fan-in/],
  ['aig 2 1 0 0 1\n\x02\x80', /file ends in AND 0 of 1/],
  ['aag 1 0 1 0 0\n2 0 7\n', /latch reset value 7/],
  ['aag 1 1 0 0 0\n2\ni0 a\ni0 b\n', /symbol i0 named twice/],
  ['aag 1 1 0 0 0\n2\ni4 a\n', /symbol i4 of 1/],
])('refuses %j', (bytes, message) => {
  expect(() => readAiger({ bytes: Buffer.from(bytes, 'latin1'), file: 't.aig' })).toThrow(message);
});

test.each([
  [
    '.model t\n.inputs a\n.outputs y\n.names x y\n1 1\n.names y x\n1 1\n.end\n',
    /line \d+: combinational cycle through 'y', 'x'/,
  ],
  ['.model t\n.inputs a\n.outputs y\n.names b y\n1 1\n.end\n', /net 'b' is used but nothing drives it/],
  [
    '.model t\n.inputs a\n.outputs a\n.names a\n1\n.end\n',
    /line 4: net 'a' has two drivers \(first seen on line 2\)/,
  ],
  ['.model t\n.subckt t\n.end\n', /contains itself/],
  ['.model t\n.nmaes a\n.end\n', /line 2: unknown directive '.nmaes'; did you mean '.names'/],
  ['.model t\n.inputs a\n.outputs y\n.names a y\n11 1\n.end\n', /line 5: malformed row/],
])('refuses BLIF %j', (source, message) => {
  expect(() => readBlif(text(source))).toThrow(message);
});

test('BLIF hierarchy is flattened', () => {
  const aig = readBlif(
    text(
      '.model top\n.inputs a b \\\n c\n.outputs y\n.subckt x2 p=a q=b r=t # note\n.subckt x2 p=t q=c r=y\n.end\n' +
        '.model x2\n.inputs p q\n.outputs r\n.names p q r\n10 1\n01 1\n.end\n',
    ),
  );
  const out = simulate(aig, Uint32Array.of(0xaa, 0xcc, 0xf0), 1);
  expect(out[0]! & 0xff).toBe(0x96);
});

test.each(['aiger', 'blif'])('damaged %s files fail with an InputError and nothing else', kind => {
  const random = new Random(11);
  const end = performance.now() + 1500;
  for (let run = 0; run < 3000 && performance.now() < end; run++) {
    const aig = graph(run, kind === 'aiger');
    let bytes: Uint8Array;
    if (kind === 'aiger') bytes = Uint8Array.from(aigerBytes(aig, { ascii: run % 2 === 0 }));
    else {
      const sink = new MemorySink();
      writeBlif(aig, sink);
      bytes = Uint8Array.from(sink.bytes());
    }
    for (let i = 0; i < 1 + random.below(4); i++) bytes[random.below(bytes.length)] = random.below(256);
    if (random.below(3) === 0) bytes = bytes.subarray(0, random.below(bytes.length));
    try {
      (kind === 'aiger' ? readAiger({ bytes }) : readBlif({ bytes })).check();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).not.toContain('\n');
    }
  }
});
