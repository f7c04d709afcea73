import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import type { Aig } from './aig.ts';
import { behaviour } from './behaviour.fixture.ts';
import { readBench } from './bench.ts';
import { writeBench } from './bench-write.ts';
import { readBlif } from './blif.ts';
import { writeBlif } from './blif-write.ts';
import { generateAdder } from './generate/adder.ts';
import { generateMultiplier } from './generate/multiplier.ts';
import { randomGraph } from './random-graph.fixture.ts';
import { MemorySink, type Sink, type SourceInput } from './source.ts';
import { readVerilog } from './verilog.ts';
import { writeVerilog } from './verilog-write.ts';
import { readYosysJson } from './yosys-json.ts';
import { writeYosysJson } from './yosys-json-write.ts';

interface Format {
  read(input: SourceInput): Aig;
  write(aig: Aig, sink: Sink): void;
  /** Reset values the format can say. */
  inits: number[];
}

const formats: Record<string, Format> = {
  bench: { read: readBench, write: writeBench, inits: [0, 1] },
  verilog: { read: readVerilog, write: writeVerilog, inits: [0, 1, 2] },
  json: { read: readYosysJson, write: writeYosysJson, inits: [0, 1, 2] },
  blif: { read: readBlif, write: writeBlif, inits: [0, 1, 2] },
};
const names = Object.keys(formats);

function written(format: Format, aig: Aig): Uint8Array {
  const sink = new MemorySink();
  format.write(aig, sink);
  return sink.bytes();
}

test.each(names)('%s gives the behaviour, names and reset values of random graphs back', key => {
  const format = formats[key]!;
  fc.assert(
    fc.property(fc.integer(), seed => {
      const random = new Random(seed);
      const aig = randomGraph(random, {
        inputs: 1 + random.below(6),
        latches: random.below(4),
        ands: random.below(100),
        names: random.below(2) === 1,
        inits: format.inits,
      });
      const back = format.read({ bytes: written(format, aig) });
      back.check();
      expect(back.inputCount).toBe(aig.inputCount);
      expect(behaviour(back, 6)).toEqual(behaviour(aig, 6));
      if (aig.names.inputs !== undefined) {
        expect(back.names.inputs).toEqual(aig.names.inputs);
        expect(back.names.outputs).toEqual(aig.names.outputs);
        if (aig.latchCount > 0 && key !== 'bench') expect(back.names.latches).toEqual(aig.names.latches);
      }
    }),
    { numRuns: 60 },
  );
});

test.each(names)('%s gives multipliers and adders back', key => {
  const format = formats[key]!;
  for (const aig of [
    generateMultiplier({ kind: 'csa', width: 9 }),
    generateMultiplier({ kind: 'booth', width: 8, signed: true }),
    generateAdder({ kind: 'kogge-stone', width: 33 }),
  ]) {
    const back = format.read({ bytes: written(format, aig) });
    expect(back.andCount).toBe(aig.andCount);
    expect(back.names.inputs).toEqual(aig.names.inputs);
    expect(back.names.outputs).toEqual(aig.names.outputs);
    expect(behaviour(back, 1)).toEqual(behaviour(aig, 1));
  }
});

test.each(names)('damaged %s files fail with an InputError of file and line, and nothing else', key => {
  const format = formats[key]!;
  const random = new Random(11);
  const files = [1, 2, 3].map(seed =>
    written(
      format,
      randomGraph(new Random(seed), { inputs: 3, latches: 2, ands: 12, names: true, inits: format.inits }),
    ),
  );
  const end = performance.now() + 1500;
  let failures = 0;
  for (let run = 0; run < 20_000 && performance.now() < end; run++) {
    let bytes = Uint8Array.from(random.pick(files));
    for (let i = 0; i < 1 + random.below(4); i++) {
      const at = random.below(bytes.length);
      const from = random.below(bytes.length);
      if (random.below(2) === 0) bytes[at] = random.below(2) === 0 ? random.below(256) : bytes[from]!;
      else bytes.copyWithin(at, from, from + random.below(24));
    }
    if (random.below(4) === 0) bytes = bytes.subarray(0, random.below(bytes.length));
    try {
      format.read({ bytes, file: 'f' });
    } catch (error) {
      failures++;
      if (!(error instanceof InputError)) throw error;
      expect(error.message).toMatch(/^f(, line \d+)?: [^\n]+$/);
    }
  }
  expect(failures).toBeGreaterThan(50);
});
