// RTL to a netlist of library cells: Yosys for synthesis, ABC for mapping, in a worker with a time limit.
// Several recipes are tried and the smallest netlist that meets the clock is kept. Refuses to hide a clock it cannot meet.

import { InputError } from '../../core/errors.ts';
import { runYosys } from '../../synthesis/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import { Limiter, ResultCache } from './cache.ts';
import type { TimingCell, TimingLibrary } from './library.ts';
import { clockPin, flipFlopArea, type MappedNetlist, netlistArea, readMappedNetlist } from './netlist.ts';
import { analyseTiming, type Timing } from './timing.ts';

/** How arithmetic is built: partial products one by one, or by Booth's recoding. */
export const recipes = ['plain', 'booth'] as const;
export type Recipe = (typeof recipes)[number];

/** The synthesis tool: part of every cache key. */
const yosysVersion = '@yowasp/yosys 0.55.944';

export interface MapOptions {
  /** Clock period, ps. */
  clock: number;
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

export interface Mapped {
  netlist: MappedNetlist;
  timing: Timing;
  area: number;
  recipe: Recipe;
  /** What every run gave, for the record. */
  runs: { recipe: Recipe; target: number; area: number; period: number; met: boolean }[];
  seconds: number;
}

/** What is outside the unit: its inputs come from a mid-size cell, every output drives four small inverters. */
export interface Surroundings {
  drivingCell: string | undefined;
  /** fF */
  outputLoad: number;
  /** Clock to output and setup of the library's smallest flip-flop, ps: what mapping leaves to the registers. */
  registerTime: number;
}

/** @throws InputError when the library has no inverter or no flip-flop that can be mapped */
export function surroundings(library: TimingLibrary): Surroundings {
  const inverter = smallest(library, cell => isFunction(cell, 'not'));
  const flipFlop = smallest(library, cell => {
    const ff = cell.logic.flipFlop;
    return ff !== undefined && ff.next.kind === 'variable' && clockPin(cell) !== undefined;
  });
  if (inverter === undefined || flipFlop === undefined) {
    const what = inverter === undefined ? 'inverter' : 'D flip-flop';
    throw new InputError(`the library has no ${what}`, {
      file: library.file,
      expected: 'gates, inverters and D flip-flops',
    });
  }
  const capacitance = inputCapacitance(inverter);
  const buffers = [...library.cells.values()].filter(c => usable(c) && isFunction(c, 'buffer'));
  buffers.sort((a, b) => a.area - b.area);
  const load = 4 * capacitance;
  const edge = flipFlop.arcs.filter(a => a.kind === 'edge');
  const clockToOutput = Math.max(
    0,
    ...edge.flatMap(a => [a.cellRise?.evaluate(0, load) ?? 0, a.cellFall?.evaluate(0, load) ?? 0]),
  );
  const slew = edge[0]?.riseTransition?.evaluate(0, load) ?? 0;
  const setup = Math.max(
    0,
    ...flipFlop.constraints
      .filter(c => c.kind === 'setup' && flipFlop.pins[c.data]!.name === dataPin(flipFlop))
      .flatMap(c => [c.rise?.evaluate(slew, 0) ?? 0, c.fall?.evaluate(slew, 0) ?? 0]),
  );
  return {
    drivingCell: buffers[Math.floor(buffers.length / 2)]?.name,
    outputLoad: load,
    registerTime: clockToOutput + setup,
  };
}

/** Delay of an inverter that drives four of its kind, in a chain of such, ps. */
export function fanoutOfFour(library: TimingLibrary): number {
  const inverter = smallest(library, cell => isFunction(cell, 'not'));
  const arc = inverter?.arcs[0];
  if (inverter === undefined || arc === undefined) return 20;
  const load = 4 * inputCapacitance(inverter);
  let slew = 0;
  for (let i = 0; i < 10; i++) {
    slew =
      ((arc.riseTransition?.evaluate(slew, load) ?? 0) + (arc.fallTransition?.evaluate(slew, load) ?? 0)) / 2;
  }
  return ((arc.cellRise?.evaluate(slew, load) ?? 0) + (arc.cellFall?.evaluate(slew, load) ?? 0)) / 2;
}

/**
 * Maps a unit, trying every recipe; when none meets the clock, ABC is asked for a faster netlist once.
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
  const runs: Mapped['runs'] = [];
  let best: Mapped | undefined;
  const synthesised = async (recipe: Recipe, target: number): Promise<MappedNetlist> => {
    const job = synthesisJob(files, top, library, around, recipe, target);
    const json = await cache.text('netlist', job.key, () => limiter.run(() => runJob(job, options)));
    options.onRun?.();
    return readMappedNetlist(json, library, top);
  };
  const consider = (recipe: Recipe, target: number, netlist: MappedNetlist): void => {
    const timing = analyseTiming(netlist, { clock, outputLoad: around.outputLoad });
    const area = netlistArea(netlist);
    runs.push({ recipe, target, area, period: timing.minPeriod, met: timing.met });
    const better =
      best === undefined ||
      (timing.met !== best.timing.met
        ? timing.met
        : timing.met
          ? area < best.area
          : timing.minPeriod < best.timing.minPeriod);
    if (better) best = { netlist, timing, area, recipe, runs, seconds: 0 };
  };
  const limiter = options.limiter ?? new Limiter(1);
  const cache = options.cache ?? new ResultCache(undefined);
  const netlists = await Promise.all(
    (options.recipes ?? recipesFor(files)).map(async recipe => ({
      recipe,
      netlist: await synthesised(recipe, budget),
    })),
  );
  for (const { recipe, netlist } of netlists) consider(recipe, budget, netlist);
  if (!best!.timing.met) {
    // ABC knows neither our wires nor the order of the register's edges: ask for what was missed, twice over
    const missed = best!.timing.minPeriod - clock;
    const { recipe } = best!;
    const target = Math.max(1, budget - 2 * missed);
    consider(recipe, target, await synthesised(recipe, target));
  }
  best!.seconds = (performance.now() - start) / 1000;
  return best!;
}

/** Booth's recoding changes nothing where nothing is multiplied. */
function recipesFor(files: readonly RtlFile[]): readonly Recipe[] {
  const code = files.map(file => file.text.replace(/\/\/.*$/gm, '')).join('\n');
  return /[\w)}\]]\s*\*\s*[\w({$]/.test(code) ? recipes : ['plain'];
}

interface Job {
  top: string;
  script: string;
  inputs: Record<string, string | Uint8Array>;
  /** What the result depends on. */
  key: string[];
}

function synthesisJob(
  files: readonly RtlFile[],
  top: string,
  library: TimingLibrary,
  around: Surroundings,
  recipe: Recipe,
  target: number,
): Job {
  const inputs: Record<string, string | Uint8Array> = { 'cells.lib': library.text };
  for (const file of files) inputs[`rtl/${file.name}`] = file.text;
  inputs['abc.constr'] =
    `${around.drivingCell === undefined ? '' : `set_driving_cell ${around.drivingCell}\n`}set_load ${around.outputLoad.toFixed(3)} [all_outputs]\n`;
  // ABC's own default script can hang on long accumulations
  const abc =
    '+strash;dc2;dc2;strash;&get,-n;&dch,-f;&nf,{D};&put;buffer,-c;topo;stime,-p;upsize,{D};dnsize,{D};stime,-p';
  const list = files.map(file => `rtl/${file.name}`).join(' ');
  const script = [
    `read_verilog -sv ${list}`,
    `hierarchy -check -top ${top}`,
    `synth -flatten ${recipe === 'booth' ? '-booth ' : ''}-top ${top}`,
    'dfflibmap -liberty cells.lib',
    'opt',
    `abc -liberty cells.lib -constr abc.constr -D ${Math.round(target)} -script ${abc}`,
    'opt_clean -purge',
    'write_json netlist.json',
  ].join('; ');
  const constraints = inputs['abc.constr'] as string;
  return {
    top,
    script,
    inputs,
    key: [yosysVersion, library.hash, script, constraints, ...files.flatMap(f => [f.name, f.text])],
  };
}

async function runJob({ top, script, inputs }: Job, options: MapOptions): Promise<string> {
  const { files } = await runYosys({
    script,
    files: inputs,
    timeoutSeconds: options.timeoutSeconds ?? 300,
    signal: options.signal,
  });
  const json = files.get('netlist.json');
  if (json === undefined) throw new InputError(`synthesis of '${top}' gave no netlist`);
  return Buffer.from(json).toString('utf8');
}

function usable(cell: TimingCell): boolean {
  return !cell.dontUse && cell.logic.refused === undefined && cell.arcs.length > 0;
}

function smallest(library: TimingLibrary, wanted: (cell: TimingCell) => boolean): TimingCell | undefined {
  let best: TimingCell | undefined;
  for (const cell of library.cells.values()) {
    if (usable(cell) && wanted(cell) && (best === undefined || cell.area < best.area)) best = cell;
  }
  return best;
}

function isFunction(cell: TimingCell, kind: 'not' | 'buffer'): boolean {
  const { logic } = cell;
  if (logic.inputs.length !== 1 || logic.outputs.size !== 1 || logic.flipFlop !== undefined) return false;
  const [f] = logic.outputs.values();
  return kind === 'not' ? f!.kind === 'not' && f!.of.kind === 'variable' : f!.kind === 'variable';
}

function inputCapacitance(cell: TimingCell): number {
  return Math.max(...cell.pins.filter(p => !p.output).map(p => p.capacitance));
}

function dataPin(cell: TimingCell): string | undefined {
  const next = cell.logic.flipFlop?.next;
  return next?.kind === 'variable' ? next.name : undefined;
}

/** Share of the area that is flip-flops. */
export function flipFlopShare(netlist: MappedNetlist): number {
  return flipFlopArea(netlist) / netlistArea(netlist);
}
