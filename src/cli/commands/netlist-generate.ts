// bitwright netlist generate multiplier|adder --kind … --width N [--signed] -o FILE

import { UsageError, unknownWord } from '../../core/errors.ts';
import { netlistFormat, writeNetlist } from '../../netlist/formats.ts';
import { type AdderKind, adderKinds, generateAdder, maxAdderWidth } from '../../netlist/generate/adder.ts';
import {
  generateMultiplier,
  type MultiplierKind,
  maxMultiplierWidth,
} from '../../netlist/generate/multiplier.ts';
import { type CommandSpec, integerOption } from '../context.ts';
import { netlistExtensionList } from '../netlist-options.ts';

const circuits = ['multiplier', 'adder'] as const;

export const command: CommandSpec = {
  summary: 'generate an adder or multiplier',
  configure(command) {
    command
      .argument('<circuit>', 'multiplier or adder')
      .requiredOption('-o, --output <file>', `file to write: ${netlistExtensionList}`)
      .requiredOption('--width <n>', 'bits of each operand', integerOption('--width', 1, maxAdderWidth))
      .option('--kind <kind>', 'multiplier: csa or booth; adder: ripple, cla or kogge-stone')
      .option('--signed', "two's complement multiplier");
  },
  async run([circuit = ''], options, context) {
    const output = options['output'] as string;
    const width = options['width'] as number;
    netlistFormat(output);
    if (!(circuits as readonly string[]).includes(circuit)) throw unknownWord('circuit', circuit, circuits);
    const kinds: readonly string[] = circuit === 'multiplier' ? ['csa', 'booth'] : adderKinds;
    const kind = (options['kind'] as string | undefined) ?? kinds[0]!;
    if (!kinds.includes(kind)) throw unknownWord(`${circuit} kind`, kind, kinds);
    const signed = options['signed'] === true;
    if (circuit === 'adder' && signed) {
      throw new UsageError('--signed with an adder', { expected: '--signed with multipliers only' });
    }
    if (circuit === 'multiplier' && width > maxMultiplierWidth) {
      throw new UsageError(`--width got '${width}'`, {
        expected: `at most ${maxMultiplierWidth} for multipliers`,
      });
    }
    const start = performance.now();
    const aig =
      circuit === 'multiplier'
        ? generateMultiplier({ kind: kind as MultiplierKind, width, signed })
        : generateAdder({ kind: kind as AdderKind, width });
    const seconds = (performance.now() - start) / 1000;
    writeNetlist(aig, output);
    const counts = { inputs: aig.inputCount, outputs: aig.outputs.length, ands: aig.andCount };
    context.print(
      `${output}: ${kind} ${circuit}, ${width} bits${signed ? ', signed' : ''}, ${aig.andCount} ANDs`,
    );
    context.result({ circuit, kind, width, signed, ...counts, seconds, output });
  },
};
