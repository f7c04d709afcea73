// What units cost: area, delay and energy an operation of each, and ratios to the baseline of the same run.
// Every unit of a run is mapped to the same library at the same clock. Refuses to give a ratio without a baseline.

import type { ProgressFactory } from '../../core/progress.ts';
import { Random } from '../../core/random.ts';
import type { Unit } from '../unit.ts';
import { streamActivity } from './activity.ts';
import { Limiter, ResultCache } from './cache.ts';
import { defaultClockFo4 } from './clock.ts';
import { type CycleEnergy, cycleEnergy } from './energy.ts';
import type { TimingLibrary } from './library.ts';
import { flipFlopShare, type Mapped, mapRtl } from './map.ts';
import { type ModuleArea, moduleAreas } from './modules.ts';
import { checkTiming, type OpenStaCheck } from './opensta.ts';
import { demoLayers, type LayerOperands, macOperands, takesOperands } from './operands.ts';
import { fanoutOfFour, surroundings } from './surroundings.ts';
import { recipes } from './synthesis-jobs.ts';
import type { CriticalPath, Timing } from './timing.ts';

export const operandKinds = ['demo', 'random'] as const;
export type OperandKind = (typeof operandKinds)[number];

export interface CostOptions {
  library: TimingLibrary;
  /** ps; default `defaultClockFo4` of the units' kinds, in delays of the library. */
  clock?: number | undefined;
  /** Default demo. Units that are no MAC are fed their own stimuli under either. */
  operands?: OperandKind | undefined;
  /** Folder of the cache; undefined keeps nothing. */
  cache?: string | undefined;
  /** Runs of Yosys at a time; default 2. */
  threads?: number | undefined;
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
  progress?: ProgressFactory | undefined;
  timeoutSeconds?: number | undefined;
  /** Count glitches too: transitions with the delays of the cells, in steps of half a fan-out-of-4 delay. Default false. */
  glitches?: boolean | undefined;
  /** Clock gates for groups of flip-flops that share an enable. Default false. */
  clockGating?: boolean | undefined;
  /** Compare every unit's timing with OpenSTA's, where `sta` is installed. Default false. */
  checkTiming?: boolean | undefined;
  /** Map every module by itself as well and tell its share of the area. Default false. */
  modules?: boolean | undefined;
}

/** One unit. Areas in the library's unit, times in ps, energies in fJ. */
export interface CostRow {
  unit: string;
  name: string;
  title: string;
  format: string;
  area: number;
  /** Smallest clock period. */
  delay: number;
  clock: number;
  met: boolean;
  /** fJ an operation (for MACs a multiply-accumulate of one lane). */
  energyPerOp: number;
  operations: number;
  cyclesPerTransaction: number;
  /** fJ a clock cycle, by cause. */
  energy: CycleEnergy;
  /** Share of the area. */
  flipFlops: number;
  cells: number;
  /** How arithmetic was built and what mapping looked for. */
  recipe: string;
  operands: OperandKind | 'stimuli' | 'rows';
  /** dB, of the dot products computed from demo operands; null otherwise. */
  sqnr: number | null;
  groups: Timing['groups'];
  critical: CriticalPath | undefined;
  /** Our timing against OpenSTA's; null when not asked for or not installed. */
  openSta: OpenStaCheck | null;
  /** Area by module, when asked for. */
  modules: ModuleArea[] | null;
  areaRatio: number;
  energyRatio: number;
  delayRatio: number;
  /** Name of the unit the ratios are against. */
  baseline: string;
}

export interface CostResult {
  library: string;
  /** What areas are counted in. */
  areaUnit: string;
  clock: number;
  fanoutOfFour: number;
  rows: CostRow[];
  seconds: number;
  cacheHits: number;
  cacheMisses: number;
}

/**
 * Costs of units, each against the first of them.
 * @param units the baseline first
 * @throws InputError, UsageError, AbortedError
 */
