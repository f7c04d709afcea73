// A self-checking Verilog test bench with its vectors as hex files: for Verilator, Icarus or any simulator.
// Refuses to know the unit: it drives packed transactions and compares packed outputs.

import { InputError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import type { RtlFile } from '../synthesis/rtl.ts';
import { packBatch, payloadWords, unpackBatch } from './payload.ts';
import type { Batch, Channel, Unit } from './unit.ts';
import { channelBits } from './unit.ts';

/** Test bench NAME_tb.v with NAME_in.hex and NAME_out.hex. */
export interface TestBench {
  bench: RtlFile;
  inputs: RtlFile;
  outputs: RtlFile;
  transactions: number;
  results: number;
}

/** @param count input transactions of the vectors */
export function testBench(unit: Unit, count: number, seed: number): TestBench {
  const batch = unit.stimuli(new Random(seed), count);
  const expected = unit.golden(batch);
  return {
    bench: { name: `${unit.name}_tb.v`, text: benchText(unit, batch.count, expected.count) },
    inputs: { name: `${unit.name}_in.hex`, text: hexLines(unit.input, batch) },
    outputs: { name: `${unit.name}_out.hex`, text: hexLines(unit.output, expected) },
    transactions: batch.count,
    results: expected.count,
  };
}

/** One transaction a line, most significant digit first, as $readmemh takes it. */
function hexLines(channel: Channel, batch: Batch): string {
  const packed = packBatch(channel, batch);
  const words = payloadWords(channel);
  const digits = Math.ceil(channelBits(channel) / 4);
  const lines: string[] = [];
  for (let t = 0; t < batch.count; t++) {
    let text = '';
    for (let w = words - 1; w >= 0; w--) text += packed[t * words + w]!.toString(16).padStart(8, '0');
    lines.push(text.slice(text.length - digits));
  }
  return `${lines.join('\n')}\n`;
}

/** The inverse of `hexLines`. @throws InputError naming the line that is not a transaction of the channel */
export function readHexLines(channel: Channel, file: RtlFile): Batch {
  const words = payloadWords(channel);
  const digits = Math.ceil(channelBits(channel) / 4);
  const lines = file.text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const packed = new Uint32Array(lines.length * words);
  lines.forEach((line, t) => {
    if (line.length !== digits || !/^[0-9a-f]+$/i.test(line)) {
      throw new InputError(`'${line.slice(0, 40)}'`, {
        file: file.name,
        line: t + 1,
        expected: `${digits} hexadecimal digits`,
      });
    }
    const text = line.padStart(8 * words, '0');
    for (let w = 0; w < words; w++) {
      const end = text.length - 8 * w;
      packed[t * words + w] = Number.parseInt(text.slice(end - 8, end), 16);
    }
  });
  return unpackBatch(channel, packed, lines.length);
}

function connections(channel: Channel, vector: string): string[] {
  let offset = 0;
  return channel.fields.map(({ name, lanes, bits }) => {
    const high = offset + lanes * bits - 1;
    const range = high === offset ? `[${offset}]` : `[${high}:${offset}]`;
    offset = high + 1;
    return `    .${channel.name}_${name}(${vector}${range})`;
  });
}

function benchText(unit: Unit, transactions: number, results: number): string {
  const { name, input, output } = unit;
  const inBits = channelBits(input);
  const outBits = channelBits(output);
  return `// Self-checking test bench of ${name}: ${transactions} transactions under random stalls.
// Prints PASS or FAIL; run it in this folder, where its vectors are. Icarus: iverilog -g2012 -o tb *.v && ./tb   Verilator: verilator --binary --timing -Wno-fatal *.v
module ${name}_tb;
  reg clk = 1'b0;
  reg rst = 1'b1;
  reg in_valid = 1'b0;
  reg out_ready = 1'b0;
  wire in_ready;
  wire out_valid;
  reg [${inBits - 1}:0] stimulus [0:${transactions - 1}];
  reg [${outBits - 1}:0] expected [0:${Math.max(1, results) - 1}];
  reg [${inBits - 1}:0] in_data = ${inBits}'d0;
  wire [${outBits - 1}:0] out_data;
  integer sent = 0;
  integer seen = 0;
  integer errors = 0;
  integer idle = 0;
  integer seed = 1;
  reg accepted = 1'b0;
  reg [31:0] chance;

  ${name} dut (
    .clk(clk),
    .rst(rst),
    .${input.name}_valid(in_valid),
    .${input.name}_ready(in_ready),
${connections(input, 'in_data').join(',\n')},
    .${output.name}_valid(out_valid),
    .${output.name}_ready(out_ready),
${connections(output, 'out_data').join(',\n')}
  );

  always #5 clk = ~clk;

  initial begin
    $readmemh("${name}_in.hex", stimulus);
    $readmemh("${name}_out.hex", expected);
    if (^stimulus[${transactions - 1}] === 1'bx${results === 0 ? '' : ` || ^expected[${results - 1}] === 1'bx`}) begin
      $display("FAIL vectors are missing or short: run this in the folder of ${name}_in.hex and ${name}_out.hex");
      $finish;
    end
    repeat (3) @(negedge clk);
    rst = 1'b0;
  end

  // inputs change at the falling edge: what the rising edge sees is stable
  always @(negedge clk) if (!rst) begin
    chance = $random(seed);
    out_ready = chance[1:0] != 2'd0;
    if (accepted || !in_valid) in_valid = (sent < ${transactions}) && (chance[3:2] != 2'd0);
    if (in_valid) in_data = stimulus[sent];
  end

  always @(posedge clk) if (!rst) begin
    idle = idle + 1;
    if (out_valid && out_ready) begin
      idle = 0;
      if (seen >= ${results} || out_data !== expected[seen]) begin
        errors = errors + 1;
        if (errors <= 5) $display("output %0d is %h, not %h", seen, out_data, expected[seen]);
      end
      seen = seen + 1;
    end
    accepted = in_valid && in_ready;
    if (accepted) begin
      idle = 0;
      sent = sent + 1;
    end
    if (idle > 1000) begin
      if (errors == 0 && sent == ${transactions} && seen == ${results}) $display("PASS %0d outputs", seen);
      else $display("FAIL sent %0d of ${transactions}, seen %0d of ${results}, wrong %0d", sent, seen, errors);
      $finish;
    end
  end
endmodule
`;
}
