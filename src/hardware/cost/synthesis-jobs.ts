// The runs of Yosys that make a netlist of library cells: RTL to gates once a recipe, gates to cells once a style.
// Refuses nothing itself; what Yosys refuses comes back as its error.

import { InputError } from '../../core/errors.ts';
import { runYosys } from '../../synthesis/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import type { TimingLibrary } from './library.ts';
import type { Surroundings } from './surroundings.ts';

/** How arithmetic is built: partial products one by one, or by Booth's recoding. */
export const recipes = ['plain', 'booth'] as const;
export type Recipe = (typeof recipes)[number];

/** What mapping looks for, in the order in which it is tried. */
export const styles = ['area', 'speed', 'choices'] as const;
export type Style = (typeof styles)[number];

/** The synthesis tool: part of every cache key. */
const yosysVersion = '@yowasp/yosys 0.55.944';

export interface Job {
  script: string;
  inputs: Record<string, string | Uint8Array>;
  /** What the result depends on. */
  key: string[];
  /** Some modules stay whole until they are mapped. */
  kept?: boolean;
}

export interface RunOptions {
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What every run from RTL begins with, and the files it reads. */
function synthesis(
  files: readonly RtlFile[],
  top: string,
  library: TimingLibrary,
  recipe: Recipe,
): { inputs: Job['inputs']; lines: string[] } {
  const inputs: Job['inputs'] = { 'cells.lib': library.text };
  for (const file of files) inputs[`rtl/${file.name}`] = file.text;
  return {
    inputs,
    lines: [
      `read_verilog -sv ${files.map(file => `rtl/${file.name}`).join(' ')}`,
      `hierarchy -check -top ${top}`,
      `synth -noabc ${recipe === 'booth' ? '-booth ' : ''}-top ${top}`,
    ],
  };
}

/** Flip-flops that must share an enable to get a clock gate. */
const gatedFlipFlops = 8;

/** Flip-flops with an enable to flip-flops with a gated clock, by the library's smallest clock gate. @throws InputError */
function clockGates(library: TimingLibrary): string {
  const gates = [...library.cells.values()].filter(cell => cell.clockGate !== undefined);
  const gate = gates.sort((a, b) => a.area - b.area)[0];
  if (gate === undefined) {
    throw new InputError('the library has no clock gate', {
      file: library.file,
      expected: 'a cell with clock_gating_integrated_cell : latch_posedge',
    });
  }
  const { enable, clock, output } = gate.clockGate!;
  const pins = [enable, clock, output].map(pin => gate.pins[pin]!.name).join(':');
  return `clockgate -pos ${gate.name} ${pins} -min_net_size ${gatedFlipFlops}`;
}

/**
 * RTL to gates and flip-flops of the library, as RTLIL. Every module is synthesised once, however often it is used, and
 * the hierarchy is dissolved afterwards: logic is shared and constants are propagated across modules by then.
 * `synth` leaves ABC to the mapping. A module that asks to be kept (keep_hierarchy) is: its ports stay as designed, it is
 * mapped once however often it is used, and dissolved after that.
 */
export function gatesJob(
  files: readonly RtlFile[],
  top: string,
  library: TimingLibrary,
  recipe: Recipe,
  clockGating = false,
): Job {
  const { inputs, lines } = synthesis(files, top, library, recipe);
  const script = [
    ...lines,
    'flatten -noscopeinfo',
    'opt_clean',
    'opt_merge',
    'opt_expr',
    ...(clockGating ? [clockGates(library)] : []),
    'dfflibmap -liberty cells.lib',
    'opt_clean',
    // places in the RTL are half the text and of no use from here on
    'setattr -unset src -unset hdlname *',
    'write_rtlil',
  ].join('; ');
  return {
    script,
    inputs,
    key: [yosysVersion, library.hash, script, ...files.flatMap(f => [f.name, f.text])],
    kept: files.some(file => file.text.includes('(* keep_hierarchy *)')),
  };
}

/**
 * Gates to cells. `area` covers for area and sizes for the target afterwards; `speed` covers for the target; `choices` does
 * so over several structures, which takes ten times as long in large units and seldom wins anything.
 * ABC's own default script can hang on long accumulations. `buffer -c` was tried: up to 65 % more area where nets fan out a thousandfold.
 */
const covers: Record<Style, string> = {
  area: 'strash;dc2;dc2;strash;amap;topo;buffer;upsize,{D};dnsize,{D};stime,-p',
  speed: 'strash;dc2;dc2;strash;&get,-n;&nf,{D};&put;buffer;topo;upsize,{D};dnsize,{D};stime,-p',
  choices:
    'strash;&get,-n;&fraig,-x;&put;scorr;dc2;dch,-f;amap;strash;dc2;dc2;strash;&get,-n;&dch,-f;&nf,{D};&put;buffer;topo;upsize,{D};dnsize,{D};stime,-p',
};

/** @param gates the result of a gatesJob, made when the netlist is not in the cache @param target ps */
export function coverJob(
  gates: Job,
  library: TimingLibrary,
  around: Surroundings,
  style: Style,
  target: number,
): Job {
  const constraints = constraintsText(around);
  const script = [
    'read_rtlil gates.il',
    `abc -liberty cells.lib -constr abc.constr -D ${Math.round(target)} -script +${covers[style]}`,
    ...(gates.kept ? ['setattr -mod -unset keep_hierarchy *', 'flatten'] : []),
    'opt_clean -purge',
    'write_json',
  ].join('; ');
  return {
    script,
    inputs: { 'cells.lib': library.text, 'abc.constr': constraints },
    key: [...gates.key, script, constraints],
  };
}

function constraintsText({ drivingCell, outputLoad }: Surroundings): string {
  const driver = drivingCell === undefined ? '' : `set_driving_cell ${drivingCell}\n`;
  return `${driver}set_load ${outputLoad.toFixed(3)} [all_outputs]\n`;
}

/** The hierarchy kept: every module mapped by itself, for area; statistics in `stat.json`. */
export function modulesScript(
  files: readonly RtlFile[],
  top: string,
  library: TimingLibrary,
  around: Surroundings,
  { recipe, clock }: { recipe: Recipe; clock: number },
): Pick<Job, 'script' | 'inputs'> {
  const { inputs, lines } = synthesis(files, top, library, recipe);
  inputs['abc.constr'] = constraintsText(around);
  const script = [
    ...lines,
    'dfflibmap -liberty cells.lib',
    'opt_clean',
    `abc -liberty cells.lib -constr abc.constr -D ${Math.round(Math.max(1, clock - around.registerTime))} -script +${covers.area}`,
    'opt_clean -purge',
    'tee -q -o stat.json stat -json',
  ].join('; ');
  return { script, inputs };
}

/** Standard output of a run. @throws InputError for RTL Yosys refuses; SynthesisTimeout; AbortedError */
export async function runJob(
  job: Job,
  more: Job['inputs'],
  { timeoutSeconds = 300, signal }: RunOptions,
): Promise<Uint8Array> {
  const { files } = await runYosys({
    ...{ script: job.script, files: { ...job.inputs, ...more }, timeoutSeconds, signal },
    captured: 'result',
  });
  const result = files.get('result');
  if (result === undefined || result.length === 0) throw new InputError('synthesis gave no netlist');
  return result;
}
