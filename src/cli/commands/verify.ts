// bitwright verify FILE... --top M: the valid/ready properties of RTL, proved, refuted with a trace (exit 1), or unknown.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { BitwrightError, InputError, inFile, UsageError, unknownWord } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import { packageVersion } from '../../core/places.ts';
import { checkCertificate, engines } from '../../engines/index.ts';
import { writeNetlist } from '../../netlist/formats.ts';
import { renderConsole, writeReport } from '../../report/index.ts';
import { closeYosys } from '../../synthesis/yosys.ts';
import { composedResults } from '../../verify/composed.ts';
import { readConfig, type VerifyConfig } from '../../verify/config.ts';
import { describeInterface } from '../../verify/interface.ts';
import { type LoadedDesign, loadDesign } from '../../verify/load.ts';
import { remarkOf, resultTable, verifyReport } from '../../verify/report.ts';
import { type PropertyKind, type PropertyResult, propertyKinds } from '../../verify/results.ts';
import { plannedProperties, unasked, verifyDesign } from '../../verify/run.ts';
import { benchOf, replayNatively, waveJson, writeVcd } from '../../verify/traces/index.ts';
import { type CommandContext, type CommandSpec, integerOption, numberOption } from '../context.ts';

const collect = (value: string, list: string[] = []): string[] => [...list, value];

export const command: CommandSpec = {
  summary: 'prove latency-insensitive RTL: no use of invalid data, no deadlock',
  configure(command: Command) {
    command
      .argument('<files...>', 'Verilog or SystemVerilog')
      .option('--top <module>', 'top module (default: the one nobody instantiates)')
      .option('-I <folder>', 'folder of included files (repeatable)', collect)
      .option('-P <name=value>', 'parameter of the top (repeatable)', collect)
      .option('-D <name[=value]>', 'macro (repeatable); 1 without a value', collect)
      .option('--config <file>', 'YAML that overrides what is guessed')
      .option('--property <list>', `properties: ${propertyKinds.join(', ')}`)
      .option('--per-port', 'deadlock of every channel on its own too')
      .option(
        '--timeout <seconds>',
        'limit of each property (default: 60), and of reading (120)',
        numberOption('--timeout', 0.1, 1e6),
      )
      .option('--depth <n>', 'most cycles of bounded search', integerOption('--depth', 1, 1_000_000))
      .option(
        '--bound <n>',
        'silence that is a deadlock (default: measured)',
        integerOption('--bound', 1, 65_535),
      )
      .option('--skew <n>', 'P3: messages one run may be ahead', integerOption('--skew', 1, 8))
      .option('--compose', 'cut a top that only connects modules at its channels')
      .option('--certificates', 'write the invariant of each proof as AIGER (with --out)')
      .option('--native', 'read with the yosys on PATH')
      .option('--ports', 'only print what is found at the ports');
  },
  async run(files, options, context) {
    try {
      await verify(files, options, context);
    } finally {
      await closeYosys();
    }
  },
};

async function verify(
  files: string[],
  options: Record<string, unknown>,
  context: CommandContext,
): Promise<void> {
  const configFile = options['config'] as string | undefined;
  const config = configFile === undefined ? {} : loadConfig(configFile);
  const properties = listProperties(options['property'] as string | undefined) ?? config.properties;
  if (options['certificates'] === true && context.options.out === undefined) {
    throw new UsageError('--certificates without --out', { expected: 'a folder to write them to' });
  }
  const start = performance.now();
  const loaded = await loadDesign(files, {
    top: options['top'] as string | undefined,
    includeFolders: options['I'] as string[] | undefined,
    parameters: pairs(options['P'] as string[] | undefined, '-P'),
    defines: pairs(options['D'] as string[] | undefined, '-D', '1'),
    config,
    configFile,
    timeoutSeconds: options['timeout'] as number | undefined,
    signal: context.signal,
    native: options['native'] === true,
  });
  const { design, found } = loaded;
  context.print(`design   ${design.name}, ${design.aig.latchCount} bits of state`);
  for (const line of describeInterface(loaded.source, found)) context.print(line);
  for (const warning of loaded.warnings.slice(0, 8)) context.note(warning);
  const run = {
    properties,
    timeoutSeconds: (options['timeout'] as number | undefined) ?? 60,
    maxDepth: options['depth'] as number | undefined,
    bound: (options['bound'] as number | undefined) ?? config.bound,
    perPort: options['perPort'] === true || config.perPort,
    skew: (options['skew'] as number | undefined) ?? config.skew,
    seed: context.options.seed,
    threads: context.options.threads,
    signal: context.signal,
  };
  const results: PropertyResult[] = [];
  if (options['ports'] !== true) {
    if (options['compose'] === true) {
      const kinds = properties ?? ['P1', 'P2', 'P2-live'];
      const composed = await composedResults(loaded.rtl, engines, kinds, run);
      results.push(...composed.results);
      for (const note of composed.notes) context.note(note);
      run.properties = kinds.filter(kind => !results.some(r => r.kind === kind));
    }
    const planned = plannedProperties(found, run);
    for (const kind of unasked(found, run))
      context.note(`note: ${kind} is not checked: the design has no channel for it`);
    const bar = context.progress('verify', planned.length);
    const composed = results.length;
    await inFile(files[0]!, () =>
      verifyDesign(design, found, engines, {
        ...run,
        progress: (property, engine, depth) =>
          bar.update(results.length - composed, `${property} ${engine} ${depth}`),
        onResult(result) {
          results.push(result);
          bar.update(results.length - composed, result.property);
        },
      }),
    );
    bar.end();
  }
  const seconds = (performance.now() - start) / 1000;
  const checked = options['certificates'] === true ? checkAll(results) : new Map<string, number>();
  for (const [property, steps] of checked) {
    context.print(`${property}: certificate checked independently (${steps} proof steps)`);
  }
  const written =
    context.options.out === undefined
      ? []
      : writeAll(context.options.out, loaded, results, options, { files, seconds });
  if (results.length > 0) print(results, context);
  for (const path of written) {
    context.print(path);
    if (!path.endsWith('.testbench.v')) continue;
    for (const { simulator, verdict } of await replayNatively(path, files, loaded, context.signal)) {
      const seen = { pass: 'the same values', fail: 'other values', unavailable: 'did not run' }[verdict];
      context.print(`  replayed by ${simulator}: ${seen}`);
    }
  }
  context.result({
    input: files,
    design: design.name,
    stateBits: design.aig.latchCount,
    interface: interfaceFields(loaded),
    results: results.map(({ trace, certificate, problem: _, ...fields }) => ({
      ...fields,
      trace: trace === undefined ? null : waveJson(trace),
      certificate:
        certificate === undefined
          ? null
          : {
              method: certificate.method,
              clauses: certificate.clauses,
              checked: checked.has(fields.property),
            },
    })),
    seconds,
    files: written,
  });
  if (results.some(r => r.verdict === 'refuted')) context.exitCode = 1;
}

