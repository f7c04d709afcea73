// The test bench under Icarus or Verilator, when one is installed. Refuses to install, download or guess: no simulator,
// no result; a simulator that cannot even build an empty module says nothing about the unit.

import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AbortedError } from '../core/errors.ts';
import { inScratch } from '../core/scratch.ts';
import { type NativeRunOptions, nativeVersion, runNative } from './run.ts';

export interface NativeResult {
  simulator: 'iverilog' | 'verilator';
  version: string;
  /** `unavailable`: the installation does not work, or does not end in time; the unit was not judged. */
  verdict: 'pass' | 'fail' | 'unavailable';
  /** Last lines the simulator printed; one line when it is unavailable. */
  output: string;
  /** Building and running. */
  buildSeconds: number;
  runSeconds: number;
}

export interface NativeSimulationOptions extends NativeRunOptions {
  /** Which simulators to look for. Default both. */
  simulators?: readonly NativeResult['simulator'][] | undefined;
}

const simulators: Readonly<
  Record<
    NativeResult['simulator'],
    { version: string; build: (top: string, out: string, sources: readonly string[]) => string[] }
  >
> = {
  iverilog: {
    version: '-V',
    build: (top, out, sources) => ['-g2012', '-s', top, '-o', join(out, 'tb'), ...sources],
  },
  verilator: {
    version: '--version',
    build: (top, out, sources) => [
      ...['--binary', '--timing', '-Wno-fatal', '-CFLAGS', '-O1', '--Mdir', out, '-o', 'tb'],
      ...['--top-module', top, ...sources],
    ],
  },
};

/**
 * Runs the test bench `top` of a folder with each simulator found on PATH.
 * @throws AbortedError
 */
export async function simulateNatively(
  directory: string,
  top: string,
  files: readonly string[],
  options: NativeSimulationOptions = {},
): Promise<NativeResult[]> {
  const results: NativeResult[] = [];
  const sources = files.map(file => resolve(directory, file));
  for (const simulator of options.simulators ?? (['iverilog', 'verilator'] as const)) {
    const version = await nativeVersion(simulator, simulators[simulator].version, options);
    if (version === undefined) continue;
    const result = await inScratch('sim', out => simulate(simulator, directory, top, sources, out, options));
    if (options.signal?.aborted === true) throw new AbortedError('simulation stopped');
    results.push({ simulator, version, ...result });
  }
  return results;
}

type Outcome = Omit<NativeResult, 'simulator' | 'version'>;

async function simulate(
  simulator: NativeResult['simulator'],
  directory: string,
  top: string,
  sources: readonly string[],
  out: string,
  options: NativeRunOptions,
): Promise<Outcome> {
  const begin = performance.now();
  const build = await runNative(simulator, simulators[simulator].build(top, out, sources), {
    ...options,
    cwd: directory,
  });
  const buildSeconds = (performance.now() - begin) / 1000;
  const late = (what: string): string =>
    `${simulator} did not ${what} within ${options.timeoutSeconds ?? 300} s`;
  if (build.timedOut) {
    return { verdict: 'unavailable', output: late('build the test bench'), buildSeconds, runSeconds: 0 };
  }
  if (build.code !== 0) {
    const reason = await whyBroken(simulator, options);
    const verdict = reason === undefined ? 'fail' : 'unavailable';
    return { verdict, output: reason ?? lastLines(build.output), buildSeconds, runSeconds: 0 };
  }
  const start = performance.now();
  const run = await runNative(join(out, 'tb'), [], { ...options, cwd: directory });
  if (run.timedOut) {
    const runSeconds = (performance.now() - start) / 1000;
    return { verdict: 'unavailable', output: late('end the test bench'), buildSeconds, runSeconds };
  }
  return {
    verdict: run.code === 0 && /^PASS /m.test(run.output) ? 'pass' : 'fail',
    output: lastLines(run.output),
    buildSeconds,
    runSeconds: (performance.now() - start) / 1000,
  };
}

/** The reason in one line why an installation cannot build a module that only prints; undefined when it can. */
function whyBroken(
  simulator: NativeResult['simulator'],
  options: NativeRunOptions,
): Promise<string | undefined> {
  return inScratch('sim', async out => {
    const source = join(out, 'probe.v');
    writeFileSync(source, 'module probe; initial begin $display("PASS 0"); $finish; end endmodule\n');
    const build = await runNative(simulator, simulators[simulator].build('probe', out, [source]), {
      ...options,
      cwd: out,
    });
    const run = build.code === 0 ? await runNative(join(out, 'tb'), [], { ...options, cwd: out }) : build;
    if (run.code === 0) return undefined;
    const line = run.output.trim().split('\n')[0] ?? '';
    return `${simulator} is installed but does not work: ${line === '' ? `exit code ${run.code}` : line}`;
  });
}

function lastLines(output: string): string {
  const lines = output.trim().split('\n');
  // Icarus ends with where $finish stands
  return lines
    .filter(line => !/\$finish called at|: Verilog \$finish$/.test(line))
    .slice(-6)
    .join('\n');
}
