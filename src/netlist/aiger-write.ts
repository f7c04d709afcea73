// Writes AIGER 1.9, binary or ascii, in blocks. Refuses nothing an Aig can hold: names with line ends are the one
// exception, their control characters become spaces.

import { writeAtomic } from '../core/files.ts';
import type { Aig } from './aig.ts';
import { MemorySink, type Sink } from './source.ts';

export interface AigerWriteOptions {
  /** Ascii (aag) instead of binary (aig). Default false. */
  ascii?: boolean | undefined;
  /** Symbol table. Default true. */
  symbols?: boolean | undefined;
}

const blockBytes = 1 << 18;

/** Writes to a path, atomically. @throws InputError when the path cannot be written */
export function writeAigerFile(aig: Aig, path: string, options: AigerWriteOptions = {}): void {
  writeAtomic(path, file => writeAiger(aig, file, options));
}

/** The AIGER bytes of a graph. */
export function aigerBytes(aig: Aig, options: AigerWriteOptions = {}): Uint8Array {
  const sink = new MemorySink();
  writeAiger(aig, sink, options);
  return sink.bytes();
}

/** Writes to a sink, block by block. */
export function writeAiger(aig: Aig, sink: Sink, options: AigerWriteOptions = {}): void {
  const ascii = options.ascii ?? false;
  const lines = new LineWriter(sink);
  const extra = [aig.bads.length, aig.constraints.length, aig.justice.length, aig.fairness.length];
  while (extra.length > 0 && extra[extra.length - 1] === 0) extra.pop();
  const counts = [
    aig.variableCount - 1,
    aig.inputCount,
    aig.latchCount,
    aig.outputs.length,
    aig.andCount,
    ...extra,
  ];
  lines.add(`${ascii ? 'aag' : 'aig'} ${counts.join(' ')}`);
  if (ascii) for (let i = 0; i < aig.inputCount; i++) lines.add(String(2 * aig.inputVariable(i)));
  for (let i = 0; i < aig.latchCount; i++) {
    const own = 2 * aig.latchVariable(i);
    const init = aig.latchInit[i]!;
    const reset = init === 0 ? '' : ` ${init === 1 ? 1 : own}`;
    lines.add(`${ascii ? `${own} ` : ''}${aig.latchNext[i]!}${reset}`);
  }
  for (const literal of aig.outputs) lines.add(String(literal));
  for (const literal of aig.bads) lines.add(String(literal));
  for (const literal of aig.constraints) lines.add(String(literal));
  for (const list of aig.justice) lines.add(String(list.length));
  for (const list of aig.justice) for (const literal of list) lines.add(String(literal));
  for (const literal of aig.fairness) lines.add(String(literal));
  if (ascii) {
    for (let i = 0; i < aig.andCount; i++) {
      lines.add(`${2 * (aig.firstAnd + i)} ${aig.fanin1[i]!} ${aig.fanin0[i]!}`);
    }
    lines.flush();
  } else {
    lines.flush();
    writeBinaryAnds(aig, sink);
  }
  if (options.symbols ?? true) writeSymbols(aig, lines);
  if (aig.comment !== '') {
    lines.add('c');
    lines.flush();
    sink.write(aig.comment);
  }
  lines.flush();
}

function writeBinaryAnds(aig: Aig, sink: Sink): void {
  const { fanin0, fanin1, andCount } = aig;
  const block = new Uint8Array(blockBytes);
  let used = 0;
  let own = 2 * aig.firstAnd;
  for (let i = 0; i < andCount; i++, own += 2) {
    if (used > blockBytes - 10) {
      sink.write(block.subarray(0, used));
      used = 0;
    }
    const larger = fanin1[i]!;
    let delta = own - larger;
    while (delta > 127) {
      block[used++] = (delta & 127) | 128;
      delta = delta >>> 7;
    }
    block[used++] = delta;
    delta = larger - fanin0[i]!;
    while (delta > 127) {
      block[used++] = (delta & 127) | 128;
      delta = delta >>> 7;
    }
    block[used++] = delta;
  }
  sink.write(block.subarray(0, used));
}

function writeSymbols(aig: Aig, lines: LineWriter): void {
  const sections: [string, (string | undefined)[] | undefined][] = [
    ['i', aig.names.inputs],
    ['l', aig.names.latches],
    ['o', aig.names.outputs],
    ['b', aig.names.bads],
    ['c', aig.names.constraints],
    ['j', aig.names.justice],
    ['f', aig.names.fairness],
  ];
  for (const [letter, names] of sections) {
    names?.forEach((name, i) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
      if (name !== undefined) lines.add(`${letter}${i} ${name.replace(/[\u0000-\u001f\u007f]/g, ' ')}`);
    });
  }
}

/** Joins lines into blocks before they reach the sink. */
export class LineWriter {
  private readonly sink: Sink;
  private pending: string[] = [];
  private length = 0;

  constructor(sink: Sink) {
    this.sink = sink;
  }

  add(line: string): void {
    this.pending.push(line);
    this.length += line.length + 1;
    if (this.length > blockBytes) this.flush();
  }

  flush(): void {
    if (this.pending.length === 0) return;
    this.pending.push('');
    this.sink.write(this.pending.join('\n'));
    this.pending = [];
    this.length = 0;
  }
}
