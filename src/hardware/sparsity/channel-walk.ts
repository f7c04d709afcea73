// The channel-list walk: label words in, one listed channel a clock cycle out, with the address its codes start at
// (channel-last layout: base + channel × stride). Refuses nothing; an empty list gives its end token alone.

import type { Random } from '../../core/random.ts';
import { integerParameter } from '../parameters.ts';
import { Module, net } from '../rtl/index.ts';
import type { Batch, Channel, Unit, UnitParameters } from '../unit.ts';

interface Plan {
  width: number;
  indexBits: number;
  addressBits: number;
}

/** Channels of a layer whose label equals `kind`, in order; then a token with `end` and their number. */
function golden({ width, indexBits, addressBits }: Plan, batch: Batch): Batch {
  const { labels, kind, base, stride, last } = batch.fields as Record<string, Float64Array>;
  const index: number[] = [];
  const address: number[] = [];
  const end: number[] = [];
  let word = 0;
  let count = 0;
  for (let t = 0; t < batch.count; t++) {
    for (let i = 0; i < width; i++) {
      if (labels![t * width + i] !== kind![t]) continue;
      const channel = (word * width + i) % 2 ** indexBits;
      index.push(channel);
      address.push((base![t]! + channel * stride![t]!) % 2 ** addressBits);
      end.push(0);
      count++;
    }
    word++;
    if (last![t] !== 1) continue;
    index.push(count % 2 ** indexBits);
    address.push(0);
    end.push(1);
    word = 0;
    count = 0;
  }
  return {
    count: index.length,
    fields: {
      index: Float64Array.from(index),
      address: Float64Array.from(address),
      end: Float64Array.from(end),
    },
  };
}

function stimuli({ width, addressBits }: Plan, random: Random, count: number): Batch {
  const labels = new Float64Array(count * width);
  const fields = {
    labels,
    kind: new Float64Array(count),
    base: new Float64Array(count),
    stride: new Float64Array(count),
    last: new Float64Array(count),
  };
  for (let t = 0; t < count; t++) {
    const density = random.pick([0, 0.1, 0.5, 0.9, 1]);
    for (let i = 0; i < width; i++) labels[t * width + i] = random.uniform() < density ? 1 : 0;
    fields.kind[t] = random.below(2);
    fields.base[t] = random.below(2 ** addressBits);
    fields.stride[t] = random.below(random.pick([2, 64, 2 ** addressBits]));
    fields.last[t] = random.below(3) === 0 ? 1 : 0;
  }
  return { count, fields };
}

