// Replays a failing run on the source under Icarus or Verilator, when one is installed.
// Refuses designs with include files or macros: the simulators would need them spelled their own way.

import { basename, dirname, resolve } from 'node:path';
import { type NativeResult, simulateNatively } from '../../native/simulation.ts';
import type { LoadedDesign } from '../load.ts';
import type { TraceTable } from '../trace.ts';
import { writeTestbench } from './testbench.ts';

/** The test bench of a failing run of a loaded design. */
export function benchOf(loaded: LoadedDesign, table: TraceTable): string {
  const { source, found, rtl } = loaded;
  const ports = source.ports.map(p => ({ name: p.name, direction: p.direction, width: p.bits.length }));
  const { clock } = found;
  if (clock !== undefined && !ports.some(p => p.name === clock)) {
    ports.unshift({ name: clock, direction: 'in', width: 1 });
  }
  return writeTestbench(table, {
    module: rtl.top ?? source.name,
    ports,
    clocks: clock === undefined ? [] : [clock],
    resets: found.resets.map(r => ({ port: r.port, active: r.active })),
    parameters: rtl.parameters,
    ties: new Map(
      found.freeInputs.flatMap(({ port, rule }) =>
        rule.kind === 'tied' ? [[port, rule.value] as const] : [],
      ),
    ),
  });
}

/**
 * Results of the simulators on PATH (default: Icarus, or Verilator, which compiles for long, where there is no Icarus);
 * none: no simulator, or a design that needs includes or macros.
 */
export async function replayNatively(
  bench: string,
  files: readonly string[],
  loaded: LoadedDesign,
  signal?: AbortSignal,
  simulators?: readonly NativeResult['simulator'][],
): Promise<NativeResult[]> {
  const { includes, defines } = loaded.rtl;
  if (Object.keys(includes ?? {}).length + Object.keys(defines ?? {}).length > 0) return [];
  const sources = [basename(bench), ...files.map(f => resolve(f))];
  const run = (wanted: readonly NativeResult['simulator'][]): Promise<NativeResult[]> =>
    simulateNatively(dirname(resolve(bench)), 'replay', sources, { signal, simulators: wanted });
  if (simulators !== undefined) return run(simulators);
  const icarus = await run(['iverilog']);
  return icarus.some(r => r.verdict !== 'unavailable') ? icarus : run(['verilator']);
}
