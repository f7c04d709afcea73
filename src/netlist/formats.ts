// Which reader or writer a file name asks for. Refuses unknown extensions, with the nearest known one.

import { UsageError } from '../core/errors.ts';
import { writeAtomic } from '../core/files.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { type Aig, requireAig } from './aig.ts';
import { readAiger } from './aiger-read.ts';
import { writeAiger } from './aiger-write.ts';
import { readBench } from './bench.ts';
import { writeBench } from './bench-write.ts';
import { type NetlistReadOptions, readBlif } from './blif.ts';
import { writeBlif } from './blif-write.ts';
import type { Sink } from './source.ts';
import { readVerilog } from './verilog.ts';
import { writeVerilog } from './verilog-write.ts';
import { readYosysJson } from './yosys-json.ts';
import { writeYosysJson } from './yosys-json-write.ts';

/** Extensions of the formats read and written. */
export const netlistExtensions = ['aig', 'aag', 'blif', 'bench', 'v', 'json'] as const;
export type NetlistFormat = (typeof netlistExtensions)[number];

/** @throws UsageError for an extension no format has */
export function netlistFormat(path: string): NetlistFormat {
  const extension = /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const format = netlistExtensions.find(x => x === extension);
  if (format === undefined) {
    throw new UsageError(`'${path}' names no netlist format`, {
      expected: `a file ending in ${netlistExtensions.map(x => `.${x}`).join(' ')}`,
      nearest: nearestSpelling(extension, netlistExtensions),
    });
  }
  return format;
}

/** Reads a netlist in the format of its extension. @throws InputError, UsageError */
export function readNetlist(path: string, options: NetlistReadOptions = {}): Aig {
  switch (netlistFormat(path)) {
    case 'blif':
      return readBlif(path, options);
    case 'bench':
      return readBench(path, options);
    case 'v':
      return readVerilog(path, options);
    case 'json':
      return readYosysJson(path, options);
    default:
      return readAiger(path);
  }
}

const textWriters: Partial<Record<NetlistFormat, (aig: Aig, sink: Sink) => void>> = {
  blif: writeBlif,
  bench: writeBench,
  v: writeVerilog,
  json: writeYosysJson,
};

/** Writes a netlist in the format of the path's extension, atomically. @throws InputError, UsageError */
export function writeNetlist(aig: Aig, path: string): void {
  requireAig('the netlist to write', aig);
  const format = netlistFormat(path);
  const write = textWriters[format];
  writeAtomic(path, file => {
    if (write === undefined) writeAiger(aig, file, { ascii: format === 'aag' });
    else write(aig, file);
  });
}