function print(results: readonly PropertyResult[], context: CommandContext): void {
  const report = { title: '', sections: [{ title: 'Answers', blocks: [resultTable(results)] }] };
  context.print(renderConsole(report));
  for (const r of results) {
    if (r.verdict !== 'proved') context.print(`${r.property}: ${r.verdict}: ${remarkOf(r)}`);
    if (r.vacuous) {
      const missed = r.covers.filter(c => c.outcome !== 'reached').map(c => c.label);
      context.print(`${r.property}: proved, but vacuous: never seen: ${missed.join('; ')}`);
    }
  }
}

/** Steps the independent checker took, by property. @throws BitwrightError when it does not accept a certificate */
function checkAll(results: readonly PropertyResult[]): Map<string, number> {
  const checked = new Map<string, number>();
  for (const { property, certificate, problem } of results) {
    if (certificate === undefined || problem === undefined) continue;
    const answer = checkCertificate(problem, 0, certificate);
    if (!answer.valid)
      throw new BitwrightError(`the certificate of ${property} is not valid: ${answer.reason}`);
    checked.set(property, answer.proofSteps);
  }
  return checked;
}

function writeAll(
  folder: string,
  loaded: LoadedDesign,
  results: readonly PropertyResult[],
  options: Record<string, unknown>,
  about: { files: string[]; seconds: number },
): string[] {
  const report = verifyReport(loaded, results, { ...about, version: packageVersion() });
  const pages = writeReport(report, folder, { name: 'verify', formats: ['html', 'json', 'junit'] });
  const paths = Object.values(pages) as string[];
  for (const r of results) {
    const stem = join(folder, r.property.replace(/[^\w.-]+/g, '-'));
    if (r.trace !== undefined) {
      writeFileAtomic(`${stem}.vcd`, writeVcd(r.trace));
      writeFileAtomic(`${stem}.testbench.v`, benchOf(loaded, r.trace));
      paths.push(`${stem}.vcd`, `${stem}.testbench.v`);
    }
    const problem = r.certificate?.of?.aig ?? r.problem;
    if (options['certificates'] === true && r.certificate !== undefined && problem !== undefined) {
      writeNetlist(problem, `${stem}.problem.aag`);
      writeNetlist(r.certificate.invariant, `${stem}.invariant.aag`);
      paths.push(`${stem}.problem.aag`, `${stem}.invariant.aag`);
    }
  }
  return paths;
}

function interfaceFields(loaded: LoadedDesign): Record<string, unknown> {
  const { clock, clockEdge, resets, channels, freeInputs, otherOutputs } = loaded.found;
  return {
    clock: clock ?? null,
    clockEdge,
    resets,
    channels,
    freeInputs: freeInputs.map(({ port, rule }) => ({
      port,
      rule: rule.kind === 'tied' ? Number(rule.value) : rule.kind,
    })),
    otherOutputs,
  };
}

function loadConfig(file: string): VerifyConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file });
  }
  return readConfig(text, file);
}

function listProperties(text: string | undefined): PropertyKind[] | undefined {
  return text?.split(',').map(word => {
    const name = propertyKinds.find(k => k.toLowerCase() === word.trim().toLowerCase());
    if (name === undefined) throw unknownWord('property', word.trim(), propertyKinds);
    return name;
  });
}

/** @param alone value of a name without one; undefined where that is an error */
function pairs(list: readonly string[] | undefined, option: string, alone?: string): Record<string, string> {
  return Object.fromEntries(
    (list ?? []).map(text => {
      const at = text.indexOf('=');
      if (at < 0 && alone !== undefined) return [text, alone];
      if (at <= 0) throw new UsageError(`${option} got '${text}'`, { expected: 'NAME=VALUE' });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
