// Yosys as a second opinion: it reads what is written here, and what it writes is read here, with equal behaviour.

import { runYosys } from '@yowasp/yosys';
import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import type { Aig } from './aig.ts';
import { behaviour } from './behaviour.fixture.ts';
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

const writers: Record<string, { write(aig: Aig, sink: Sink): void; command: string }> = {
  v: { write: writeVerilog, command: 'read_verilog in.v; proc' },
  json: { write: writeYosysJson, command: 'read_json in.json' },
  blif: { write: writeBlif, command: 'read_blif in.blif' },
};
const readers: Record<string, { read(input: SourceInput): Aig; command: string }> = {
  v: { read: readVerilog, command: 'simplemap; write_verilog -noattr out.v' },
  gates: {
    read: readVerilog,
    command: 'simplemap; abc -g AND,XOR,MUX,NOR; write_verilog -noexpr -noattr out.gates',
  },
  json: { read: readYosysJson, command: 'simplemap; write_json out.json' },
  aigmap: { read: readYosysJson, command: 'simplemap; aigmap; write_json out.aigmap' },
  blif: { read: readBlif, command: 'simplemap; write_blif out.blif' },
};

const random = new Random(21);
const circuits: Record<string, Aig> = {
  csa: generateMultiplier({ kind: 'csa', width: 6 }),
  booth: generateMultiplier({ kind: 'booth', width: 8, signed: true }),
  adder: generateAdder({ kind: 'cla', width: 16 }),
  sequential: randomGraph(random, { inputs: 5, latches: 4, ands: 60, names: true, inits: [0, 1] }),
};

async function yosys(
  script: string,
  files: Record<string, Uint8Array>,
): Promise<Record<string, Uint8Array | string>> {
  const log: string[] = [];
  const take = (bytes: Uint8Array | null): void => {
    if (bytes !== null) log.push(Buffer.from(bytes).toString());
  };
  try {
    const out = await runYosys(['-q', '-p', script], files, { stdout: take, stderr: take });
    return out as Record<string, Uint8Array | string>;
  } catch (error) {
    throw new Error(`yosys: ${log.join('').slice(-2000)}`, { cause: error });
  }
}

const pairs = Object.keys(writers).flatMap(from => Object.keys(readers).map(to => [from, to] as const));

test.each(pairs)('%s through Yosys to %s', async (from, to) => {
  for (const [name, aig] of Object.entries(circuits)) {
    const sink = new MemorySink();
    writers[from]!.write(aig, sink);
    const script = `${writers[from]!.command}; hierarchy -auto-top; ${readers[to]!.command}`;
    const files = await yosys(script, { [`in.${from}`]: sink.bytes() });
    const file = files[`out.${to}`]!;
    const back = readers[to]!.read({ bytes: Buffer.from(file as string), file: `${name}.${to}` });
    expect(back.inputCount, name).toBe(aig.inputCount);
    expect(behaviour(back, 5), name).toEqual(behaviour(aig, 5));
  }
});
