// RTL to the smallest netlist of library cells that meets a clock: recipes of arithmetic, mapped for area and, where that
// misses the clock, for speed. The same rule for every unit. Refuses to hide a clock it cannot meet.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Limiter, ResultCache } from './cache.ts';
import { bufferedNetlist } from './fan-out.ts';
import type { TimingLibrary } from './library.ts';
import { flipFlopArea, type MappedNetlist, netlistArea, readMappedNetlist } from './netlist.ts';
import { surroundings } from './surroundings.ts';
import { coverJob, gatesJob, type Recipe, recipes, runJob, type Style, styles } from './synthesis-jobs.ts';
import { analyseTiming, type Timing } from './timing.ts';

export interface MapOptions {
  /** Clock period, ps. */
  clock: number;
  /** Groups of flip-flops that share an enable get a clock gate. Default false. */
  clockGating?: boolean | undefined;
  /** Default: all of them. */
  recipes?: readonly Recipe[] | undefined;
  /** Seconds a run of Yosys may take; default 300. */
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Netlists made before; default none are kept. */
  cache?: ResultCache | undefined;
  /** Shared by all units mapped at the same time; default one run of Yosys at a time. */
  limiter?: Limiter | undefined;
  /** Called after every run of Yosys. */
  onRun?: (() => void) | undefined;
}

/** One netlist that was tried. */
export interface MapRun {
  recipe: Recipe;
  style: Style;
  /** What ABC was asked for, ps. */
  target: number;
  area: number;
  period: number;
  met: boolean;
  /** Of synthesis and of mapping; 0 for what was there already. */
  seconds: { gates: number; cover: number };
}

export interface Mapped {
  netlist: MappedNetlist;
  timing: Timing;
  area: number;
  recipe: Recipe;
  style: Style;
  /** What every run gave, for the record. */
  runs: MapRun[];
  seconds: number;
}

/**
 * Maps a unit with every recipe and keeps the smallest netlist that meets the clock, or the fastest where none does.
 * @throws InputError for RTL Yosys refuses or a library that lacks cells; SynthesisTimeout; AbortedError
 */
export async function mapRtl(
  files: readonly RtlFile[],
  top: string,
  library: TimingLibrary,
  options: MapOptions,
): Promise<Mapped> {
  const start = performance.now();
  const { clock } = options;
  const around = surroundings(library);
  const budget = Math.max(1, clock - around.registerTime);
  const limiter = options.limiter ?? new Limiter(1);
  const cache = options.cache ?? new ResultCache(undefined);
  const candidates: Mapped[] = [];
  const runs: Mapped['runs'] = [];

  const mapper = (recipe: Recipe): ((style: Style, target: number) => Promise<Mapped>) => {
    const gates = gatesJob(files, top, library, recipe, options.clockGating);
    let made: Promise<Uint8Array> | undefined;
    return async (style, target) => {
      const job = coverJob(gates, library, around, style, target);
      let seconds = { gates: 0, cover: 0 };
      const json = await cache.text('netlist', job.key, () =>
        limiter.run(async () => {
          const from = performance.now();
          made ??= runJob(gates, {}, options);
          const input = await made;
          const between = performance.now();
          const netlist = await runJob(job, { 'gates.il': input }, options);
          seconds = { gates: (between - from) / 1000, cover: (performance.now() - between) / 1000 };
          return Buffer.from(netlist).toString('utf8');
        }),
      );
      options.onRun?.();
      const read = readMappedNetlist(json, library, top);
      const netlist = gates.kept === true ? bufferedNetlist(read, around) : read;
      const timing = analyseTiming(netlist, { clock, outputLoad: around.outputLoad });
      const area = netlistArea(netlist);
      runs.push({ recipe, style, target, area, period: timing.minPeriod, met: timing.met, seconds });
      const mapped: Mapped = { netlist, timing, area, recipe, style, runs, seconds: 0 };
      candidates.push(mapped);
      return mapped;
    };
  };
  const starts = await Promise.all(
    (options.recipes ?? recipesFor(files)).map(async recipe => {
      const map = mapper(recipe);
      return { map, first: await map('area', budget) };
    }),
  );
  const promising = worthGoingOn(starts, clock);
  const goOn = ({ map, first }: Start): Promise<boolean> => approach(map, first, clock, budget);
  if (promising.some(start => isLarge(start.first))) {
    for (const start of promising) if (await goOn(start)) break;
  } else await Promise.all(promising.map(goOn));
  const best = candidates.reduce((a, b) => (better(b, a) ? b : a));
  runs.sort((a, b) => recipes.indexOf(a.recipe) - recipes.indexOf(b.recipe));
  best.seconds = (performance.now() - start) / 1000;
  return best;
}

