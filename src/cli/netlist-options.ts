// Options shared by the commands that read a netlist: cells of a library and the top module.

import type { Command } from 'commander';
import type { Aig } from '../netlist/aig.ts';
import { readGenlibCells, readLibertyCells } from '../netlist/cell-library.ts';
import { netlistExtensions, readNetlist } from '../netlist/formats.ts';

/** Extensions as help texts list them. */
export const netlistExtensionList: string = netlistExtensions.map(x => `.${x}`).join(' ');

/** Adds the argument <file> and the options of reading. */
export function addNetlistInput(command: Command): void {
  command
    .argument('<file>', `netlist: ${netlistExtensionList}`)
    .option('--liberty <file>', 'cells of a liberty file')
    .option('--genlib <file>', 'cells of a genlib file')
    .option('--top <name>', 'module to take as the top');
}

/** Reads the netlist the options describe. @throws InputError, UsageError */
export function readNetlistInput(file: string, options: Record<string, unknown>): Aig {
  const liberty = options['liberty'] as string | undefined;
  const genlib = options['genlib'] as string | undefined;
  const library =
    liberty === undefined && genlib === undefined
      ? undefined
      : new Map([
          ...(genlib === undefined ? [] : readGenlibCells(genlib)),
          ...(liberty === undefined ? [] : readLibertyCells(liberty)),
        ]);
  return readNetlist(file, { library, top: options['top'] as string | undefined });
}
