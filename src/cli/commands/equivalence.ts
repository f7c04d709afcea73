// bitwright equivalence DIR: the RTL in a folder against the golden model of its manifest; exit 1 with a counterexample.

import { basename } from 'node:path';
import { checkEquivalence } from '../../hardware/equivalence.ts';
import { lintLines, lintRtl } from '../../hardware/lint.ts';
import { readUnit } from '../../hardware/manifest.ts';
import { judgeMutants, mutantLine } from '../../hardware/mutants.ts';
import { simulateNatively } from '../../native/simulation.ts';
import { type CommandSpec, integerOption, numberOption } from '../context.ts';

export const command: CommandSpec = {
  summary: 'check the RTL of a unit against its golden model',
  configure(command) {
    command
      .argument('<dir>', 'folder written by bitwright rtl')
      .option(
        '--vectors <n>',
        'transactions simulated at least',
        integerOption('--vectors', 1, 1_000_000_000),
        1_048_576,
      )
      .option(
        '--proof-seconds <seconds>',
        'time for the SAT proof, 0 for none',
        numberOption('--proof-seconds', 0, 1e6),
        8,
      )
      .option(
        '--mutants <n>',
        'also break one gate, n times, and tell how often it is noticed',
        integerOption('--mutants', 0, 100_000),
        0,
      )
      .option(
        '--native-seconds <seconds>',
        'time for each build and run in Icarus and Verilator',
        numberOption('--native-seconds', 1, 1e6),
        30,
      )
      .option('--no-native', 'do not run the test bench in Icarus and Verilator');
  },
  async run([directory = ''], options, context) {
    const { unit, files, testBench, vectors } = await readUnit(directory);
    const { signal } = context;
    // a program of its own: it may as well run beside the check
    const stopped = new AbortController();
    const soon = lintRtl(files, unit.name, { signal: AbortSignal.any([signal, stopped.signal]) });
    soon.catch(() => undefined);
    const { graph, ...report } = await checkEquivalence(unit, {
      files,
      vectors: options['vectors'] as number,
      proofSeconds: options['proofSeconds'] as number,
      bench: vectors,
      seed: context.options.seed,
      progress: context.progress,
      signal,
    }).catch(error => {
      stopped.abort();
      throw error;
    });
    const lint = await soon;
    const native =
      testBench === undefined || options['native'] === false
        ? []
        : await simulateNatively(
            directory,
            `${unit.name}_tb`,
            [...files.map(f => basename(f.name)), testBench.file],
            { signal, timeoutSeconds: options['nativeSeconds'] as number },
          );
    const wrong = native.find(n => n.verdict === 'fail');
    const verdict = wrong === undefined ? report.verdict : 'different';
    const { mismatch, proof, seconds } = report;
    const every = report.exhaustive ? ', every legal transaction among them' : '';
    context.print(`${verdict}: ${unit.title} (${unit.name})`);
    context.print(
      `simulated ${report.transactions} transactions, ${report.outputs} outputs${every}, ${seconds.simulation.toFixed(1)} s`,
    );
    if (mismatch !== undefined) {
      context.print(mismatch.problem);
      for (const input of mismatch.inputs) context.print(`  in  ${JSON.stringify(input)}`);
      if (mismatch.got !== null) context.print(`  got ${JSON.stringify(mismatch.got)}`);
      if (mismatch.expected !== null) context.print(`  not ${JSON.stringify(mismatch.expected)}`);
    }
    if (proof !== undefined) {
      context.print(`SAT proof: ${proof.verdict} (${proof.reason}), ${proof.seconds.toFixed(1)} s`);
    } else if (mismatch === undefined) context.print('SAT proof: none tried for this unit');
    for (const line of lintLines(lint)) context.print(line);
    for (const n of native) {
      const last = n.output.split('\n').at(-1);
      context.print(
        `${n.simulator} ${n.version}, ${vectors!.inputs.count} of these transactions: ${n.verdict}, ${last}, ${(n.buildSeconds + n.runSeconds).toFixed(1)} s`,
      );
    }
    if (native.length === 0 && options['native'] !== false)
      context.print('Verilator and Icarus: not found, test bench not run');
    const broken = options['mutants'] as number;
    const mutants =
      broken > 0 && verdict === 'equivalent'
        ? await judgeMutants(unit, {
            aig: graph,
            count: broken,
            seed: context.options.seed,
            progress: context.progress,
            signal,
          })
        : undefined;
    if (mutants !== undefined) context.print(mutantLine(mutants));
    context.result({
      ...report,
      verdict,
      unit: unit.kind,
      name: unit.name,
      format: unit.format,
      directory,
      lint: lint ?? null,
      native,
      ...(mutants === undefined ? {} : { mutants }),
    });
    if (verdict === 'different') context.exitCode = 1;
  },
};
