// bitwright reason check FILE --spec multiplier: proved, refuted with a counterexample (exit 1), or unknown with its reason.

import { inFile, UsageError, unknownWord } from '../../core/errors.ts';
import { checkMultiplier } from '../../reason/check/index.ts';
import { type CommandSpec, integerOption, numberOption } from '../context.ts';
import { addNetlistInput, readNetlistInput } from '../netlist-options.ts';

const specifications = ['multiplier'] as const;

export const command: CommandSpec = {
  summary: 'prove or refute that a netlist multiplies',
  configure(command) {
    addNetlistInput(command);
    command
      .option('--spec <name>', 'what the netlist should compute: multiplier', 'multiplier')
      .option('--operands <list>', 'widths of the operands by input order (8,8) or names of the buses (a,b)')
      .option('--signed', "two's complement operands (default: simulation decides)")
      .option('--unsigned', 'unsigned operands')
      .option('--timeout <seconds>', 'give up after', numberOption('--timeout', 0.001, 1e9), 300)
      .option('--vectors <n>', 'operand pairs simulated first', integerOption('--vectors', 1, 10_000_000));
  },
  async run([file = ''], options, context) {
    const spec = String(options['spec']);
    if (!specifications.some(s => s === spec)) throw unknownWord('specification', spec, specifications);
    const aig = readNetlistInput(file, options);
    const result = await inFile(file, () =>
      checkMultiplier(aig, {
        signed: signedness(options['signed'] === true, options['unsigned'] === true),
        operands: options['operands'] as string | undefined,
        timeout: options['timeout'] as number,
        vectors: options['vectors'] as number | undefined,
        seed: context.options.seed,
        progress: context.progress,
        signal: context.signal,
      }),
    );
    const { verdict, counterexample: wrong, widths } = result;
    const kind = `${result.signed ? 'signed' : 'unsigned'} ${widths.a} x ${widths.b} multiplier`;
    context.print(`${verdict}: ${kind}, ${widths.product} product bits, ${result.seconds.toFixed(2)} s`);
    if (wrong !== undefined) {
      context.print(`${wrong.a} * ${wrong.b} gives ${wrong.product}, not ${wrong.expected}`);
    }
    context.print(result.reason);
    context.result({
      input: file,
      specification: spec,
      ...result,
      counterexample:
        wrong === undefined
          ? null
          : Object.fromEntries(Object.entries(wrong).map(([name, value]) => [name, String(value)])),
    });
    if (verdict === 'refuted') context.exitCode = 1;
  },
};

function signedness(signed: boolean, unsigned: boolean): boolean | 'auto' {
  if (signed && unsigned) throw new UsageError('--signed and --unsigned exclude each other');
  return signed || unsigned ? signed : 'auto';
}
