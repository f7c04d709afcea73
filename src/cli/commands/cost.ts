// bitwright cost UNIT --format … --baseline …: area, timing and energy of a unit against a baseline of the same run;
// bitwright cost sweep: many formats at once.

import { join } from 'node:path';
import { UsageError, unknownWord } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import { defaultCache } from '../../hardware/cost/cache.ts';
import {
  type CostOptions,
  type CostResult,
  costOf,
  type OperandKind,
  operandKinds,
} from '../../hardware/cost/cost.ts';
import { findLibrary } from '../../hardware/cost/find-library.ts';
import {
  costCsv,
  costReport,
  costText,
  modulesText,
  openStaText,
  pathText,
} from '../../hardware/cost/report.ts';
import { baselineSpec, parseUnitSpec, type UnitSpec, unitOf } from '../../hardware/cost/specs.ts';
import { sweepFormats } from '../../hardware/cost/sweep.ts';
import type { Unit, UnitParameters } from '../../hardware/unit.ts';
import { units } from '../../hardware/units.ts';
import { openReport, writeReport } from '../../report/index.ts';
import { type CommandContext, type CommandSpec, integerOption, numberOption } from '../context.ts';
import { addUnitOptions, unitParameters } from '../unit-options.ts';

export const command: CommandSpec = {
  summary: 'area, timing and energy of a unit against a baseline',
  async configure(command, words) {
    command
      .argument('<unit>', `sweep, softermax (both halves), ${units.map(unit => unit.name).join(', ')}`)
      .option('--formats <list...>', 'sweep: formats, or UNIT:SETTINGS (default: twelve vector MACs)')
      .option('--baseline <spec>', 'FORMAT, UNIT:FORMAT or UNIT:name=value,… to compare with')
      .option(
        '--liberty <file>',
        'cell library: neutral, a liberty file, or osu018, osu035, osu050',
        'neutral',
      )
      .option(
        '--clock <ps>',
        'clock period (default: 75 fan-out-of-4 inverter delays; 100 for the ppu, 130 for softmax units, 200 with an lns-mac or fp-mac)',
        numberOption('--clock', 1, 1e9),
      )
      .option('--operands <kind>', 'demo (real tensors of the recogniser) or random', 'demo')
      .option('--cache <dir>', 'folder of netlists made before', defaultCache)
      .option('--timeout <seconds>', 'limit of one run of Yosys', integerOption('--timeout', 1, 86400), 300)
      .option('--glitches', 'count transitions with the delays of the cells (slower)')
      .option('--clock-gating', 'a clock gate for every eight flip-flops or more that share an enable')
      .option('--check-timing', 'compare the timing with OpenSTA, where `sta` is installed')
      .option('--modules', 'area by module: every module mapped by itself as well')
      .option('--path', 'print the critical path of every unit')
      .option('--open', 'open the page (with --out)');
    await addUnitOptions(command, words);
  },
  async run([name = ''], options, context) {
    const operands = operandKinds.find(k => k === options['operands']);
    if (operands === undefined) throw unknownWord('operands', String(options['operands']), operandKinds);
    const sweep = name === 'sweep';
    const baseline = options['baseline'] as string | undefined;
    let specs: UnitSpec[];
    if (sweep) {
      const base: UnitSpec = {
        unit: 'vector-mac',
        parameters: { ...unitParameters(options), format: '8/8/-/-' },
      };
      const list = (options['formats'] as string[] | undefined)?.flatMap(x => x.split(/\s+/)) ?? sweepFormats;
      const points = list.map(text => parseUnitSpec(text, base));
      const first = baselineSpec(points[0] ?? base, baseline);
      specs = [first, ...points.filter(p => JSON.stringify(p) !== JSON.stringify(first))];
    } else {
      if (options['formats'] !== undefined) {
        throw new UsageError('--formats is for the sweep', { expected: '--format, or bitwright cost sweep' });
      }
      const spec: UnitSpec = { unit: name, parameters: unitParameters(options) };
      specs = [baselineSpec(spec, baseline), spec];
      if (name === 'softermax' && baseline !== undefined) {
        throw new UsageError('softermax has its own baselines', {
          expected: 'softermax-unnormed or softermax-normal',
        });
      }
    }
    const clockGating = options['clockGating'] === true;
    const library = findLibrary(options['liberty'] as string, clockGating);
    const both = name === 'softermax';
    const shared = unitParameters(options);
    const result = await costOfGroups(both ? softermaxHalves(shared) : [specs], {
      library,
      clock: options['clock'] as number | undefined,
      operands: operands as OperandKind,
      cache: options['cache'] as string,
      threads: Math.min(2, context.options.threads),
      seed: context.options.seed,
      signal: context.signal,
      progress: context.progress,
      timeoutSeconds: options['timeout'] as number,
      glitches: options['glitches'] === true,
      clockGating,
      checkTiming: options['checkTiming'] === true,
      modules: options['modules'] === true,
    });
    for (const line of costText(result)) context.print(line);
    if (options['path'] === true)
      for (const row of result.rows) for (const l of pathText(row)) context.print(l);
    for (const row of result.rows) for (const line of modulesText(row)) context.print(line);
    if (options['checkTiming'] === true) for (const line of openStaText(result)) context.print(line);
    for (const row of result.rows) {
      if (!row.met)
        context.note(`${row.title}: clock of ${row.clock} ps not met, ${row.delay.toFixed(0)} ps achieved`);
    }
    const artefacts = write(result, sweep ? 'sweep' : 'cost', options, context);
    context.result({ ...result, artefacts });
  },
};

/** Each half of Softermax with the fp16 half it replaces; lanes are shared, other parameters are Softermax's. */
function softermaxHalves(all: UnitParameters): UnitSpec[][] {
  const lanes = { vector: all['width'] ?? all['vector'] ?? 32 };
  return ['unnormed', 'normal'].map(half => [
    { unit: `softmax-${half}-fp16`, parameters: lanes },
    { unit: `softermax-${half}`, parameters: { ...all, ...lanes } },
  ]);
}

/** Costs of groups of units, each against the first of its group. */
async function costOfGroups(groups: UnitSpec[][], options: CostOptions): Promise<CostResult> {
  let all: CostResult | undefined;
  for (const specs of groups) {
    const made: Unit[] = [];
    for (const spec of specs) made.push(await unitOf(spec));
    const list = made.filter((u, i) => made.findIndex(x => x.name === u.name) === i);
    const result = await costOf(list, options);
    all =
      all === undefined
        ? result
        : {
            ...result,
            rows: [...all.rows, ...result.rows],
            seconds: all.seconds + result.seconds,
            cacheHits: all.cacheHits + result.cacheHits,
            cacheMisses: all.cacheMisses + result.cacheMisses,
          };
  }
  return all!;
}

function write(
  result: CostResult,
  name: string,
  options: Record<string, unknown>,
  context: CommandContext,
): Record<string, string> {
  const { out } = context.options;
  if (out === undefined) return {};
  const csv = join(out, `${name}.csv`);
  writeFileAtomic(csv, costCsv(result));
  const report = costReport(
    result,
    name === 'sweep' ? 'Formats and what they cost' : 'Cost of a unit',
    `bitwright cost ${name === 'sweep' ? 'sweep' : result.rows.at(-1)!.unit}`,
  );
  const { html } = writeReport(report, out, { name });
  if (html !== undefined) openReport(html, { open: options['open'] === true, print: context.print });
  return { csv, page: join(out, `${name}.html`) };
}
