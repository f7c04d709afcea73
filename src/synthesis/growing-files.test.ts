// Appending in place holds what copying held; everything but appending is left to the runtime.

import { afterAll, expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { replaceAppend } from './growing-files.ts';
import { closeYosys, runYosys } from './yosys.ts';

afterAll(closeYosys);

class Output {
  blockingWriteAndFlush(contents: Uint8Array): void {
    this.write(contents);
  }
  write(_contents: Uint8Array): void {}
}

/** Writes as the runtime does: a copy of the whole file each time. */
class FileOutput extends Output {
  file: { data: Uint8Array };
  offset: bigint;
  constructor(file: { data: Uint8Array }, offset: number) {
    super();
    this.file = file;
    this.offset = BigInt(offset);
  }
  override write(contents: Uint8Array): void {
    const data = new Uint8Array(this.file.data.length + contents.length);
    data.set(this.file.data);
    data.subarray(Number(this.offset)).set(contents);
    this.file.data = data;
    this.offset += BigInt(contents.length);
  }
}

test('appends, truncations, second writers and writes inside a file give the bytes they gave', () => {
  const random = new Random(3);
  const given = Uint8Array.of(1, 2, 3);
  const steps = Array.from({ length: 300 }, () => ({
    kind: random.below(20),
    contents: Uint8Array.from({ length: random.below(3000) }, () => random.below(256)),
  }));
  const run = (): Uint8Array[] => {
    const file = { data: given };
    let stream = new FileOutput(file, 3);
    return steps.map(({ kind, contents }) => {
      if (kind === 0) file.data = new Uint8Array();
      if (kind <= 1) stream = new FileOutput(file, file.data.length);
      if (kind === 2) stream = new FileOutput(file, file.data.length >> 1);
      stream.blockingWriteAndFlush(contents);
      return file.data.slice();
    });
  };
  const copied = run();
  replaceAppend(Output.prototype);
  expect(run()).toEqual(copied);
  expect(given).toEqual(Uint8Array.of(1, 2, 3));
  const plain = new Output();
  plain.blockingWriteAndFlush(given);
});

test('Yosys writes a long file whole, and reads it again', async () => {
  const wires = Array.from({ length: 4000 }, (_, i) => `wire [7:0] some_rather_long_name_of_a_wire_${i};`);
  const text = `module m(input a, output y); assign y = a;\n${wires.join('\n')}\nendmodule\n`;
  const script = 'read_verilog m.v; write_rtlil a.il; design -reset; read_rtlil a.il; write_rtlil b.il';
  const { files } = await runYosys({ script, files: { 'm.v': text } });
  const body = (name: string): string[] =>
    Buffer.from(files.get(name)!)
      .toString('utf8')
      .split('\n')
      .filter(line => /wire/.test(line))
      .sort();
  expect(body('a.il').length).toBeGreaterThan(4000);
  expect(body('b.il')).toEqual(body('a.il'));
});
