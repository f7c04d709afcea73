// Our timing against OpenSTA's on the same netlist, library and conditions, endpoint by endpoint, when `sta` is on PATH.
// Refuses to install anything: without `sta` the answer is undefined.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbortedError, BitwrightError } from '../../core/errors.ts';
import { inScratch } from '../../core/scratch.ts';
import { type NativeRun, runNative } from '../../native/run.ts';
import type { MappedNetlist } from './netlist.ts';
import { netlistVerilog } from './netlist-verilog.ts';
import type { Timing } from './timing.ts';

export type WireModel = 'capacitance' | 'library';

export interface OpenStaOptions {
  timing: Timing;
  /** fF on every output port. */
  outputLoad: number;
  /**
   * `library`: wires as the library has them; where they have a resistance OpenSTA fits an effective capacitance and
   * delays the far end. `capacitance` (default): their resistance is set to 0, which is what our analysis computes.
   */
  wires?: WireModel | undefined;
  signal?: AbortSignal | undefined;
}

export interface OpenStaCheck {
  version: string;
  wires: WireModel;
  /** Smallest period, ps: OpenSTA's, ours, and ours relative to OpenSTA's, minus one. */
  theirs: number;
  ours: number;
  error: number;
  /** Endpoints both have, and those only one has. */
  endpoints: number;
  missing: number;
  /** Largest and mean absolute relative difference of an endpoint's period. */
  worstEndpoint: number;
  meanEndpoint: number;
  seconds: number;
}

/** `sta`'s version, or undefined when there is none on PATH. */
export async function openStaVersion(): Promise<string | undefined> {
  const { code, output } = await runSta(['-version'], tmpdir(), undefined);
  return code === 0 ? output.trim().split('\n').at(-1) : undefined;
}

/** @throws BitwrightError when OpenSTA reads neither netlist nor library; AbortedError */
export async function checkTiming(
  netlist: MappedNetlist,
  { timing, outputLoad, wires = 'capacitance', signal }: OpenStaOptions,
): Promise<OpenStaCheck | undefined> {
  const version = await openStaVersion();
  if (version === undefined) return undefined;
  const { library, clock } = netlist;
  const start = performance.now();
  return await inScratch('sta', async folder => {
    const port = netlist.ports.find(p => !p.output && p.nets.includes(clock ?? -1))?.name;
    const time = library.units.time;
    const clocked = port === undefined ? '' : ` [get_ports ${port}]`;
    const inputs = netlist.ports.filter(p => !p.output && p.name !== port).map(p => p.name);
    const wire = library.defaultWireLoad;
    writeFileSync(
      join(folder, 'cells.lib'),
      wires === 'library' ? library.text : withoutResistance(library.text),
    );
    writeFileSync(join(folder, 'netlist.v'), netlistVerilog(netlist));
    const script = [
      'read_liberty cells.lib',
      'read_verilog netlist.v',
      `link_design ${netlist.top}`,
      wire === undefined ? '' : `set_wire_load_model -name "${wire.name}"`,
      `create_clock -name clk -period ${timing.clock / time}${clocked}`,
      ...inputs.map(name => `set_input_delay 0 -clock clk [get_ports ${name}]`),
      'set_output_delay 0 -clock clk [all_outputs]',
      `set_load ${outputLoad / library.units.capacitance} [all_outputs]`,
      'report_checks -path_delay max -format end -group_count 1000000 -digits 9',
      'exit',
    ];
    writeFileSync(join(folder, 'check.tcl'), `${script.join('\n')}\n`);
    const { code, output } = await runSta(['-no_splash', '-exit', 'check.tcl'], folder, signal);
    if (signal?.aborted === true) throw new AbortedError('timing check stopped');
    const theirs = endpointPeriods(output, timing.clock, time);
    if (code !== 0 || theirs.size === 0) {
      const line = output.split('\n').find(l => /error/i.test(l)) ?? `code ${code}`;
      throw new BitwrightError(`OpenSTA gave no timing: ${line.trim().slice(0, 200)}`);
    }
    return compare(netlist, timing, theirs, { version, wires, start });
  });
}

function compare(
  netlist: MappedNetlist,
  timing: Timing,
  theirs: Map<string, number>,
  { version, wires, start }: { version: string; wires: WireModel; start: number },
): OpenStaCheck {
  const widths = new Map(netlist.ports.map(p => [p.name, p.nets.length]));
  let [worst, sum, common] = [0, 0, 0];
  for (const { instance, name, bit, period } of timing.endpoints) {
    const end = instance >= 0 ? `i${instance}/${name}` : widths.get(name) === 1 ? name : `${name}[${bit}]`;
    const other = theirs.get(end);
    if (other === undefined) continue;
    common++;
    // a path of nothing (an output that is an input) has no ratio
    const error = other > 0 ? Math.abs(period / other - 1) : Math.abs(period) > 1e-6 ? 1 : 0;
    worst = Math.max(worst, error);
    sum += error;
  }
  const most = Math.max(...theirs.values());
  return {
    version,
    wires,
    theirs: most,
    ours: timing.minPeriod,
    error: timing.minPeriod / most - 1,
    endpoints: common,
    missing: timing.endpoints.length + theirs.size - 2 * common,
    worstEndpoint: worst,
    meanEndpoint: common === 0 ? 0 : sum / common,
    seconds: (performance.now() - start) / 1000,
  };
}

/** The library with wire loads that have no resistance. */
function withoutResistance(text: Uint8Array): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/\bwire_load\s*\([^)]*\)\s*\{[^}]*\}/g, group =>
      group.replace(/\bresistance\s*:\s*[^;]+;/g, 'resistance : 0;'),
    );
}

/** Lines `i7/D (DFF) REQUIRED ACTUAL SLACK (MET)` to the period each endpoint needs, ps. */
function endpointPeriods(output: string, clock: number, time: number): Map<string, number> {
  const periods = new Map<string, number>();
  const line = /^(\S+) \(\S+\)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+) \((?:MET|VIOLATED)\)/gm;
  for (const [, end, , , slack] of output.matchAll(line)) {
    const period = clock - Number(slack) * time;
    periods.set(end!, Math.max(period, periods.get(end!) ?? 0));
  }
  return periods;
}

/** @param signal stops the run; the caller looks at it */
function runSta(args: string[], cwd: string, signal: AbortSignal | undefined): Promise<NativeRun> {
  return runNative('sta', args, { cwd, signal, timeoutSeconds: 600, outputLimit: Number.POSITIVE_INFINITY });
}