/** Parameters: width (4 labels a word), indexBits (10), addressBits (20). @throws UsageError */
export function channelWalk(parameters: UnitParameters): Unit {
  const read = (name: string, low: number, high: number, fallback: number): number =>
    integerParameter('channel-walk', parameters, name, { low, high, fallback });
  const wordBits = Math.ceil(Math.log2(read('width', 2, 64, 4)));
  const plan: Plan = {
    width: 2 ** wordBits,
    indexBits: read('indexBits', wordBits + 1, 16, Math.max(10, wordBits + 1)),
    addressBits: read('addressBits', 4, 32, 20),
  };
  const { width, indexBits, addressBits } = plan;
  const input: Channel = {
    name: 'in',
    direction: 'in',
    fields: [
      { name: 'labels', lanes: width, bits: 1, signed: false },
      { name: 'kind', lanes: 1, bits: 1, signed: false },
      { name: 'base', lanes: 1, bits: addressBits, signed: false },
      { name: 'stride', lanes: 1, bits: addressBits, signed: false },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const output: Channel = {
    name: 'out',
    direction: 'out',
    fields: [
      { name: 'index', lanes: 1, bits: indexBits, signed: false },
      { name: 'address', lanes: 1, bits: addressBits, signed: false },
      { name: 'end', lanes: 1, bits: 1, signed: false },
    ],
  };
  const name = `channel_walk_${width}_i${indexBits}_a${addressBits}`;
  const tag = indexBits - wordBits;
  const build = (first: readonly string[]): Unit['files'] => {
    const m = new Module(name, [
      `Channel-list walk: ${width} labels a word, one listed channel a cycle, then an end token with their number.`,
      'address = base + channel * stride; kind 1 lists the sparse channels, kind 0 the dense ones.',
    ]);
    m.clock();
    const i = m.channel(input);
    const o = m.channel(output);
    m.reg('pending', net('', width));
    m.reg('ending', net('', 1));
    m.reg('word', net('', tag));
    m.reg('word_next', net('', tag));
    m.reg('listed', net('', indexBits));
    m.reg('base', net('', addressBits));
    m.reg('stride', net('', addressBits));
    m.raw(
      'wire some = |pending;',
      'wire busy = some | ending;',
      'wire take = in_valid & ~busy;',
      'wire give = busy & out_ready;',
      ...first,
      `wire [${indexBits - 1}:0] channel = {word, position};`,
      `wire [${addressBits - 1}:0] offset = ${extend('channel', indexBits, addressBits)} * stride;`,
      `wire [${addressBits - 1}:0] start = base + offset;`,
    );
    m.always([
      'if (rst) begin',
      `  pending <= ${width}'d0;`,
      "  ending <= 1'b0;",
      `  word_next <= ${tag}'d0;`,
      `  listed <= ${indexBits}'d0;`,
      'end else if (take) begin',
      `  pending <= in_labels ^ {${width}{~in_kind}};`,
      '  ending <= in_last;',
      `  word_next <= in_last ? ${tag}'d0 : word_next + ${tag}'d1;`,
      'end else if (give) begin',
      '  pending <= pending & ~lowest;',
      "  if (~some) ending <= 1'b0;",
      `  listed <= some ? listed + ${indexBits}'d1 : ${indexBits}'d0;`,
      'end',
      'if (take) begin',
      '  word <= word_next;',
      '  base <= in_base;',
      '  stride <= in_stride;',
      'end',
    ]);
    m.assign(i['ready']!, net('~busy', 1));
    m.assign(o['valid']!, net('busy', 1));
    m.assign(o['index']!, net('some ? channel : listed', indexBits));
    m.assign(o['address']!, net(`start & {${addressBits}{some}}`, addressBits));
    m.assign(o['end']!, net('~some', 1));
    return [m.file()];
  };
  const encode = Array.from({ length: wordBits }, (_, k) => {
    const members = Array.from({ length: width }, (_, j) => j).filter(j => (j >> k) & 1);
    return members.map(j => `lowest[${j}]`).join(' | ');
  }).reverse();
  return {
    kind: 'channel-walk',
    name,
    title: `channel-list walk, ${width} labels a word`,
    parameters: { ...plan },
    format: '',
    files: build([
      `wire [${width - 1}:0] lowest = pending & (~pending + ${width}'d1);`,
      `wire [${wordBits - 1}:0] position = {${encode.join(', ')}};`,
    ]),
    reference: build([
      `reg [${wordBits - 1}:0] position;`,
      `reg [${width - 1}:0] lowest;`,
      'always @* begin',
      `  position = ${wordBits}'d0;`,
      `  lowest = ${width}'d0;`,
      ...Array.from({ length: width }, (_, j) => width - 1 - j).flatMap(j => [
        `  if (pending[${j}]) position = ${wordBits}'d${j};`,
      ]),
      ...Array.from({ length: width }, (_, j) => {
        const below = j === 0 ? '' : ` && pending[${j - 1}:0] == ${j}'d0`;
        return `  if (pending[${j}]${below}) lowest[${j}] = 1'b1;`;
      }),
      'end',
    ]),
    input,
    output,
    latency: 1,
    golden: batch => golden(plan, batch),
    stimuli: (random, count) => stimuli(plan, random, count),
    operationsPerTransaction: width,
  };
}

function extend(text: string, from: number, to: number): string {
  if (from === to) return text;
  return from < to ? `{${to - from}'d0, ${text}}` : `${text}[${to - 1}:0]`;
}
