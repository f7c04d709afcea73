// bitwright netlist convert IN -o OUT [--strash] [--liberty FILE] [--genlib FILE] [--top NAME]

import { netlistFormat, writeNetlist } from '../../netlist/formats.ts';
import { strash } from '../../netlist/strash.ts';
import type { CommandSpec } from '../context.ts';
import { addNetlistInput, netlistExtensionList, readNetlistInput } from '../netlist-options.ts';

export const command: CommandSpec = {
  summary: 'convert a netlist from one format to another',
  configure(command) {
    addNetlistInput(command);
    command
      .requiredOption('-o, --output <file>', `file to write: ${netlistExtensionList}`)
      .option('--strash', 'merge equal ANDs and drop those no output needs');
  },
  async run([file = ''], options, context) {
    const output = options['output'] as string;
    netlistFormat(output);
    let aig = readNetlistInput(file, options);
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
