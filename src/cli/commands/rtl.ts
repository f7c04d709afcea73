// bitwright rtl UNIT --format … -o DIR: writes the RTL of a unit, its manifest, and a self-checking test bench.
// bitwright rtl: lists the units with their parameters.

import { UsageError, unknownWord } from '../../core/errors.ts';
import { lintLines, lintRtl } from '../../hardware/lint.ts';
import { writeUnit } from '../../hardware/manifest.ts';
import { makeUnit, units } from '../../hardware/units.ts';
import { type CommandSpec, integerOption } from '../context.ts';
import { addUnitOptions, listingText, listUnits, unitParameters } from '../unit-options.ts';

export const command: CommandSpec = {
  summary: 'generate the RTL of a unit for a number format',
  async configure(command, words) {
    command
      .argument('[unit]', `${units.map(unit => unit.name).join(', ')}; without one, all are listed`)
      .option('-o, --output <dir>', 'folder to write (or --out)')
      .option(
        '--vectors <n>',
        'transactions of the test bench',
        integerOption('--vectors', 1, 1_000_000),
        4096,
      );
    command.option('--lint', 'lint what was written with verilator -Wall, when it is installed');
    await addUnitOptions(command, words);
  },
  async run([name], options, context) {
    const known = units.some(unit => unit.name === name);
    if (!known) {
      const list = await listUnits();
      for (const line of listingText(list)) context.print(line);
      if (name === undefined) return context.result({ units: list });
      throw unknownWord(
        'unit',
        name,
        units.map(unit => unit.name),
      );
    }
    const directory = (options['output'] as string | undefined) ?? context.options.out;
    if (directory === undefined) throw new UsageError('no folder to write', { expected: '-o DIR' });
    const unit = await makeUnit(name!, unitParameters(options));
    const written = writeUnit(unit, directory, options['vectors'] as number, context.options.seed);
    context.print(`${unit.title}: module ${unit.name}, latency ${unit.latency} cycles`);
    context.print(`${directory}: ${[...written.files, 'manifest.json'].join(', ')}`);
    const lint =
      options['lint'] === true ? await lintRtl(unit.files, unit.name, { signal: context.signal }) : undefined;
    if (options['lint'] === true) for (const line of lintLines(lint)) context.print(line);
    if (lint?.verdict === 'warnings') context.exitCode = 1;
    context.result({
      unit: unit.kind,
      name: unit.name,
      format: unit.format,
      parameters: unit.parameters,
      latency: unit.latency,
      input: unit.input,
      output: unit.output,
      directory,
      files: written.files,
      manifest: written.manifest,
      ...(options['lint'] === true ? { lint: lint ?? null } : {}),
    });
  },
};