/** A recipe and what it gives for area. */
interface Start {
  map: (style: Style, target: number) => Promise<Mapped>;
  first: Mapped;
}

/**
 * Recipes to go on with: those that miss the clock and are smaller than the smallest that meets it, for no tighter target makes
 * them smaller still. First those near enough to the clock to meet it for area, then the others, the smallest first in each.
 * Depends on all first netlists, never on which came first.
 */
function worthGoingOn(starts: readonly Start[], clock: number): Start[] {
  const met = starts.filter(({ first }) => first.timing.met).map(({ first }) => first.area);
  const bound = Math.min(...met);
  const open = starts.filter(({ first }) => !first.timing.met && first.area < bound);
  const far = ({ first }: Start): number => (first.timing.minPeriod - clock > worthRetrying * clock ? 1 : 0);
  return open.sort((a, b) => far(a) - far(b) || a.first.area - b.first.area);
}

/** Share of the clock that a tighter target can win; beyond it the netlist comes out the same. */
const worthRetrying = 0.15;

/** Cells up to which every way is tried: the time of structural choices grows much faster than the netlist. */
const smallUnit = 12_000;

function isLarge({ netlist }: Mapped): boolean {
  return netlist.instances.length > smallUnit;
}

/**
 * A recipe that misses the clock for area: again against tighter targets while little is missing (ABC knows neither our wires
 * nor the order of a register's edges: what was missed is asked for twice over), then for speed the same way, and with structural
 * choices. Small units get all of it, large ones the first that meets the clock, one tighter target each (for speed
 * `worthRetrying` below at least: smaller steps often change nothing, and nothing is tried after) and no choices. @returns whether the clock was met
 */
async function approach(map: Start['map'], first: Mapped, clock: number, budget: number): Promise<boolean> {
  let met = false;
  for (const style of styles) {
    let target = budget;
    for (let tries = 0; ; tries++) {
      const mapped = style === 'area' && tries === 0 ? first : await map(style, target);
      const { timing } = mapped;
      const large = isLarge(mapped);
      met ||= timing.met;
      if (timing.met && large) return true;
      const missed = timing.minPeriod - clock;
      if (missed <= 0 || missed > worthRetrying * clock || tries === (large ? 1 : 2)) {
        if (large && style === 'speed') return met;
        break;
      }
      const last = large && style === 'speed';
      const step = Math.max(2 * missed, last ? worthRetrying * clock : 0);
      target = Math.max(1, Math.round(target - step));
    }
  }
  return met;
}

/** Meeting the clock first, then area; without the clock, the shorter period. */
function better(a: Mapped, b: Mapped): boolean {
  if (a.timing.met !== b.timing.met) return a.timing.met;
  return a.timing.met ? a.area < b.area : a.timing.minPeriod < b.timing.minPeriod;
}

/** Booth's recoding changes nothing where nothing is multiplied. */
function recipesFor(files: readonly RtlFile[]): readonly Recipe[] {
  const code = files.map(file => file.text.replace(/\/\/.*$/gm, '')).join('\n');
  return /[\w)}\]]\s*\*\s*[\w({$]/.test(code) ? recipes : ['plain'];
}

/** Share of the area that is flip-flops. */
export function flipFlopShare(netlist: MappedNetlist): number {
  return flipFlopArea(netlist) / netlistArea(netlist);
}