export async function costOf(units: readonly Unit[], options: CostOptions): Promise<CostResult> {
  const start = performance.now();
  const { library, signal } = options;
  const fo4 = fanoutOfFour(library);
  const clock = options.clock ?? Math.round(defaultClockFo4(units.map(u => u.kind)) * fo4);
  const kind = options.operands ?? 'demo';
  const cache = new ResultCache(options.cache);
  const limiter = new Limiter(options.threads ?? 2);
  const progress = options.progress?.('cost', units.length * recipes.length, ' run');
  const wanted = kind === 'demo' && units.some(takesOperands);
  let runs = 0;
  try {
    const layers = wanted ? await demoLayers(options.cache ?? '.bitwright/cache', signal) : [];
    const rows = await Promise.all(
      units.map(async unit => {
        const mapped = await mapRtl(unit.files, unit.name, library, {
          ...{ clock, signal, cache, limiter, timeoutSeconds: options.timeoutSeconds },
          clockGating: options.clockGating,
          onRun: () => progress?.update(Math.min(++runs, units.length * recipes.length), unit.title),
        });
        const check =
          options.checkTiming === true
            ? await checkTiming(mapped.netlist, {
                timing: mapped.timing,
                outputLoad: surroundings(library).outputLoad,
                signal,
              })
            : undefined;
        const row = priced(unit, mapped, {
          layers,
          kind,
          clock,
          seed: options.seed ?? 1,
          signal,
          glitchStep: options.glitches === true ? fo4 / 2 : undefined,
        });
        row.openSta = check ?? null;
        if (options.modules === true) {
          const { recipe } = mapped;
          const asked = { clock, recipe, signal, timeoutSeconds: options.timeoutSeconds };
          row.modules = await limiter.run(() => moduleAreas(unit.files, unit.name, library, asked));
        }
        return row;
      }),
    );
    const base = rows[0]!;
    for (const row of rows) {
      row.baseline = base.name;
      row.areaRatio = row.area / base.area;
      row.energyRatio = row.energyPerOp / base.energyPerOp;
      row.delayRatio = row.delay / base.delay;
    }
    return {
      library: library.name,
      areaUnit: library.areaUnit,
      clock,
      fanoutOfFour: fo4,
      rows,
      seconds: (performance.now() - start) / 1000,
      cacheHits: cache.hits,
      cacheMisses: cache.misses,
    };
  } finally {
    progress?.end();
  }
}

interface Pricing {
  layers: readonly LayerOperands[];
  kind: OperandKind;
  clock: number;
  seed: number;
  signal: AbortSignal | undefined;
  /** ps; undefined: zero delay. */
  glitchStep: number | undefined;
}

/** Transactions of units that are fed their own stimuli. */
const stimuliCount = 8192;

function priced(
  unit: Unit,
  mapped: Mapped,
  { layers, kind, clock, seed, signal, glitchStep }: Pricing,
): CostRow {
  const { netlist, timing, area, recipe, style } = mapped;
  const demo = kind === 'demo' && takesOperands(unit) ? macOperands(unit, layers) : undefined;
  const own = kind === 'demo' ? unit.operands?.(new Random(seed)) : undefined;
  const batch = demo?.batch ?? own?.batch ?? unit.stimuli(new Random(seed), stimuliCount);
  const starts = demo?.starts ?? own?.starts;
  const activity = streamActivity(netlist, unit, batch, {
    starts,
    traces: starts === undefined ? undefined : starts.length - 1,
    glitches: glitchStep === undefined ? undefined : { timing, step: glitchStep },
    signal,
  });
  // a unit that misses the clock runs at the period it reaches
  const energy = cycleEnergy(netlist, timing, activity, Math.max(clock, timing.minPeriod));
  const perTransaction = energy.total * activity.cyclesPerTransaction;
  return {
    unit: unit.kind,
    name: unit.name,
    title: unit.title,
    format: unit.format,
    area,
    delay: timing.minPeriod,
    clock,
    met: timing.met,
    energyPerOp: perTransaction / unit.operationsPerTransaction,
    operations: unit.operationsPerTransaction,
    cyclesPerTransaction: activity.cyclesPerTransaction,
    energy,
    flipFlops: flipFlopShare(netlist),
    cells: netlist.instances.length,
    recipe: `${recipe} ${style}`,
    operands:
      demo !== undefined ? 'demo' : own !== undefined ? 'rows' : takesOperands(unit) ? 'random' : 'stimuli',
    sqnr: demo?.sqnr ?? null,
    groups: timing.groups,
    critical: timing.critical,
    openSta: null,
    modules: null,
    areaRatio: Number.NaN,
    energyRatio: Number.NaN,
    delayRatio: Number.NaN,
    baseline: '',
  };
}
