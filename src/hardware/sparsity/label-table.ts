// The label table: two copies of one bit a channel; this call's labels are written to one while the last call's are read
// from the other. After reset every channel is dense. A register file: memories of real size are SRAM macros.

import type { Random } from '../../core/random.ts';
import { integerParameter } from '../parameters.ts';
import { Module, net } from '../rtl/index.ts';
import type { Batch, Channel, Unit, UnitParameters } from '../unit.ts';

function golden(channels: number, batch: Batch): Batch {
  const { index, write, label, flip } = batch.fields as Record<string, Float64Array>;
  const banks = [new Uint8Array(channels), new Uint8Array(channels)];
  let side = 0;
  const out = new Float64Array(batch.count);
  for (let t = 0; t < batch.count; t++) {
    out[t] = banks[side]![index![t]!]!;
    if (write![t] === 1) banks[1 - side]![index![t]!] = label![t]!;
    if (flip![t] === 1) side = 1 - side;
  }
  return { count: batch.count, fields: { sparse: out } };
}

function stimuli(channels: number, random: Random, count: number): Batch {
  const draw = (f: () => number): Float64Array => Float64Array.from({ length: count }, f);
  return {
    count,
    fields: {
      index: draw(() => random.below(channels)),
      write: draw(() => random.below(2)),
      label: draw(() => random.below(2)),
      flip: draw(() => (random.below(9) === 0 ? 1 : 0)),
    },
  };
}

/**
 * Parameters: channels (64), a power of two. A transaction reads the label of `index`, writes `label` there when `write`,
 * and with `flip` (end of a network call whose labels are to be used) swaps the copies afterwards.
 * @throws UsageError
 */
export function labelTable(parameters: UnitParameters): Unit {
  const address = integerParameter('label-table', parameters, 'addressBits', {
    low: 1,
    high: 10,
    fallback: 6,
  });
  const channels = 2 ** address;
  const bit = (name: string) => ({ name, lanes: 1, bits: 1, signed: false });
  const input: Channel = {
    name: 'in',
    direction: 'in',
    fields: [
      { name: 'index', lanes: 1, bits: address, signed: false },
      bit('write'),
      bit('label'),
      bit('flip'),
    ],
  };
  const output: Channel = { name: 'out', direction: 'out', fields: [bit('sparse')] };
  const name = `label_table_${channels}`;
  const build = (write: readonly string[]): Unit['files'] => {
    const m = new Module(name, [
      `Label table of ${channels} channels, two copies: reads see the labels of the call before.`,
      'flip swaps the copies after its transaction; a call that does not refresh its labels never flips.',
    ]);
    m.clock();
    const i = m.channel(input);
    const o = m.channel(output);
    m.reg('labels_0', net('', channels));
    m.reg('labels_1', net('', channels));
    m.reg('side', net('', 1));
    m.reg('held', net('', 1));
    m.reg('held_valid', net('', 1));
    m.raw(
      'wire open = ~held_valid | out_ready;',
      'wire take = in_valid & open;',
      `wire [${channels - 1}:0] reading = side ? labels_1 : labels_0;`,
    );
    m.always([
      'if (rst) begin',
      `  labels_0 <= ${channels}'d0;`,
      `  labels_1 <= ${channels}'d0;`,
      "  side <= 1'b0;",
      "  held_valid <= 1'b0;",
      'end else begin',
      '  if (open) held_valid <= in_valid;',
      '  if (take & in_flip) side <= ~side;',
      ...write.map(line => `  ${line}`),
      'end',
      'if (take) held <= reading[in_index];',
    ]);
    m.assign(i['ready']!, net('open', 1));
    m.assign(o['valid']!, net('held_valid', 1));
    m.assign(o['sparse']!, net('held', 1));
    return [m.file()];
  };
  return {
    kind: 'label-table',
    name,
    title: `label table of ${channels} channels`,
    parameters: { addressBits: address },
    format: '',
    files: build([
      'if (take & in_write) begin',
      '  if (side) labels_0[in_index] <= in_label;',
      '  else labels_1[in_index] <= in_label;',
      'end',
    ]),
    reference: build(
      Array.from(
        { length: channels },
        (_, k) => `if (take && in_write && in_index == ${address}'d${k})`,
      ).flatMap((condition, k) => [
        `${condition} begin`,
        `  labels_0[${k}] <= side ? in_label : labels_0[${k}];`,
        `  labels_1[${k}] <= side ? labels_1[${k}] : in_label;`,
        'end',
      ]),
    ),
    input,
    output,
    latency: 1,
    golden: batch => golden(channels, batch),
    stimuli: (random, count) => stimuli(channels, random, count),
    operationsPerTransaction: 1,
  };
}
