// bitwright netlist convert IN -o OUT [--strash] [--library FILE] [--top NAME]

import { type CellLibrary, readGenlibCells, readLibertyCells } from '../../netlist/cell-library.ts';
import { netlistFormat, readNetlist, writeNetlist } from '../../netlist/formats.ts';
import { strash } from '../../netlist/strash.ts';
import type { CommandSpec } from '../context.ts';

export const command: CommandSpec = {
  summary: 'convert a netlist from one format to another',
  configure(command) {
    command
      .argument('<file>', 'netlist: .aig .aag .blif')
      .requiredOption('-o, --output <file>', 'file to write: .aig .aag .blif')
      .option('--library <file>', 'liberty (.lib) or genlib (.genlib) cells for .gate lines')
      .option('--top <name>', 'model to take as the top')
      .option('--strash', 'merge equal ANDs and drop those no output needs');
  },
  async run([file = ''], options, context) {
    const output = options['output'] as string;
    const libraryFile = options['library'] as string | undefined;
    netlistFormat(output);
    const library = libraryFile === undefined ? undefined : readCells(libraryFile);
    let aig = readNetlist(file, { library, top: options['top'] as string | undefined });
    const andsRead = aig.andCount;
    if (options['strash'] === true) aig = strash(aig).aig;
    writeNetlist(aig, output);
    context.print(`${output}: ${aig.inputCount} inputs, ${aig.latchCount} latches, ${aig.andCount} ANDs`);
    context.result({
      input: file,
      output,
      inputs: aig.inputCount,
      latches: aig.latchCount,
      outputs: aig.outputs.length,
      andsRead,
      ands: aig.andCount,
    });
  },
};

function readCells(path: string): CellLibrary {
  return path.endsWith('.genlib') ? readGenlibCells(path) : readLibertyCells(path);
}
